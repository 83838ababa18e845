"""When contact is due, safe windows, and when attempts are exhausted (docs/domain.md 9.2).

Windows are London wall-clock times; everything returned is UTC. Nothing here allows a contact:
that is `models.safe_decision`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from models.calendars import Calendar
from models.enums import RiskGrade
from models.instants import at_local, london_date, utc
from models.policy import Policy
from models.safe_contact import DoNotContact, SafeContactPlan, SafeWindow

Span = tuple[datetime, datetime]
LOOK_AHEAD = timedelta(days=35)
"""A weekly window occurs within it even where bank holidays and do-not-contact days fall on it."""
LOOK_BACK = timedelta(days=35)
NEWEST = 2
"""The newest release of a run; one of the first counts windows as its release did."""


def contact_due_adjusted(
    due_raw: datetime,
    plan: SafeContactPlan | None,
    last_success: datetime | None,
    calendar: Calendar,
    *,
    started_at: datetime | None = None,
    release: int = NEWEST,
) -> datetime:
    """The due instant after safe windows: unchanged inside a window or without a plan; else the end
    of the latest window that ends before `due_raw` and after the last success (and after
    `started_at`, when the obligation began); if there is none, the end of the first window after.
    Unchanged too where no window occurs at all: waiting would never end."""
    due_raw = utc(due_raw)
    if plan is None:
        return due_raw
    known = [utc(at) for at in (last_success, started_at) if at is not None]
    floor = max(known, default=due_raw - LOOK_BACK)
    day = timedelta(days=1)
    near = safe_windows_between(plan, floor - day, due_raw + day, calendar, release=release)
    if any(opens <= due_raw <= closes for opens, closes in near):
        return due_raw
    before = [closes for _, closes in near if floor < closes < due_raw]
    if before:
        return max(before)
    after = safe_windows_between(plan, due_raw, due_raw + LOOK_AHEAD, calendar, release=release)
    return after[0][1] if after else due_raw


def safe_windows_between(
    plan: SafeContactPlan,
    start: datetime,
    end: datetime,
    calendar: Calendar,
    *,
    release: int = NEWEST,
) -> list[Span]:
    """The safe spans that overlap `start` to `end`, in order, do-not-contact times cut out, those
    that touch joined. Spans are whole: they may begin before `start` or end after `end`. One that
    does not apply on bank holidays ends at the midnight on which one begins."""
    first, last = london_date(start) - timedelta(days=2), london_date(end) + timedelta(days=2)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    windows = _joined(
        [
            _window(window, day, calendar, release)
            for day in days
            for window in plan.safe_windows
            if _applies(window, day, calendar)
        ]
    )
    for barred in do_not_contact_spans(plan, first, last, release=release):
        windows = [piece for window in windows for piece in _cut(window, barred)]
    return [span for span in windows if span[1] > utc(start) and span[0] < utc(end)]


def do_not_contact_spans(
    plan: SafeContactPlan, first: date, last: date, *, release: int = NEWEST
) -> list[Span]:
    """The spans, in order, in which nobody may make contact, from one London day to another. An
    entry with neither day nor weekdays holds every day: unsafe is the default, and so of two equal
    times on the night when clocks go back the second ends it."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sorted(
        _span(day, entry.opens or time(), entry.closes or time(), last=release > 1)
        for day in days
        for entry in plan.do_not_contact
        if _barred(entry, day)
    )


def attempts_exhausted(
    attempts: Sequence[datetime], grade: RiskGrade, policy: Policy, now: datetime
) -> bool:
    """Whether the grade's number of attempts was made within its hours, by now. `attempts` are
    those since contact was last owed."""
    contact = policy.contact[grade]
    made = sorted(utc(at) for at in attempts if utc(at) <= utc(now))
    within = timedelta(hours=contact.attempts_within_hours)
    return any(
        last - first <= within
        for first, last in zip(made, made[contact.attempts - 1 :], strict=False)
    )


def _applies(window: SafeWindow, day: date, calendar: Calendar) -> bool:
    if day.weekday() not in window.weekdays:
        return False
    return window.bank_holidays or not calendar.is_bank_holiday(day)


def _barred(entry: DoNotContact, day: date) -> bool:
    if entry.day is None and not entry.weekdays:
        return True
    return day == entry.day or day.weekday() in entry.weekdays


def _window(window: SafeWindow, day: date, calendar: Calendar, release: int) -> Span:
    opens, closes = _span(day, window.opens, window.closes)
    tomorrow = day + timedelta(days=1)
    if release > 1 and not window.bank_holidays and calendar.is_bank_holiday(tomorrow):
        closes = min(closes, at_local(tomorrow, time()))
    return opens, closes


def _span(day: date, opens: time, closes: time, *, last: bool = False) -> Span:
    """A span of one London day; one that closes at or before it opens ends the day after."""
    until = day if closes > opens else day + timedelta(days=1)
    return at_local(day, opens), at_local(until, closes, last=last)


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        elif opens < closes:
            joined.append((opens, closes))
    return joined


def _cut(window: Span, barred: Span) -> list[Span]:
    opens, closes = window
    if barred[1] <= opens or barred[0] >= closes:
        return [window]
    pieces = [(opens, barred[0]), (barred[1], closes)]
    return [piece for piece in pieces if piece[0] < piece[1]]
