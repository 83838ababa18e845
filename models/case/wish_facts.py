"""What a victim asked for beyond opt-outs, and what follows (docs/domain.md 9.4): what is open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from models.base import Record, State
from models.enums import Channel, PressureCheck


class Sending(Record):
    """A message to the victim that is on its way; nothing else is sent meanwhile."""

    message_id: str
    channel: Channel
    route: str
    asked_at: datetime


class KnownHearing(Record):
    """A hearing of one of the case's incidents. `asked`: contact before it was asked for; `done`:
    it was made, or is not needed."""

    incident_ref: str
    court_day: date
    asked: bool = False
    done: bool = False


class AskedFacts(State):
    """What was asked. `approach` is the one safe approach after no contact was asked for: `ALLOWED`
    until it is made, then `USED` until the victim renews their wishes; empty where contact is
    either owed as usual or not allowed at all."""

    no_contact_at: datetime | None = None
    """When no contact was asked for; None once wishes were renewed."""
    renewed_at: datetime | None = None
    """When wishes were last renewed after no contact was asked for."""
    recontact_on: date | None = None
    """The one agreed day to ask again, until that was done."""
    approach: Literal["", "ALLOWED", "USED"] = ""
    approach_for: str = ""
    """Why it is allowed: `NEW_INCIDENT`, `RECONTACT`, `SAFETY_EVENT`, or `SUPERVISOR`."""
    approach_at: datetime | None = None
    other_officer_of: str = ""
    """The officer whom the victim asked to be changed, while that is undecided."""
    third_party: str = ""
    """Route of the third party whom the victim named."""
    support_withdrawn_at: datetime | None = None
    withdrawal_reasons: list[str] = Field(default_factory=list)
    pressure: PressureCheck | None = None
    told_what: str = "NONE:False"
    """The scope of the opt-out, and whether the case is frozen, as the incidents know it."""
    told: list[str] = Field(default_factory=list)
    """Incidents that know it."""
    hearings: dict[str, KnownHearing] = Field(default_factory=dict)
    """Hearings to come, by incident and hearing id."""
    sending: Sending | None = None
    incidents_known: int = 0
    """How many incidents of the case the approach takes account of."""
