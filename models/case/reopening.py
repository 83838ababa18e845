"""A closed case begins again (docs/commands/closure.md)."""

from __future__ import annotations

from collections.abc import Iterable

from models.case import victim_message
from models.case.handover.obligations import pass_actions
from models.case.state import CaseFacts
from models.case.telling import tell_incident, tell_referrals
from models.clocks import Clock
from models.commands import ReopenCase
from models.enums import CaseState, ClockType, LadderStep
from models.messages import Reopened
from models.stream import Context, Task, append, arm, arm_again, raise_again

GO_ON = (
    ClockType.NEED_ACTION,
    ClockType.RECONTACT,
    ClockType.CADENCE_SIGNOFF_REVIEW,
    ClockType.CONTACT_AT_EVENT,
    ClockType.HHV_AUTHORISE,
    ClockType.HHV_DUE,
    ClockType.HHV_REATTEMPT,
)
"""Clocks that were started by a decision: no strand starts them again, and they stay due when they
were. Every other clock follows from facts, which the strands look at anew."""
BEGUN_ANEW = (
    "BREACH",
    "LADDER",
    "APPROVE_WAIT",
    "ACCEPT_HANDOVER",
    "HANDOVER_OPEN",
    "ACCEPT_TRANSFER",
    "COVER_NEEDED",
    "DECIDE_CLOSURE",
    "CLOSURE_REFUSED",
    "MERGE_REVIEW",
    "THREAT_TO_LIFE",
    "PRIMARY_AGGRESSOR_REVIEW",
    "DISCLOSURE",
)
"""Tasks that the strands raise again where they still hold, or that ended with the closure."""


def reopen(state: CaseFacts, ctx: Context, command: ReopenCase) -> None:
    """The closed case begins again where the ledger ends: its review is armed, contact is owed from
    now, what a person had decided or was asked goes on, its other clocks are started again by their
    strands (docs/commands/closure.md).

    `state` is the one stored at closure, numbered on; a dormant case stays dormant."""
    state.closing = None
    state.closed_at, state.closure_reason = None, ""
    clocks, tasks = state.clocks, state.tasks
    state.clocks, state.tasks = {}, {}
    state.interruption = None
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
    _allocate(state, ctx)
    owner = state.dalo_id or state.supervisor_id
    arm(state, ctx, ClockType.CASE_REVIEW, ctx.now, "case:reopened", owner=owner)
    _wait(state, ctx)
    if state.dalo_id != old:
        pass_actions(state, ctx, old, state.dalo_id)
    _go_on(state, ctx, clocks.values(), old)
    _ask_again(state, ctx, tasks.values(), old)
    victim_message.give_up(state, ctx)
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


def _allocate(state: CaseFacts, ctx: Context) -> None:
    """A case that was closed while it waited for an officer has one now."""
    if state.allocated_at is not None or not state.dalo_id:
        return
    state.allocated_at = ctx.now
    if state.state is not CaseState.DORMANT_MONITORED:
        state.state = CaseState.ALLOCATED


def _owner(state: CaseFacts, owner: str, old: str) -> str:
    return (state.dalo_id if owner == old else owner) or state.supervisor_id


def _go_on(state: CaseFacts, ctx: Context, clocks: Iterable[Clock], old: str) -> None:
    for clock in clocks:
        of_ladder = clock.clock_type is ClockType.HHV_DUE and not clock.subject
        if clock.clock_type not in GO_ON or of_ladder:
            continue
        arm_again(state, ctx, clock, owner=_owner(state, clock.owner, old), subject=clock.subject)


def _ask_again(state: CaseFacts, ctx: Context, tasks: Iterable[Task], old: str) -> None:
    for task in tasks:
        if task.kind in BEGUN_ANEW:
            continue
        raise_again(state, ctx, task, _owner(state, task.owner, old))
