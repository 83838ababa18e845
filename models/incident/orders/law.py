"""What law asks of each kind of order: who may make it, how long it lasts, what a breach is
(docs/domain.md 11). Pure functions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from models.base import Refused
from models.calendars import due_instant
from models.clocks import CalendarKind, Limit
from models.commands import RecordOrder
from models.duties.orders import OrdersPolicy
from models.enums import ArrestReason, BreachNature, OrderStatus, OrderType, PoliceRank
from models.incident.orders.state import Order
from models.instants import at_local, end_of_day, london_date
from models.stream import Context

T = OrderType
NOTICES = frozenset({T.DVPN, T.DAPN})
"""Police notices: in force from service until the court has heard the application."""
FIXED_LENGTH = NOTICES | {T.DVPO}
"""Nothing lets a court vary these: another is applied for."""
NEEDS_SERVICE = NOTICES | {T.NON_MOLESTATION}
"""Nobody breaks these who was not told of them."""
NOTIFYING = frozenset({T.SPO, T.SPO_INTERIM})
"""Their respondent gives name and address within three days."""
SWITCHED = frozenset({T.DAPN, T.DAPO})
"""Applied for only where policy says that the area takes part."""
SUCCEEDS = {T.DVPO: T.DVPN, T.DAPO: T.DAPN, T.SPO: T.SPO_INTERIM}
"""The court's order takes the place of the notice (or the interim order)."""
FOLLOWED_BY = {notice: order for order, notice in SUCCEEDS.items()}
BREACH = {
    T.DVPN: BreachNature.CIVIL_CONTEMPT,
    T.DVPO: BreachNature.CIVIL_CONTEMPT,
    T.DAPN: BreachNature.NO_OFFENCE,
    T.DAPO: BreachNature.CRIMINAL,
    T.SPO_INTERIM: BreachNature.CRIMINAL,
    T.SPO: BreachNature.CRIMINAL,
    T.NON_MOLESTATION: BreachNature.CRIMINAL,
    T.OCCUPATION: BreachNature.CIVIL_CONTEMPT,
    T.RESTRAINING: BreachNature.CRIMINAL,
    T.BAIL_CONDITIONS: BreachNature.NO_OFFENCE,
    T.LICENCE: BreachNature.RECALL,
}
TO_COURT_IN_A_DAY = frozenset({T.DVPN, T.DVPO, T.DAPN})
"""Arrested for a breach: before the court within 24 hours on the notice's own calendar."""
GROUND = {
    T.DVPN: ArrestReason.BREACH_DVPN_DVPO,
    T.DVPO: ArrestReason.BREACH_DVPN_DVPO,
    T.DAPN: ArrestReason.BREACH_DAPN_DAPO,
    T.DAPO: ArrestReason.BREACH_DAPN_DAPO,
    T.SPO_INTERIM: ArrestReason.BREACH_SPO,
    T.SPO: ArrestReason.BREACH_SPO,
    T.NON_MOLESTATION: ArrestReason.BREACH_NON_MOLESTATION,
    T.OCCUPATION: ArrestReason.BREACH_OCCUPATION,
    T.RESTRAINING: ArrestReason.BREACH_RESTRAINING,
    T.BAIL_CONDITIONS: ArrestReason.BREACH_BAIL,
    T.LICENCE: ArrestReason.RECALL,
}
RANKS = tuple(PoliceRank)


def in_force(order: Order) -> bool:
    """Whether it binds its respondent now: a notice from its service, an order from its making."""
    return order.ended_at is None and (
        order.order_type not in NOTICES or order.served_at is not None
    )


