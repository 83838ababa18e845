"""Court orders and notices (docs/domain.md 11).

What is kept: open items, and the last orders that ended, since a hearing or a breach in their time
may be recorded after it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from models.base import Record, State
from models.enums import BreachNature, DvdsRoute, OrderStatus, OrderType, PoliceRank


class Order(Record):
    """One order or notice. `first_day` and `last_day` are London days, both of them in force;
    without a last day it runs until further order."""

    order_id: str
    order_type: OrderType
    status: OrderStatus
    perpetrator_ref: str
    made_at: datetime
    served_at: datetime | None = None
    first_day: date
    last_day: date | None = None
    conditions: tuple[str, ...] = ()
    authorised_by_rank: PoliceRank | None = None
    power_of_arrest: bool = False
    made_elsewhere: bool = False
    notified: bool = False
    """The respondent of a stalking protection order gave name and address."""
    contacted: bool = False
    """The victim was spoken to about its end."""
    ended_at: datetime | None = None


class Breach(Record):
    """A breach that has not led to an arrest (or, where the law asks it, to court) yet."""

    breach_id: str
    order_id: str
    order_type: OrderType
    nature: BreachNature
    at: datetime
    arrested_at: datetime | None = None
    arrestable: bool = True


class Disclosure(Record):
    """An application or trigger under the disclosure scheme that waits for its decision."""

    dvds_id: str
    route: DvdsRoute
    applied_at: datetime
    imminent_risk: bool = False


class OrderFacts(State):
    """Court orders and notices (docs/domain.md 11)."""

    orders: dict[str, Order] = Field(default_factory=dict)
    """Open ones by order id."""
    past: dict[str, Order] = Field(default_factory=dict)
    """The last that ended."""
    breaches: dict[str, Breach] = Field(default_factory=dict)
    disclosures: dict[str, Disclosure] = Field(default_factory=dict)
    seen_types: list[OrderType] = Field(default_factory=list)
    """Kinds of order that a report named and that were looked at."""
    awaited: list[OrderType] = Field(default_factory=list)
    """Kinds of order that exist and whose particulars nobody has recorded yet."""
