"""Contact owed to the victim: the first contact, the cadence after it, attempts and results
(docs/domain.md 9.1, 9.2). One contact clock is open whenever contact is owed."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.base import Refused
from models.cadence import contact_due_adjusted
from models.calendars import Calendar
from models.case import approach, engagement, event_contact, ladder, safety
from models.case.authority import happened, owner_only
from models.case.intervals import end_interval
from models.case.state import Attempt, CaseFacts
from models.case.suspending import suspend, suspend_unsafe, suspension
from models.checks import supervisor_only
from models.clocks import CalendarKind, Clock, Limit
from models.commands import (
    ApproveWait,
    Grant,
    RecordAttempt,
    RestoreChannel,
)
from models.due import paused_for, start_clock
from models.enums import (
    CaseState,
    Channel,
    ClockType,
    ContactResult,
    EngagementStatus,
    RiskGrade,
)
from models.safe_decision import SafeDecision
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    meet,
    move,
    open_clock,
    raise_task,
    settle_tasks,
)

ATTEMPTS_KEPT = 20


def contact_clock(state: CaseFacts) -> Clock | None:
    """The open contact clock: first contact or cadence."""
    return open_clock(state, ClockType.FIRST_CONTACT) or open_clock(
        state, ClockType.CONTACT_CADENCE
    )


def satisfies(command: RecordAttempt) -> bool:
    """Whether a result counts as contact (docs/domain.md 9.1): a two-way conversation, a reply
    verified to be the victim's, or a visit that saw the victim alone."""
    if command.result is ContactResult.MESSAGE_REPLIED:
        return command.verified
    return command.result in (ContactResult.SUCCESSFUL_TWO_WAY, ContactResult.SEEN_ALONE)


def safe_now(
    state: CaseFacts, channel: Channel, route: str, at: datetime, calendar: Calendar
) -> SafeDecision:
    """Whether to make contact by this route at `at`: as the plan says, and never where the victim
    asked for none, the case is closed or frozen, or it is not known who is the primary aggressor
    (docs/domain.md 2.6, 9.1, 9.4, 16a)."""
    found = safety.by_plan(state, channel, route, at, calendar)
    why = approach.held_back(state)
    return safety.refused(found, why) if why else found


def check_attempt(state: CaseFacts, ctx: Context, command: RecordAttempt, grant: Grant) -> None:
    """An attempt that happened is always recorded, also an unsafe one; only a wrong officer, a
    waiting case, impossible times and what contradicts itself are refused."""
    if state.allocated_at is None:
        raise Refused("NOT_ALLOCATED", "no DALO has this case yet", "allocate it first")
    owner_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.release > 1:
        safety.check_attempt(state, command)


def apply_attempt(state: CaseFacts, ctx: Context, command: RecordAttempt) -> tuple[str, ...]:
    """Record the attempt, whether it was safe, and what follows from its result."""
    decision = _was_safe(state, ctx, command)
    satisfied = satisfies(command)
    override = "" if decision.allowed else command.safety_override
    safe = decision.allowed or (state.release == 1 and override != "")
    made = Attempt(
        at=command.at, channel=command.channel, route=command.route, result=command.result
    )
    why = () if decision.allowed else (decision.reason_code, command.safety_override)
    record(state, ctx, made, satisfied=satisfied, safe=safe, codes=why, note_ref=command.note_ref)
    if override and state.release > 1:
        codes = safety.overridden(state, ctx, decision.reason_code, override)
    else:
        codes = () if safe else _unsafe(state, ctx, decision.reason_code)
    if satisfied:
        succeed(state, ctx, command.at)
    else:
        keep(state, made)
        codes += _failed(state, ctx, command)
        if state.release > 1:
            approach.used(state, ctx, command.at)
    return codes


def record(
    state: CaseFacts,
    ctx: Context,
    made: Attempt,
    *,
    satisfied: bool,
    safe: bool,
    codes: tuple[str, ...] = (),
    note_ref: str = "",
) -> None:
    """The attempt is on record, however it was made."""
    append(
        state,
        ctx,
        "contact:attempt:recorded",
        made.at,
        case_ref=state.case_ref,
        at=made.at,
        channel=made.channel,
        route=made.route,
        result=made.result,
        satisfied=satisfied,
        safe=safe,
        codes=codes,
        note_ref=note_ref,
    )


def keep(state: CaseFacts, made: Attempt) -> None:
    """One more attempt since the victim was reached last."""
    state.attempts = [*state.attempts, made][-ATTEMPTS_KEPT:]


