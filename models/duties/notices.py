"""Notices to officers and partners, and messages to victims."""

from __future__ import annotations

from datetime import time

from pydantic import Field

from models.duties.base import DutiesRecord


class NoticePolicy(DutiesRecord):
    """When notices go out, and what happens when nobody answers (docs/domain.md 11: out of hours an
    elapsed clock's owner is the DA Hub, then the duty sergeant). Times are London wall-clock."""

    quiet_from: time = time(22)
    quiet_until: time = time(7)
    """Routine notices wait for the end of the quiet hours; urgent ones do not."""
    unit_from: time = time(8)
    unit_until: time = time(18)
    unit_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """When a DALO is on duty: weekdays, 0 Monday to 6 Sunday; never on a bank holiday."""
    hub_from: time = time(8)
    hub_until: time = time(22)
    """The DA Hub answers outside the unit's hours; outside its own, the duty sergeant."""
    remind_before_hours: int = Field(default=24, gt=0)
    """Before a task's due time its owner is reminded."""
    acknowledge_within_minutes: int = Field(default=60, gt=0)
    """An urgent notice that nobody has acknowledged by then goes to the supervisor too."""
    wordings: dict[str, str] = Field(default_factory=dict)
    """Agreed neutral texts for messages to victims, by the code that a safe-contact plan names.
    None may say or hint that police wrote it."""
    basis: str = Field(min_length=1)
