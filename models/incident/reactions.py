"""Every consequence of an incident's facts: item clocks, the golden hour and its verdict, warnings,
chasing, the end. Each is derived from state alone and done once, however often it is asked for
(docs/domain.md 3.1, 3.2, 11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.clocks import CalendarKind as Kind
from models.clocks import Clock, Limit
from models.enums import ClockType, EvidenceCode, EvidenceStatus, GoldenHourResult
from models.evidence import CAPTURED, Item, Verdict, golden_set, judge
from models.incident.state import IncidentState, due_of, name, start_of, told
from models.instants import show
from models.stream import (
    Context,
    append,
    arm,
    cancel,
    give_clock,
    meet,
    open_clock,
    raise_task,
    settle_tasks,
)

CHASE = "GOLDEN_HOUR_CHASE"
"""Subject of the clock that ends the chasing of golden-hour items."""
NOT_JUDGED = Verdict(
    result=GoldenHourResult.NOT_APPLICABLE, without_declined=GoldenHourResult.NOT_APPLICABLE
)


def react(state: IncidentState, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet."""
    if state.report is None or state.ended_at is not None:
        return
    for item in list(state.items.values()):
        _item_clock(state, ctx, item)
    _golden_hour(state, ctx)
    _chase(state, ctx)
    _tasks(state, ctx)
    if ended(state):
        state.ended_at = ctx.now
        append(
            state,
            ctx,
            "incident:ended",
            incident_ref=state.incident_ref,
            victim_ref=state.victim_ref,
        )


def ended(state: IncidentState) -> bool:
    """Whether the case is closed and nothing is left open. While the case is open the incident
    lives on without a clock: a newer version of its report may yet call for something."""
    pending = any(item.pending for item in state.items.values())
    owed = state.clocks or state.tasks or state.suspect.to_notify or state.code.owed
    return state.case_closed and not (owed or pending or state.orders.orders)


# --- items ------------------------------------------------------------------------------------


def _item_clock(state: IncidentState, ctx: Context, item: Item) -> None:
    clock = open_clock(state, ClockType.EVIDENCE_ITEM, item.code.value)
    if not item.pending:
        if clock is not None and item.status is EvidenceStatus.NOT_APPLICABLE:
            cancel(state, ctx, clock, "NOT_APPLICABLE")
        elif clock is not None:
            meet(state, ctx, clock, item.at or ctx.now)
        return
    start = start_of(state, item.code)
    due_at = due_of(state, ctx, item.code)
    if due_at != item.due_at:
        state.items[item.code] = item.model_copy(update={"due_at": due_at})
    if clock is not None and clock.started_at != start:
        cancel(state, ctx, clock, "START_CORRECTED")
        clock = None
    if clock is None and start is not None:
        arm(
            state,
            ctx,
            ClockType.EVIDENCE_ITEM,
            start,
            _start_event(state, item.code),
            subject=item.code.value,
            rule_key=item.code.value,
            owner=state.item_owner,
        )
    elif clock is not None and clock.owner != state.item_owner:
        give_clock(state, ctx, clock, state.item_owner)


def _start_event(state: IncidentState, code: EvidenceCode) -> str:
    followup = code is EvidenceCode.INJURY_PHOTOS_FOLLOWUP
    if followup and EvidenceCode.INJURY_PHOTOS_INITIAL in state.items:
        return "evidence:item:recorded INJURY_PHOTOS_INITIAL"
    return "incident reported"


# --- the golden hour --------------------------------------------------------------------------


def _golden_hour(state: IncidentState, ctx: Context) -> None:
    clock = open_clock(state, ClockType.GOLDEN_HOUR)
    if state.golden_due_at is None:
        if clock is not None:
            cancel(state, ctx, clock, "GOLDEN_HOUR_NOT_APPLICABLE")
        _give(state, ctx, NOT_JUDGED, ctx.now)
        return
    if clock is not None and clock.due_at != state.golden_due_at:
        cancel(state, ctx, clock, "START_CORRECTED")
        clock = None
        state.verdict = None
    judged = judge(state.items.values(), state.golden_due_at)
    if clock is None:
        if not _to_be_started(state, ctx, judged):
            _give(state, ctx, judged, ctx.now)
            return
        clock = _start(state, ctx)
    if clock.owner != state.lead:
        give_clock(state, ctx, clock, state.lead)
        clock = state.clocks[clock.clock_id]
    if clock.breached_at is not None:
        _give(state, ctx, judged, state.golden_due_at)
        _stop(state, ctx, clock)
    elif judged.result is GoldenHourResult.COMPLETE:
        at = _last_capture(state) or ctx.now
        _give(state, ctx, judged, at)
        meet(state, ctx, clock, at)


def _to_be_started(state: IncidentState, ctx: Context, judged: Verdict) -> bool:
    """No verdict of this hour yet; or it was COMPLETE, and within the hour something more was found
    missing."""
    if state.verdict is None or state.judged_due_at is None:
        return True
    running = state.golden_due_at is not None and ctx.now < state.golden_due_at
    return running and judged.result is not GoldenHourResult.COMPLETE


def _start(state: IncidentState, ctx: Context) -> Clock:
    state.verdict = None
    state.verdict_at = None
    assert state.report is not None
    started = state.report.reported_at
    return arm(state, ctx, ClockType.GOLDEN_HOUR, started, "incident reported", owner=state.lead)


