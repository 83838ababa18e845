"""Transfer of a case to another area or force: it stays where it is, with all that is owed, until
the other side has accepted it (docs/commands/handover.md)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.case.authority import allocated, happened, no_conflict
from models.case.handover.handing import end_pending, give, set_supervisor
from models.case.handover.state import PendingTransfer
from models.case.state import CaseFacts, PendingClosure
from models.case.telling import tell_register
from models.checks import supervisor_only
from models.commands import AcceptTransfer, CloseCase, Grant, OfferTransfer, RefuseTransfer
from models.enums import ClockType, ClosureReason, ConsentStatus, Role
from models.events import Effect, EffectKind
from models.ids import role_address
from models.stream import (
    Context,
    append,
    arm,
    change_owner,
    meet_open,
    number,
    open_clock,
    raise_task,
    settle_tasks,
)

DECIDE = "ACCEPT_TRANSFER"


def check_offer(state: CaseFacts, ctx: Context, command: OfferTransfer, grant: Grant) -> None:
    """A supervisor's decision; the victim knows of it, or it is on record why not; personal data
    leave the force only with consent or on a lawful basis."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now)
    allocated(state)
    if state.handover.transfer is not None:
        raise Refused(
            "TRANSFER_WAITS",
            f"the case is offered to {state.handover.transfer.to_area} already",
            "have that accepted or refused first (accept-transfer, refuse-transfer)",
        )
    if command.to_area.casefold() in {state.district.casefold(), state.pilot_area.casefold()}:
        raise Refused("SAME_AREA", "the case is in this area", "name another area", "to_area")
    if not command.victim_informed and command.not_informed_reason is None:
        raise Refused(
            "VICTIM_NOT_INFORMED",
            "a victim is told that another officer or force will have their case",
            "tell them (--victim-informed), or give --not-informed-reason",
            "victim_informed",
        )
    given = command.consent is ConsentStatus.GIVEN
    if command.out_of_force and not given and command.basis is None:
        raise Refused(
            "BASIS_NEEDED",
            "a record leaves the force with the victim's consent or on another lawful basis",
            "give --consent GIVEN or --basis",
            "basis",
        )


def apply_offer(state: CaseFacts, ctx: Context, command: OfferTransfer) -> tuple[str, ...]:
    """The case is offered; nothing of it moves yet."""
    transfer = PendingTransfer(
        transfer_id=f"TR-{number(state, 'transfer'):03d}",
        to_area=command.to_area,
        out_of_force=command.out_of_force,
        offered_by=ctx.actor,
        offered_at=command.at,
        victim_informed=command.victim_informed,
    )
    state.handover.transfer = transfer
    append(
        state,
        ctx,
        "transfer:offered",
        command.at,
        case_ref=state.case_ref,
        transfer_id=transfer.transfer_id,
        to_area=command.to_area,
        out_of_force=command.out_of_force,
        reason=command.reason,
        victim_informed=command.victim_informed,
        not_informed_reason=command.not_informed_reason,
        consent=command.consent,
        basis=command.basis,
        note_ref=command.note_ref,
    )
    if not command.out_of_force:
        tell_register(state, offered_area=command.to_area)
    return (transfer.transfer_id,)


def _waiting(state: CaseFacts) -> PendingTransfer:
    if state.handover.transfer is None:
        raise Refused("NO_TRANSFER", "the case is offered to nobody", "offer it: offer-transfer")
    return state.handover.transfer


def check_accept(state: CaseFacts, ctx: Context, command: AcceptTransfer, grant: Grant) -> None:
    """Another supervisor than the offering one; in the force with a DALO, from another force with
    its receipt. That actor and DALO are of the receiving area is checked before it is sent."""
    supervisor_only(state, grant)
    transfer = _waiting(state)
    happened(state, command.at, ctx.now, since=transfer.offered_at)
    if grant.actor == transfer.offered_by:
        here = state.area
        raise Refused(
            "FOUR_EYES",
            "who offered the case cannot accept it",
            f"ask another supervisor of {here if transfer.out_of_force else transfer.to_area}",
            "actor",
        )
    if transfer.out_of_force:
        if command.receipt is None:
            raise Refused(
                "RECEIPT_NEEDED",
                "another force has the case once it says so",
                "give its reference as --receipt",
                "receipt",
            )
        return
    if not command.dalo_id:
        raise Refused(
            "DALO_NEEDED", "the case needs a named DALO", "give --dalo-id of your area", "dalo_id"
        )
    no_conflict(state, command.dalo_id, "dalo_id")


