"""When meetings are held and their lists open (docs/domain.md 8): days are counted on the calendar,
the series on plain weeks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import registry
from models.duties.meetings import MeetingPolicy, MeetingSeries
from models.enums import Forum
from models.instants import london
from models.meeting import schedule
from tests.models.conftest import at

POLICY, CALENDAR = registry.load_shipped()


def series(forum: Forum) -> MeetingSeries:
    found = POLICY.of_duties.meetings.series_of(forum, "Medway")
    assert found is not None
    return found


def test_matac_meets_every_four_weeks_and_a_bank_holiday_moves_one_meeting_only() -> None:
    held = islice(schedule.meetings_from(series(Forum.MATAC), CALENDAR, date(2027, 7, 1)), 4)
    days = ["2027-07-05 10:00", "2027-08-02 10:00", "2027-08-31 10:00", "2027-09-27 10:00"]
    assert list(held) == [at(day) for day in days]


def test_marac_meets_every_thursday_at_the_same_local_time_across_the_clock_change() -> None:
    held = list(islice(schedule.meetings_from(series(Forum.MARAC), CALENDAR, date(2027, 3, 22)), 3))
    assert held == [at("2027-03-25 09:30"), at("2027-04-01 09:30"), at("2027-04-08 09:30")]
    assert (held[1] - held[0]) == timedelta(days=7) - timedelta(hours=1)


def test_the_series_holds_before_its_anchor_too() -> None:
    held = next(schedule.meetings_from(series(Forum.MARAC), CALENDAR, date(2026, 11, 20)))
    assert held == at("2026-11-26 09:30")


def test_the_next_list_is_open_before_the_one_before_it_closes() -> None:
    now = at("2027-03-25 06:00")
    open_now = schedule.wanted(POLICY, CALENDAR, series(Forum.MARAC), now)
    assert open_now == [at("2027-04-08 09:30"), at("2027-04-15 09:30")]


def test_an_emergency_is_heard_the_next_working_day() -> None:
    # Maundy Thursday: Good Friday, the weekend and Easter Monday do not count.
    asked = at("2027-03-25 22:32")
    held = schedule.emergency_start(POLICY, CALENDAR, asked)
    assert held == at("2027-03-30 14:00")
    assert held <= schedule.emergency_until(CALENDAR, asked)


def test_one_series_a_forum_and_area() -> None:
    one = series(Forum.MARAC)
    with pytest.raises(ValueError, match="one series"):
        MeetingPolicy(series=(one, one))


@settings(max_examples=150, deadline=None)
@given(
    hours=st.integers(0, 24 * 900),
    forum=st.sampled_from(list(Forum)),
)
def test_whenever_one_asks_a_list_is_open_and_every_meeting_is_on_a_working_day(
    hours: int, forum: Forum
) -> None:
    now = at("2026-06-01 00:00") + timedelta(hours=hours)
    for start in schedule.wanted(POLICY, CALENDAR, series(forum), now):
        assert schedule.cut_off(POLICY, CALENDAR, forum, start) > now
        assert CALENDAR.is_working_day(london(start).date())
        assert london(start).time() == series(forum).time
    emergency = schedule.emergency_start(POLICY, CALENDAR, now)
    assert now < emergency <= schedule.emergency_until(CALENDAR, now)