def _was_safe(state: CaseFacts, ctx: Context, command: RecordAttempt) -> SafeDecision:
    """By the plan; since the second release also by what holds contact back whatever the plan."""
    if state.release > 1:
        return safe_now(state, command.channel, command.route, command.at, ctx.calendar)
    return safety.by_plan(state, command.channel, command.route, command.at, ctx.calendar)


def _unsafe(state: CaseFacts, ctx: Context, reason_code: str) -> tuple[str, ...]:
    raise_task(
        state,
        ctx,
        "UNSAFE_ATTEMPT",
        state.supervisor_id,
        f"a contact attempt was made against the safe-contact plan ({reason_code})",
        due_at=ctx.now + timedelta(hours=1),
        command=f"dalo do {state.case_ref} review-case",
    )
    return ("UNSAFE_ATTEMPT",)


def succeed(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """The victim was reached at `at`: contact is met, the ladder is left."""
    clock = contact_clock(state)
    if clock is not None and at >= clock.started_at:
        end_interval(state, ctx, clock, at)
        meet(state, ctx, clock, at)
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
    settle_tasks(state, ctx, "APPROVE_WAIT")
    if state.first_contact_at is None or at < state.first_contact_at:
        state.first_contact_at = at
    state.last_contact_at = max(at, state.last_contact_at or at)
    state.contact_due_from = None
    state.attempts = [a for a in state.attempts if a.at > at]
    if state.release > 1:
        engagement.spoken(state)
    else:
        state.engagement_status = EngagementStatus.ENGAGED
    if state.state in (CaseState.ALLOCATED, CaseState.GOLDEN_HOUR_ACTIVE, CaseState.REOPENED):
        state.state = CaseState.ASSESSMENT
    ladder.reset(state, ctx, at)
    if state.release > 1:
        approach.used(state, ctx, at)
        event_contact.reached(state, ctx, at)


def _failed(state: CaseFacts, ctx: Context, command: RecordAttempt) -> tuple[str, ...]:
    """What a result that is no contact sets off; a route that reached somebody else, or that was
    unsafe, is suspended until a supervisor restores it."""
    if command.result in (ContactResult.WRONG_PERSON, ContactResult.UNSAFE_ENDED):
        suspend_unsafe(state, ctx, command)
        return ("CHANNEL_SUSPENDED",)
    if command.result is ContactResult.NUMBER_INVALID:
        suspend(state, ctx, command)
        return ("CHANNEL_SUSPENDED",)
    return ()


def check_restore(state: CaseFacts, ctx: Context, command: RestoreChannel, grant: Grant) -> None:
    """Only a supervisor weakens a constraint, with a reason."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if suspension(command) not in state.suspended:
        raise Refused(
            "NOT_SUSPENDED",
            f"{suspension(command)} is not suspended",
            f"suspended now: {', '.join(state.suspended) or 'nothing'}",
            "channel",
        )


def apply_restore(state: CaseFacts, ctx: Context, command: RestoreChannel) -> tuple[str, ...]:
    """Put a suspended route back into use."""
    name = suspension(command)
    state.suspended = [s for s in state.suspended if s != name]
    append(state, ctx, "contact:channel:restored", command.at, channel=name, reason=command.reason)
    for kind in (ContactResult.WRONG_PERSON.value, ContactResult.UNSAFE_ENDED.value):
        settle_tasks(state, ctx, kind, name)
    settle_tasks(state, ctx, safety.NEW_ROUTE, name)
    return ()


def check_wait(state: CaseFacts, ctx: Context, command: ApproveWait, grant: Grant) -> None:
    """A wait can be approved only while the safe window lies after the raw due time."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    clock = contact_clock(state)
    if clock is None or clock.due_raw is None or clock.due_at <= clock.due_raw:
        raise Refused("NO_WAIT", "no contact waits for a safe window", "nothing to approve")


def apply_wait(state: CaseFacts, ctx: Context, command: ApproveWait) -> tuple[str, ...]:
    """Let a HIGH contact wait for its safe window."""
    clock = contact_clock(state)
    if clock is not None:
        state.wait_approved = clock.clock_id
    append(state, ctx, "contact:wait:approved", command.at, reason=command.reason)
    settle_tasks(state, ctx, "APPROVE_WAIT")
    return ()


def react(state: CaseFacts, ctx: Context) -> None:
    """Keep exactly the contact clock that the facts call for, then the ladder."""
    clock = contact_clock(state)
    if clock is not None and _spent(state, clock):
        end_interval(state, ctx, clock, None)
        cancel(state, ctx, clock, "LADDER_SPENT")
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
        clock = None
    if not state.contact_owed:
        if clock is not None:
            cancel(state, ctx, clock, "CONTACT_NOT_OWED")
            settle_tasks(state, ctx, "BREACH", clock.clock_id)
        ladder.react(state, ctx, None)
        return
    if clock is None:
        clock = _start(state, ctx)
    elif not clock.paused:
        clock = _follow(state, ctx, clock)
    if not clock.paused:
        _ask_for_wait(state, ctx, clock)
    ladder.react(state, ctx, clock)


def _spent(state: CaseFacts, clock: Clock) -> bool:
    """Whether the ladder ended without contact since this clock started."""
    return state.contact_due_from is not None and clock.started_at < state.contact_due_from


def _start(state: CaseFacts, ctx: Context) -> Clock:
    clock_type, started_at, event, limit = _obligation(state)
    raw, adjusted = _due(state, ctx, clock_type, started_at, limit)
    return arm(
        state,
        ctx,
        clock_type,
        started_at,
        event,
        rule_key=state.risk_grade.value,
        owner=state.dalo_id,
        due_at=adjusted,
        due_raw=raw,
        limit=limit,
    )


def _obligation(state: CaseFacts) -> tuple[ClockType, datetime, str, Limit | None]:
    if state.last_contact_at is None and state.contact_due_from is None:
        started = state.allocated_at or state.opened_at
        return ClockType.FIRST_CONTACT, started, "case:allocated", None
    started = max(x for x in (state.last_contact_at, state.contact_due_from) if x)
    event = "contact:attempt:recorded" if started == state.last_contact_at else "contact:owed"
    custom = (
        Limit(kind=CalendarKind.CADENCE, amount=state.interval_days, unit="d")
        if state.interval_days
        else None
    )
    return ClockType.CONTACT_CADENCE, started, event, custom


def _due(
    state: CaseFacts, ctx: Context, clock_type: ClockType, started_at: datetime, limit: Limit | None
) -> tuple[datetime, datetime]:
    plain = start_clock(
        ctx.policy,
        ctx.calendar,
        clock_type,
        clock_id="",
        subject="",
        rule_key=state.risk_grade.value,
        start_event="",
        started_at=started_at,
        limit=limit,
    )
    raw = plain.due_at
    return raw, _adjusted(state, ctx, raw, started_at)


def _adjusted(state: CaseFacts, ctx: Context, raw: datetime, started_at: datetime) -> datetime:
    # A window that was over before the plan was known could not have been used.
    floor = max(started_at, state.plan_set_at or started_at)
    return contact_due_adjusted(
        raw,
        state.plan,
        state.last_contact_at,
        ctx.calendar,
        started_at=floor,
        release=state.release,
    )


def _follow(state: CaseFacts, ctx: Context, clock: Clock) -> Clock:
    """Move the clock when plan, grade, preference or calendar changed what is due."""
    _, _, _, limit = _obligation(state)
    raw, adjusted = _due(state, ctx, clock.clock_type, clock.started_at, limit)
    if lost := paused_for(clock):
        raw += lost
        adjusted = _adjusted(state, ctx, raw, clock.started_at)
    if clock.breached_at is not None and adjusted > clock.due_at:
        return clock
    if (raw, adjusted) != (clock.due_raw, clock.due_at):
        key = state.risk_grade.value
        limit = limit or ctx.policy.clock_rules[clock.clock_type].limit_for(key) or clock.limit
        keyed = clock.model_copy(update={"rule_key": key, "limit": limit})
        move(state, ctx, keyed, adjusted, "FOLLOWS_FACTS", due_raw=raw)
        return state.clocks[clock.clock_id]
    return clock


def _ask_for_wait(state: CaseFacts, ctx: Context, clock: Clock) -> None:
    """A HIGH contact may wait for a safe window only with a supervisor's approval (9.2)."""
    waits = clock.due_raw is not None and clock.due_at > clock.due_raw
    if waits and state.risk_grade is RiskGrade.HIGH and state.wait_approved != clock.clock_id:
        raise_task(
            state,
            ctx,
            "APPROVE_WAIT",
            state.supervisor_id,
            "the next safe window is after the HIGH contact limit: approve the wait, find "
            "another safe route, or authorise a visit",
            due_at=clock.due_raw,
            command=f"dalo do {state.case_ref} approve-wait",
        )
    else:
        settle_tasks(state, ctx, "APPROVE_WAIT")
