"""Identifiers and stream names. A stream name is also the workflow id and the key scope."""

from __future__ import annotations

import re

CASE_REF = re.compile(r"^CASE-\d{4}-\d{5}$")


def case_ref(year: int, number: int) -> str:
    """The case reference, for example `CASE-2026-00001`; no personal data."""
    return f"CASE-{year:04d}-{number:05d}"


def incident_stream(incident_ref: str, victim_ref: str) -> str:
    """Stream and workflow id of one victim's incident."""
    return f"incident/{incident_ref}/{victim_ref}"


def case_stream(ref: str) -> str:
    """Stream and workflow id of a case."""
    return f"case/{ref}"


def victim_stream(victim_ref: str) -> str:
    """Stream of what intake decided about a victim's reports; written by intake, by no workflow.
    Also the key scope of the victim's identity and of the reports' narrative."""
    return f"victim/{victim_ref}"


def is_workflow_stream(stream: str) -> bool:
    """Whether a running workflow, not intake, writes this stream."""
    return not stream.startswith("victim/")
