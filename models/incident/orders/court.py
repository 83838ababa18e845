"""What follows an order: its hearing, the respondent's duty to give name and address, contact with
the victim before it ends (docs/domain.md 11)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.checks import not_later
from models.clocks import CalendarKind, Clock, Limit
from models.commands import (
    Grant,
    RecordHearing,
    RecordOrderContact,
    RecordSpoNotification,
)
from models.enums import ClockType, HearingResult, OrderEnd, OrderStatus
from models.incident.commands import may
from models.incident.orders import law
from models.incident.orders.keeping import end, put, the_order
from models.incident.orders.state import Order
from models.incident.state import IncidentState
from models.incident.suspect.keeping import notify, recorder_only, settle_one
from models.stream import Context, append, arm, meet, meet_open

R = HearingResult
CONTACTS = ("ORDER_ENDING_CONTACT", "NOTICE_LAPSED")
"""Tasks that contact with the victim about an order settles."""


# --- hearings ---------------------------------------------------------------------------------


def _breach_clock(state: IncidentState, order_id: str) -> Clock | None:
    """The clock of somebody arrested for a breach who is to be brought before the court."""
    found = (
        clock
        for clock in state.clocks.values()
        if clock.clock_type is ClockType.DVPN_HEARING
        and clock.subject.startswith(f"{order_id}/BREACH-")
    )
    return next(found, None)


def _heard(state: IncidentState, order_id: str, at: datetime) -> Order:
    """The notice that was heard: an open one, or one that lapsed only because the hearing was
    recorded late."""
    lapsed = state.orders.past.get(order_id)
    late = lapsed is not None and lapsed.status is OrderStatus.LAPSED
    if lapsed is not None and late and lapsed.ended_at is not None and at <= lapsed.ended_at:
        return lapsed
    return the_order(state, order_id)


def check_hearing(state: IncidentState, ctx: Context, command: RecordHearing, grant: Grant) -> None:
    """Only a served notice is heard; an adjournment says to when."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    if (command.result is R.ADJOURNED) != (command.adjourned_to is not None):
        raise Refused(
            "ADJOURNED_TO_WRONG",
            "an adjournment, and nothing else, has a time to which the court adjourned",
            "give adjourned_to with ADJOURNED",
            "adjourned_to",
        )
    if command.result is R.BROUGHT_BEFORE_COURT:
        clock = _breach_clock(state, command.order_id)
        if clock is None:
            raise Refused(
                "NOBODY_ARRESTED",
                f"nobody waits for the court for a breach of {command.order_id}",
                "record the breach and its arrest first with record-breach",
                "order_id",
            )
        if command.at < clock.started_at:
            raise Refused("BEFORE_ARREST", "the arrest was later", "give when the court sat", "at")
        return
    order = _heard(state, command.order_id, command.at)
    if order.order_type not in law.NOTICES:
        raise Refused(
            "NOT_A_NOTICE",
            f"{order.order_id} is a {order.order_type.value}, which no hearing has to follow",
            "use vary-order or end-order",
            "order_id",
        )
    if order.served_at is None or command.at < order.served_at:
        raise Refused(
            "ORDER_NOT_SERVED",
            "a notice is heard after its service",
            "record the service first with serve-order",
            "at",
        )
    if command.adjourned_to is not None and command.adjourned_to <= command.at:
        raise Refused(
            "ADJOURNED_TO_WRONG", "a court adjourns to a later time", "correct it", "adjourned_to"
        )


def apply_hearing(state: IncidentState, ctx: Context, command: RecordHearing) -> tuple[str, ...]:
    """Adjourned, the notice stays in force; otherwise its time is over. Returns `REINSTATED` where
    it had lapsed only for want of this record, and `RECORD_THE_ORDER` where one was made."""
    if command.result is R.BROUGHT_BEFORE_COURT:
        _brought(state, ctx, command)
        return ()
    order = _heard(state, command.order_id, command.at)
    codes = _reinstate(state, ctx, order, command.at)
    order = the_order(state, command.order_id)
    meet_open(state, ctx, ClockType.DVPN_HEARING, command.at, order.order_id)
    append(
        state,
        ctx,
        "order:heard",
        command.at,
        order_id=order.order_id,
        result=command.result,
        adjourned_to=command.adjourned_to,
    )
    if command.adjourned_to is not None:
        _adjourn(state, ctx, order, command.at, command.adjourned_to)
        return codes
    if command.result is R.REFUSED:
        reason = OrderEnd.REFUSED_BY_COURT.value
        end(state, ctx, order, OrderStatus.ENDED, reason, command.at)
        return codes
    end(state, ctx, order, OrderStatus.ENDED, OrderEnd.REPLACED.value, command.at)
    follows = law.FOLLOWED_BY[order.order_type]
    state.orders.awaited = [*dict.fromkeys([*state.orders.awaited, follows])]
    return (*codes, "RECORD_THE_ORDER")


