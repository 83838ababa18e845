"""The serialisable core that every workflow state shares, and the verbs that change it.

Rules call these verbs; the workflow kernel drains what they append. Nothing here knows Temporal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from models.base import Record, State
from models.calendars import Calendar
from models.clocks import Clock, Limit, next_wake
from models.due import recompute, start_clock
from models.enums import ClockStatus, ClockType
from models.events import Effect, Event, Json
from models.policy import Policy

SYSTEM = "SYSTEM"
REMEMBERED_COMMANDS = 500
REMEMBERED_FOR = timedelta(days=30)
STORE_BEHIND_EVENTS = 1_000


class CommandMemo(Record):
    """What is kept of a command already done, so that it is never done twice."""

    command_id: str
    digest: str
    answer: Json
    at: datetime


class Task(Record):
    """Something a named person should do. `command` is the `dalo do` command that settles it."""

    task_id: str
    kind: str
    owner: str
    raised_at: datetime
    due_at: datetime | None = None
    why: str
    command: str = ""
    subject: str = ""


class StreamState(State):
    """What every workflow keeps: open items only, never history."""

    stream: str
    release: int = 1
    """Which release's duties this run has: 1 is the first release's. A run appends exactly the
    events that its release appended, or ledger and workflow would part; so whatever came later asks
    here, or lives in a strand that only later runs have."""
    renew: bool = False
    """A newer release asked for a new run."""
    policy_version: str
    calendar_version: str
    next_seq: int = 1
    unrecorded: list[Event] = Field(default_factory=list)
    effects: list[Effect] = Field(default_factory=list)
    recorded_seq: int = 0
    recorded_hash: str = ""
    commands: list[CommandMemo] = Field(default_factory=list)
    clocks: dict[str, Clock] = Field(default_factory=dict)
    """Open clocks by clock id."""
    counts: dict[str, int] = Field(default_factory=dict)
    """How many clocks, tasks and other numbered things have been made, by kind."""
    tasks: dict[str, Task] = Field(default_factory=dict)
    """Open tasks by task id."""
    last_summary: Json = Field(default_factory=dict)
    """The read model's row as last recorded."""


@dataclass(frozen=True)
class Context:
    """Who acts, when it is recorded, and the policy and calendar in force."""

    now: datetime
    policy: Policy
    calendar: Calendar
    actor: str = SYSTEM
    role: str = SYSTEM
    command_id: str = ""


def number(state: StreamState, kind: str) -> int:
    """The next number of a kind, from 1."""
    state.counts[kind] = state.counts.get(kind, 0) + 1
    return state.counts[kind]


def jsonable(data: dict[str, Any]) -> Json:
    """Event data with enums, instants and records in their JSON form."""
    return {key: _plain(value) for key, value in data.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Record | State):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value.value if hasattr(value, "value") else value


def append(
    state: StreamState, ctx: Context, tag: str, occurred_at: datetime | None = None, /, **data: Any
) -> Event:
    """Append one event; it is numbered now and recorded by the recorder strand."""
    event = Event(
        seq=state.next_seq,
        tag=tag,
        occurred_at=occurred_at or ctx.now,
        recorded_at=ctx.now,
        actor=ctx.actor,
        role=ctx.role,
        data=jsonable(data),
        command_id=ctx.command_id,
        policy_version=state.policy_version,
    )
    state.next_seq += 1
    state.unrecorded.append(event)
    return event


def arm(  # noqa: PLR0913 - one verb; its options are keywords
    state: StreamState,
    ctx: Context,
    clock_type: ClockType,
    started_at: datetime,
    start_event: str,
    *,
    subject: str = "",
    rule_key: str = "",
    owner: str = "",
    due_at: datetime | None = None,
    due_raw: datetime | None = None,
    limit: Limit | None = None,
    basis: str = "",
) -> Clock:
    """Start a clock and record it. `due_at` overrides the computed instant (safe windows, agreed
    dates). A clock already past when made is born late with reason `RECEIVED_LATE`."""
    base = f"{clock_type.value}:{subject}" if subject else clock_type.value
    clock = start_clock(
        ctx.policy,
        ctx.calendar,
        clock_type,
        clock_id=f"{base}:{number(state, base)}",
        subject=subject,
        rule_key=rule_key,
        start_event=start_event,
        started_at=started_at,
        limit=limit,
        due_at=due_at,
    ).model_copy(update={"owner": owner, "due_raw": due_raw, "basis": basis})
    if clock.due_at <= ctx.now:
        clock = clock.model_copy(update={"late_reason": "RECEIVED_LATE"})
    state.clocks[clock.clock_id] = clock
    append(state, ctx, "clock:started", clock=clock)
    return clock


