"""Orders made, served, varied and ended, and what the victim, the case and the read model hear of
it (docs/domain.md 11)."""

from __future__ import annotations

from models.base import Refused
from models.checks import not_later
from models.commands import DiscountOrder, EndOrder, Grant, RecordOrder, ServeOrder, VaryOrder
from models.enums import ClockType, OrderEnd, OrderStatus
from models.incident.orders import law
from models.incident.orders.keeping import end, news_of, put, the_order
from models.incident.orders.state import Order
from models.incident.state import IncidentState
from models.incident.suspect.keeping import notify, perpetrator, recorder_only
from models.instants import london_date
from models.stream import Context, append, meet, number, open_clock

# --- made -------------------------------------------------------------------------------------


def check_record(state: IncidentState, ctx: Context, command: RecordOrder, grant: Grant) -> None:
    """Refuse what law or policy does not allow to be made here, and impossible days."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    if command.order_id and (
        command.order_id in state.orders.orders or command.order_id in state.orders.past
    ):
        raise Refused(
            "ORDER_ID_TAKEN",
            f"{command.order_id} is recorded already",
            "vary or end that one, or give another id",
            "order_id",
        )
    if not (command.perpetrator_ref or perpetrator(state)):
        raise Refused(
            "PERPETRATOR_MISSING",
            "an order binds a person, and the incident's suspect is not known",
            "give perpetrator_ref",
            "perpetrator_ref",
        )
    law.check_authority(ctx, command, state.report.suspect_age if state.report else None)
    law.days(ctx, command)
    if command.served_at is not None:
        not_later(ctx.now, command.served_at, "served_at")
        if command.served_at < command.at:
            raise _served_before_made("served_at")


def _served_before_made(field: str) -> Refused:
    return Refused(
        "SERVED_BEFORE_MADE", "nothing is served before it is made", "correct one of them", field
    )


def apply_record(state: IncidentState, ctx: Context, command: RecordOrder) -> tuple[str, ...]:
    """Record the order; it takes the place of the notice that led to it. Returns its id."""
    first, last = law.days(ctx, command)
    served = command.served_at
    order = Order(
        order_id=command.order_id or _next_id(state),
        order_type=command.order_type,
        status=OrderStatus.SERVED if served else OrderStatus.MADE,
        perpetrator_ref=command.perpetrator_ref or perpetrator(state),
        made_at=command.at,
        served_at=served,
        first_day=first,
        last_day=last,
        conditions=command.conditions,
        authorised_by_rank=command.authorised_by_rank,
        power_of_arrest=command.power_of_arrest,
        made_elsewhere=command.made_elsewhere,
    )
    state.orders.awaited = [kind for kind in state.orders.awaited if kind is not order.order_type]
    _replace(state, ctx, order)
    put(state, ctx, "order:made", order, command.at)
    # What was in force before the report is no news to the victim.
    if state.report is not None and command.at >= state.report.reported_at:
        notify(state, news_of(order, "ORDER_MADE"), command.at)
    return (order.order_id,)


def _next_id(state: IncidentState) -> str:
    while True:
        order_id = f"ORD-{number(state, 'order'):03d}"
        if order_id not in state.orders.orders and order_id not in state.orders.past:
            return order_id


def _replace(state: IncidentState, ctx: Context, order: Order) -> None:
    before = law.SUCCEEDS.get(order.order_type)
    for old in list(state.orders.orders.values()):
        if old.order_type is before and old.perpetrator_ref == order.perpetrator_ref:
            end(state, ctx, old, OrderStatus.ENDED, OrderEnd.REPLACED.value, order.made_at)


def check_discount(
    state: IncidentState, ctx: Context, command: DiscountOrder, grant: Grant
) -> None:
    """Only an order that a report named and nobody recorded can be discounted."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    if command.order_type not in state.orders.awaited:
        raise Refused(
            "ORDER_NOT_AWAITED",
            f"no {command.order_type.value} waits to be recorded",
            "nothing to discount",
            "order_type",
        )


def apply_discount(state: IncidentState, ctx: Context, command: DiscountOrder) -> tuple[str, ...]:
    """There is no such order to record."""
    state.orders.awaited = [kind for kind in state.orders.awaited if kind != command.order_type]
    append(
        state,
        ctx,
        "incident:order:discounted",
        command.at,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        order_type=command.order_type,
        reason=command.reason,
    )
    return ()


# --- served and varied ------------------------------------------------------------------------


def check_serve(state: IncidentState, ctx: Context, command: ServeOrder, grant: Grant) -> None:
    """Served once, after it was made."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    order = the_order(state, command.order_id)
    if order.served_at is not None:
        raise Refused("ALREADY_SERVED", f"{order.order_id} is served", "nothing to do", "order_id")
    if command.at < order.made_at:
        raise _served_before_made("at")


def apply_serve(state: IncidentState, ctx: Context, command: ServeOrder) -> tuple[str, ...]:
    """It is served: what counts from service begins."""
    order = the_order(state, command.order_id)
    served = order.model_copy(update={"served_at": command.at, "status": OrderStatus.SERVED})
    put(state, ctx, "order:served", served, command.at)
    return ()


def check_vary(state: IncidentState, ctx: Context, command: VaryOrder, grant: Grant) -> None:
    """Only orders that a court can vary, and within the law of their kind."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    order = the_order(state, command.order_id)
    if order.order_type in law.FIXED_LENGTH:
        raise Refused(
            "NOT_VARIABLE",
            f"a {order.order_type.value} is not varied",
            "end it, or record the order that follows it",
            "order_id",
        )
    if command.last_day is None and command.conditions is None:
        raise Refused(
            "NOTHING_VARIED", "no last day and no conditions are given", "give what changed"
        )
    if command.at < order.made_at:
        raise Refused("BEFORE_ORDER", "it was made later", "give when it was varied", "at")
    if command.last_day is not None:
        made = london_date(order.made_at)
        law.check_days(ctx, order.order_type, made, order.first_day, command.last_day)


def apply_vary(state: IncidentState, ctx: Context, command: VaryOrder) -> tuple[str, ...]:
    """The order as varied; a clock to its old last day is met."""
    order = the_order(state, command.order_id)
    changes: dict[str, object] = {}
    if command.last_day is not None:
        changes["last_day"] = command.last_day
        clock = open_clock(state, ClockType.ORDER_EXPIRY, order.order_id)
        if clock is not None and command.last_day != order.last_day:
            meet(state, ctx, clock, command.at)
    if command.conditions is not None:
        changes["conditions"] = command.conditions
    varied = order.model_copy(update=changes)
    put(state, ctx, "order:varied", varied, command.at)
    notify(state, news_of(varied, "ORDER_VARIED"), command.at)
    return ()


# --- ended ------------------------------------------------------------------------------------


def check_end(state: IncidentState, ctx: Context, command: EndOrder, grant: Grant) -> None:
    """An open order ends after it was made."""
    recorder_only(state, grant)
    not_later(ctx.now, command.at)
    order = the_order(state, command.order_id)
    if command.at < order.made_at:
        raise Refused("BEFORE_ORDER", "it was made later", "give when it ended", "at")


def apply_end(state: IncidentState, ctx: Context, command: EndOrder) -> tuple[str, ...]:
    """The order is at an end; one recorded in error never was."""
    wrong = command.reason is OrderEnd.RECORDED_IN_ERROR
    status = OrderStatus.IN_ERROR if wrong else OrderStatus.ENDED
    end(state, ctx, the_order(state, command.order_id), status, command.reason.value, command.at)
    return ()
