"""What the watchdog can find, and how long it waits before it says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from models.base import Record

GRACE = timedelta(minutes=2)
"""How late a restart may make a clock before it counts as not fired."""


class Difference(StrEnum):
    """What can be wrong."""

    CLOCK_NOT_FIRED = "CLOCK_NOT_FIRED"
    CASE_WITHOUT_WORKFLOW = "CASE_WITHOUT_WORKFLOW"
    INCIDENT_WITHOUT_WORKFLOW = "INCIDENT_WITHOUT_WORKFLOW"
    REFERRAL_WITHOUT_WORKFLOW = "REFERRAL_WITHOUT_WORKFLOW"
    MEETING_WITHOUT_WORKFLOW = "MEETING_WITHOUT_WORKFLOW"
    WORKFLOW_WITHOUT_CASE = "WORKFLOW_WITHOUT_CASE"
    OUTBOX_OLD = "OUTBOX_OLD"
    NOTICE_NOT_SENT = "NOTICE_NOT_SENT"
    VICTIM_MESSAGE_OLD = "VICTIM_MESSAGE_OLD"
    NOBODY_ANSWERS = "NOBODY_ANSWERS"
    CLOCKS_DIFFER = "CLOCKS_DIFFER"
    NO_ANSWER = "NO_ANSWER"


class Finding(Record):
    """One difference: what, about which stream or message, since when, and what to do."""

    kind: Difference
    subject: str
    since: datetime | None = None
    detail: str
    remedy: str