def _reinstate(state: IncidentState, ctx: Context, order: Order, at: datetime) -> tuple[str, ...]:
    if order.order_id in state.orders.orders:
        return ()
    del state.orders.past[order.order_id]
    again = order.model_copy(update={"status": OrderStatus.SERVED, "ended_at": None})
    put(state, ctx, "order:reinstated", again, at)
    for kind in CONTACTS:
        settle_one(state, ctx, kind, order.order_id)
    notify(state, "ORDER_VARIED", at)
    return ("REINSTATED",)


def _adjourn(state: IncidentState, ctx: Context, order: Order, at: datetime, to: datetime) -> None:
    adjourned = order.model_copy(update={"status": OrderStatus.ADJOURNED})
    put(state, ctx, "order:adjourned", adjourned, at)
    arm(
        state,
        ctx,
        ClockType.DVPN_HEARING,
        at,
        "the hearing was adjourned",
        subject=order.order_id,
        owner=state.item_owner,
        due_at=to,
        limit=Limit(kind=CalendarKind.FIXED),
        basis="the court adjourned to this time; the notice stays in force",
    )


def _brought(state: IncidentState, ctx: Context, command: RecordHearing) -> None:
    clock = _breach_clock(state, command.order_id)
    assert clock is not None
    meet(state, ctx, clock, command.at)
    state.orders.breaches.pop(clock.subject, None)
    append(
        state,
        ctx,
        "order:breach:heard",
        command.at,
        order_id=command.order_id,
        result=command.result,
    )


# --- name and address, contact before the end -------------------------------------------------


def check_notification(
    state: IncidentState, ctx: Context, command: RecordSpoNotification, grant: Grant
) -> None:
    """Owed once after service of a stalking protection order."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    order = the_order(state, command.order_id)
    owed = order.order_type in law.NOTIFYING and order.served_at is not None
    if not owed or order.notified:
        raise Refused(
            "NO_NOTIFICATION_OWED",
            "name and address are owed once, after service of a stalking protection order",
            "record the service first with serve-order, or nothing to do",
            "order_id",
        )
    if order.served_at is not None and command.at < order.served_at:
        raise Refused("BEFORE_ORDER", "it was served later", "give when they notified", "at")


def apply_notification(
    state: IncidentState, ctx: Context, command: RecordSpoNotification
) -> tuple[str, ...]:
    """The respondent gave name and address."""
    order = the_order(state, command.order_id).model_copy(update={"notified": True})
    state.orders.orders[order.order_id] = order
    append(state, ctx, "order:notified", command.at, order_id=order.order_id)
    meet_open(state, ctx, ClockType.SPO_NOTIFICATION, command.at, order.order_id)
    return ()


def check_contact(
    state: IncidentState, ctx: Context, command: RecordOrderContact, grant: Grant
) -> None:
    """Only where contact before (or after) the end of an order is due."""
    may(state, grant)
    not_later(ctx.now, command.at)
    due = any(t.kind in CONTACTS and t.subject == command.order_id for t in state.tasks.values())
    if not due:
        raise Refused(
            "NO_CONTACT_DUE",
            f"no contact is due about {command.order_id}",
            "nothing to do",
            "order_id",
        )


def apply_contact(
    state: IncidentState, ctx: Context, command: RecordOrderContact
) -> tuple[str, ...]:
    """The victim was spoken to about the end of the order."""
    append(state, ctx, "order:contact:made", command.at, order_id=command.order_id)
    for kind in CONTACTS:
        settle_one(state, ctx, kind, command.order_id)
    order = state.orders.orders.get(command.order_id)
    if order is not None:
        state.orders.orders[order.order_id] = order.model_copy(update={"contacted": True})
    return ()
