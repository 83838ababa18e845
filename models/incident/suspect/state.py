"""The suspect: status, arrest target, custody, bail (docs/domain.md 3.4, 11).

What is kept: open items only."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from models.base import Record, State
from models.clocks import Pause
from models.enums import BailAuthority, SuspectStatus, ViewsSought


class NotifiableEvent(Record):
    """Something about the suspect or an order that the victim is owed news of
    (docs/domain.md 4.3). `event_id` is unique in the incident, `event_kind` a code such as
    `SUSPECT_ARRESTED`; the Victims' Code takes it from the list and starts its clock."""

    event_id: str
    event_kind: str
    event_at: datetime
    reported: bool = False
    """A report told it: `event_at` is when that was received, and it happened before."""
    was_at: datetime | None = None
    """The time that this same event was thought to have: only its time is corrected."""


class Custody(Record):
    """A stay in custody, mirrored from the custody record. `pauses` are kept for a return on bail,
    when the time already used counts."""

    arrived_at: datetime
    released_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()


class Bail(Record):
    """Pre-charge bail, counted from the day after `arrested_at`, or to `until` where that day was
    given."""

    arrested_at: datetime
    authority: BailAuthority
    until: date | None = None
    views: ViewsSought = ViewsSought.NOT_YET
    expired: bool = False
    """Its last day passed without an extension: its conditions no longer hold."""


class SuspectFacts(State):
    """The suspect: status, arrest target, custody, bail (docs/domain.md 3.4, 11)."""

    status: SuspectStatus | None = None
    """As last known, from a report or an officer."""
    status_at: datetime | None = None
    """When it came about; where a report told it, when that was received."""
    by_officer: bool = False
    """An officer said so: what a later report says counts only if it lies further on."""
    perpetrator_ref: str = ""
    """Where an officer named the suspect."""
    seen_version: int = 0
    """The report's version whose status was looked at last."""
    reported: SuspectStatus | None = None
    """The status that it gave."""
    arrested_at: datetime | None = None
    """The last arrest, where an officer gave its time."""
    news: str = ""
    """What the victim is owed news of by it."""
    large_from: datetime | None = None
    """Since when the suspect is wanted again, after having been found once."""
    reviewed_at: datetime | None = None
    """When a supervisor last reviewed the search."""
    custody: Custody | None = None
    bail: Bail | None = None
    bail_broken: Bail | None = None
    """Bail that an arrest for its breach interrupted: if it goes on, it counts from the same arrest
    (Police and Criminal Evidence Act 1984 s47ZB(4))."""
    release_planned_at: datetime | None = None
    release_known_at: datetime | None = None
    release_to_come: datetime | None = None
    """The release as planned now, whether or not the victim knows; `release_planned_at` only while
    they are still to be told of it."""
    release_told: bool = False
    """The victim heard of a release to come."""
    to_notify: list[NotifiableEvent] = Field(default_factory=list)
    """What the Victims' Code has not taken yet."""
