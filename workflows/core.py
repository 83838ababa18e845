"""The kernel that every workflow shares: commands once, one timer, one recorder, watched strands.

Handlers change facts, strands react to facts, the timekeeper fires clocks, the recorder sends what
waits. A workflow has only two kinds of command of its own: its timer and `record`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.patches import SIX_DUTIES
from workflows.search_attributes import FoundBy, show

with workflow.unsafe.imports_passed_through():
    from models import registry
    from models.base import Record, Refused
    from models.checks import id_reused
    from models.clocks import Clock
    from models.commands import Answer, Envelope, digest
    from models.events import Event, Json, RecordBatch, RecordResult
    from models.messages import CalendarChanged, Renewed
    from models.stream import (
        STORE_BEHIND_EVENTS,
        CommandMemo,
        Context,
        StreamState,
        append,
        begin_run,
        change_calendar,
        fire_due,
        next_instant,
        remember,
        renew,
    )

CONTINUE_AT_EVENTS = 2_000
MOST_EVENTS = 200
MOST_BYTES = 256 * 1024

S = TypeVar("S", bound=StreamState)
M = TypeVar("M", bound=Record)
S_contra = TypeVar("S_contra", bound=StreamState, contravariant=True)


class StrandEnded(Exception):
    """A strand raised, or returned before its workflow was over."""


class Rules(Protocol[S_contra]):
    """What a workflow type supplies: its state's summary and when it is over."""

    summary_tag: str
    keys: tuple[str, ...]

    def summary(self, state: S_contra) -> Json:
        """Columns of the read-model row."""
        ...

    def over(self, state: S_contra) -> bool:
        """Whether the workflow has nothing left to do."""
        ...

    def found_by(self, state: S_contra) -> FoundBy:
        """Values of the search attributes: codes only."""
        ...


