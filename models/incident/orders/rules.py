"""Court orders and notices: their clocks, what ends by itself, who hears (docs/domain.md 11)."""

from __future__ import annotations

from models.clocks import CalendarKind, Limit
from models.enums import ClockType, OrderStatus, OrderType
from models.incident.duty import DutyIncidentCommands, escalate_own
from models.incident.orders import breaches, court, dvds, law, making
from models.incident.orders.keeping import end
from models.incident.orders.state import Order
from models.incident.state import IncidentState, name
from models.incident.suspect.keeping import Duty, follow_owner, keep_task, person_of
from models.instants import end_of_day, show
from models.messages import IncidentMessage
from models.stream import Context, arm, open_clock

COMMANDS: DutyIncidentCommands = {
    "record-order": (making.check_record, making.apply_record),
    "serve-order": (making.check_serve, making.apply_serve),
    "vary-order": (making.check_vary, making.apply_vary),
    "end-order": (making.check_end, making.apply_end),
    "discount-order": (making.check_discount, making.apply_discount),
    "record-hearing": (court.check_hearing, court.apply_hearing),
    "record-breach": (breaches.check_breach, breaches.apply_breach),
    "record-spo-notification": (court.check_notification, court.apply_notification),
    "record-order-contact": (court.check_contact, court.apply_contact),
    "apply-dvds": (dvds.check_apply, dvds.apply_apply),
    "record-dvds": (dvds.check_record, dvds.apply_record),
}
SETTLED_BY = {
    ClockType.DVPN_HEARING: "record-hearing",
    ClockType.SPO_NOTIFICATION: "record-spo-notification",
    ClockType.DVDS: "record-dvds",
}
"""The clocks whose end is somebody's failure, each with the command that settles it."""


def receive(state: IncidentState, ctx: Context, message: IncidentMessage) -> None:
    """No message says more than the facts that `react` looks at."""


def react(state: IncidentState, ctx: Context) -> None:
    """Draw every consequence that has not been drawn yet; asked any number of times."""
    if state.report is None or state.ended_at is not None:
        return
    _awaited(state, ctx)
    for order in list(state.orders.orders.values()):
        _service(state, ctx, order)
        if order.order_type in law.NOTICES:
            _notice(state, ctx, order)
        else:
            _last_day(state, ctx, order)
        if order.order_id in state.orders.orders:
            _name_and_address(state, ctx, order)
    breaches.react(state, ctx)
    dvds.react(state, ctx)
    escalate_own(state, ctx, person_of, SETTLED_BY)


def _awaited(state: IncidentState, ctx: Context) -> None:
    """An order that a report names, or that a court made, is watched only once it is recorded."""
    facts = state.orders
    held = {order.order_type for order in facts.orders.values()}
    for kind in state.report.existing_orders if state.report else ():
        if kind not in facts.seen_types:
            facts.seen_types = [*facts.seen_types, kind]
            if kind not in held and kind not in facts.awaited:
                facts.awaited = [*facts.awaited, kind]
    for kind in OrderType:
        duty = Duty(
            kind="RECORD_ORDER",
            role="OIC",
            person=state.item_owner,
            why=f"a {kind.value} is known of: record its days and conditions, so that it is "
            "watched, or discount it",
            command=f"dalo do {name(state)} record-order --order-type {kind.value}",
            subject=kind.value,
        )
        keep_task(state, ctx, duty, wanted=kind in facts.awaited)


def _service(state: IncidentState, ctx: Context, order: Order) -> None:
    """A notice protects nobody, and no three days run, until it is served."""
    duty = Duty(
        kind="SERVE_ORDER",
        role="OIC",
        person=state.item_owner,
        why=f"{order.order_type.value} {order.order_id} is not served yet: have it served",
        due_at=order.made_at,
        command=f"dalo do {name(state)} serve-order --order-id {order.order_id}",
        subject=order.order_id,
    )
    called_for = order.order_type in law.NOTICES | law.NOTIFYING
    keep_task(state, ctx, duty, wanted=called_for and order.served_at is None)


# --- notices ----------------------------------------------------------------------------------


