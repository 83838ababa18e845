"""A case leaves for another force, which has accepted it: it closes here, so everything that keeps
a case open is named first, as for any closure (docs/commands/handover.md)."""

from __future__ import annotations

from models.base import Refused
from models.case import closure
from models.case.handover import transfer
from models.case.state import CaseFacts
from models.checks import inspector_only
from models.commands import AcceptTransfer, CloseCase, Grant
from models.enums import ClosureReason
from models.stream import Context, append


def check(state: CaseFacts, ctx: Context, command: AcceptTransfer, grant: Grant) -> None:
    """As for every transfer; out of the force nothing may be left, or an inspector says why it
    leaves although something is."""
    transfer.check_accept(state, ctx, command, grant)
    if command.override_reason is not None:
        inspector_only(grant)
        return
    if found := _left(state, command):
        raise Refused(
            "CLOSURE_BLOCKED",
            "; ".join(found),
            "settle each of these first, or ask an inspector (--override-reason), then record the"
            " receipt again",
            "receipt",
        )


def apply(state: CaseFacts, ctx: Context, command: AcceptTransfer) -> tuple[str, ...]:
    """Out of the force it is on record who agreed with whom, and what was left open."""
    offered = state.handover.transfer
    if offered is not None and offered.out_of_force:
        append(
            state,
            ctx,
            "case:closure:agreed",
            command.at,
            case_ref=state.case_ref,
            asked_by=offered.offered_by,
            reason=ClosureReason.TRANSFERRED,
            victim_told=offered.victim_informed,
            not_told_reason=None,
            hand_to=state.supervisor_id,
            override_reason=command.override_reason,
            overridden=_left(state, command) if command.override_reason else [],
        )
    return transfer.apply_accept(state, ctx, command)


def _left(state: CaseFacts, command: AcceptTransfer) -> list[str]:
    offered = state.handover.transfer
    if offered is None or not offered.out_of_force:
        return []
    leaves = CloseCase(at=command.at, reason=ClosureReason.TRANSFERRED)
    return closure.left_open(state, leaves)
