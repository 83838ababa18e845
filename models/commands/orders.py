"""Commands about court orders, notices and Clare's Law (docs/domain.md 7, 11)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import Action, DataClass, write_of
from models.enums import (
    DvdsOutcome,
    DvdsRoute,
    HearingResult,
    OrderEnd,
    OrderType,
    PoliceRank,
)


class RecordOrder(Record):
    """A notice was issued, or an order made: here, or elsewhere and found out."""

    kind: Literal["record-order"] = "record-order"
    at: datetime
    """When it was made or issued."""
    order_type: OrderType
    order_id: str = Field(default="", pattern=r"^([A-Z0-9][A-Z0-9/-]{1,39})?$")
    """Its own number where it has one; numbered (ORD-001) where left out."""
    perpetrator_ref: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$", max_length=40)
    """The incident's suspect where left out."""
    served_at: datetime | None = None
    first_day: date | None = None
    """The day it begins with; the day it was made where left out."""
    last_day: date | None = None
    length_days: int | None = Field(default=None, gt=0, le=36_500)
    """Instead of the last day: so many days beginning with the first."""
    conditions: tuple[Code, ...] = ()
    authorised_by_rank: PoliceRank | None = None
    """Of a police notice."""
    respondent_age: int | None = Field(default=None, ge=0, le=120)
    """Where the report does not give it."""
    power_of_arrest: bool = False
    """Attached to an occupation order."""
    made_elsewhere: bool = False
    """Made by another force's application: always recorded and enforceable."""


class ServeOrder(Record):
    """The order or notice was served on its respondent."""

    kind: Literal["serve-order"] = "serve-order"
    at: datetime
    order_id: str = Field(min_length=1)


class VaryOrder(Record):
    """A court varied the order: another last day, other conditions."""

    kind: Literal["vary-order"] = "vary-order"
    at: datetime
    order_id: str = Field(min_length=1)
    last_day: date | None = None
    conditions: tuple[Code, ...] | None = None


class EndOrder(Record):
    """The order ended before its last day."""

    kind: Literal["end-order"] = "end-order"
    at: datetime
    order_id: str = Field(min_length=1)
    reason: OrderEnd


class RecordHearing(Record):
    """The court heard the application that a notice calls for, adjourned it, or dealt with somebody
    arrested for a breach."""

    kind: Literal["record-hearing"] = "record-hearing"
    at: datetime
    order_id: str = Field(min_length=1)
    result: HearingResult
    adjourned_to: datetime | None = None


class RecordBreach(Record):
    """An order or notice was broken."""

    kind: Literal["record-breach"] = "record-breach"
    at: datetime
    order_id: str = Field(min_length=1)
    conditions: tuple[Code, ...] = ()
    arrested_at: datetime | None = None
    note_ref: str = ""


class RecordSpoNotification(Record):
    """The respondent gave name and address to the police."""

    kind: Literal["record-spo-notification"] = "record-spo-notification"
    at: datetime
    order_id: str = Field(min_length=1)


class RecordOrderContact(Record):
    """The victim was spoken to before an order ends, by a safe route."""

    kind: Literal["record-order-contact"] = "record-order-contact"
    at: datetime
    order_id: str = Field(min_length=1)


class DiscountOrder(Record):
    """The report named an order of this kind, but there is none to record."""

    kind: Literal["discount-order"] = "discount-order"
    at: datetime
    order_type: OrderType
    reason: Code


class ApplyDvds(Record):
    """Clare's Law: somebody asked, or police found that somebody should know."""

    kind: Literal["apply-dvds"] = "apply-dvds"
    at: datetime
    route: DvdsRoute
    imminent_risk: bool = False
    """Disclose at once."""


class RecordDvds(Record):
    """The disclosure was made, or decided against with a reason."""

    kind: Literal["record-dvds"] = "record-dvds"
    at: datetime
    dvds_id: str = Field(min_length=1)
    outcome: DvdsOutcome
    reason: Code | Literal[""] = ""


OrdersCommand = (
    RecordOrder
    | ServeOrder
    | VaryOrder
    | EndOrder
    | RecordHearing
    | RecordBreach
    | RecordSpoNotification
    | RecordOrderContact
    | DiscountOrder
    | ApplyDvds
    | RecordDvds
)
_RECORD = write_of(DataClass.SUSPECT_STATUS)
_DISCLOSE = write_of(DataClass.REFERRALS, DataClass.SUSPECT_STATUS)
NEEDS: dict[str, Action] = {
    "record-order": _RECORD,
    "serve-order": _RECORD,
    "vary-order": _RECORD,
    "end-order": _RECORD,
    "record-hearing": _RECORD,
    "record-breach": _RECORD,
    "record-spo-notification": _RECORD,
    "record-order-contact": write_of(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "discount-order": _RECORD,
    "apply-dvds": _DISCLOSE,
    "record-dvds": _DISCLOSE,
}
