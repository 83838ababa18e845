"""Commands about the suspect: status, custody, bail, release (docs/domain.md 3.4, 11)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.data_classes import Action, DataClass, write_of
from models.enums import (
    ArrestReason,
    BailAuthority,
    CustodyAuthority,
    SuspectStatus,
    ViewsSought,
)


class ChangeSuspectStatus(Record):
    """The suspect was circulated, arrested, interviewed, bailed, charged, remanded, released ..."""

    kind: Literal["change-suspect-status"] = "change-suspect-status"
    at: datetime
    status: SuspectStatus
    perpetrator_ref: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$", max_length=40)
    """Where the suspect was not known before."""
    arrest_reason: ArrestReason | None = None
    arrested_at: datetime | None = None
    """For bail, where the arrest itself was not recorded here: bail counts from the next day."""
    bail_authority: BailAuthority | None = None
    """Custody officer where left out."""
    bail_until: date | None = None
    """The last day, where it is not the whole of what the rank may give."""
    views_sought: ViewsSought | None = None
    """Whether the victim was asked about conditions of bail."""
    release_planned_at: datetime | None = None
    release_cancelled: bool = False
    """The release that was planned will not happen."""
    note_ref: str = ""


class ReviewOutstandingSuspect(Record):
    """A supervisor looked at what is done to find a suspect past the arrest target."""

    kind: Literal["review-outstanding-suspect"] = "review-outstanding-suspect"
    at: datetime
    note_ref: str = ""


class RecordCustodyArrival(Record):
    """The suspect arrived at a custody suite: 24 hours begin."""

    kind: Literal["record-custody-arrival"] = "record-custody-arrival"
    at: datetime
    answering_bail: bool = False
    """Back on bail for the same offence: the time already used counts, the time on bail not."""


class ExtendCustody(Record):
    """Custody without charge was extended, for an indictable offence only."""

    kind: Literal["extend-custody"] = "extend-custody"
    at: datetime
    authority: CustodyAuthority
    indictable: bool = False
    hours: int | None = Field(default=None, gt=24)
    """In all, from arrival; the most that the authority may give where left out."""
    authorised_by: str = Field(default="", max_length=40)
    """The superintendent, where somebody else records it."""


class StopCustodyClock(Record):
    """In hospital, or on the way, and not questioned: this time does not count."""

    kind: Literal["stop-custody-clock"] = "stop-custody-clock"
    at: datetime


class ResumeCustodyClock(Record):
    """Back from hospital, or questioned there: the custody clock runs on."""

    kind: Literal["resume-custody-clock"] = "resume-custody-clock"
    at: datetime


class ExtendBail(Record):
    """Pre-charge bail was extended before it ended, by the next rank in turn."""

    kind: Literal["extend-bail"] = "extend-bail"
    at: datetime
    authority: BailAuthority
    until: date | None = None
    """The last day that a magistrates' court gave."""
    authorised_by: str = Field(default="", max_length=40)
    """Who decided, where somebody else records it."""
    views_sought: ViewsSought = ViewsSought.NOT_YET


class RecordBailViews(Record):
    """The victim was asked about conditions of bail, or could not be."""

    kind: Literal["record-bail-views"] = "record-bail-views"
    at: datetime
    outcome: Literal["SOUGHT", "NOT_PRACTICABLE"]
    note_ref: str = ""


SuspectCommand = (
    ChangeSuspectStatus
    | ReviewOutstandingSuspect
    | RecordCustodyArrival
    | ExtendCustody
    | StopCustodyClock
    | ResumeCustodyClock
    | ExtendBail
    | RecordBailViews
)
NEEDS: dict[str, Action] = {
    "change-suspect-status": write_of(DataClass.SUSPECT_STATUS),
    "review-outstanding-suspect": write_of(DataClass.APPROVALS),
    "record-custody-arrival": write_of(DataClass.SUSPECT_STATUS),
    # Superintendents and inspectors record what law lets only them decide.
    "extend-custody": write_of(DataClass.SUSPECT_STATUS, DataClass.APPROVALS),
    "stop-custody-clock": write_of(DataClass.SUSPECT_STATUS),
    "resume-custody-clock": write_of(DataClass.SUSPECT_STATUS),
    "extend-bail": write_of(DataClass.SUSPECT_STATUS, DataClass.APPROVALS),
    "record-bail-views": write_of(DataClass.SUSPECT_STATUS, DataClass.CONTACT_LOG),
}