class Core(Generic[S]):
    """One workflow's state and the loop around it."""

    def __init__(self, state: S, rules: Rules[S]) -> None:
        self.state = state
        begin_run(
            state,
            later=workflow.patched(SIX_DUTIES),
            policy=registry.policy(state.policy_version),
        )
        self.rules = rules
        self.recording = False
        self._ending = False
        self._seen: dict[str, int] = {}

    # --- facts -------------------------------------------------------------------------------

    def context(self, actor: str = "SYSTEM", role: str = "SYSTEM", command_id: str = "") -> Context:
        """Who acts and when, with the policy and calendar in force."""
        return Context(
            now=workflow.now(),
            policy=registry.policy(self.state.policy_version),
            calendar=registry.calendar(self.state.calendar_version),
            actor=actor,
            role=role,
            command_id=command_id,
        )

    def on_calendar(self, version: str) -> None:
        """A new calendar: compute every open clock again, keep the old instants in the ledger."""
        if version != self.state.calendar_version:
            ctx = self.context()
            new = Context(now=ctx.now, policy=ctx.policy, calendar=registry.calendar(version))
            change_calendar(self.state, new, version)

    def on_renewed(self, policy_version: str) -> None:
        """A newer release: go on in a new run, which has its duties."""
        renew(self.state, self.context(), policy_version, registry.policy(policy_version))

    def quiet(self) -> bool:
        """Whether every strand has seen every fact."""
        return all(seen == self.state.next_seq for seen in self._seen.values())

    async def changes(self, strand: str) -> AsyncIterator[Context]:
        """Yield whenever facts changed since the strand looked last, until it is cancelled."""
        while True:
            await self.until(lambda: self._seen[strand] != self.state.next_seq)
            before = self.state.next_seq
            yield self.context()
            self._seen[strand] = before

    def tell(self, messages: Iterable[M], receive: Callable[[S, Context, M], None]) -> None:
        """Take what others have to say, in order; calendar and release are the kernel's affair."""
        for message in messages:
            if isinstance(message, CalendarChanged):
                self.on_calendar(message.calendar_version)
            elif isinstance(message, Renewed):
                self.on_renewed(message.policy_version)
            else:
                receive(self.state, self.context(), message)

    # --- commands ----------------------------------------------------------------------------

    def validate(self, envelope: Envelope, check: Callable[[Context], None]) -> None:
        """Refuse what is impossible; let a repeat through to its old answer."""
        memo = self._memo(envelope.command_id)
        if memo is not None:
            if memo.digest != digest(envelope):
                raise refusal(id_reused())
            return
        if len(self.state.unrecorded) > STORE_BEHIND_EVENTS:
            raise refusal(
                Refused(
                    "STORE_BEHIND",
                    "the record is too far behind to accept more",
                    "try again when the database is back",
                )
            )
        try:
            check(self._context_of(envelope))
        except Refused as refused:
            raise refusal(refused) from None

    def handle(self, envelope: Envelope, apply: Callable[[Context], tuple[str, ...]]) -> Answer:
        """Apply a validated command once; a repeat gets its old answer."""
        memo = self._memo(envelope.command_id)
        if memo is not None:
            return Answer.model_validate(memo.answer)
        codes = apply(self._context_of(envelope))
        answer = Answer(seq=self.state.next_seq - 1, codes=codes)
        remember(
            self.state,
            CommandMemo(
                command_id=envelope.command_id,
                digest=digest(envelope),
                answer=answer.model_dump(mode="json"),
                at=self.context().now,
            ),
        )
        return answer

    def _memo(self, command_id: str) -> CommandMemo | None:
        return next((m for m in self.state.commands if m.command_id == command_id), None)

    def _context_of(self, envelope: Envelope) -> Context:
        grant = envelope.grant
        return self.context(grant.actor, grant.role.value, envelope.command_id)

    # --- the loop ----------------------------------------------------------------------------

    async def live(
        self,
        strands: Mapping[str, Callable[[], Coroutine[Any, Any, None]]],
        recorder: Callable[[], Coroutine[Any, Any, None]],
    ) -> bool:
        """Run until the workflow is over (True) or should continue as new (False). A strand that
        raises fails the workflow task loudly."""
        self._seen = dict.fromkeys(strands, -1)
        tasks = [asyncio.create_task(strand(), name=name) for name, strand in strands.items()]
        tasks.append(asyncio.create_task(self._keep_time(), name="timekeeper"))
        tasks.append(asyncio.create_task(recorder(), name="recorder"))
        while not (any(task.done() for task in tasks) or self._finished() or self._full()):
            await self.until(
                lambda: any(task.done() for task in tasks) or self._finished() or self._full()
            )
        for task in tasks:
            if task.done():
                # A plain error fails the workflow task, which is retried and seen; a failure that
                # Temporal knows would end the workflow, and with it the case's clocks.
                raise StrandEnded(task.get_name()) from task.exception()
        over = self._finished()
        self._ending = True
        for task in tasks:
            task.cancel()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return over

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait, whatever somebody cancels in the engine."""
        while True:
            try:
                return await workflow.wait_condition(condition)
            except asyncio.CancelledError:
                if not self._refuses_cancel():
                    raise

    def _refuses_cancel(self) -> bool:
        """A case ends by an officer's command, never by somebody's cancel in the engine. Such a
        cancel reaches whatever waits: the loop itself, and any strand that woke at that moment."""
        refuses = not self._ending and workflow.cancellation_reason() is not None
        if refuses:
            workflow.logger.warning("workflow.cancel_refused")
        return refuses

    def _recorded(self) -> bool:
        return not (self.recording or self.state.unrecorded or self.state.effects) and self.quiet()

    def _finished(self) -> bool:
        return self._recorded() and self.rules.over(self.state)

    def _full(self) -> bool:
        info = workflow.info()
        full = (
            self.state.renew
            or info.is_continue_as_new_suggested()
            or info.get_current_history_length() >= CONTINUE_AT_EVENTS
        )
        return full and self._recorded()

    async def _keep_time(self) -> None:
        """The one engine timer: armed for the earliest instant among the clocks, replaced only
        when that changes."""
        while True:
            await self.until(lambda: self.quiet() and next_instant(self.state) is not None)
            wake = next_instant(self.state)
            if wake is not None and await self._sleep_until(wake):
                fire_due(self.state, self.context())

    async def _sleep_until(self, wake: datetime) -> bool:
        """Whether `wake` came; False when another instant became the earliest first."""
        left = wake - workflow.now()
        if left <= timedelta(0):
            return True
        try:
            await workflow.wait_condition(
                lambda: self.quiet() and next_instant(self.state) != wake,
                timeout=left,
                timeout_summary=f"next clock {wake:%Y-%m-%d %H:%M}Z",
            )
        except TimeoutError:
            return True
        except asyncio.CancelledError:
            if not self._refuses_cancel():
                raise
        return False

    def ledger_head(self) -> Json:
        """What the ledger is known to hold, for the verifier."""
        return {
            "head_seq": self.state.next_seq - 1,
            "recorded_seq": self.state.recorded_seq,
            "recorded_hash": self.state.recorded_hash,
            "unrecorded": len(self.state.unrecorded),
        }

    # --- what the recorder sends ---------------------------------------------------------------

    def waiting(self) -> bool:
        """Whether something waits to be recorded and every strand has had its say."""
        return self.quiet() and bool(self.state.unrecorded or self.state.effects)

    def next_batch(self) -> RecordBatch:
        """What waits, at most 200 events or 256 KB; effects go with the last of their events."""
        self._summarise()
        events: list[Event] = []
        size = 0
        for event in self.state.unrecorded[:MOST_EVENTS]:
            size += len(event.model_dump_json())
            if events and size > MOST_BYTES:
                break
            events.append(event)
        drained = len(events) == len(self.state.unrecorded)
        return RecordBatch(
            stream=self.state.stream,
            first_seq=events[0].seq if events else self.state.next_seq,
            events=events,
            effects=list(self.state.effects) if drained else [],
        )

    def recorded(self, batch: RecordBatch, result: RecordResult) -> None:
        """Forget what the ledger now holds, and let the engine find the workflow by it."""
        self.state.unrecorded = self.state.unrecorded[len(batch.events) :]
        self.state.effects = self.state.effects[len(batch.effects) :]
        self.state.recorded_seq = result.head_seq
        self.state.recorded_hash = result.head_hash
        show(self.rules.found_by(self.state))

    def _summarise(self) -> None:
        """Append the read model's row when it differs from the one last recorded."""
        summary = self.rules.summary(self.state)
        last = self.state.last_summary
        changed = {k: v for k, v in summary.items() if k not in last or last[k] != v}
        if changed:
            keys = {k: summary[k] for k in self.rules.keys}
            self.state.last_summary = summary
            append(self.state, self.context(), self.rules.summary_tag, **{**changed, **keys})


class Watched(Generic[S]):
    """What every workflow answers, whatever it is about."""

    core: Core[S]

    @workflow.query(name="clocks")
    def clocks(self) -> list[Clock]:
        """The open clocks, the next due first."""
        return sorted(self.core.state.clocks.values(), key=lambda clock: clock.due_at)

    @workflow.query(name="ledger_head")
    def ledger_head(self) -> Json:
        """How far the ledger is known to hold this workflow's events."""
        return self.core.ledger_head()


def refusal(refused: Refused) -> ApplicationError:
    """A refusal as callers see it: its code is the error's type."""
    return ApplicationError(
        refused.message, refused.remedy, refused.field, type=refused.code, non_retryable=True
    )
