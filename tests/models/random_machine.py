"""A workflow to which anything may happen, as a machine that Hypothesis drives, and what it must
have come across to be worth anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from random import Random
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.models.random_kernel import Stream

SEEDS = st.integers(0, 2**32)
BEGINS_ANEW = 0.3
"""How often another follows one that is over."""


def begun(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """An invariant of a workflow that exists."""

    @wraps(check)
    def checked(self: Any) -> None:
        if hasattr(self, "stream"):
            check(self)

    return checked


Happening = Callable[[Any, Random], object]


class RandomStream(RuleBasedStateMachine):
    """One workflow: commands that somebody may give and that nobody may, tasks done as they say,
    messages twice, commands again, time, new runs.

    One rule picks what happens, because of many rules Hypothesis leaves some out of each history,
    and a long one needs them all. What is picked follows from the history's seed and the step's, so
    a failure shrinks by leaving steps out."""

    make: ClassVar[Callable[[int], Stream]]
    accepted: ClassVar[Counter[str]]
    """What was accepted in all histories, by kind; `seen` counts what else there was."""
    seen: ClassVar[Counter[str]]
    happenings: ClassVar[Sequence[tuple[int, Happening]]]
    """What may happen, with how often."""
    stream: Stream
    seed: int

    @initialize(seed=SEEDS)
    def opens(self, seed: int) -> None:
        self.seed = seed
        self.begin(Random(seed))

    def begin(self, random: Random) -> None:
        """The workflow at its beginning."""
        self.stream = type(self).make(random.randrange(100))

    def teardown(self) -> None:
        if hasattr(self, "stream"):
            self.accepted.update(self.stream.accepted)
            self.seen.update({f"refused:{code}": n for code, n in self.stream.refused.items()})

    @rule(step=SEEDS)
    def something_happens(self, step: int) -> None:
        random = Random(f"{self.seed}:{step}")
        if self.is_over() and random.random() < BEGINS_ANEW:
            self.teardown()
            self.begin(random)
        weights = [weight for weight, _ in self.happenings]
        happens = random.choices([each for _, each in self.happenings], weights)[0]
        happens(self, random)

    def time_passes(self, random: Random) -> None:
        hours = random.choice([1, 6, 24, 24 * 7, 24 * 14])
        self.stream.pass_time(self.stream.play.now + timedelta(hours=random.randint(1, hours)))

    def somebody_does_their_day(self, random: Random) -> None:
        """Several things one after another, minutes apart."""
        stream = self.stream
        for _ in range(8):
            stream.ask_for(stream.any_kind(random), random)
            stream.check_promises()
            stream.pass_time(stream.play.now + timedelta(minutes=random.randint(0, 90)))

    def anybody_gives_commands(self, random: Random) -> None:
        """Whatever they are and whoever it is."""
        stream = self.stream
        for _ in range(3):
            command = stream.make(random.choice(sorted(stream.kinds)), random.randrange(2**32))
            if command is not None:
                stream.offer(command, random.choice(list(stream.grants)))

    def tasks_are_done(self, random: Random) -> None:
        """As they say."""
        tasks = list(self.stream.state.tasks.values())
        for task in random.sample(tasks, min(len(tasks), 4)):
            self.seen["task done"] += self.stream.follow(task.command, random)

    def is_told_something_twice(self, random: Random) -> None:
        if not self.stream.ended():
            self.stream.hear(random.randrange(2**32))

    def a_command_comes_again(self, random: Random) -> None:
        if self.stream.done:
            self.seen["command again"] += self.stream.repeat(random.randrange(1000))

    def is_over(self) -> bool:
        """Whether little can happen any more."""
        return self.stream.ended()

    def goes_on_in_another_run(self, _: Random) -> None:
        self.stream.next_run()

    @invariant()
    @begun
    def keeps_the_promises_of_every_workflow(self) -> None:
        self.stream.check_promises()


USUAL: tuple[tuple[int, Happening], ...] = (
    (4, RandomStream.somebody_does_their_day),
    (3, RandomStream.time_passes),
    (2, RandomStream.is_told_something_twice),
    (2, RandomStream.tasks_are_done),
    (1, RandomStream.anybody_gives_commands),
    (1, RandomStream.a_command_comes_again),
    (1, RandomStream.goes_on_in_another_run),
)
RandomStream.happenings = USUAL


def run_histories(
    machine: type[RandomStream], examples: int, steps: int, *, shrink: bool = True
) -> None:
    """The same histories each time the rules are the same; counts what they came across."""
    machine.accepted, machine.seen = Counter(), Counter()
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def came_across(machine: type[RandomStream], kinds: int, commands: int, **seen: int) -> None:
    """Histories in which hardly anything happens prove nothing: so many kinds of command and so
    many commands were accepted at least, and so often these things happened."""
    assert len(machine.accepted) >= kinds, sorted(machine.accepted)
    assert machine.accepted.total() >= commands
    assert sum(n for what, n in machine.seen.items() if what.startswith("refused:")) >= 10
    for what, least in {"command_again": 10, **seen}.items():
        assert machine.seen[what.replace("_", " ")] >= least, (what, machine.seen)
