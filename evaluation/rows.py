"""What a metric yields: measures of one slice, and rows of the finished table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from models.base import Record

SMALL = 5
"""Counts below this are marked (docs/domain.md 12, disclosure control inside the force)."""
INTERNAL = "INTERNAL"
"""Raw counts for use inside the force: no suppression or rounding has been applied."""
PERCENT = "percent"
HOURS = "hours"
PER_100 = "per_100"


@dataclass(frozen=True)
class Measure:
    """One figure of one slice. `value` is None exactly where `note` says why. `pending` counts
    what is in neither numerator nor denominator because it was not yet due at the cut-off (for M01
    those still waiting: they are in the denominator, censored)."""

    name: str
    numerator: int
    denominator: int
    value: float | None
    unit: str
    pending: int = 0
    note: str = ""
    item: str = ""


class MetricRow(Record):
    """One row of the table. `period` is a London month (`2027-03`) or the whole period
    (`2027-03-01/2027-05-31`); `value` is None only with a `note`; `disclosure` is `INTERNAL`."""

    metric: str
    measure: str
    item: str
    definition_version: str
    area: str
    arm: str
    period: str
    numerator: int | None
    denominator: int | None
    value: float | None
    unit: str
    pending: int | None
    counting: str
    small_count: str
    disclosure: str
    note: str


class MetricTable(Record):
    """The metrics of a period. `observed_until` is how far the follow-up of M19 is known."""

    start: date
    end: date
    as_of: datetime
    cutoff: datetime
    observed_until: datetime | None
    definitions_version: str
    rows: tuple[MetricRow, ...]


def share(
    name: str, outcomes: Iterable[bool | None], *, empty: str, note: str = "", item: str = ""
) -> Measure:
    """Numerator, denominator and percentage of outcomes; None is pending. `empty` says why there
    is no value where nothing was there at all."""
    listed = list(outcomes)
    decided = [outcome for outcome in listed if outcome is not None]
    met, waiting = sum(decided), len(listed) - len(decided)
    if not decided:
        reason = f"NOT_YET_DUE: all {waiting} wait at the cut-off" if waiting else empty
        return Measure(name, 0, 0, None, PERCENT, waiting, join(reason, note), item)
    value = round(100 * met / len(decided), 1)
    return Measure(name, met, len(decided), value, PERCENT, waiting, note, item)


def per_100(
    name: str,
    number: int,
    of: int,
    *,
    empty: str,
    pending: int = 0,
    note: str = "",
    item: str = "",
) -> Measure:
    """So many for each hundred: `number` may be greater than `of`."""
    if not of:
        return Measure(name, number, 0, None, PER_100, pending, join(empty, note), item)
    return Measure(name, number, of, round(100 * number / of, 1), PER_100, pending, note, item)


def join(*notes: str) -> str:
    """Notes that say something, in order."""
    return "; ".join(note for note in notes if note)


def counted(number: int, what: str) -> str:
    """`3 of them late` where there are any, else nothing."""
    return f"{number} {what}" if number else ""


def small(*counts: int | None) -> str:
    """Whether a count is below 5: `YES` or `NO`."""
    return "YES" if any(count is not None and count < SMALL for count in counts) else "NO"
