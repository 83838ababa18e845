"""Expand a calendar's source to plain dates: the one place where a holiday library is used.

`python -m casework.calendars_make policy/calendars/ew-2026.1.source.yaml` writes the JSON beside
it. The result is kept with the project, so that a deadline never depends on a library's version.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from govuk_bank_holidays.bank_holidays import BankHolidays
from pydantic import ConfigDict, ValidationError

from models.base import Record
from models.calendars import SATURDAY, Holiday, load_calendar
from models.content import PolicyError, explain_validation, read_mapping

GOOD_FRIDAY = "Good Friday"
PUBLISHED = "GOV.UK bank holidays [known]"


class SchoolTerm(Record):
    """A stretch of school days, its first and last day included, with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date
    last: date
    closed: tuple[date, ...] = ()
    """Weekdays without pupils: staff training, days given for religious observance."""
    basis: str


class CalendarSource(Record):
    """A calendar before expansion: a published division, and what policy adds or takes away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    division: str
    covers: tuple[date, date]
    remove: tuple[date, ...] = ()
    add: tuple[Holiday, ...] = ()
    school_days: tuple[date, ...] = ()
    school_terms: tuple[SchoolTerm, ...] = ()


def school_days(source: CalendarSource, holidays: Collection[date]) -> list[date]:
    """Every school day of the source, in order: Mondays to Fridays of its terms that are neither
    bank holidays nor closed, and single days that it adds."""
    days = set(source.school_days)
    for term in source.school_terms:
        span = range((term.last - term.first).days + 1)
        days |= {
            day
            for day in (term.first + timedelta(days=n) for n in span)
            if day.weekday() < SATURDAY and day not in holidays and day not in term.closed
        }
    return sorted(days)


def expand(source: CalendarSource) -> dict[str, Any]:
    """The calendar file's content: every bank holiday in the covered years, in order."""
    first, last = source.covers
    published = BankHolidays(use_cached_holidays=True).get_holidays(division=source.division)
    days = {
        row["date"]: Holiday(
            day=row["date"],
            title=row["title"].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
            basis=PUBLISHED,
        )
        for row in published
        if first <= row["date"] <= last and row["date"] not in source.remove
    }
    days.update({holiday.day: holiday for holiday in source.add})
    holidays = [days[day] for day in sorted(days)]
    return {
        "name": source.name,
        "title": source.title,
        "source": "GOV.UK bank holidays, with policy additions",
        "covers": [first.isoformat(), last.isoformat()],
        "bank_holidays": [holiday.model_dump(mode="json") for holiday in holidays],
        "good_fridays": [h.day.isoformat() for h in holidays if h.title == GOOD_FRIDAY],
        "school_days": [day.isoformat() for day in school_days(source, days)],
    }


def make(path: Path) -> Path:
    """Write the expanded calendar beside its source, and load it to prove it. Raises PolicyError
    and then leaves what was there."""
    try:
        source = CalendarSource.model_validate(read_mapping(path))
    except ValidationError as error:
        raise explain_validation(path.name, error) from error
    target = path.with_name(f"{source.name}.json")
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps(expand(source), indent=1) + "\n", encoding="utf-8")
    try:
        load_calendar(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def main() -> int:
    """Make each calendar named on the command line; 1 and a message if one cannot be made."""
    if len(sys.argv) < 2:
        print("usage: python -m casework.calendars_make SOURCE.yaml ...", file=sys.stderr)
        return 2
    try:
        for name in sys.argv[1:]:
            target = make(Path(name))
            print(f"{target}: {load_calendar(target).version}")
    except PolicyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
