"""Open orders as state keeps them: stored, told to the case and the read model, ended
(docs/domain.md 11)."""

from __future__ import annotations

from datetime import datetime

from models.base import Refused
from models.enums import ClockType, OrderEnd, OrderStatus, OrderType
from models.incident.orders import law
from models.incident.orders.state import Order
from models.incident.state import IncidentState
from models.incident.suspect.keeping import notify, settle_one, tell_case
from models.messages import OrderChanged
from models.stream import Context, append, cancel, meet, open_clock

PAST_KEPT = 20
OF_ORDERS = (
    ClockType.DVPN_HEARING,
    ClockType.DVPO_EXPIRY,
    ClockType.ORDER_EXPIRY,
    ClockType.SPO_NOTIFICATION,
)
EXPIRES = (ClockType.DVPO_EXPIRY, ClockType.ORDER_EXPIRY)


def the_order(state: IncidentState, order_id: str) -> Order:
    """The open order of this id."""
    found = state.orders.orders.get(order_id)
    if found is None:
        raise Refused(
            "ORDER_NOT_OPEN",
            f"{order_id} is no open order of {state.incident_ref}",
            f"open now: {', '.join(state.orders.orders) or 'none'}",
            "order_id",
        )
    return found


def put(state: IncidentState, ctx: Context, tag: str, order: Order, at: datetime) -> None:
    """Store an open order and record it under this tag; the read model takes every column."""
    state.orders.orders[order.order_id] = order
    _record(state, ctx, tag, order, at, "")
    # A notice that is not served protects nobody yet: to the case it neither stands nor ended.
    if law.in_force(order):
        tell(state, order, at)


def _record(
    state: IncidentState, ctx: Context, tag: str, order: Order, at: datetime, reason: str
) -> None:
    append(
        state,
        ctx,
        tag,
        at,
        case_ref=state.case_ref,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        order_id=order.order_id,
        order_type=order.order_type,
        status=order.status,
        perpetrator_ref=order.perpetrator_ref,
        first_day=order.first_day.isoformat(),
        last_day=order.last_day.isoformat() if order.last_day else None,
        made_at=order.made_at,
        served_at=order.served_at,
        ended_at=order.ended_at,
        authorised_by=order.authorised_by_rank,
        reason=reason or None,
        conditions=list(order.conditions),
        made_elsewhere=order.made_elsewhere,
    )


def tell(state: IncidentState, order: Order, at: datetime, reason: str = "") -> None:
    """Tell the case whether the order is in force, and why it is not any more."""
    tell_case(
        state,
        lambda message_id: OrderChanged(
            message_id=message_id,
            incident_ref=state.incident_ref,
            perpetrator_ref=order.perpetrator_ref,
            order_id=order.order_id,
            order_type=order.order_type,
            in_force=law.in_force(order),
            last_day=order.last_day.isoformat() if order.last_day else "",
            at=at,
            reason=reason,
        ),
    )


def news_of(order: Order, kind: str) -> str:
    """What the victim hears: a change of bail where the order is its conditions."""
    return "BAIL_CHANGED" if order.order_type is OrderType.BAIL_CONDITIONS else kind


def end(
    state: IncidentState,
    ctx: Context,
    order: Order,
    status: OrderStatus,
    reason: str,
    at: datetime,
) -> None:
    """End an order with its clocks and its tasks to the officer; the victim hears of it, unless
    another took its place."""
    over = order.model_copy(update={"status": status, "ended_at": at})
    state.orders.orders.pop(order.order_id, None)
    state.orders.past[order.order_id] = over
    for oldest in list(state.orders.past)[:-PAST_KEPT]:
        del state.orders.past[oldest]
    for clock_type in OF_ORDERS:
        clock = open_clock(state, clock_type, order.order_id)
        if clock is None:
            continue
        expired = clock_type in EXPIRES and status is not OrderStatus.IN_ERROR
        if expired or (clock_type is ClockType.DVPN_HEARING and reason == OrderEnd.REPLACED):
            meet(state, ctx, clock, at)
        else:
            cancel(state, ctx, clock, f"ORDER_{status.value}")
    for kind in ("ORDER_ENDING", "SERVE_ORDER"):
        settle_one(state, ctx, kind, order.order_id)
    _record(state, ctx, "order:ended", over, at, reason)
    if law.in_force(order):
        tell(state, over, at, reason)
    if reason != OrderEnd.REPLACED:
        notify(state, news_of(order, "ORDER_ENDED"), at)
