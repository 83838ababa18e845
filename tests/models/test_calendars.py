"""Counting limits on calendars."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.calendars_make import make
from models.calendars import Calendar, due_instant, load_calendar
from models.content import PolicyError
from models.instants import london, london_date, show
from models.limits import parse_limit
from tests.models.conftest import POLICY, at, instants

EW = load_calendar(POLICY / "calendars" / "ew-2026.1.json")
INSTANTS = instants("2024-01-08 00:00", "2029-12-01 00:00")


def due(limit: str, start: str, *, beginning_with: bool = False) -> str:
    return show(due_instant(parse_limit(limit), at(start), EW, beginning_with))


@pytest.mark.parametrize(
    ("limit", "start", "ends"),
    [
        ("E 60 min", "2027-03-28 00:30", "Sun 28 Mar 2027 02:30"),
        ("E 24 h", "2027-10-30 12:00", "Sun 31 Oct 2027 11:00"),
        ("E 7 d", "2027-06-07 08:15", "Mon 14 Jun 2027 08:15"),
        ("W 1", "2027-03-25 22:30", "Tue 30 Mar 2027 23:59"),
        ("W 1", "2026-12-24 09:00", "Tue 29 Dec 2026 23:59"),
        ("W 2", "2027-03-27 09:00", "Wed 31 Mar 2027 23:59"),
        ("W -2", "2027-03-31 10:00", "Thu 25 Mar 2027 23:59"),
        ("D 28", "2027-09-06 10:00", "Mon 4 Oct 2027 23:59"),
        ("D 12 months", "2028-02-29 10:00", "Wed 28 Feb 2029 23:59"),
        ("D 3 months", "2027-11-30 10:00", "Tue 29 Feb 2028 23:59"),
        ("X 48 h", "2027-03-26 18:00", "Wed 31 Mar 2027 00:00"),
        ("X 48 h", "2027-03-27 16:30", "Wed 31 Mar 2027 16:30"),
        ("X 48 h", "2027-12-24 18:00", "Thu 30 Dec 2027 18:00"),
        ("X 48 h", "2027-06-08 09:00", "Thu 10 Jun 2027 09:00"),
        ("C 7", "2027-03-26 10:15", "Fri 2 Apr 2027 10:15"),
        ("C 1", "2027-03-27 01:30", "Sun 28 Mar 2027 02:30"),
    ],
)
def test_limit_ends_to_the_minute(limit: str, start: str, ends: str) -> None:
    assert due(limit, start) == ends


def test_period_beginning_with_a_day_counts_that_day() -> None:
    assert due("D 28", "2027-03-31 15:00", beginning_with=True) == "Tue 27 Apr 2027 23:59"
    assert due("D 12 months", "2027-02-01 09:00", beginning_with=True) == "Mon 31 Jan 2028 23:59"
    assert due("D 12 months", "2028-02-29 09:00", beginning_with=True) == "Wed 28 Feb 2029 23:59"
    assert due("D 3", "2027-06-16 12:00", beginning_with=True) == "Fri 18 Jun 2027 23:59"


def test_days_end_one_second_before_midnight_in_london() -> None:
    ends = due_instant(parse_limit("W 1"), at("2027-06-07 09:00"), EW)
    assert ends == datetime(2027, 6, 8, 22, 59, 59, tzinfo=UTC)


def test_cadence_that_falls_on_the_repeated_hour_takes_the_first() -> None:
    ends = due_instant(parse_limit("C 7"), at("2027-10-24 01:30"), EW)
    assert ends == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_bank_holidays_are_those_of_the_register() -> None:
    listed = {
        2026: "12-25 12-28",
        2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
        2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    }
    for year, days in listed.items():
        from_then = [
            day for day in EW.bank_holidays if day.year == year and day >= date(2026, 12, 1)
        ]
        assert " ".join(day.strftime("%m-%d") for day in from_then) == days


@pytest.mark.parametrize("limit", ["F", "X 48 h"])
def test_limit_without_computable_end_is_refused(limit: str) -> None:
    parsed = parse_limit(limit).model_copy(update={"unit": "months"})
    with pytest.raises(PolicyError, match="agreed instant"):
        due_instant(parsed, at("2027-01-04 09:00"), EW)


@given(start=INSTANTS, count=st.integers(1, 15))
def test_working_day_limits_end_on_a_working_day_with_so_many_between(
    start: datetime, count: int
) -> None:
    ends = due_instant(parse_limit(f"W {count}"), start, EW)
    first, last = london_date(start), london_date(ends)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert EW.is_working_day(last)
    assert sum(EW.is_working_day(day) for day in between) == count
    assert london(ends).strftime("%H:%M:%S") == "23:59:59"


@given(start=INSTANTS, hours=st.integers(1, 96))
def test_notice_hours_count_only_on_running_days(start: datetime, hours: int) -> None:
    minute = timedelta(minutes=15)
    start = start.replace(minute=0, second=0, microsecond=0)
    ends = due_instant(parse_limit(f"X {hours} h"), start, EW)
    running = 0
    moment = start
    while moment < ends:
        running += EW.is_dvpn_day(london_date(moment))
        moment += minute
    assert running == hours * 4


@given(start=INSTANTS, days=st.integers(1, 60))
def test_cadence_keeps_the_local_clock_except_in_the_missing_hour(
    start: datetime, days: int
) -> None:
    ends = london(due_instant(parse_limit(f"C {days}"), start, EW))
    begun = london(start)
    assert ends.date() == begun.date() + timedelta(days=days)
    lost = ends.date() == date(ends.year, 3, ends.day) and ends.hour == 2 and begun.hour == 1
    assert lost or ends.time() == begun.time()


def write(folder: Path, **changes: object) -> Path:
    content = json.loads((POLICY / "calendars" / "ew-2026.1.json").read_text())
    path = folder / "ew-2026.1.json"
    path.write_text(json.dumps({**content, **changes}))
    return path


def test_calendar_with_other_days_has_another_version(tmp_path: Path) -> None:
    again = load_calendar(write(tmp_path))
    days = json.loads(write(tmp_path).read_text())["bank_holidays"]
    other = load_calendar(write(tmp_path, bank_holidays=days[:-1]))
    assert again.version == EW.version
    assert other.version != EW.version
    assert other.version.startswith("ew-2026.1@")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bank_holiday": []}, "bank_holiday: is not a known key"),
        ({"bank_holidays": []}, "bank_holidays: "),
        ({"covers": ["2027-01-01", "2027-12-31"]}, "within covers"),
        ({"good_fridays": ["2027-03-25"]}, "is no Friday"),
    ],
)
def test_mistake_in_a_calendar_is_named(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(PolicyError, match=message) as caught:
        load_calendar(write(tmp_path, **changes))
    assert "ew-2026.1.json" in str(caught.value)


@pytest.mark.parametrize("name", ["ew-2026.1", "ew-2026.2"])
def test_shipped_calendar_is_what_its_source_expands_to(tmp_path: Path, name: str) -> None:
    source = tmp_path / f"{name}.source.yaml"
    source.write_text((POLICY / "calendars" / source.name).read_text())
    made: Calendar = load_calendar(make(source))
    assert made == load_calendar(POLICY / "calendars" / f"{name}.json")


def test_school_days_are_weekdays_in_term_that_are_no_bank_holidays() -> None:
    schools = load_calendar(POLICY / "calendars" / "ew-2026.2.json")
    assert schools.bank_holidays == EW.bank_holidays
    assert all(schools.is_working_day(day) for day in schools.school_days)
    assert list(schools.school_days) == sorted(set(schools.school_days))
    known = set(schools.school_days)
    for day, taught in (
        (date(2027, 3, 25), True),
        (date(2027, 3, 30), False),
        (date(2027, 4, 12), True),
        (date(2027, 5, 3), False),
        (date(2027, 5, 14), True),
        (date(2027, 5, 15), False),
        (date(2027, 8, 11), False),
    ):
        assert (day in known) is taught
    for year in (2026, 2027, 2028):
        of_year = [d for d in known if date(year - 1, 8, 31) < d < date(year, 8, 1)]
        assert 185 <= len(of_year) <= 195


def test_a_closed_day_of_a_term_is_no_school_day(tmp_path: Path) -> None:
    source = tmp_path / "ew.source.yaml"
    text = (POLICY / "calendars" / "ew-2026.2.source.yaml").read_text()
    term = "{first: 2027-04-12, last: 2027-05-28,"
    source.write_text(text.replace(term, f"{term} closed: [2027-05-17],"))
    made = load_calendar(make(source))
    assert date(2027, 5, 17) not in made.school_days
    assert date(2027, 5, 18) in made.school_days


def test_policy_adds_and_removes_days(tmp_path: Path) -> None:
    source = tmp_path / "ew.source.yaml"
    text = (POLICY / "calendars" / "ew-2026.1.source.yaml").read_text()
    one = "add:\n  - {day: 2027-06-07, title: One-off holiday, basis: proclamation}"
    source.write_text(text.replace("remove: []", "remove: [2027-05-03]").replace("add:", one, 1))
    made = load_calendar(make(source))
    assert made.is_bank_holiday(date(2027, 6, 7))
    assert not made.is_bank_holiday(date(2027, 5, 3))
