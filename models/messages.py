"""What the system tells a workflow: by start or by signal, through outbox and relay.

A message may arrive twice or out of order: a workflow ignores what it already has.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.enums import RiskGrade
from models.report import Report


class ReportArrived(Record):
    """A report of this victim was linked or updated; carries the whole report.

    `grade` is the working grade, `grade_pending_review` whether it was defaulted. `reticent` and
    `repeat_count_365` are intake's judgement of this version."""

    kind: Literal["report-arrived"] = "report-arrived"
    message_id: str
    report: Report
    received_at: datetime
    grade: RiskGrade
    grade_pending_review: bool = False
    reticent: bool = False
    repeat_count_365: int = 0
    now_ineligible: bool = False
    """An update that would now be refused: the case stays open, a supervisor decides."""


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


class CaseClosed(Record):
    """The case closed: the incident's obligations pass to a named person."""

    kind: Literal["case-closed"] = "case-closed"
    message_id: str
    handed_to: str


class CalendarChanged(Record):
    """A new calendar is in force: open clocks are computed again."""

    kind: Literal["calendar-changed"] = "calendar-changed"
    message_id: str
    calendar_version: str


CaseMessage = Annotated[
    ReportArrived | Allocated | Waitlisted | Under16Party | CalendarChanged,
    Field(discriminator="kind"),
]
IncidentMessage = Annotated[
    ReportArrived | OwnerChanged | CaseClosed | CalendarChanged, Field(discriminator="kind")
]


class CaseStart(Record):
    """Start of a case workflow; `messages` may already hold the report and the allocation."""

    case_ref: str
    victim_ref: str
    opened_at: datetime
    pilot_area: str
    allocation_arm: str
    policy_version: str
    calendar_version: str
    previous_case_ref: str = ""
    messages: tuple[CaseMessage, ...] = ()


class IncidentStart(Record):
    """Start of an incident workflow."""

    incident_ref: str
    victim_ref: str
    case_ref: str
    policy_version: str
    calendar_version: str
    dalo_id: str = ""
    supervisor_id: str = ""
    messages: tuple[IncidentMessage, ...] = ()
