"""What a case owes, as a handover lists it and passes it on."""

from __future__ import annotations

from models.case.state import CaseFacts
from models.events import Json
from models.stream import Context, append, raise_again, settle_tasks

OFFICERS_OWN = (
    *("CONTACT_AT_EVENT", "DECIDE", "DISCLOSURE", "RECONTACT", "RENEW_WISHES", "RELOOK_PLAN"),
)
REFERRALS_OWN = ("REFERRAL_", "RETALIATION_CHECK")
"""Tasks that are the officer's, and the supervisor's only while a case has none: by kind, and by
what a kind begins with."""


def referral_refs(state: CaseFacts) -> list[str]:
    """The case's referrals that still run, those with only a flag left included."""
    return sorted(state.referrals.made)


def owned_by(state: CaseFacts, owner: str) -> Json:
    """What of this case is on one person, by reference: the summary that a handover keeps."""
    return {
        "clocks": sorted(c.clock_id for c in state.clocks.values() if c.owner == owner),
        "tasks": sorted(t.task_id for t in state.tasks.values() if t.owner == owner),
        "actions": sorted(a.action_id for a in state.actions.values() if a.owner == owner),
        "recommendations": sorted(state.recommendations),
        "visits": [state.visits.visit.visit_id] if state.visits.visit else [],
        "incidents": sorted(state.incidents),
        "referrals": referral_refs(state),
    }


def pass_actions(state: CaseFacts, ctx: Context, old: str, new: str) -> None:
    """Open need actions of one person become another's."""
    for action in list(state.actions.values()):
        if action.owner == old:
            state.actions[action.action_id] = action.model_copy(update={"owner": new})
            append(state, ctx, "action:handed_over", action_id=action.action_id, owner=new)


def give_to_officer(state: CaseFacts, ctx: Context, stood_in: str) -> None:
    """The case has its first officer: what the supervisor had in place of one is now theirs, each
    as a task of its own, so that they are told."""
    for task in list(state.tasks.values()):
        own = task.kind in OFFICERS_OWN or task.kind.startswith(REFERRALS_OWN)
        if not own or task.owner != stood_in or stood_in == state.dalo_id:
            continue
        settle_tasks(state, ctx, task.kind, task.subject)
        raise_again(state, ctx, task, state.dalo_id)