def _stop(state: IncidentState, ctx: Context, clock: Clock) -> None:
    """After the hour the clock ends when the set is captured, however late, or when each item that
    was not captured has its reason."""
    judged = golden_set(state.items.values())
    if any(item.pending for item in judged):
        return
    fine = CAPTURED | {EvidenceStatus.NOT_APPLICABLE}
    at = _last_capture(state)
    if at is not None and all(item.status in fine for item in judged):
        meet(state, ctx, clock, at)
    else:
        cancel(state, ctx, clock, "SET_REASONED")


def _last_capture(state: IncidentState) -> datetime | None:
    captured = [item.captured_at for item in golden_set(state.items.values())]
    return max((at for at in captured if at is not None), default=None)


def _give(state: IncidentState, ctx: Context, verdict: Verdict, at: datetime) -> None:
    """Give a verdict, once; another one amends it, and both stay on the ledger."""
    if verdict == state.verdict:
        return
    amended = state.verdicts > 0
    append(
        state,
        ctx,
        "golden_hour:verdict",
        ctx.now if amended else at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        case_ref=state.case_ref,
        result=verdict.result,
        variant_without_declined=verdict.without_declined,
        captured_in_time=verdict.captured_in_time,
        in_set=verdict.in_set,
        applicable=bool(state.applicable),
        received_late=state.received_late,
        due_at=state.golden_due_at,
        amended=amended,
    )
    state.verdict = verdict
    state.judged_due_at = state.golden_due_at
    state.verdict_at = ctx.now if amended else at
    state.verdicts += 1
    if verdict.result is not GoldenHourResult.NOT_APPLICABLE:
        told(state, ctx, "SUPERVISOR", state.supervisor_id, f"VERDICT_{verdict.result.value}")


# --- chasing ----------------------------------------------------------------------------------


def chase_until(state: IncidentState, ctx: Context) -> datetime:
    """When chasing ends and the supervisor decides (docs/domain.md 3.2)."""
    assert state.report is not None
    return state.report.reported_at + timedelta(hours=ctx.policy.golden_hour.chase_hours)


def _chase(state: IncidentState, ctx: Context) -> None:
    """The clock over the chasing of what the golden hour left open."""
    clock = open_clock(state, ClockType.EVIDENCE_ITEM, CHASE)
    golden = [item for item in state.items.values() if item.golden]
    missing = [item for item in golden if item.pending and _overdue(state, item)]
    if clock is not None and not missing:
        last = max((item.at for item in golden if item.at is not None), default=ctx.now)
        meet(state, ctx, clock, last)
    elif clock is not None and clock.owner != state.lead:
        give_clock(state, ctx, clock, state.lead)
    elif clock is None and missing and not state.chased and ctx.now < chase_until(state, ctx):
        assert state.report is not None
        hours = ctx.policy.golden_hour.chase_hours
        arm(
            state,
            ctx,
            ClockType.EVIDENCE_ITEM,
            state.report.reported_at,
            "incident reported",
            subject=CHASE,
            owner=state.lead,
            limit=Limit(kind=Kind.ELAPSED, amount=hours, unit="h"),
        )
        state.chased = True


def _overdue(state: IncidentState, item: Item) -> bool:
    clock = open_clock(state, ClockType.EVIDENCE_ITEM, item.code.value)
    return clock is not None and clock.breached_at is not None


def _tasks(state: IncidentState, ctx: Context) -> None:
    golden = open_clock(state, ClockType.GOLDEN_HOUR)
    chase = open_clock(state, ClockType.EVIDENCE_ITEM, CHASE)
    overdue = [i for i in state.items.values() if i.pending and _overdue(state, i)]
    warned = golden is not None and golden.warned_at is not None and golden.breached_at is None
    breached = golden is not None and golden.breached_at is not None
    given_up = chase is not None and chase.breached_at is not None
    due_at, until = state.golden_due_at or ctx.now, chase_until(state, ctx)
    oic = state.oic_id if state.oic_id != state.lead else ""
    for role, person in (("DALO", state.lead), ("OIC", oic)):
        why = f"golden hour ends {show(due_at)}: items still open"
        _task(state, ctx, "GOLDEN_HOUR_WARNING", role, person if warned else "", due_at, why)
        why = f"evidence past its target: capture it or record why not, by {show(until)}"
        _task(state, ctx, "CHASE_EVIDENCE", role, person if overdue else "", until, why)
    chief = state.supervisor_id or state.lead
    why = f"golden hour over {show(due_at)} without the whole set"
    _task(state, ctx, "GOLDEN_HOUR_BREACHED", "SUPERVISOR", chief if breached else "", until, why)
    why = "24 hours of chasing are over: have each open item recorded with its reason"
    _task(state, ctx, "EVIDENCE_UNRECORDED", "SUPERVISOR", chief if given_up else "", None, why)


def _task(
    state: IncidentState,
    ctx: Context,
    kind: str,
    role: str,
    person: str,
    due_at: datetime | None,
    why: str,
) -> None:
    """Keep exactly one open task of this kind for a role, with this person; none for nobody."""
    found = [t for t in state.tasks.values() if t.kind == kind and t.subject == role]
    if found and found[0].owner == person:
        return
    settle_tasks(state, ctx, kind, role)
    if person:
        command = f"dalo do {name(state)} record-evidence"
        raise_task(state, ctx, kind, person, why, due_at=due_at, command=command, subject=role)
        told(state, ctx, role, person, kind)