def arm_again(state: StreamState, ctx: Context, clock: Clock, *, owner: str, subject: str) -> Clock:
    """Start a clock here as it ran before it was ended, or elsewhere: its due instant is kept."""
    return arm(
        state,
        ctx,
        clock.clock_type,
        clock.started_at,
        clock.start_event,
        subject=subject,
        rule_key=clock.rule_key,
        owner=owner,
        due_at=clock.due_at,
        limit=clock.limit,
        basis=clock.basis,
    )


def open_clock(state: StreamState, clock_type: ClockType, subject: str = "") -> Clock | None:
    """The open clock of this type and subject, if there is one (the newest)."""
    found = [
        c
        for c in state.clocks.values()
        if c.clock_type is clock_type and (not subject or c.subject == subject)
    ]
    return found[-1] if found else None


def meet(state: StreamState, ctx: Context, clock: Clock, at: datetime) -> None:
    """End a clock because its obligation was met at `at` (which may be before now)."""
    ended = clock.model_copy(update={"status": ClockStatus.MET, "ended_at": at})
    del state.clocks[clock.clock_id]
    append(state, ctx, "clock:met", at, clock=ended)
    _settle_breach(state, ctx, clock)


def cancel(state: StreamState, ctx: Context, clock: Clock, reason: str) -> None:
    """End a clock whose obligation no longer exists; `reason` is a code."""
    ended = clock.model_copy(
        update={"status": ClockStatus.CANCELLED, "ended_at": ctx.now, "reason": reason}
    )
    del state.clocks[clock.clock_id]
    append(state, ctx, "clock:cancelled", clock=ended)
    _settle_breach(state, ctx, clock)


def meet_open(
    state: StreamState, ctx: Context, clock_type: ClockType, at: datetime, subject: str = ""
) -> None:
    """End the clock of this type and subject, if it runs: its obligation was met."""
    clock = open_clock(state, clock_type, subject)
    if clock is not None:
        meet(state, ctx, clock, at)


def cancel_open(
    state: StreamState, ctx: Context, clock_type: ClockType, reason: str, subject: str = ""
) -> None:
    """End the clock of this type and subject, if it runs: its obligation no longer exists."""
    clock = open_clock(state, clock_type, subject)
    if clock is not None:
        cancel(state, ctx, clock, reason)


def _settle_breach(state: StreamState, ctx: Context, clock: Clock) -> None:
    if state.release > 1:
        settle_tasks(state, ctx, "BREACH", clock.clock_id)


def move(
    state: StreamState,
    ctx: Context,
    clock: Clock,
    due_at: datetime,
    reason: str,
    *,
    due_raw: datetime | None = None,
) -> None:
    """Give an open clock another due instant; the old one stays in the ledger."""
    moved = clock.model_copy(update={"due_at": due_at, "due_raw": due_raw, "reason": reason})
    state.clocks[clock.clock_id] = moved
    append(state, ctx, "clock:moved", clock=moved, due_before=clock.due_at)


def give_clock(state: StreamState, ctx: Context, clock: Clock, owner: str) -> None:
    """Put an open clock on another person."""
    theirs = clock.model_copy(update={"owner": owner})
    move(state, ctx, theirs, clock.due_at, "OWNER_CHANGED", due_raw=clock.due_raw)


def change_calendar(state: StreamState, ctx: Context, calendar_version: str) -> None:
    """Recompute every open clock on another calendar; `ctx.calendar` is already the new one."""
    state.calendar_version = calendar_version
    append(state, ctx, "stream:calendar:changed", calendar_version=calendar_version)
    for clock in list(state.clocks.values()):
        again = recompute(clock, ctx.policy, ctx.calendar)
        if again.due_at != clock.due_at or again.warn_at != clock.warn_at:
            state.clocks[clock.clock_id] = again.model_copy(update={"reason": "CALENDAR_CHANGED"})
            append(
                state,
                ctx,
                "clock:moved",
                clock=state.clocks[clock.clock_id],
                due_before=clock.due_at,
            )


