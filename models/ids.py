"""Identifiers and stream names. A stream name is also the workflow id and the key scope."""

from __future__ import annotations

import re

CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,59}$")
"""A code as commands and plans have them: `HEARING_LOOP`."""
CASE_REF = re.compile(r"^CASE-\d{4}-\d{5}$")
VICTIM_REF = re.compile(r"^VIC-\w+$")
REFERRAL_REF = re.compile(r"^(?:IDVA|MARAC|MATAC|MASIP)-\d{4}-\d{5}$")
MEETING_REF = re.compile(r"^(?:MARAC|MATAC)/[^/]+/\d{4}-\d{2}-\d{2}/\d+$")
"""A meeting's name without `meeting/`: forum, area, date, running number of the day."""


def case_ref(year: int, number: int) -> str:
    """The case reference, for example `CASE-2026-00001`; no personal data."""
    return f"CASE-{year:04d}-{number:05d}"


def incident_stream(incident_ref: str, victim_ref: str) -> str:
    """Stream and workflow id of one victim's incident."""
    return f"incident/{incident_ref}/{victim_ref}"


def case_stream(ref: str) -> str:
    """Stream and workflow id of a case."""
    return f"case/{ref}"


def referral_ref(pathway: str, year: int, number: int) -> str:
    """The reference of a referral, for example `MARAC-2027-00012`; no personal data."""
    return f"{pathway}-{year:04d}-{number:05d}"


def referral_stream(ref: str) -> str:
    """Stream and workflow id of a referral."""
    return f"referral/{ref}"


def meeting_stream(forum: str, area: str, date: str, number: int | str = 1) -> str:
    """Stream and workflow id of a meeting; `date` is its London date as ISO 8601."""
    return f"meeting/{forum}/{area}/{date}/{number}"


def role_address(role: str, area: str) -> str:
    """An owner who is whoever holds a role in an area (`INSPECTOR@Medway`): their worklists show
    it, and notices go to them."""
    return f"{role}@{area}"


def reference_of(stream: str) -> str:
    """What a person calls a stream: `CASE-2027-00001`, or `46/1/27/VIC-1`."""
    return stream.split("/", 1)[-1]


def victim_stream(victim_ref: str) -> str:
    """Stream of what intake decided about a victim's reports, and of what nobody was left to hear;
    written by no workflow. Also the key scope of the victim's identity and of the reports'
    narrative."""
    return f"victim/{victim_ref}"


def matac_stream(area: str, month: str) -> str:
    """Stream of one month's scoring run of an area; `month` is `2027-07`. No workflow writes it."""
    return f"matac/{area}/{month}"


def is_workflow_stream(stream: str) -> bool:
    """Whether a running workflow writes this stream, and not intake or a scoring run."""
    return not stream.startswith(("victim/", "matac/"))
