"""Opening, joining, allocation, risk grade, review, hand-over of a case."""

from __future__ import annotations

from models.base import Refused
from models.case.authority import SUPERVISORY, happened, owner_or_supervisor, supervisor_only
from models.case.state import CaseFacts
from models.commands import Grant, Reassign, Regrade, ReviewCase
from models.enums import CadencePlan, CaseState, ClockType, RiskGrade, Role
from models.events import Effect, EffectKind
from models.ids import incident_stream
from models.messages import (
    Allocated,
    CaseClosed,
    CaseMessage,
    CaseStart,
    OwnerChanged,
    ReportArrived,
    Under16Party,
    Waitlisted,
)
from models.stream import (
    Context,
    append,
    arm,
    change_owner,
    meet,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

SEEN_KEPT = 200
SETTLED_BY_REVIEW = ("UNSAFE_ATTEMPT", "NOW_INELIGIBLE", "UNDER_16")
"""Tasks that a supervisor settles by reviewing the case."""
ORDER = {RiskGrade.STANDARD: 0, RiskGrade.MEDIUM: 1, RiskGrade.HIGH: 2}


def begin(state: CaseFacts, ctx: Context, start: CaseStart) -> None:
    """The case exists: its review clock is its first live obligation."""
    append(
        state,
        ctx,
        "case:started",
        start.opened_at,
        case_ref=start.case_ref,
        previous_case_ref=start.previous_case_ref,
    )
    arm(state, ctx, ClockType.CASE_REVIEW, start.opened_at, "case:opened")


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """What a message means to the case itself; the calendar's is the kernel's own affair."""
    state.seen_messages = [*state.seen_messages, message.message_id][-SEEN_KEPT:]
    match message:
        case ReportArrived():
            _report(state, ctx, message)
        case Allocated():
            _allocated(state, ctx, message)
        case Waitlisted():
            _waitlisted(state, ctx, message)
        case Under16Party():
            for owner in (state.dalo_id, state.supervisor_id):
                raise_task(
                    state,
                    ctx,
                    "UNDER_16",
                    owner,
                    "a report under 16 names a party of this case: child safeguarding has it",
                    command=f"dalo do {state.case_ref} review-case",
                    subject=f"{message.incident_ref}:{owner}",
                )


def _report(state: CaseFacts, ctx: Context, message: ReportArrived) -> None:
    report = message.report
    known = state.incidents.get(report.incident_ref)
    if known is not None and report.version <= known:
        return
    state.incidents[report.incident_ref] = report.version
    state.district = state.district or report.district
    state.reticent = state.reticent or message.reticent
    state.repeat_count_365 = max(state.repeat_count_365, message.repeat_count_365)
    append(
        state,
        ctx,
        "case:incident:joined" if known is None else "case:incident:updated",
        report.reported_at,
        case_ref=state.case_ref,
        incident_ref=report.incident_ref,
        version=report.version,
    )
    first = len(state.incidents) == 1 and known is None
    if first or ORDER[message.grade] > ORDER[state.risk_grade]:
        _grade(state, ctx, message.grade, "REPORT", message.grade_pending_review)
    if message.now_ineligible:
        raise_task(
            state,
            ctx,
            "NOW_INELIGIBLE",
            state.supervisor_id,
            "an updated report would not open this case today: decide whether it goes on",
            command=f"dalo do {state.case_ref} review-case",
            subject=report.incident_ref,
        )
    if known is None and state.state is CaseState.DORMANT_MONITORED:
        _reopen(state, ctx, report.incident_ref)


def _reopen(state: CaseFacts, ctx: Context, incident_ref: str) -> None:
    """A new incident ends dormancy and allows one safe approach (docs/domain.md 9.4)."""
    state.state = CaseState.REOPENED
    state.cadence_plan = CadencePlan.DEFAULT_BY_RISK
    state.interval_days = None
    state.contact_due_from = ctx.now
    append(state, ctx, "case:reopened", case_ref=state.case_ref, incident_ref=incident_ref)


def _grade(
    state: CaseFacts, ctx: Context, grade: RiskGrade, reason: str, pending_review: bool
) -> None:
    before = state.risk_grade
    state.risk_grade = grade
    state.grade_pending_review = pending_review
    append(
        state,
        ctx,
        "case:risk:graded",
        case_ref=state.case_ref,
        before=before,
        grade=grade,
        reason=reason,
        pending_review=pending_review,
    )


def _allocated(state: CaseFacts, ctx: Context, message: Allocated) -> None:
    first = state.allocated_at is None
    old, state.dalo_id = state.dalo_id, message.dalo_id
    old_supervisor, state.supervisor_id = state.supervisor_id, message.supervisor_id
    state.over_capacity = message.over_capacity
    if first:
        state.allocated_at = message.allocated_at
        state.state = CaseState.ALLOCATED
    append(
        state,
        ctx,
        "case:allocated",
        message.allocated_at,
        case_ref=state.case_ref,
        dalo_id=state.dalo_id,
        over_capacity=state.over_capacity,
    )
    waiting = open_clock(state, ClockType.WAITLIST_REVIEW)
    if waiting is not None:
        meet(state, ctx, waiting, max(message.allocated_at, waiting.started_at))
        settle_tasks(state, ctx, "BREACH", waiting.clock_id)
    for before, after in ((old, state.dalo_id), (old_supervisor, state.supervisor_id)):
        if before != after and (before or after == state.supervisor_id):
            change_owner(state, ctx, before, after)


def _waitlisted(state: CaseFacts, ctx: Context, message: Waitlisted) -> None:
    if state.allocated_at is not None:
        return
    state.supervisor_id = message.supervisor_id
    state.state = CaseState.WAITLISTED
    append(state, ctx, "case:waitlisted", message.at, case_ref=state.case_ref)
    if open_clock(state, ClockType.WAITLIST_REVIEW) is None:
        arm(
            state,
            ctx,
            ClockType.WAITLIST_REVIEW,
            message.at,
            "case:waitlisted",
            rule_key=state.risk_grade.value,
            owner=state.supervisor_id,
        )


def check_regrade(state: CaseFacts, ctx: Context, command: Regrade, grant: Grant) -> None:
    """A grade is an officer's decision with a reason; lowering it is a supervisor's."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    if ORDER[command.grade] < ORDER[state.risk_grade]:
        supervisor_only(state, grant)


def apply_regrade(state: CaseFacts, ctx: Context, command: Regrade) -> tuple[str, ...]:
    """Set the grade; contact clocks and the register's priority follow it. A supervisor's grade
    settles a pending review."""
    pending = state.grade_pending_review and ctx.role == Role.DALO
    _grade(state, ctx, command.grade, command.reason, pending)
    _tell_register(state, ctx, risk_grade=command.grade.value)
    return ()


def _tell_register(state: CaseFacts, ctx: Context, **columns: str) -> None:
    state.effects.append(
        Effect(
            effect_id=f"register:{state.stream}:{number(state, 'effect')}",
            kind=EffectKind.REGISTER,
            target=state.case_ref,
            payload={"district": state.district, **columns},
        )
    )


def check_review(state: CaseFacts, ctx: Context, command: ReviewCase, grant: Grant) -> None:
    """The review is held by the case's officer or a supervisor."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)


def apply_review(state: CaseFacts, ctx: Context, command: ReviewCase) -> tuple[str, ...]:
    """Meet the review's clock and start the next."""
    append(state, ctx, "case:review:held", command.at, note_ref=command.note_ref)
    if ctx.role in SUPERVISORY:
        for kind in SETTLED_BY_REVIEW:
            settle_tasks(state, ctx, kind)
    clock = open_clock(state, ClockType.CASE_REVIEW)
    if clock is not None:
        meet(state, ctx, clock, command.at)
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
    arm(state, ctx, ClockType.CASE_REVIEW, command.at, "case:review:held", owner=state.dalo_id)
    return ()


def check_reassign(state: CaseFacts, ctx: Context, command: Reassign, grant: Grant) -> None:
    """A supervisor's decision; the case must already have an officer."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if state.allocated_at is None:
        raise Refused("NOT_ALLOCATED", "the case still waits", "allocation gives it an officer")
    if command.dalo_id == state.dalo_id:
        raise Refused(
            "SAME_OFFICER", "the case is this officer's already", "name another", "dalo_id"
        )


def apply_reassign(state: CaseFacts, ctx: Context, command: Reassign) -> tuple[str, ...]:
    """Every obligation lands on the new officer before the old one's clocks stop."""
    old, state.dalo_id = state.dalo_id, command.dalo_id
    append(
        state,
        ctx,
        "case:reassigned",
        command.at,
        case_ref=state.case_ref,
        old=old,
        new=command.dalo_id,
        reason=command.reason,
    )
    change_owner(state, ctx, old, command.dalo_id)
    _tell_register(state, ctx, dalo_id=command.dalo_id)
    for incident_ref in state.incidents:
        tell_incident(
            state,
            ctx,
            incident_ref,
            OwnerChanged(
                message_id=f"owner:{state.stream}:{number(state, 'owner')}",
                dalo_id=state.dalo_id,
                supervisor_id=state.supervisor_id,
            ),
        )
    return ()


def tell_incident(
    state: CaseFacts, ctx: Context, incident_ref: str, message: OwnerChanged | CaseClosed
) -> None:
    """Leave a message for one of the case's incidents."""
    state.effects.append(
        Effect(
            effect_id=f"{message.message_id}:{incident_ref}",
            kind=EffectKind.TELL,
            target=incident_stream(incident_ref, state.victim_ref),
            payload=message.model_dump(mode="json"),
        )
    )


def free_place(state: CaseFacts, why: str) -> None:
    """The officer has room again: allocation runs for the area."""
    state.effects.append(
        Effect(
            effect_id=f"free:{state.stream}:{why}:{number(state, 'effect')}",
            kind=EffectKind.FREE_PLACE,
            target=state.pilot_area or state.district,
        )
    )


def react(state: CaseFacts, ctx: Context) -> None:
    """Clocks that follow from the case's own facts: a defaulted grade waits for a supervisor's
    review, and every breach reaches the supervisor by name."""
    review = open_clock(state, ClockType.RISK_SUPERVISOR_REVIEW)
    if state.live and state.grade_pending_review and review is None:
        arm(
            state,
            ctx,
            ClockType.RISK_SUPERVISOR_REVIEW,
            ctx.now,
            "case:risk:graded",
            owner=state.supervisor_id,
        )
    elif review is not None and not state.grade_pending_review:
        meet(state, ctx, review, ctx.now)
        settle_tasks(state, ctx, "BREACH", review.clock_id)
    escalate(state, ctx)


def escalate(state: CaseFacts, ctx: Context) -> None:
    """One task a breached clock, for whom policy names."""
    for clock in state.clocks.values():
        if clock.breached_at is None or clock.clock_type is ClockType.PAUSE_REVIEW:
            continue
        raise_task(
            state,
            ctx,
            "BREACH",
            state.supervisor_id or ctx.policy.clock_rules[clock.clock_type].breach_to,
            f"{clock.clock_type.value} passed its due time",
            due_at=clock.due_at,
            command=f"dalo clocks {state.case_ref} --explain",
            subject=clock.clock_id,
        )