def _notice(state: IncidentState, ctx: Context, order: Order) -> None:
    """48 hours from service to the hearing; without one the notice lapses. Once the court has
    adjourned, the notice waits for the court, and lateness only alerts."""
    if order.served_at is None:
        return
    clock = open_clock(state, ClockType.DVPN_HEARING, order.order_id)
    if clock is None and order.status is OrderStatus.SERVED:
        arm(
            state,
            ctx,
            ClockType.DVPN_HEARING,
            order.served_at,
            "the notice was served",
            subject=order.order_id,
            owner=state.item_owner,
        )
    elif clock is not None and clock.breached_at and order.status is OrderStatus.SERVED:
        end(state, ctx, order, OrderStatus.LAPSED, "NOT_HEARD_IN_TIME", clock.due_at)
        _lapsed(state, ctx, order)
    elif clock is not None:
        follow_owner(state, ctx, clock, state.item_owner)


def _lapsed(state: IncidentState, ctx: Context, order: Order) -> None:
    why = (
        f"{order.order_type.value} {order.order_id} lapsed without a hearing: the victim has no "
        "protection by it; speak to her by a safe route, or record the hearing if there was one"
    )
    for kind, role, person in (
        ("ORDER_ENDING_CONTACT", "DALO", state.lead),
        ("NOTICE_LAPSED", "SUPERVISOR", state.supervisor_id),
    ):
        duty = Duty(
            kind=kind,
            role=role,
            person=person,
            why=why,
            due_at=ctx.now,
            command=f"dalo do {name(state)} record-order-contact --order-id {order.order_id}",
            subject=order.order_id,
        )
        keep_task(state, ctx, duty, wanted=True)


# --- orders with a last day -------------------------------------------------------------------


def _last_day(state: IncidentState, ctx: Context, order: Order) -> None:
    """The order ends with its last day; somebody is warned before."""
    if order.last_day is None:
        return
    dvpo = order.order_type is OrderType.DVPO
    clock_type = ClockType.DVPO_EXPIRY if dvpo else ClockType.ORDER_EXPIRY
    clock = open_clock(state, clock_type, order.order_id)
    if clock is not None and clock.breached_at is not None:
        end(state, ctx, order, OrderStatus.EXPIRED, "LAST_DAY_OVER", clock.due_at)
        return
    if clock is None:
        length = (order.last_day - order.first_day).days + 1
        limit = Limit(kind=CalendarKind.CALENDAR_DAYS, amount=length, unit="d")
        clock = arm(
            state,
            ctx,
            clock_type,
            order.made_at,
            "the order was made",
            subject=order.order_id,
            rule_key=order.order_type.value,
            owner=state.item_owner,
            limit=limit if dvpo else Limit(kind=CalendarKind.FIXED),
            due_at=None if dvpo else end_of_day(order.last_day),
            basis="" if dvpo else "the order's own last day",
        )
    else:
        follow_owner(state, ctx, clock, state.item_owner)
    warned = clock.warned_at is not None
    ending = Duty(
        kind="ORDER_ENDING_CONTACT" if dvpo else "ORDER_ENDING",
        role="DALO" if dvpo else "OIC",
        person=state.lead if dvpo else state.item_owner,
        why=f"{order.order_type.value} {order.order_id} ends {show(clock.due_at)}: "
        + (
            "speak to the victim by a safe route about what follows"
            if dvpo
            else "apply for its renewal, or let it end and say so to the victim"
        ),
        due_at=clock.due_at,
        command=f"dalo do {name(state)} "
        + (f"record-order-contact --order-id {order.order_id}" if dvpo else "vary-order"),
        subject=order.order_id,
    )
    keep_task(state, ctx, ending, wanted=warned and not order.contacted)


def _name_and_address(state: IncidentState, ctx: Context, order: Order) -> None:
    """Three days, beginning with service, to give name and address."""
    if order.order_type not in law.NOTIFYING or order.served_at is None or order.notified:
        return
    clock = open_clock(state, ClockType.SPO_NOTIFICATION, order.order_id)
    if clock is not None:
        follow_owner(state, ctx, clock, state.item_owner)
        return
    arm(
        state,
        ctx,
        ClockType.SPO_NOTIFICATION,
        order.served_at,
        "the order was served",
        subject=order.order_id,
        owner=state.item_owner,
    )
