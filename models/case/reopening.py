"""A closed case begins again (docs/commands/closure.md)."""

from __future__ import annotations

from models.case.handover.obligations import pass_actions
from models.case.state import CaseFacts
from models.case.telling import tell_incident, tell_referrals
from models.clocks import CalendarKind, Limit
from models.commands import ReopenCase
from models.enums import CaseState, ClockType, LadderStep
from models.messages import Reopened
from models.stream import Context, append, arm, raise_task


def reopen(state: CaseFacts, ctx: Context, command: ReopenCase) -> None:
    """The closed case begins again where the ledger ends: its review is armed, contact is owed from
    now, its other clocks are started again by their strands (docs/commands/closure.md).

    `state` is the one stored at closure, numbered on; a dormant case stays dormant."""
    state.closing = None
    state.closed_at, state.closure_reason = None, ""
    state.clocks, state.tasks = {}, {}
    state.interruption, state.pending_cadence = None, None
    state.attempts, state.ladder_step, state.ladder_open = [], LadderStep.L0, False
    state.contact_due_from = ctx.now
    state.handover.pending = state.handover.cover = state.handover.transfer = None
    state.handover.asked, state.handover.transferred_to = None, ""
    state.handover.unsettled_at = ctx.now
    # The read model's row has been the closed case's since: all of it is told again.
    state.last_summary = {}
    old = state.dalo_id
    state.dalo_id = command.dalo_id or state.dalo_id
    append(
        state,
        ctx,
        "case:reopened",
        command.at,
        case_ref=state.case_ref,
        reason=command.reason,
        dalo_id=state.dalo_id,
        dalo_before=old,
    )
    owner = state.dalo_id or state.supervisor_id
    arm(state, ctx, ClockType.CASE_REVIEW, ctx.now, "case:reopened", owner=owner)
    _wait(state, ctx)
    _rearm_actions(state, ctx, old)
    for made in state.recommendations.values():
        raise_task(
            state,
            ctx,
            "DECIDE",
            state.dalo_id or state.supervisor_id,
            f"{made.rule} still waits: do it, or decline with a reason (decline-recommendation)",
            command=f"dalo do {state.case_ref} decline-recommendation",
            subject=made.recommendation_id,
        )
    message = Reopened(
        message_id=f"reopened:{state.stream}:{state.next_seq}",
        dalo_id=state.dalo_id,
        supervisor_id=state.supervisor_id,
    )
    for incident_ref in state.incidents:
        tell_incident(state, ctx, incident_ref, message)
    tell_referrals(state, message)


def _wait(state: CaseFacts, ctx: Context) -> None:
    """A case that was closed while it waited for an officer waits again, unless it has one now."""
    if state.state is CaseState.WAITLISTED and not state.dalo_id:
        arm(
            state,
            ctx,
            ClockType.WAITLIST_REVIEW,
            ctx.now,
            "case:reopened",
            rule_key=state.risk_grade.value,
            owner=state.supervisor_id,
        )


def _rearm_actions(state: CaseFacts, ctx: Context, old: str) -> None:
    """Need actions that an inspector closed the case with: each has its agreed due instant."""
    pass_actions(state, ctx, old, state.dalo_id)
    for action in state.actions.values():
        arm(
            state,
            ctx,
            ClockType.NEED_ACTION,
            ctx.now,
            "case:reopened",
            subject=action.action_id,
            owner=action.owner,
            due_at=action.due_at,
            limit=Limit(kind=CalendarKind.FIXED),
            basis="agreed in the needs assessment",
        )
