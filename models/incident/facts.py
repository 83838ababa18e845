"""What the system tells an incident: reports and their later versions, owners, closure."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.enums import EvidenceCode, EvidenceStatus
from models.evidence import (
    CAPTURED,
    Item,
    arrest_known_at,
    captured_status,
    golden_hour_applicable,
    golden_target,
    required_items,
)
from models.ids import incident_stream
from models.incident.state import IncidentState, Known, due_of, golden_due, told
from models.messages import (
    CaseClosed,
    GradeChanged,
    IncidentMessage,
    IncidentStart,
    OwnerChanged,
    Reopened,
    ReportArrived,
)
from models.report import Report
from models.stream import SYSTEM, Context, append, change_owner

SEEN_KEPT = 200


def new_state(start: IncidentStart) -> IncidentState:
    """The state of an incident that has not begun."""
    return IncidentState(
        stream=incident_stream(start.incident_ref, start.victim_ref),
        policy_version=start.policy_version,
        calendar_version=start.calendar_version,
        incident_ref=start.incident_ref,
        victim_ref=start.victim_ref,
        case_ref=start.case_ref,
        dalo_id=start.dalo_id,
        supervisor_id=start.supervisor_id,
    )


def announce(state: IncidentState, ctx: Context) -> None:
    """The incident exists and has its report: tell the DALO (the supervisor, where the case waits
    for one)."""
    told(state, ctx, "DALO" if state.dalo_id else "SUPERVISOR", state.lead, "INCIDENT")


def hear(state: IncidentState, ctx: Context, message: IncidentMessage) -> None:
    """What a message means to the incident itself; the calendar's is the kernel's own affair."""
    state.seen_messages = [*state.seen_messages, message.message_id][-SEEN_KEPT:]
    match message:
        case ReportArrived():
            _report(state, ctx, message)
        case OwnerChanged():
            _owner(state, ctx, message)
        case CaseClosed():
            _closed(state, ctx, message)
        case Reopened():
            _reopened(state, ctx, message)
        case GradeChanged():
            _graded(state, ctx, message)


def _report(state: IncidentState, ctx: Context, message: ReportArrived) -> None:
    before = state.latest
    if before is not None and message.report.version <= before.report.version:
        return
    state.latest = message
    state.received_at = state.received_at or message.received_at
    within = timedelta(hours=ctx.policy.golden_hour.applicable_within_hours)
    state.applicable = golden_hour_applicable(message.report, within)
    state.golden_due_at = golden_due(state, ctx)
    append(
        state,
        ctx,
        "incident:report:applied",
        message.received_at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        version=message.report.version,
    )
    _police_contact(state, message.report)
    called_for = _checklist(state, ctx, message)
    known = Known(version=message.report.version, received_at=message.received_at, items=called_for)
    state.known = [*state.known, known][-SEEN_KEPT:]
    _judge_again(state, ctx)
    _suspect(state, ctx, before, message)
    if message.report.oic_id and (before is None or before.report.oic_id != message.report.oic_id):
        told(state, ctx, "OIC", message.report.oic_id, "INCIDENT")


def _graded(state: IncidentState, ctx: Context, message: GradeChanged) -> None:
    if state.case_grade_told_at is not None and message.told_at < state.case_grade_told_at:
        return
    before, state.case_grade = state.grade, message.grade
    state.case_graded_at, state.case_grade_told_at = message.at, message.told_at
    if state.release > 1 and before is not message.grade:
        append(
            state,
            ctx,
            "incident:grade:changed",
            message.at,
            incident_ref=state.incident_ref,
            victim_ref=state.victim_ref,
            before=before,
            grade=message.grade,
        )


def _police_contact(state: IncidentState, report: Report) -> None:
    if report.first_police_contact_at and state.police_contact_by in ("", "REPORT"):
        state.first_police_contact_at = report.first_police_contact_at
        state.police_contact_by = "REPORT"


def _checklist(
    state: IncidentState, ctx: Context, message: ReportArrived
) -> tuple[EvidenceCode, ...]:
    needed = required_items(message.report)
    for item in list(state.items.values()):
        if item.pending and item.source == "REPORT" and item.code not in needed:
            _drop(state, ctx, item)
    fresh = [c for c in needed if c not in state.items or _dropped(state.items[c])]
    for code in fresh:
        require(state, ctx, code, "REPORT", message.received_at)
    return tuple(fresh)


def _drop(state: IncidentState, ctx: Context, item: Item) -> None:
    """The newer version no longer calls for it: nothing was recorded, so nothing is lost."""
    dropped = item.model_copy(
        update={
            "status": EvidenceStatus.NOT_APPLICABLE,
            "at": ctx.now,
            "recorded_at": ctx.now,
            "by": SYSTEM,
        }
    )
    put(state, ctx, dropped)


def _dropped(item: Item) -> bool:
    return item.status is EvidenceStatus.NOT_APPLICABLE and item.by == SYSTEM


def require(
    state: IncidentState, ctx: Context, code: EvidenceCode, source: str, known_at: datetime
) -> None:
    """Put an item on the checklist. One that is first known to be needed after the golden hour is
    marked so, unless the whole report came after it: then its hour is judged as it was."""
    first = len(state.known) == 0
    late = state.golden_due_at is not None and known_at > state.golden_due_at and not first
    policy = ctx.policy.golden_hour
    item = Item(
        code=code,
        source=source,
        known_at=known_at,
        golden=golden_target(policy.items[code].target, policy.minutes),
        known_late=late,
        due_at=due_of(state, ctx, code),
    )
    state.items[code] = item
    append(
        state,
        ctx,
        "evidence:item:required",
        known_at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        item=code,
        status=item.status,
        at=None,
        recorded=None,
        due_at=item.due_at,
        reference="",
        reason=None,
        by="",
        source=source,
        golden=item.golden,
        known_late=late,
    )


def put(state: IncidentState, ctx: Context, item: Item, **particulars: object) -> None:
    """Store an item's outcome and record it, with the particulars that only this item has."""
    state.items[item.code] = item
    append(
        state,
        ctx,
        "evidence:item:recorded",
        item.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        item=item.code,
        status=item.status,
        at=item.at,
        recorded=item.recorded_at,
        due_at=item.due_at,
        captured_at=item.captured_at,
        reference=item.reference,
        reason=item.reason,
        by=item.by,
        **particulars,
    )


