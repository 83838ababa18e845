"""Instants are stored in UTC and reasoned about in Europe/London."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def utc(value: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime."""
    if value.tzinfo is None:
        raise ValueError("a time zone is needed")
    return value.astimezone(UTC)


def london(value: datetime) -> datetime:
    """The same instant on the London clock."""
    return utc(value).astimezone(LONDON)


def london_date(value: datetime) -> date:
    """The London calendar day of an instant."""
    return london(value).date()


def at_local(day: date, clock: time, *, last: bool = False) -> datetime:
    """The UTC instant of a London wall-clock time.

    A time that occurs twice (clocks back) takes the first, or with `last` the second; one that
    does not exist (clocks forward) moves on by the gap (docs/domain.md 11, units).
    """
    local = datetime.combine(day, clock, LONDON)
    first = local.replace(fold=0).astimezone(UTC)
    return max(first, local.replace(fold=1).astimezone(UTC)) if last else first


def end_of_day(day: date) -> datetime:
    """23:59:59 London time on `day`, in UTC."""
    return at_local(day, time(23, 59, 59))


def add_local_days(start: datetime, days: int) -> datetime:
    """The same local clock time `days` later (cadence days, docs/domain.md 11, units)."""
    local = london(start)
    return at_local(local.date() + timedelta(days=days), local.time().replace(fold=0))


def show(value: datetime) -> str:
    """An instant as people read it: `Fri 26 Mar 2027 22:50`."""
    return london(value).strftime("%a %-d %b %Y %H:%M")
