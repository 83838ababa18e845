"""The Victims' Code: what the victim must be told, and offered (docs/domain.md 4).

What is kept: open items only."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from models.base import Record, State
from models.commands.contact import NotificationOptOut
from models.enums import Channel
from models.enums.victims_code import (
    ConfirmationOutcome,
    MeasuresOutcome,
    SupportOutcome,
    UpdateFrequency,
    VpsStatus,
)


class Owed(Record):
    """One piece of news that the victim is still owed. `held`: nothing is said while a party's
    death or grave injury has frozen the record."""

    notification_id: str
    event_kind: str
    event_at: datetime
    held: bool = False
    reported: bool = False
    """A report told it: it happened before `event_at`, when that was received."""


class Hearing(Record):
    """A hearing to come, or of which the result is not known yet. `notification_id` is the news of
    its day."""

    hearing_id: str
    court_day: date
    notification_id: str


class Period(Record):
    """A period in which a review could be asked for, and which lapsed."""

    subject: str
    began_at: datetime
    ended_at: datetime


class CodeFacts(State):
    """The Victims' Code: what the victim must be told, and offered (docs/domain.md 4)."""

    opt_out: NotificationOptOut = NotificationOptOut.NONE
    wishes_at: datetime | None = None
    """When the wishes in force were said."""
    frozen: bool = False
    owed: dict[str, Owed] = Field(default_factory=dict)
    """By notification id, until told or refused."""
    support: SupportOutcome | None = None
    services: tuple[str, ...] = ()
    """Support services that have the victim's referral."""
    confirmed: ConfirmationOutcome | None = None
    update_channel: Channel | None = None
    update_frequency: UpdateFrequency | None = None
    vps: VpsStatus | None = None
    measures: MeasuresOutcome | None = None
    hearings: dict[str, Hearing] = Field(default_factory=dict)
    """By hearing id."""
    lapsed: list[Period] = Field(default_factory=list)
    """Those that ended not long ago: what was asked for in time may be recorded late."""
    support_withdrawn_at: datetime | None = None
    """When the victim withdrew support for a prosecution; the case keeps it."""
    withdrawal_reviewed: bool = False
    charged: bool = False
    """Whether a charge was among the events: then special measures are asked about."""
    decided: bool = False
    """Whether a decision that ends the case or a part of it is known, and so owed or told."""
