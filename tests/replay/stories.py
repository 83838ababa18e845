"""Stories that between them take every workflow through its commands, timers and endings.

A story is fixed: a change to it makes new histories and new fingerprints necessary.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.replay import cases, continued, forums, incidents
from tests.replay.acting import Handle
from tests.replay.theatre import Theatre

Story = Callable[[Theatre], Awaitable[Handle]]
CONTINUED: dict[str, Story] = {
    "case-continued": continued.case_continued,
    "incident-continued": continued.incident_continued,
    "referral-continued": continued.referral_continued,
    "meeting-continued": continued.meeting_continued,
}
"""Runs that end because they are too long: how many commands fit is the server's to say."""
STORIES: dict[str, Story] = {
    "case-worked": cases.case_worked,
    "case-reopened": cases.case_reopened,
    "case-waited": cases.case_waited,
    "case-duties": cases.case_duties,
    "case-wishes": cases.case_wishes,
    "case-told": cases.case_told,
    "case-renewed": cases.case_renewed,
    "incident-worked": incidents.incident_worked,
    "incident-ended": incidents.incident_ended,
    "incident-late": incidents.incident_late,
    "incident-duties": incidents.incident_duties,
    "incident-renewed": incidents.incident_renewed,
    "referral-idva": forums.referral_idva,
    "referral-marac": forums.referral_marac,
    "referral-matac": forums.referral_matac,
    "referral-masip": forums.referral_masip,
    "meeting-marac": forums.meeting_marac,
    "meeting-matac": forums.meeting_matac,
    "meeting-opening": forums.meeting_opening,
    **CONTINUED,
}