def check_authority(ctx: Context, command: RecordOrder, suspect_age: int | None) -> None:
    """A notice issued here has its rank and an adult respondent, and policy lets the area use it.
    What was made elsewhere is recorded as it is: it binds anywhere in England and Wales."""
    kind = command.order_type
    if command.power_of_arrest and kind is not T.OCCUPATION:
        raise Refused(
            "POWER_NOT_APPLICABLE",
            "a power of arrest is attached to occupation orders only",
            "leave it out",
            "power_of_arrest",
        )
    if command.made_elsewhere:
        return
    policy = ctx.policy.of_duties.orders
    if kind in SWITCHED and not ctx.policy.dapo_applications_enabled:
        raise Refused(
            "APPLICATIONS_OFF",
            f"policy {ctx.policy.version} does not let this area apply for a {kind.value}",
            "use a DVPN or DVPO; one made in another area is recorded with made_elsewhere",
            "order_type",
        )
    if kind in NOTICES:
        _check_rank(policy, command)
        age = command.respondent_age if command.respondent_age is not None else suspect_age
        if age is not None and age < policy.adult_age:
            raise Refused(
                "RESPONDENT_TOO_YOUNG",
                f"the respondent of a {kind.value} is {policy.adult_age} or older",
                "think of child safeguarding and of other orders",
                "respondent_age",
            )


def _check_rank(policy: OrdersPolicy, command: RecordOrder) -> None:
    least = policy.dvpn_rank if command.order_type is T.DVPN else policy.dapn_rank
    given = command.authorised_by_rank
    if given is None or RANKS.index(given) < RANKS.index(least):
        raise Refused(
            "RANK_TOO_LOW",
            f"a {command.order_type.value} is authorised by a {least.value} or higher",
            "have it authorised, and give authorised_by_rank",
            "authorised_by_rank",
        )


def days(ctx: Context, command: RecordOrder) -> tuple[date, date | None]:
    """The first and last day of an order as given, by the law of its kind."""
    made = london_date(command.at)
    first = command.first_day or made
    if command.length_days is not None and command.last_day is not None:
        raise Refused(
            "LENGTH_TWICE", "last day and length are both given", "give one of them", "length_days"
        )
    last = command.last_day
    if command.length_days is not None:
        last = first + timedelta(days=command.length_days - 1)
    if first < made:
        raise Refused(
            "DAYS_OUT_OF_ORDER", "no order begins before it is made", "correct it", "first_day"
        )
    check_days(ctx, command.order_type, made, first, last)
    return first, last


def check_days(ctx: Context, kind: OrderType, made: date, first: date, last: date | None) -> None:
    """Refuse a length that the law of this kind does not know."""
    policy = ctx.policy.of_duties.orders
    if kind in NOTICES and last is not None:
        raise _unlawful(f"a {kind.value} runs until the court has heard it", "leave the length out")
    if last is not None and last < first:
        raise Refused(
            "DAYS_OUT_OF_ORDER", "the last day is before the first", "correct it", "last_day"
        )
    if kind is T.DVPO:
        least, most = policy.dvpo_days_least, policy.dvpo_days_most
        length = (last - first).days + 1 if last else 0
        if first != made or not least <= length <= most:
            raise _unlawful(
                f"a DVPO runs {least} to {most} days beginning with the day it is made",
                "give its length as the court made it",
            )
    if kind is T.SPO and last is not None:
        shortest = spo_shortest(policy, first, ctx)
        if last < shortest:
            raise _unlawful(
                f"a full stalking protection order runs {policy.spo_months_least} months or more: "
                f"to {shortest.isoformat()} at least",
                "correct the last day, or record it as SPO_INTERIM",
            )
    if last is not None and end_of_day(last) <= ctx.now:
        raise Refused(
            "ORDER_OVER",
            "the last day is over: nothing is left to watch",
            "correct the last day; discount-order settles an order that only a report named",
            "last_day",
        )


def _unlawful(rule: str, remedy: str) -> Refused:
    return Refused("LENGTH_NOT_LAWFUL", rule, remedy, "length_days")


def spo_shortest(policy: OrdersPolicy, first: date, ctx: Context) -> date:
    """The last day of the shortest full stalking protection order beginning with `first`."""
    limit = Limit(kind=CalendarKind.CALENDAR_DAYS, amount=policy.spo_months_least, unit="months")
    return london_date(due_instant(limit, at_local(first, time()), ctx.calendar, True))


def bound_at(order: Order, at: datetime) -> bool:
    """Whether the order was in force at this time."""
    if order.status is OrderStatus.IN_ERROR:
        return False
    since = order.served_at if order.order_type in NEEDS_SERVICE else order.made_at
    return since is not None and since <= at and (order.ended_at is None or at <= order.ended_at)
