"""Handover, absence, transfer, conflict, merge (docs/domain.md 16a), and since when the case is
stable enough to close (9.4)."""

from __future__ import annotations

from models.base import Refused
from models.case.duty import DutyCaseCommands
from models.case.handover import handing, locks, merging, transfer
from models.case.handover.state import StandingOrder
from models.case.lifecycle import ORDER
from models.case.state import CaseFacts
from models.commands import CloseCase, Grant, ReopenCase
from models.enums import RiskGrade
from models.messages import CaseMessage, MergedInto, OrderChanged, PartyMerged
from models.stream import Context


def check_reopen(state: CaseFacts, ctx: Context, command: ReopenCase, grant: Grant) -> None:
    """A case that runs is open."""
    raise Refused("NOT_CLOSED", "the case is open", "nothing to reopen")


def apply_reopen(state: CaseFacts, ctx: Context, command: ReopenCase) -> tuple[str, ...]:
    """Never: a closed case has no workflow; the register and a new run reopen it."""
    raise ValueError("a running case is not reopened")


COMMANDS: DutyCaseCommands = {
    "hand-over": (handing.check_hand_over, handing.apply_hand_over),
    "accept-handover": (handing.check_accept, handing.apply_accept),
    "record-cover": (handing.check_cover, handing.apply_cover),
    "name-supervisor": (handing.check_name_supervisor, handing.apply_name_supervisor),
    "offer-transfer": (transfer.check_offer, transfer.apply_offer),
    "refuse-transfer": (transfer.check_refuse, transfer.apply_refuse),
    "declare-conflict": (locks.check_declare, locks.apply_declare),
    "lift-conflict": (locks.check_lift, locks.apply_lift),
    "restrict-case": (locks.check_restrict, locks.apply_restrict),
    "unrestrict-case": (locks.check_restrict, locks.apply_restrict),
    "review-merge": (merging.check_review, merging.apply_review),
    "reopen-case": (check_reopen, apply_reopen),
}


def receive(state: CaseFacts, ctx: Context, message: CaseMessage) -> None:
    """Merges; orders that stand."""
    match message:
        case PartyMerged():
            merging.join(state, ctx, message)
            state.handover.incidents_seen = len(state.incidents)
        case MergedInto():
            merging.leave(state, ctx, message)
        case OrderChanged():
            _order(state, message)


def _order(state: CaseFacts, message: OrderChanged) -> None:
    # Each incident numbers its orders from one.
    key = f"{message.incident_ref}:{message.order_id}"
    if message.in_force:
        state.handover.orders[key] = StandingOrder(
            incident_ref=message.incident_ref,
            order_id=message.order_id,
            order_type=message.order_type.value,
            last_day=message.last_day,
        )
    else:
        state.handover.orders.pop(key, None)


def react(state: CaseFacts, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
    facts = state.handover
    before = RiskGrade(facts.grade_seen) if facts.grade_seen else None
    if before is not state.risk_grade:
        if before is not None and ORDER[state.risk_grade] > ORDER[before]:
            facts.unsettled_at = ctx.now
        facts.grade_seen = state.risk_grade.value
    _joined(state, ctx)
    handing.react(state, ctx)
    transfer.react(state, ctx)
    locks.react(state, ctx)
    merging.react(state, ctx)


def _joined(state: CaseFacts, ctx: Context) -> None:
    """An incident that joins, in whatever version, makes the case young again."""
    facts, count = state.handover, len(state.incidents)
    if facts.incidents_seen is not None and count > facts.incidents_seen:
        facts.unsettled_at = ctx.now
    facts.incidents_seen = count


def blockers(state: CaseFacts, command: CloseCase) -> list[str]:
    """What closure asks of handovers and merges is in `models.case.closure`."""
    return []
