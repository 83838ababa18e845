"""What is refused in the same words whatever is commanded: another's decision, a time to come."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from models.base import Refused
from models.commands import Grant
from models.enums import INSPECTORS, SUPERVISORY


class Supervised(Protocol):
    """What has a supervisor, or waits for one."""

    supervisor_id: str


def supervisor_only(state: Supervised, grant: Grant) -> None:
    """A supervisor, inspector or superintendent."""
    if grant.role not in SUPERVISORY:
        raise Refused(
            "SUPERVISOR_ONLY",
            "this decision is a supervisor's",
            f"ask {state.supervisor_id or 'a supervisor'} to decide",
            "actor",
        )


def inspector_only(grant: Grant) -> None:
    """An inspector or superintendent."""
    if grant.role not in INSPECTORS:
        raise Refused(
            "INSPECTOR_ONLY",
            "this decision is an inspector's",
            "ask the area's inspector to decide",
            "actor",
        )


def not_later(now: datetime, at: datetime, field: str = "at") -> None:
    """`at` is not in the future."""
    if at > now:
        raise Refused(
            "IN_FUTURE", "the time given is later than now", "give when it happened", field
        )
