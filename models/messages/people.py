"""What becomes of a case: its officer, its place, its parties, its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from models.base import Record


class Allocated(Record):
    """The allocator gave the case to a DALO."""

    kind: Literal["allocated"] = "allocated"
    message_id: str
    dalo_id: str
    supervisor_id: str
    allocated_at: datetime
    over_capacity: bool = False


class Waitlisted(Record):
    """No DALO has room."""

    kind: Literal["waitlisted"] = "waitlisted"
    message_id: str
    supervisor_id: str
    at: datetime


class Under16Party(Record):
    """A report under 16 names a party of this case (as victim or suspect)."""

    kind: Literal["under-16-party"] = "under-16-party"
    message_id: str
    incident_ref: str


class OwnerChanged(Record):
    """The case's DALO or supervisor changed: an incident's obligations follow."""

    kind: Literal["owner-changed"] = "owner-changed"
    message_id: str
    dalo_id: str
    supervisor_id: str
    case_ref: str = ""
    """The case that has it from now on, where another had it before (a merge)."""


class CaseClosed(Record):
    """The case closed: the incident's obligations pass to a named person."""

    kind: Literal["case-closed"] = "case-closed"
    message_id: str
    handed_to: str


class Reopened(Record):
    """The case was reopened: its incidents answer to its officer again."""

    kind: Literal["reopened"] = "reopened"
    message_id: str
    dalo_id: str
    supervisor_id: str


class PartyMerged(Record):
    """Two victim references proved to be one person: what the other case owed is carried over.
    `carried` is the other case's state as it stood, in its own terms."""

    kind: Literal["party-merged"] = "party-merged"
    message_id: str
    from_case_ref: str
    from_victim_ref: str
    carried: dict[str, Any]
    conflicts: tuple[str, ...] = ()
    """Officers and partners who may see no case of this person, under whichever reference."""
    restricted: bool = False


class MergedInto(Record):
    """This case's victim is the victim of another open case: it closes as a duplicate once that
    case has everything that this one owes (docs/commands/handover.md)."""

    kind: Literal["merged-into"] = "merged-into"
    message_id: str
    kept_case_ref: str
    kept_victim_ref: str
    decided_by: str
    role: str
    reason: str
    at: datetime
    conflicts: tuple[str, ...] = ()
    """Officers and partners who may see no case of this person, under whichever reference."""
    restricted: bool = False


class Renewed(Record):
    """A new release: go on in a new run, with the duties that came with it (docs/upgrades.md). The
    policy is taken over where the one in force lacks those duties."""

    kind: Literal["renewed"] = "renewed"
    message_id: str
    policy_version: str


class CalendarChanged(Record):
    """A new calendar is in force: open clocks are computed again."""

    kind: Literal["calendar-changed"] = "calendar-changed"
    message_id: str
    calendar_version: str
