"""One workflow's state with what may be done to it, through the kernel that every workflow has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any

from temporalio.exceptions import ApplicationError

from models.base import Refused
from models.clocks import next_wake
from models.commands import ENVELOPES, Grant, kinds_of
from models.stream import REMEMBERED_FOR, Context
from tests.models.random_commands import Maker
from workflows.core import Core

MOST_BYTES = 128 * 1024
TRIES = 8
RARE = 0.02
HINT = re.compile(r"dalo do \S+ ([a-z-]+)([^;()]*)")
OPTION = re.compile(r"--([a-z-]+) (\S+)")


class Kernel(Core[Any]):
    """The workflows' own kernel, which knows a command done already, without an engine."""

    def __init__(self, play: Any) -> None:
        self.state = play.state
        self.play = play

    def context(self, actor: str = "SYSTEM", role: str = "SYSTEM", command_id: str = "") -> Context:
        play = self.play
        return Context(play.now, play.policy, play.calendar, actor, role, command_id)


def nothing_given(_: Maker, __: str) -> dict[str, Any]:
    """What comes out by chance may do."""
    return {}


def nothing_to_see(_: Any, __: Any) -> Callable[[], None]:
    """What was done is judged by the invariants alone."""
    return lambda: None


@dataclass
class Stream:
    """One workflow. `ending` are the commands after which little can follow: they are rare. `given`
    shapes what chance alone would hardly bring about; `watch` looks at a command before it is done
    and judges it afterwards; `heard` is told of every message; `nobody_yet` while there is no one
    whose work it could be; `ended` when its run is over, which hears nothing."""

    target: str
    play: Any
    grants: Sequence[Grant]
    pools: Callable[[], dict[str, list[Any]]]
    news: Callable[[Maker, str], Any]
    checked: Callable[[Any, Context, Any, Grant], None]
    applied: Callable[[Any, Context, Any], tuple[str, ...]]
    pass_time: Callable[[datetime], object]
    ending: frozenset[str] = frozenset()
    given: Callable[[Maker, str], dict[str, Any]] = nothing_given
    watch: Callable[[Any, Grant], Callable[[], None]] = nothing_to_see
    heard: Callable[[Any], None] = lambda _: None
    nobody_yet: Callable[[], bool] = lambda: False
    ended: Callable[[], bool] = lambda: False
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    done: list[tuple[Any, Grant, str, datetime]] = field(default_factory=list)
    looked: int = 0
    begun: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)

    @property
    def state(self) -> Any:
        return self.play.state

    @cached_property
    def kinds(self) -> dict[str, Any]:
        """The commands' models by kind."""
        return {model.model_fields["kind"].default: model for model in kinds_of(self.target)}

    def image(self) -> tuple[str, int, int]:
        """Everything that a step could change."""
        open_state = self.state.model_dump_json(exclude={"unrecorded", "effects"})
        return open_state, len(self.state.unrecorded), len(self.state.effects)

    def maker(self, seed: int) -> Maker:
        return Maker(seed, self.play.now, self.pools())

    # --- commands ----------------------------------------------------------------------------

    def make(self, kind: str, seed: int, **given: Any) -> Any | None:
        """A command with whatever a person might give; None where its model refuses it."""
        return self._make(kind, self.maker(seed), given)

    def _make(self, kind: str, maker: Maker, given: dict[str, Any]) -> Any | None:
        return maker.make(self.kinds[kind], **{**self.given(maker, kind), **given})

    def context(self, grant: Grant) -> Context:
        return Kernel(self.play).context(grant.actor, grant.role.value)

    def check(self, command: Any, grant: Grant) -> Refused | None:
        """What a check says."""
        try:
            self.checked(self.state, self.context(grant), command, grant)
        except Refused as refused:
            assert refused.remedy, f"{refused.code} says no remedy"
            return refused
        return None

    def try_check(self, command: Any, grant: Grant) -> Refused | None:
        """The same; it changes nothing."""
        before = self.image()
        refused = self.check(command, grant)
        assert self.image() == before, f"checking {command.kind} changed something"
        return refused

    def offer(self, command: Any, grant: Grant) -> str:
        """A command as it comes: refused without a trace, or done; the code of a refusal, or ""."""
        refused = self.try_check(command, grant)
        if refused is not None:
            self.refused[refused.code] += 1
            return refused.code
        self._do(command, grant)
        return ""

    def _do(self, command: Any, grant: Grant) -> None:
        envelope = self._envelope(command, grant, f"c{len(self.done)}")
        judge = self.watch(command, grant)
        Kernel(self.play).handle(envelope, lambda ctx: self.applied(self.state, ctx, command))
        self.play.settle()
        self.done.append((command, grant, envelope.command_id, self.play.now))
        self.accepted[command.kind] += 1
        judge()

    def _envelope(self, command: Any, grant: Grant, command_id: str) -> Any:
        return ENVELOPES[self.target](command_id=command_id, grant=grant, command=command)

    def ask_for(self, kind: str, random: Random, **given: Any) -> bool:
        """A command of a kind, made anew until somebody may give it; whether it was done."""
        grants = list(dict.fromkeys(self.grants))
        before, maker = self.image(), self.maker(random.randrange(2**32))
        for _ in range(TRIES):
            command = self._make(kind, maker, given)
            if command is None:
                continue
            random.shuffle(grants)
            found = next((g for g in grants if self.check(command, g) is None), None)
            if found is not None:
                assert self.image() == before, f"checking {kind} changed something"
                self._do(command, found)
                return True
        assert self.image() == before, f"checking {kind} changed something"
        return False

    def any_kind(self, random: Random) -> str:
        """One of the kinds, sooner one that was not accepted yet, seldom one that ends it all."""
        kinds = sorted(self.kinds)
        rare = dict.fromkeys(self.ending, RARE)
        weights = [rare.get(kind, 1.0) / (1 + self.accepted[kind]) for kind in kinds]
        return random.choices(kinds, weights)[0]

    def follow(self, hint: str, random: Random) -> bool:
        """Do what a task or a refusal says to do (`dalo do REF KIND --option value`)."""
        found = HINT.search(hint)
        if found is None or found[1] not in self.kinds:
            return False
        fields = self.kinds[found[1]].model_fields
        named = {name.replace("-", "_"): value for name, value in OPTION.findall(found[2])}
        known = {name: value for name, value in named.items() if name in fields}
        return self.ask_for(found[1], random, **known) or self.ask_for(found[1], random)

    def repeat(self, which: int) -> bool:
        """A command comes again under its own id: it gets its old answer and changes nothing; other
        content under that id is refused. Whether it was remembered still."""
        command, grant, command_id, at = self.done[which % len(self.done)]
        before, kernel = self.image(), Kernel(self.play)
        known = kernel._memo(command_id)
        if known is None:
            assert self.play.now > at + REMEMBERED_FOR, f"{command_id} was forgotten"
            return False
        envelope = self._envelope(command, grant, command_id)
        kernel.validate(envelope, _never)
        answer = kernel.handle(envelope, lambda _: ("DONE_TWICE",))
        assert answer.model_dump(mode="json") == known.answer
        other = grant.model_copy(update={"actor": f"{grant.actor}x"})
        try:
            kernel.validate(self._envelope(command, other, command_id), _never)
        except ApplicationError as error:
            assert error.type == "COMMAND_ID_REUSED"
        else:
            raise AssertionError("another's command was taken for this one")
        assert self.image() == before
        return True

    # --- messages, runs ----------------------------------------------------------------------

    def tell(self, message: Any) -> None:
        self.play.tell(message)
        self.heard(message)

    def hear(self, seed: int) -> None:
        """A message, twice: the second changes nothing."""
        message = self.news(self.maker(seed), f"x{self.state.next_seq}:{seed}")
        if message is None:
            return
        self.tell(message)
        before = self.image()
        self.play.tell(message)
        assert self.image() == before, f"{message.kind} was heard twice"

    def next_run(self) -> None:
        """The state is handed to the next run, which goes on from it as it is."""
        open_state = self.state.model_dump_json(exclude={"unrecorded", "effects"})
        again = type(self.state).model_validate_json(open_state)
        assert again.model_dump_json(exclude={"unrecorded", "effects"}) == open_state
        again.unrecorded, again.effects = self.state.unrecorded, self.state.effects
        self.play.state = again
        self.play.settle()
        assert self.image()[0] == open_state, "a new run begins with something new to say"

    # --- what holds of every workflow after every step ----------------------------------------

    def check_promises(self) -> None:
        """Every event has its number, every clock that began runs or has ended once, nothing due is
        unsaid, everything has an owner, every breach that is a task is of an open clock."""
        state = self.state
        self._follow_clocks()
        assert self.open == set(state.clocks)
        for clock in state.clocks.values():
            wake = next_wake(clock)
            assert wake is None or wake > self.play.now, clock.clock_id
            assert clock.owner or self.nobody_yet(), clock.clock_id
        for task in state.tasks.values():
            assert task.owner or self.nobody_yet(), task.task_id
            assert task.kind != "BREACH" or task.subject in state.clocks, task.task_id
        assert len(self.image()[0]) < MOST_BYTES

    def _follow_clocks(self) -> None:
        events = self.state.unrecorded[self.looked :]
        assert [e.seq for e in events] == list(range(self.looked + 1, self.state.next_seq))
        self.looked += len(events)
        for event in events:
            if event.tag == "clock:started":
                clock_id = event.data["clock"]["clock_id"]
                assert clock_id not in self.begun, f"{clock_id} began twice"
                self.begun.add(clock_id)
                self.open.add(clock_id)
            elif event.tag in ("clock:met", "clock:cancelled"):
                self.open.remove(event.data["clock"]["clock_id"])


def _never(_: Context) -> None:
    raise AssertionError("a repeated command is not checked again")