def apply_accept(state: CaseFacts, ctx: Context, command: AcceptTransfer) -> tuple[str, ...]:
    """The obligations pass to the receiving side, and only then end here."""
    transfer = _waiting(state)
    append(
        state,
        ctx,
        "transfer:accepted",
        command.at,
        case_ref=state.case_ref,
        transfer_id=transfer.transfer_id,
        to_area=transfer.to_area,
        dalo_id=command.dalo_id,
        receipt=command.receipt,
    )
    end_transfer(state, ctx, command.at)
    if transfer.out_of_force:
        return _leave(state, ctx, command, transfer)
    old_area = state.area
    state.district = transfer.to_area
    state.pilot_area = transfer.to_area if state.pilot_area else ""
    end_pending(state, ctx, "TRANSFERRED")
    if state.dalo_id != command.dalo_id:
        give(state, ctx, command.at, command.dalo_id, "case:reassigned", "TRANSFERRED")
    if state.supervisor_id != ctx.actor:
        set_supervisor(state, ctx, command.at, ctx.actor, "TRANSFERRED")
    for role in Role:
        _address(state, ctx, role_address(role.value, old_area), transfer.to_area)
    tell_register(state, area=transfer.to_area)
    state.effects.append(
        Effect(
            effect_id=f"free:{state.stream}:{transfer.transfer_id}",
            kind=EffectKind.FREE_PLACE,
            target=old_area,
        )
    )
    return ()


def _address(state: CaseFacts, ctx: Context, old: str, area: str) -> None:
    """What is addressed to a role of the old area is the new area's."""
    owned = {c.owner for c in state.clocks.values()} | {t.owner for t in state.tasks.values()}
    if old in owned:
        change_owner(state, ctx, old, role_address(old.partition("@")[0], area))


def _leave(
    state: CaseFacts, ctx: Context, command: AcceptTransfer, transfer: PendingTransfer
) -> tuple[str, ...]:
    state.handover.transferred_to = transfer.to_area
    state.closing = PendingClosure(
        agreed_by=ctx.actor,
        role=ctx.role,
        command_id=ctx.command_id,
        command=CloseCase(
            at=command.at,
            reason=ClosureReason.TRANSFERRED,
            victim_told=transfer.victim_informed,
        ),
    )
    append(state, ctx, "case:closing:asked", command.at, reason=ClosureReason.TRANSFERRED)
    return ("CLOSING",)


def check_refuse(state: CaseFacts, ctx: Context, command: RefuseTransfer, grant: Grant) -> None:
    """A supervisor of either side, with a reason."""
    supervisor_only(state, grant)
    happened(state, command.at, ctx.now, since=_waiting(state).offered_at)


def apply_refuse(state: CaseFacts, ctx: Context, command: RefuseTransfer) -> tuple[str, ...]:
    """The case stays where it is."""
    transfer = _waiting(state)
    append(
        state,
        ctx,
        "transfer:refused",
        command.at,
        case_ref=state.case_ref,
        transfer_id=transfer.transfer_id,
        to_area=transfer.to_area,
        reason=command.reason,
    )
    end_transfer(state, ctx, command.at)
    return ()


def end_transfer(state: CaseFacts, ctx: Context, at: datetime) -> None:
    """The offer was decided at `at`."""
    transfer, state.handover.transfer = state.handover.transfer, None
    if transfer is None:
        return
    meet_open(state, ctx, ClockType.TRANSFER_ACCEPT, at, transfer.transfer_id)
    settle_tasks(state, ctx, DECIDE)
    if not transfer.out_of_force:
        tell_register(state, offered_area=None)


def react(state: CaseFacts, ctx: Context) -> None:
    """The receiving side has a clock and a task."""
    transfer = state.handover.transfer
    if transfer is None or not state.live:
        return
    owner = state.supervisor_id
    if not transfer.out_of_force:
        owner = role_address(Role.SUPERVISOR.value, transfer.to_area)
    clock = open_clock(state, ClockType.TRANSFER_ACCEPT, transfer.transfer_id)
    if clock is None:
        clock = arm(
            state,
            ctx,
            ClockType.TRANSFER_ACCEPT,
            transfer.offered_at,
            "transfer:offered",
            subject=transfer.transfer_id,
            owner=owner,
        )
    raise_task(
        state,
        ctx,
        DECIDE,
        owner,
        f"the case is offered to {transfer.to_area}: accept it with a DALO, or refuse it",
        due_at=clock.due_at,
        command=f"dalo do {state.case_ref} accept-transfer",
        subject=transfer.transfer_id,
    )
