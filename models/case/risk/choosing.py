"""The officer's choice where something was recommended: followed, or declined with a reason that
goes to the supervisor (docs/domain.md 0.2)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case.people import supervisor_of
from models.case.recommending import ACCEPTED, DECLINED, Recommendation, decide, waiting
from models.case.risk.state import Declined
from models.case.state import CaseFacts
from models.checks import supervisor_only
from models.commands import Grant
from models.enums import SUPERVISORY, RiskGrade
from models.risk_tools.result import lower
from models.stream import Context, append, raise_task

GRADE = "RISK_GRADE"
"""The rule that recommends a grade."""
REVIEW_DECLINED = "REVIEW_DECLINED"


def check_grade(state: CaseFacts, grade: RiskGrade, grant: Grant) -> None:
    """Judgement may raise what a tool points to; to go below it is a supervisor's decision."""
    waits = waiting(state, GRADE)
    if waits is not None and lower(grade, RiskGrade(waits.recommends)):
        supervisor_only(state, grant)


def grade_chosen(
    state: CaseFacts, ctx: Context, grade: RiskGrade, reason: str, at: datetime
) -> None:
    """An officer graded: the recommended grade was followed, or declined. A DALO's own grade waits
    for the supervisor's review; a supervisor's needs none."""
    waits = waiting(state, GRADE)
    if waits is not None and waits.recommends == grade.value:
        decide(state, ctx, GRADE, ACCEPTED, chose=grade.value, reason=reason, at=at)
    elif waits is not None:
        decline(state, ctx, waits, reason, at, chose=grade.value)
    state.risk.review_since = None if ctx.role in SUPERVISORY else ctx.now
    last = state.risk.newest
    if last is not None:
        append(
            state,
            ctx,
            "assessment:graded",
            at,
            assessment_id=last.assessment_id,
            grade=grade,
        )


def decline(
    state: CaseFacts,
    ctx: Context,
    recommendation: Recommendation,
    reason: str,
    at: datetime,
    *,
    chose: str = "",
) -> None:
    """Decline what waits. Unless a supervisor declines it, the supervisor is asked to look."""
    ref = recommendation.recommendation_id
    command = next(
        (t.command for t in state.tasks.values() if t.kind == "DECIDE" and t.subject == ref), ""
    )
    decide(
        state,
        ctx,
        recommendation.rule,
        DECLINED,
        subject=recommendation.subject,
        chose=chose,
        reason=reason,
        at=at,
    )
    if ctx.role in SUPERVISORY:
        return
    state.risk.declined[ref] = Declined(
        recommendation=recommendation, declined_by=ctx.actor, at=at, reason=reason, command=command
    )
    ask_supervisor(state, ctx)


def ask_supervisor(state: CaseFacts, ctx: Context) -> None:
    """One task for each recommendation that was declined and not looked at."""
    for ref, declined in state.risk.declined.items():
        of = declined.recommendation
        raise_task(
            state,
            ctx,
            REVIEW_DECLINED,
            supervisor_of(state),
            f"{of.rule} recommended {of.recommends} and was declined ({declined.reason}): "
            "uphold that, or overrule it",
            due_at=ctx.now,
            command=f"dalo do {state.case_ref} review-recommendation --recommendation-id {ref} "
            "--decision UPHOLD",
            subject=ref,
        )


def unknown_recommendation(state: CaseFacts, known: list[str]) -> Refused:
    """The refusal of an id that does not wait."""
    return Refused(
        "UNKNOWN_RECOMMENDATION",
        "no such recommendation waits for this decision",
        f"waiting now: {', '.join(known) or 'none'}",
        "recommendation_id",
    )


def known_incident(state: CaseFacts, incident_ref: str) -> None:
    """An incident that is named must be one of the case's."""
    if incident_ref and incident_ref not in state.incidents:
        raise Refused(
            "UNKNOWN_INCIDENT",
            "no such incident of this case",
            f"its incidents: {', '.join(state.incidents)}",
            "incident_ref",
        )