def begin_run(state: StreamState, *, later: bool, policy: Policy) -> None:
    """A run begins: it has the later duties where its release and its policy do."""
    state.renew = False
    if later and policy.duties is not None:
        state.release = 2


def renew(state: StreamState, ctx: Context, policy_version: str, policy: Policy) -> None:
    """A newer release asks for a new run; its policy is taken over where ours lacks its duties."""
    if state.release > 1:
        return
    if ctx.policy.duties is None and policy.duties is not None:
        state.policy_version = policy_version
    append(state, ctx, "stream:renewed", policy_version=state.policy_version)
    state.renew = True


def next_instant(state: StreamState) -> datetime | None:
    """The earliest instant at which an open clock has something to say."""
    return min(
        (wake for clock in state.clocks.values() if (wake := next_wake(clock))), default=None
    )


def fire_due(state: StreamState, ctx: Context) -> list[Clock]:
    """Record every warning and breach that is due; returns the clocks that spoke, as they now
    are. Strands react to `warned_at`, `breached_at` and `raw_breached_at`."""
    spoke = []
    for clock in list(state.clocks.values()):
        fired = clock
        wake = next_wake(fired)
        while wake is not None and wake <= ctx.now:
            fired, tag = _speak(fired, wake, ctx.now)
            state.clocks[clock.clock_id] = fired
            append(state, ctx, tag, wake, clock=fired)
            wake = next_wake(fired)
        if fired is not clock:
            spoke.append(fired)
    return spoke


def _speak(clock: Clock, wake: datetime, now: datetime) -> tuple[Clock, str]:
    if clock.warn_at == wake and clock.warned_at is None:
        return clock.model_copy(update={"warned_at": now}), "clock:warned"
    if clock.due_at == wake and clock.breached_at is None:
        return clock.model_copy(update={"breached_at": now}), "clock:breached"
    return clock.model_copy(update={"raw_breached_at": now}), "clock:raw_breached"


def raise_task(
    state: StreamState,
    ctx: Context,
    kind: str,
    owner: str,
    why: str,
    *,
    due_at: datetime | None = None,
    command: str = "",
    subject: str = "",
) -> Task:
    """Give a named person something to do; one open task a kind and subject."""
    for task in state.tasks.values():
        if task.kind == kind and task.subject == subject:
            return task
    task = Task(
        task_id=f"{kind}:{number(state, 'task')}",
        kind=kind,
        owner=owner,
        raised_at=ctx.now,
        due_at=due_at,
        why=why,
        command=command,
        subject=subject,
    )
    state.tasks[task.task_id] = task
    append(state, ctx, "task:raised", task=task)
    return task


def raise_again(state: StreamState, ctx: Context, task: Task, owner: str) -> None:
    """Give somebody a task that was another's, or that was settled with what it belonged to."""
    raise_task(
        state,
        ctx,
        task.kind,
        owner,
        task.why,
        due_at=task.due_at,
        command=task.command,
        subject=task.subject,
    )


def settle_tasks(state: StreamState, ctx: Context, kind: str, subject: str = "") -> None:
    """Settle open tasks of a kind (and subject, where one is given)."""
    for task in list(state.tasks.values()):
        if task.kind == kind and (not subject or task.subject == subject):
            del state.tasks[task.task_id]
            append(state, ctx, "task:settled", task_id=task.task_id, kind=kind)


def change_owner(state: StreamState, ctx: Context, old: str, new: str) -> None:
    """Put every open clock and task of one owner on another."""
    for clock in list(state.clocks.values()):
        if clock.owner == old:
            state.clocks[clock.clock_id] = clock.model_copy(update={"owner": new})
    for task in list(state.tasks.values()):
        if task.owner == old:
            state.tasks[task.task_id] = task.model_copy(update={"owner": new})
    append(state, ctx, "stream:owner:changed", old=old, new=new)


def remember(state: StreamState, memo: CommandMemo) -> None:
    """Keep a command's answer for the last 500 commands and 30 days."""
    oldest = memo.at - REMEMBERED_FOR
    kept = [m for m in state.commands if m.at >= oldest][-(REMEMBERED_COMMANDS - 1) :]
    state.commands = [*kept, memo]
