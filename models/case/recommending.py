"""What the system recommends and a named officer decides: inputs, rule, policy version and choice
stay together, so that agreement can be counted (docs/domain.md 0.2, 0.7)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.base import Record
from models.stream import Context, append, jsonable, number, raise_task, settle_tasks

if TYPE_CHECKING:
    from models.case.state import CaseFacts

ACCEPTED, DECLINED, SUPERSEDED = "ACCEPTED", "DECLINED", "SUPERSEDED"


class Recommendation(Record):
    """One recommendation that waits for an officer. `rule` names the rule (`MARAC_REFERRAL`),
    `recommends` what it recommends as a code, `subject` what it is about (a criterion, a pair)."""

    recommendation_id: str
    rule: str
    subject: str = ""
    recommends: str
    inputs: dict[str, Any]
    made_at: datetime
    policy_version: str


def recommend(  # noqa: PLR0913 - one verb; its options are keywords
    state: CaseFacts,
    ctx: Context,
    rule: str,
    recommends: str,
    inputs: dict[str, Any],
    *,
    why: str,
    command: str,
    subject: str = "",
    at: datetime | None = None,
    due_at: datetime | None = None,
) -> Recommendation:
    """Recommend something, once a rule and subject; a newer one supersedes what still waits. The
    case's DALO (its supervisor, where it waits for one) gets the task `DECIDE`."""
    decide(state, ctx, rule, SUPERSEDED, subject=subject)
    made = Recommendation(
        recommendation_id=f"REC-{number(state, 'recommendation'):03d}",
        rule=rule,
        subject=subject,
        recommends=recommends,
        inputs=jsonable(inputs),
        made_at=at or ctx.now,
        policy_version=ctx.policy.version,
    )
    state.recommendations[made.recommendation_id] = made
    append(state, ctx, "recommendation:made", made.made_at, **made.model_dump(mode="json"))
    raise_task(
        state,
        ctx,
        "DECIDE",
        state.dalo_id or state.supervisor_id,
        f"{why}: do it, or decline with a reason (decline-recommendation)",
        due_at=due_at,
        command=command,
        subject=made.recommendation_id,
    )
    return made


def waiting(state: CaseFacts, rule: str, subject: str = "") -> Recommendation | None:
    """The recommendation of a rule that still waits for a decision."""
    return next(
        (r for r in state.recommendations.values() if (r.rule, r.subject) == (rule, subject)), None
    )


def decide(
    state: CaseFacts,
    ctx: Context,
    rule: str,
    decision: str,
    *,
    subject: str = "",
    chose: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> Recommendation | None:
    """The officer's choice, if a recommendation of this rule waits: `ACCEPTED`, `DECLINED` or
    `SUPERSEDED`. `chose` is what was done instead, as a code. Returns what was decided on."""
    found = waiting(state, rule, subject)
    if found is None:
        return None
    del state.recommendations[found.recommendation_id]
    append(
        state,
        ctx,
        "recommendation:decided",
        at or ctx.now,
        recommendation_id=found.recommendation_id,
        rule=rule,
        decision=decision,
        decided_by=ctx.actor,
        decided_at=at or ctx.now,
        chose=chose,
        reason=reason,
    )
    settle_tasks(state, ctx, "DECIDE", found.recommendation_id)
    return found