def _judge_again(state: IncidentState, ctx: Context) -> None:
    """A corrected reporting time moves every due instant: what was captured is in time or late by
    the new one."""
    for item in list(state.items.values()):
        due_at = due_of(state, ctx, item.code)
        if due_at == item.due_at:
            continue
        moved = item.model_copy(update={"due_at": due_at})
        if item.status in CAPTURED and item.captured_at is not None:
            status = captured_status(item.captured_at, due_at)
            moved = moved.model_copy(update={"status": status})
        if moved.status is item.status:
            state.items[item.code] = moved
        else:
            put(state, ctx, moved)


def _suspect(
    state: IncidentState, ctx: Context, before: ReportArrived | None, now: ReportArrived
) -> None:
    """The suspect's status changed: record it, and what it proves about the arrest or its plan."""
    old = before.report.suspect_status if before else None
    if now.report.suspect_status is not old:
        append(
            state,
            ctx,
            "incident:suspect:changed",
            now.received_at,
            incident_ref=state.incident_ref,
            victim_ref=state.victim_ref,
            old=old,
            new=now.report.suspect_status,
        )
    item = state.items.get(EvidenceCode.SUSPECT_ARREST_OR_PLAN)
    if item is None or not item.pending or item.due_at is None:
        return
    at = arrest_known_at(before, now, item.due_at)
    if at is not None:
        settled = item.model_copy(
            update={
                "status": captured_status(at, item.due_at),
                "at": at,
                "captured_at": at,
                "recorded_at": ctx.now,
                "by": SYSTEM,
                "reference": f"REPORT-V{now.report.version}",
            }
        )
        put(state, ctx, settled)


def _owner(state: IncidentState, ctx: Context, message: OwnerChanged) -> None:
    old_dalo, old_supervisor = state.dalo_id, state.supervisor_id
    state.dalo_id, state.supervisor_id = message.dalo_id, message.supervisor_id
    if message.case_ref and message.case_ref != state.case_ref:
        state.case_ref = message.case_ref
        append(
            state,
            ctx,
            "incident:case:merged",
            incident_ref=state.incident_ref,
            victim_ref=state.victim_ref,
            case_ref=state.case_ref,
        )
    _pass_on(state, ctx, old_dalo, message.dalo_id, old_supervisor)
    _pass_on(state, ctx, old_supervisor, message.supervisor_id, message.dalo_id)
    if message.dalo_id != old_dalo:
        told(state, ctx, "DALO", message.dalo_id, "INCIDENT")


def _closed(state: IncidentState, ctx: Context, message: CaseClosed) -> None:
    if state.case_closed:
        return
    old = state.lead
    state.case_closed = True
    state.handed_to = message.handed_to
    append(
        state,
        ctx,
        "incident:case:closed",
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        handed_to=message.handed_to,
    )
    _pass_on(state, ctx, old, state.lead, state.supervisor_id)
    told(state, ctx, "SUCCESSOR", message.handed_to, "HANDED_OVER")


def _reopened(state: IncidentState, ctx: Context, message: Reopened) -> None:
    """The case runs again: its officer answers for the incident, not who had it meanwhile."""
    if not state.case_closed:
        return
    old, old_supervisor = state.lead, state.supervisor_id
    state.case_closed, state.handed_to = False, ""
    state.dalo_id, state.supervisor_id = message.dalo_id, message.supervisor_id
    append(
        state,
        ctx,
        "incident:case:reopened",
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        dalo_id=message.dalo_id,
    )
    _pass_on(state, ctx, old, message.dalo_id, "")
    _pass_on(state, ctx, old_supervisor, message.supervisor_id, message.dalo_id)
    told(state, ctx, "DALO", message.dalo_id, "INCIDENT")


def _pass_on(state: IncidentState, ctx: Context, old: str, new: str, other: str) -> None:
    """Put open clocks and tasks on the new owner in one event. An officer with another part in the
    incident (`other`, or OIC) keeps what is theirs by it; `react` puts the rest right singly."""
    owned = {clock.owner for clock in state.clocks.values()}
    owned |= {task.owner for task in state.tasks.values()}
    if new and new != old and old in owned - {other, state.oic_id}:
        change_owner(state, ctx, old, new)
