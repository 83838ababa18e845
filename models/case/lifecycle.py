"""Opening, joining, allocation, risk grade, review, hand-over of a case."""

from __future__ import annotations

from datetime import datetime

from models import escalation
from models.case import approach, cadence_plan, event_contact
from models.case.authority import another_officer, happened, no_conflict, owner_or_supervisor
from models.case.handover import locks
from models.case.handover.obligations import give_to_officer, pass_actions
from models.case.risk.choosing import check_grade, grade_chosen
from models.case.state import CaseFacts
from models.case.telling import tell_grade, tell_owners, tell_register
from models.checks import supervisor_only
from models.commands import Grant, Reassign, Regrade, ReviewCase
from models.enums import SUPERVISORY, CadencePlan, CaseState, ClockType, RiskGrade, Role
from models.messages import (
    Allocated,
    CaseMessage,
    CaseStart,
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
    open_clock,
    raise_task,
    settle_tasks,
)

SEEN_KEPT = 200
SETTLED_BY_REVIEW = (
    "UNSAFE_ATTEMPT",
    "SAFETY_OVERRIDE",
    "NOW_INELIGIBLE",
    "UNDER_16",
    "LOCKED_OUT_OWNERS",
    "CLOSURE_REFUSED",
)
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
                if state.release > 1 and not owner:
                    continue
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
    if known is None:
        state.risk.grade_told[report.incident_ref] = message.grade
    else:
        # A later version may have changed what the incident goes by: it is told in any case.
        state.risk.grade_told.pop(report.incident_ref, None)
    first = len(state.incidents) == 1 and known is None
    if first or ORDER[message.grade] > ORDER[state.risk_grade]:
        pending = message.grade_pending_review
        _grade(state, ctx, message.grade, "REPORT", pending, at=report.reported_at)
        if state.release > 1:
            state.risk.review_since = ctx.now
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
    if state.release > 1 and known is None and not first:
        event_contact.new_incident(state, ctx, report.incident_ref)


def _reopen(state: CaseFacts, ctx: Context, incident_ref: str) -> None:
    """A new incident ends dormancy and allows one safe approach (docs/domain.md 9.4)."""
    state.state = CaseState.REOPENED
    state.cadence_plan = CadencePlan.DEFAULT_BY_RISK
    state.interval_days = None
    state.contact_due_from = ctx.now
    append(state, ctx, "case:reopened", case_ref=state.case_ref, incident_ref=incident_ref)
    if state.release > 1:
        cadence_plan.superseded(state, ctx, "NEW_INCIDENT")


def set_grade(
    state: CaseFacts, ctx: Context, grade: RiskGrade, reason: str, pending_review: bool
) -> None:
    """Set the grade for a reason that is a code."""
    _grade(state, ctx, grade, reason, pending_review, at=ctx.now)


def _grade(
    state: CaseFacts,
    ctx: Context,
    grade: RiskGrade,
    reason: str,
    pending_review: bool,
    *,
    at: datetime,
) -> None:
    before = state.risk_grade
    state.risk_grade = grade
    state.grade_pending_review = pending_review
    if state.release > 1:
        state.risk.graded_at = at
    append(
        state,
        ctx,
        "case:risk:graded",
        at if state.release > 1 else None,
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
        if state.release == 1 or state.state is not CaseState.DORMANT_MONITORED:
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
    if first and state.release > 1:
        give_to_officer(state, ctx, state.supervisor_id)
    if state.dalo_id in state.handover.conflicts:
        # Declared while the register, by which cases are allocated, did not know of it yet.
        locks.take_away(state, ctx, state.dalo_id, message.allocated_at)


def _waitlisted(state: CaseFacts, ctx: Context, message: Waitlisted) -> None:
    if state.allocated_at is not None:
        return
    before, state.supervisor_id = state.supervisor_id, message.supervisor_id
    if state.release > 1 and before != state.supervisor_id:
        change_owner(state, ctx, before, state.supervisor_id)
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
    if state.release > 1:
        check_grade(state, command.grade, grant)


def apply_regrade(state: CaseFacts, ctx: Context, command: Regrade) -> tuple[str, ...]:
    """Set the grade; contact clocks and the register's priority follow it. A supervisor's grade
    settles a pending review."""
    pending = state.grade_pending_review and ctx.role == Role.DALO
    if state.release > 1:
        grade_chosen(state, ctx, command.grade, command.reason, command.at)
    grade, reason = command.grade, command.reason
    regrade(state, ctx, grade, reason, at=command.at, pending_review=pending)
    return ()


def regrade(
    state: CaseFacts,
    ctx: Context,
    grade: RiskGrade,
    reason: str,
    *,
    at: datetime,
    pending_review: bool,
) -> None:
    """Set the working grade and tell the register, whose priority follows it."""
    _grade(state, ctx, grade, reason, pending_review, at=at)
    tell_register(state, risk_grade=grade.value)


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
        if state.release > 1:
            approach.reviewed(state, ctx, command.at)
    clock = open_clock(state, ClockType.CASE_REVIEW)
    if clock is not None:
        meet(state, ctx, clock, command.at)
        settle_tasks(state, ctx, "BREACH", clock.clock_id)
    owner = state.dalo_id
    if state.release > 1:
        owner = owner or state.supervisor_id
    arm(state, ctx, ClockType.CASE_REVIEW, command.at, "case:review:held", owner=owner)
    return ()


def check_reassign(state: CaseFacts, ctx: Context, command: Reassign, grant: Grant) -> None:
    """A supervisor's decision; the case must already have an officer."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    another_officer(state, command.dalo_id)
    no_conflict(state, command.dalo_id, "dalo_id")


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
    if state.release > 1:
        pass_actions(state, ctx, old, command.dalo_id)
    tell_register(state, dalo_id=command.dalo_id)
    tell_owners(state, ctx)
    return ()


def react(state: CaseFacts, ctx: Context) -> None:
    """Clocks that follow from the case's own facts: a defaulted grade waits for a supervisor's
    review, and every breach reaches the supervisor by name."""
    review = open_clock(state, ClockType.RISK_SUPERVISOR_REVIEW)
    # Only later runs have a grade of the officer's own that waits for review.
    waits = state.grade_pending_review or state.risk.review_since is not None
    if state.live and waits and review is None:
        arm(
            state,
            ctx,
            ClockType.RISK_SUPERVISOR_REVIEW,
            ctx.now,
            "case:risk:graded",
            owner=state.supervisor_id,
        )
    elif review is not None and not waits:
        meet(state, ctx, review, ctx.now)
        settle_tasks(state, ctx, "BREACH", review.clock_id)
    if state.release > 1 and state.live:
        tell_grade(state, ctx)
    escalate(state, ctx)


def escalate(state: CaseFacts, ctx: Context) -> None:
    """One task a breached clock, for whom the policy names (docs/domain.md 11); a run of the first
    release had the supervisor for all."""
    command = f"dalo clocks {state.case_ref} --explain"
    if state.release > 1:
        people = {Role.SUPERVISOR.value: state.supervisor_id, Role.DALO.value: state.dalo_id}
        area = state.area
        escalation.escalate(state, ctx, lambda wanted: people.get(wanted, ""), area, command)
        return
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
            command=command,
            subject=clock.clock_id,
        )
