"""Calendars and the one place that counts limits on them (docs/domain.md 4.3, 4.4, 11).

Calendars are plain dates, expanded when made, so that no library decides a deadline at run time.
"""

from __future__ import annotations

import calendar as months_of
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, ValidationError, model_validator

from models.base import Record
from models.clocks import CalendarKind, Limit
from models.content import PolicyError, content_version, explain_validation, read_mapping
from models.instants import add_local_days, at_local, end_of_day, london_date, utc

SATURDAY = 5
SUNDAY = 6
CHRISTMAS_DAY = (12, 25)


class Holiday(Record):
    """One bank holiday of a calendar file, with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: date
    title: str
    basis: str


class CalendarFile(Record):
    """A calendar as its file holds it. `good_fridays` and `school_days` are plain dates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z]+-\d{4}\.\d+$")
    title: str
    source: str
    covers: tuple[date, date]
    bank_holidays: tuple[Holiday, ...] = Field(min_length=1)
    good_fridays: tuple[date, ...]
    school_days: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> CalendarFile:
        days = [holiday.day for holiday in self.bank_holidays]
        if days != sorted(set(days)):
            raise ValueError("bank_holidays must be in order of date, each once")
        first, last = self.covers
        if days[0] < first or days[-1] > last:
            raise ValueError("bank_holidays must lie within covers")
        wrong = [day for day in self.good_fridays if day.weekday() != 4]
        if wrong:
            raise ValueError(f"good_fridays: {wrong[0]} is no Friday")
        return self


class Calendar(Record):
    """Bank holidays (and, where known, school days) as plain dates.

    After `covers` Monday to Friday are working days: a clock that reaches so far is recomputed
    when a calendar that covers it is put in force.
    """

    version: str
    title: str = ""
    source: str = ""
    covers: tuple[date, date] = (date.min, date.max)
    bank_holidays: tuple[date, ...]
    good_fridays: tuple[date, ...] = ()
    school_days: tuple[date, ...] = ()

    def is_bank_holiday(self, day: date) -> bool:
        """Whether the day is an England and Wales bank holiday."""
        return day in self.bank_holidays

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday and no bank holiday (docs/domain.md 4.3)."""
        return day.weekday() < SATURDAY and day not in self.bank_holidays

    def is_dvpn_day(self, day: date) -> bool:
        """Whether the 48 hours of a notice run on this day: not on Sundays, bank holidays, Good
        Friday and Christmas Day, listed or not (Crime and Security Act 2010 s27)."""
        return not (
            day.weekday() == SUNDAY
            or day in self.bank_holidays
            or day in self.good_fridays
            or (day.month, day.day) == CHRISTMAS_DAY
        )

    def working_day_from(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The count-th working day after `day` (before it, where the count is negative)."""
        step = timedelta(days=1 if count >= 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def next_school_start(self, after: datetime, opens: time) -> datetime | None:
        """When schools next open after an instant, at this London time; None where the calendar
        knows no more school days. In the night before a school day it is that morning."""
        today = london_date(after)
        starts = (at_local(day, opens) for day in self.school_days if day >= today)
        return next((start for start in starts if start > after), None)


EVERY_DAY = Calendar(version="", bank_holidays=())
"""For limits that no holiday moves."""


def load_calendar(path: Path) -> Calendar:
    """A calendar file as a calendar, named by its content. Raises PolicyError."""
    content: dict[str, Any] = read_mapping(path)
    try:
        file = CalendarFile.model_validate(content)
    except ValidationError as error:
        raise explain_validation(path.name, error) from error
    plain = file.model_dump(mode="json")
    return Calendar(
        version=content_version(file.name, plain),
        title=file.title,
        source=file.source,
        covers=file.covers,
        bank_holidays=tuple(holiday.day for holiday in file.bank_holidays),
        good_fridays=file.good_fridays,
        school_days=file.school_days,
    )


def due_instant(
    limit: Limit, start: datetime, calendar: Calendar, beginning_with: bool = False
) -> datetime:
    """When a limit that starts at `start` ends, in UTC (docs/domain.md 11, units).

    `beginning_with` counts the start's own day as the first (D limits only). A negative W limit
    ends that many working days before the start's day. Raises PolicyError for a limit that has no
    computed end (an agreed instant) or an impossible unit.
    """
    start = utc(start)
    day = london_date(start)
    match limit.kind, limit.unit:
        case CalendarKind.ELAPSED, ("min" | "h" | "d"):
            return start + elapsed(limit)
        case CalendarKind.WORKING_DAYS, ("d" | ""):
            return end_of_day(calendar.add_working_days(day, limit.amount))
        case CalendarKind.CALENDAR_DAYS, ("d" | "months" | ""):
            return end_of_day(_last_day(limit, day, beginning_with))
        case CalendarKind.DVPN, "h":
            return _dvpn(start, elapsed(limit), calendar)
        case CalendarKind.CADENCE, ("d" | ""):
            return add_local_days(start, limit.amount)
    raise PolicyError(
        "limit",
        str(limit),
        "has no end that can be computed",
        "give the agreed instant, or one of E min/h/d, W d, D d/months, X h, C d",
    )


def elapsed(limit: Limit) -> timedelta:
    """The length of an E or X limit; a day is 24 hours."""
    match limit.unit:
        case "min":
            return timedelta(minutes=limit.amount)
        case "d":
            return timedelta(hours=24 * limit.amount)
        case _:
            return timedelta(hours=limit.amount)


def _last_day(limit: Limit, day: date, beginning_with: bool) -> date:
    own = 1 if beginning_with else 0
    if limit.unit != "months":
        return day + timedelta(days=limit.amount - own)
    years, month = divmod(day.year * 12 + day.month - 1 + limit.amount, 12)
    longest = months_of.monthrange(years, month + 1)[1]
    if day.day > longest:
        # A period with no corresponding date ends with the month, either way of counting.
        return date(years, month + 1, longest)
    return date(years, month + 1, day.day) - timedelta(days=own)


def _dvpn(start: datetime, left: timedelta, calendar: Calendar) -> datetime:
    at = start
    while True:
        day = london_date(at)
        midnight = at_local(day + timedelta(days=1), time())
        if calendar.is_dvpn_day(day):
            if left <= midnight - at:
                return at + left
            left -= midnight - at
        at = midnight
