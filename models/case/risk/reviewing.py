"""The supervisor's part: the review of a grade, and of what officers declined
(docs/domain.md 2.5, 11)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case import lifecycle
from models.case.authority import happened, owner_or_supervisor
from models.case.recommending import recommend, waiting
from models.case.risk.choosing import (
    GRADE,
    REVIEW_DECLINED,
    decline,
    grade_chosen,
    unknown_recommendation,
)
from models.case.state import CaseFacts
from models.checks import supervisor_only
from models.commands import DeclineRecommendation, Grant, ReviewGrade, ReviewRecommendation
from models.stream import Context, append, settle_tasks

OVERRULED = "overrules"
"""The input that says which declined recommendation a supervisor brought back."""


def check_review_grade(state: CaseFacts, ctx: Context, command: ReviewGrade, grant: Grant) -> None:
    """A supervisor's; another grade needs a reason, and so does declining what is recommended."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    if command.reason:
        return
    grade, waits = command.grade or state.risk_grade, waiting(state, GRADE)
    if grade is not state.risk_grade:
        raise _reason_needed("a grade other than the officer's needs a reason")
    if waits is not None and waits.recommends != grade.value:
        raise _reason_needed(f"{waits.recommends} is recommended: to keep another grade")


def apply_review_grade(state: CaseFacts, ctx: Context, command: ReviewGrade) -> tuple[str, ...]:
    """Uphold the grade or set another. It settles a pending grade, a grade that waits as a
    recommendation, and what an officer declined about the grade."""
    before, grade = state.risk_grade, command.grade or state.risk_grade
    upheld = grade is before
    reason = command.reason or "REVIEW_UPHELD"
    grade_chosen(state, ctx, grade, reason, command.at)
    append(
        state,
        ctx,
        "case:risk:reviewed",
        command.at,
        before=before,
        grade=grade,
        upheld=upheld,
        reason=command.reason,
        note_ref=command.note_ref,
    )
    if not upheld or state.grade_pending_review:
        lifecycle.regrade(state, ctx, grade, reason, at=command.at, pending_review=False)
    for ref, declined in list(state.risk.declined.items()):
        if declined.recommendation.rule == GRADE:
            _looked_at(state, ctx, ref, "UPHOLD" if upheld else "OVERRULE", reason, command.at)
    return ("UPHELD",) if upheld else ("REGRADED",)


def check_decline(
    state: CaseFacts, ctx: Context, command: DeclineRecommendation, grant: Grant
) -> None:
    """Something must wait; what a supervisor brought back only a supervisor declines."""
    owner_or_supervisor(state, grant)
    happened(state, command.at, ctx.now)
    found = state.recommendations.get(command.recommendation_id)
    if found is None:
        raise unknown_recommendation(state, list(state.recommendations))
    if OVERRULED in found.inputs:
        supervisor_only(state, grant)


def apply_decline(
    state: CaseFacts, ctx: Context, command: DeclineRecommendation
) -> tuple[str, ...]:
    """Decline it; the supervisor is asked to look."""
    found = state.recommendations[command.recommendation_id]
    decline(state, ctx, found, command.reason, command.at)
    asked = command.recommendation_id in state.risk.declined
    return ("SUPERVISOR_ASKED",) if asked else ()


def check_review(
    state: CaseFacts, ctx: Context, command: ReviewRecommendation, grant: Grant
) -> None:
    """Another person than who declined it; to overrule needs a reason."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    declined = state.risk.declined.get(command.recommendation_id)
    if declined is None:
        raise unknown_recommendation(state, list(state.risk.declined))
    if declined.declined_by == grant.actor:
        raise Refused(
            "SAME_PERSON",
            "who declined a recommendation does not review that",
            "ask another supervisor",
            "actor",
        )
    if command.decision == "OVERRULE" and not command.reason:
        raise _reason_needed("to overrule an officer needs a reason")


def apply_review(state: CaseFacts, ctx: Context, command: ReviewRecommendation) -> tuple[str, ...]:
    """Uphold, or bring the recommendation back with its own task."""
    declined = state.risk.declined[command.recommendation_id]
    old = declined.recommendation
    _looked_at(state, ctx, command.recommendation_id, command.decision, command.reason, command.at)
    if command.decision == "UPHOLD" or waiting(state, old.rule, old.subject) is not None:
        return ()
    made = recommend(
        state,
        ctx,
        old.rule,
        old.recommends,
        {**old.inputs, OVERRULED: old.recommendation_id},
        why=f"the supervisor overruled that {old.recommendation_id} was declined",
        command=declined.command,
        subject=old.subject,
        due_at=ctx.now,
    )
    return (made.recommendation_id,)


def _looked_at(
    state: CaseFacts, ctx: Context, ref: str, decision: str, reason: str, at: datetime
) -> None:
    del state.risk.declined[ref]
    append(
        state,
        ctx,
        "recommendation:reviewed",
        at,
        recommendation_id=ref,
        review=decision,
        reviewed_by=ctx.actor,
        review_reason=reason,
    )
    settle_tasks(state, ctx, REVIEW_DECLINED, ref)


def _reason_needed(what: str) -> Refused:
    return Refused("REASON_NEEDED", what, "give --reason with a code", "reason")
