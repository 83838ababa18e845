"""Commands of what a victim asks for, and of messages to a victim (docs/domain.md 9.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import Action, DataClass, write_of
from models.enums import PressureCheck, Sex, Statement, WithdrawalReason


class AskOtherOfficer(Record):
    """The victim asks for another officer."""

    kind: Literal["ask-other-officer"] = "ask-other-officer"
    at: datetime
    sex: Sex | None = None
    reason: Code
    note_ref: str = ""


class RefuseOtherOfficer(Record):
    """A supervisor finds no other officer, with a reason; to agree, reassign the case."""

    kind: Literal["refuse-other-officer"] = "refuse-other-officer"
    at: datetime
    reason: Code


class NameThirdParty(Record):
    """The victim names a third party, who is a route of the safe-contact plan already."""

    kind: Literal["name-third-party"] = "name-third-party"
    at: datetime
    route: str = Field(min_length=1)
    note_ref: str = ""


class RecordWithdrawal(Record):
    """The victim withdraws support for the prosecution; contact goes on as it was agreed."""

    kind: Literal["record-withdrawal"] = "record-withdrawal"
    at: datetime
    reasons: tuple[WithdrawalReason, ...] = Field(min_length=1)
    statement: Statement
    pressure: PressureCheck = PressureCheck.NOT_CHECKED
    note_ref: str = ""


class RecordPressureCheck(Record):
    """Whether the victim was put under pressure to withdraw, or a witness intimidated."""

    kind: Literal["record-pressure-check"] = "record-pressure-check"
    at: datetime
    pressure: PressureCheck
    note_ref: str = ""


class SettleContactAtEvent(Record):
    """Why no contact of its own is needed after an event."""

    kind: Literal["settle-contact-at-event"] = "settle-contact-at-event"
    at: datetime
    subject: str = Field(min_length=1)
    """The event, as the task names it."""
    reason: Code


class AllowApproach(Record):
    """A supervisor allows one approach to a victim with whom there is no contact, or contact at an
    event of which the victim did not want to hear."""

    kind: Literal["allow-approach"] = "allow-approach"
    at: datetime
    subject: str = ""
    """The event, as the task names it; empty: an approach of its own."""
    reason: Code


class ConfirmSafeContactPlan(Record):
    """The safe-contact plan was looked at again and stands as it is."""

    kind: Literal["confirm-safe-contact-plan"] = "confirm-safe-contact-plan"
    at: datetime
    note_ref: str = ""


class MessageVictim(Record):
    """A message to the victim by a safe route; sent at most once."""

    kind: Literal["message-victim"] = "message-victim"
    at: datetime
    channel: Literal["SMS", "EMAIL", "LETTER"]
    route: str = Field(min_length=1)
    wording_ref: str = Field(min_length=1)
    """The wording agreed with the victim, by its reference."""


WishCommand = (
    AskOtherOfficer
    | RefuseOtherOfficer
    | NameThirdParty
    | RecordWithdrawal
    | RecordPressureCheck
    | SettleContactAtEvent
    | AllowApproach
    | ConfirmSafeContactPlan
    | MessageVictim
)
NEEDS: dict[str, Action] = {
    "ask-other-officer": write_of(DataClass.WISHES_CONSENT),
    "refuse-other-officer": write_of(DataClass.APPROVALS),
    "name-third-party": write_of(DataClass.WISHES_CONSENT),
    "record-withdrawal": write_of(DataClass.WISHES_CONSENT),
    "record-pressure-check": write_of(DataClass.WISHES_CONSENT),
    "settle-contact-at-event": write_of(DataClass.CONTACT_LOG, DataClass.APPROVALS),
    "allow-approach": write_of(DataClass.APPROVALS),
    "confirm-safe-contact-plan": write_of(DataClass.SAFE_CONTACT_PLAN),
    "message-victim": write_of(DataClass.CONTACT_LOG),
}
