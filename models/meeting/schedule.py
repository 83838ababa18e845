"""When the meetings of a series are held, and which lists should be open (docs/domain.md 8).

The series is counted in plain weeks from its anchor, before it and after; only the day itself moves
off a weekend or bank holiday, so that one holiday shifts one meeting and no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from models.calendars import Calendar, due_instant
from models.clocks import Limit
from models.duties.meetings import MeetingPolicy, MeetingSeries
from models.enums import ClockType, Forum
from models.instants import add_local_days, at_local, london_date
from models.policy import Policy

CUT_OFF = {Forum.MARAC: ClockType.MARAC_CUTOFF, Forum.MATAC: ClockType.MATAC_CUTOFF}


def held_on(series: MeetingSeries, calendar: Calendar, index: int) -> date:
    """The day of the meeting `index` intervals after the anchor: that day, or the next working
    day."""
    planned = series.anchor + timedelta(weeks=index * series.interval_weeks)
    return calendar.working_day_from(planned)


def starts_at(series: MeetingSeries, day: date) -> datetime:
    """When the meeting of a day begins, in UTC."""
    return at_local(day, series.time)


def meetings_from(series: MeetingSeries, calendar: Calendar, day: date) -> Iterator[datetime]:
    """The starts of the series' meetings on and after a day, in order, without end."""
    index = (day - series.anchor).days // (7 * series.interval_weeks)
    while True:
        held = held_on(series, calendar, index)
        if held >= day:
            yield starts_at(series, held)
        index += 1


def cut_off(policy: Policy, calendar: Calendar, forum: Forum, start: datetime) -> datetime:
    """When the list of a meeting closes."""
    limit = policy.clock_rules[CUT_OFF[forum]].limit_for("")
    return due_instant(limit or Limit.model_validate({"kind": "W", "amount": 0}), start, calendar)


def next_open(policy: Policy, calendar: Calendar, series: MeetingSeries, now: datetime) -> datetime:
    """The start of the first meeting of the series whose list closes after `now`."""
    for start in meetings_from(series, calendar, london_date(now)):
        if cut_off(policy, calendar, series.forum, start) > now:
            return start
    raise AssertionError("a series has no end")


def wanted(
    policy: Policy, calendar: Calendar, series: MeetingSeries, now: datetime
) -> list[datetime]:
    """The starts of the meetings whose lists should be open at `now`: the next one, and the one
    after it where the first list closes soon."""
    first = next_open(policy, calendar, series, now)
    closes = cut_off(policy, calendar, series.forum, first)
    ahead = add_local_days(now, _policy(policy).opens_ahead_days)
    if closes > ahead:
        return [first]
    return [first, next_open(policy, calendar, series, closes)]


def emergency_start(policy: Policy, calendar: Calendar, now: datetime) -> datetime:
    """When an emergency meeting asked for at `now` is held."""
    section = _policy(policy)
    day = calendar.add_working_days(london_date(now), section.emergency_after_working_days)
    day = calendar.working_day_from(day)
    start = at_local(day, section.emergency_time)
    if start > now:
        return start
    return at_local(calendar.add_working_days(day, 1), section.emergency_time)


def emergency_until(calendar: Calendar, now: datetime) -> datetime:
    """The end of the second working day: an emergency meeting by then is soon enough."""
    return due_instant(Limit.model_validate({"kind": "W", "amount": 2}), now, calendar)


def _policy(policy: Policy) -> MeetingPolicy:
    return policy.of_duties.meetings
