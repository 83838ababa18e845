"""One clock concept for every deadline of the register (docs/domain.md 11).

A clock carries its law: rule, policy version, calendar, start event and pauses, so that its due
instant can be explained and recomputed (`models.due`). Instants are UTC.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from models.base import Record
from models.enums import ClockStatus, ClockType


class CalendarKind(StrEnum):
    """Which calendar a limit is counted on (docs/domain.md 11, units)."""

    ELAPSED = "E"
    """Elapsed minutes or hours."""
    WORKING_DAYS = "W"
    """Ends 23:59:59 on the Nth following working day."""
    CALENDAR_DAYS = "D"
    """Ends 23:59:59 on day start + n (or, in months, on the last day of the period)."""
    DVPN = "X"
    """Elapsed hours that ignore Sundays, bank holidays, Good Friday and Christmas Day."""
    CADENCE = "C"
    """Days of cadence: the same local clock time."""
    FIXED = "F"
    """An agreed instant, not a computed one."""


class Limit(Record):
    """How long a clock runs, for example 60 minutes elapsed (`E 60 min`) or 5 working days."""

    kind: CalendarKind
    amount: int = 0
    unit: Literal["min", "h", "d", "months", ""] = ""

    def __str__(self) -> str:
        return f"{self.kind.value} {self.amount} {self.unit}".strip()


class Pause(Record):
    """A stretch in which a clock did not run; `ended_at` None while it lasts."""

    started_at: datetime
    ended_at: datetime | None = None
    reason: str


class Clock(Record):
    """One obligation with its due instant.

    `due_at` is what the clock fires at; `due_raw` is the due instant before safe windows moved it
    (contact clocks only; otherwise None). `rule_key` picks the limit where a rule has several, by
    risk grade say. `late_reason` is `RECEIVED_LATE` for a clock already past when it was made.
    """

    clock_id: str
    clock_type: ClockType
    subject: str = ""
    rule_key: str = ""
    limit: Limit
    policy_version: str
    calendar_version: str
    start_event: str
    started_at: datetime
    due_at: datetime
    due_raw: datetime | None = None
    warn_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    owner: str = ""
    status: ClockStatus = ClockStatus.OPEN
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    raw_breached_at: datetime | None = None
    ended_at: datetime | None = None
    """When it was met (the time of the meeting fact) or cancelled."""
    late_reason: str = ""
    reason: str = ""
    """Why it was cancelled, moved or agreed."""
    basis: str = ""
    """Where the due instant was fixed by agreement: by whom and what."""

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return bool(self.pauses) and self.pauses[-1].ended_at is None


def next_wake(clock: Clock) -> datetime | None:
    """The next instant at which an open clock has something to say (a warning or a breach, raw or
    adjusted); None when it has said everything, is paused, or has ended."""
    if clock.status is not ClockStatus.OPEN or clock.paused:
        return None
    waits = []
    if clock.warn_at is not None and clock.warned_at is None and clock.breached_at is None:
        waits.append(clock.warn_at)
    if clock.breached_at is None:
        waits.append(clock.due_at)
    if clock.due_raw is not None and clock.raw_breached_at is None:
        waits.append(clock.due_raw)
    return min(waits, default=None)


def met_in_time(clock: Clock) -> bool:
    """Whether a met clock was met at or before its due instant."""
    return (
        clock.status is ClockStatus.MET
        and clock.ended_at is not None
        and clock.ended_at <= clock.due_at
    )
