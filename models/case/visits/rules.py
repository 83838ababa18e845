"""Hidden-harm visits (docs/domain.md 7): selected, authorised, made, tried again, ended."""

from __future__ import annotations

from models.calendars import due_instant
from models.case import approach
from models.case.duty import DutyCaseCommands
from models.case.people import officer_of, supervisor_of
from models.case.recommending import ACCEPTED, decide
from models.case.state import CaseFacts
from models.case.visits import commands, opening, recording, reviewing, selection
from models.case.visits.state import Visit
from models.commands import CloseCase
from models.enums import ClockType, SuspectStatus, VisitCheck, VisitRule
from models.messages import CaseMessage, SuspectChanged
from models.stream import Context, arm, cancel, open_clock, raise_task, settle_tasks

REVIEWED_FIRST, DO_NOT_CONTACT = "PRIMARY_AGGRESSOR_REVIEW", "DO_NOT_CONTACT"
COMMANDS: DutyCaseCommands = {
    "select-visit": (commands.check_select, commands.apply_select),
    "check-visit": (commands.check_checks, commands.apply_checks),
    "authorise-visit": (commands.check_authorise, commands.apply_authorise),
    "refuse-visit": (commands.check_refuse, commands.apply_refuse),
    "record-visit": (recording.check_record, recording.apply_record),
    "review-visit": (reviewing.check_review, reviewing.apply_review),
    "consider-missing-person": (reviewing.check_missing, reviewing.apply_missing),
}


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """What selection is judged on; the arrest that a visit made reached its incident."""
    selection.receive(state, ctx, message)
    if isinstance(message, SuspectChanged) and message.status is SuspectStatus.ARRESTED:
        settle_tasks(state, ctx, "ARREST_AT_VISIT")


def react(state: CaseFacts, ctx: Context) -> None:
    """Recommend, remind of checks, settle what was decided elsewhere, end what is not needed."""
    selection.react(state, ctx)
    _graded(state, ctx)
    _hurry(state, ctx)
    if state.essentials.threats:
        settle_tasks(state, ctx, "CONCERN_FOR_LIFE")
    visit = state.visits.visit
    if visit is None:
        return
    if _needless(state, visit):
        at = state.last_contact_at or ctx.now
        opening.end(state, ctx, "CONTACT_MADE", at, done=visit.state == "AUTHORISED")
        return
    if _held_back(state, ctx, visit):
        return
    missing = [check.value for check in VisitCheck if check not in visit.checks]
    if not missing:
        settle_tasks(state, ctx, "PRE_VISIT_CHECKS", visit.visit_id)
        return
    raise_task(
        state,
        ctx,
        "PRE_VISIT_CHECKS",
        officer_of(state),
        "check or choose everything that a visit needs beforehand",
        due_at=visit.opens_at,
        command=f"dalo do {state.case_ref} check-visit --checks {missing[0]}=RESULT",
        subject=visit.visit_id,
    )


def _hurry(state: CaseFacts, ctx: Context) -> None:
    """At a higher grade the visit is due sooner: within that grade's limit of the grading."""
    clock = open_clock(state, ClockType.HHV_DUE)
    graded = state.risk.graded_at
    if clock is None or clock.breached_at is not None or graded is None:
        return
    grade = state.risk_grade
    if grade.value == clock.rule_key or graded < clock.started_at:
        return
    limit = ctx.policy.clock_rules[ClockType.HHV_DUE].limit_for(grade.value)
    if limit is None or due_instant(limit, graded, ctx.calendar) >= clock.due_at:
        return
    cancel(state, ctx, clock, "GRADE_CHANGED")
    arm(
        state,
        ctx,
        ClockType.HHV_DUE,
        graded,
        "case:risk:graded",
        subject=clock.subject,
        rule_key=grade.value,
        owner=clock.owner,
    )


def _needless(state: CaseFacts, visit: Visit) -> bool:
    """A visit for failed contact alone is not needed once there was contact."""
    reached = state.last_contact_at is not None and state.last_contact_at > visit.selected_at
    return visit.selected_for == (VisitRule.NO_CONTACT_LADDER,) and reached


def _held_back(state: CaseFacts, ctx: Context, visit: Visit) -> bool:
    """An authorised visit does not outlive what holds contact back, unless a threat to life is on
    record: it ends. While the primary aggressor is under review, and where a time to avoid became
    known, only its authority does. Returns whether it ended."""
    if state.essentials.threats or visit.state != "AUTHORISED":
        return False
    why = approach.held_back(state) or _barred(state, ctx, visit)
    if not why:
        return False
    if why in (REVIEWED_FIRST, DO_NOT_CONTACT):
        opening.withdraw(state, ctx, why)
        return False
    concern = any(attempt.life_concern for attempt in visit.attempts)
    opening.end(state, ctx, why, ctx.now, done=False)
    if concern:
        raise_task(
            state,
            ctx,
            "CONCERN_FOR_LIFE",
            supervisor_of(state),
            "a visit ended unseen with concern for life, since contact is held back: record a "
            "threat to life, which lets a visit in (record-threat-to-life), or note that there is "
            "none",
            due_at=ctx.now,
            command=f"dalo do {state.case_ref} review-visit --decision NOTED --reason REASON",
            subject=visit.visit_id,
        )
    return True


def _barred(state: CaseFacts, ctx: Context, visit: Visit) -> str:
    """The code where the plan now bars a time of an authority that is not over."""
    plan, opens, until = state.plan, visit.opens_at, visit.until
    if plan is None or opens is None or until is None or until < ctx.now:
        return ""
    return DO_NOT_CONTACT if commands.barred(plan, opens, until) else ""


def _graded(state: CaseFacts, ctx: Context) -> None:
    for made in list(state.recommendations.values()):
        if made.rule == recording.AFTER_VISIT and made.recommends == state.risk_grade.value:
            decide(state, ctx, made.rule, ACCEPTED, subject=made.subject, chose=made.recommends)


def blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    """An open visit, and a supervisor's look at one that was unsafe or left a concern for life."""
    visit = state.visits.visit
    do = f"dalo do {state.case_ref} review-visit"
    found = [f"visit {visit.visit_id} is open ({do} --decision END)"] if visit is not None else []
    return found + [
        f"task {t.task_id} is open ({t.command})"
        for t in state.tasks.values()
        if t.kind in reviewing.NOTED
    ]
