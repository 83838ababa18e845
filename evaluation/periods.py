"""The stretch of time that is measured, and its London months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models.base import Refused
from models.instants import at_local, london_date, utc

COUNTING_CHANGE = date(2023, 5, 1)
"""Usually only the principal crime is recorded per victim-offender report since May 2023
(docs/domain.md 2.4): counts before and after are not comparable."""


@dataclass(frozen=True)
class Stretch:
    """London days, both ends included: a calendar month's part of the period, or all of it."""

    label: str
    first: date
    last: date
    whole_months: bool = True

    def holds(self, instant: datetime) -> bool:
        """Whether an instant falls on one of the days."""
        return self.first <= london_date(instant) <= self.last


@dataclass(frozen=True)
class Period:
    """What is measured: reports made from `start` to `end` (London days, both included), as known
    at `as_of`. Facts count up to the cut-off; cases that wait for one then are censored."""

    start: date
    end: date
    as_of: datetime

    @property
    def cutoff(self) -> datetime:
        """The end of the period's last day, or `as_of` where that comes first."""
        return min(at_local(self.end + timedelta(days=1), time(0)), utc(self.as_of))

    @property
    def total(self) -> Stretch:
        """The period as one stretch."""
        return Stretch(f"{self.start.isoformat()}/{self.end.isoformat()}", self.start, self.end)

    def months(self) -> Iterator[Stretch]:
        """The London months of the period in order; the outer ones may be parts of months."""
        first = self.start.replace(day=1)
        while first <= self.end:
            following = (first + timedelta(days=32)).replace(day=1)
            last = following - timedelta(days=1)
            whole = first >= self.start and last <= self.end
            yield Stretch(
                f"{first:%Y-%m}", max(first, self.start), min(last, self.end), whole_months=whole
            )
            first = following


def make_period(start: date, end: date, as_of: datetime) -> Period:
    """A period that can be measured. Raises Refused (`BAD_PERIOD`)."""
    if as_of.tzinfo is None:
        raise Refused("BAD_PERIOD", "as_of has no time zone", "give one, UTC for example", "as_of")
    if start > end:
        raise Refused("BAD_PERIOD", "the period ends before it starts", "swap the dates", "to")
    if at_local(start, time(0)) >= utc(as_of):
        raise Refused(
            "BAD_PERIOD", "the period starts after as_of", "choose an earlier start", "from"
        )
    return Period(start, end, utc(as_of))


def counting(first: date, last: date) -> str:
    """The break marker: on which side of the counting change of May 2023 these days lie."""
    if last < COUNTING_CHANGE:
        return "BEFORE_MAY_2023"
    return "FROM_MAY_2023" if first >= COUNTING_CHANGE else "ACROSS_MAY_2023"
