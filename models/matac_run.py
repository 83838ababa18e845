"""A month's scoring of an area: everybody who was reported there, in order, with the inputs
(docs/domain.md 8.2). Pure. It nominates; a coordinator and a meeting decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum

from models.base import Record, Refused
from models.calendars import Calendar
from models.duties.rfgv import RfgvDuty
from models.eligibility import under_age
from models.instants import at_local, london_date
from models.policy import Policy
from models.report import Report
from models.rfgv import DaEvent, RfgvScore, in_window, ranked, score

MONTH = re.compile(r"^\d{4}-(?:0[1-9]|1[0-2])$")


class Standing(StrEnum):
    """What a run makes of somebody."""

    NOMINATED = "NOMINATED"
    NOT_NOMINATED = "NOT_NOMINATED"
    ALREADY_ACTIVE = "ALREADY_ACTIVE"
    """A nomination of an earlier month still runs: it is told the score."""


class Scored(Record):
    """One perpetrator's place in a run. `serial`: so many victims in so many months as policy
    calls serial. `victims` are all in that time, by reference."""

    score: RfgvScore
    standing: Standing
    serial: bool
    victims: tuple[str, ...]


def score_area(
    reports: Iterable[Report],
    area: str,
    run_on: date,
    policy: Policy,
    active: Iterable[str] = (),
) -> list[Scored]:
    """Everybody with a report in the area within the window, by rank. What was reported elsewhere
    counts as well: harm is harm. Reports under 16 are not domestic abuse by law and count nowhere.
    `active` are those whose nomination runs."""
    rule = policy.of_duties.rfgv
    of: dict[str, list[Report]] = {}
    for report in reports:
        if report.perpetrator_ref and not under_age(report, policy.intake):
            of.setdefault(report.perpetrator_ref, []).append(report)
    scores = [
        score(ref, [DaEvent.of(report) for report in found], run_on, rule)
        for ref, found in of.items()
        if _here(found, area, run_on, rule)
    ]
    running = set(active)
    placed = []
    for each in ranked(scores, rule):
        victims = serial_victims(of[each.perpetrator_ref], run_on, rule)
        standing = Standing.NOMINATED if each.nominated else Standing.NOT_NOMINATED
        if each.perpetrator_ref in running:
            standing = Standing.ALREADY_ACTIVE
        serial = len(victims) >= rule.serial_victims
        placed.append(Scored(score=each, standing=standing, serial=serial, victims=victims))
    return placed


def serial_victims(reports: Iterable[Report], run_on: date, rule: RfgvDuty) -> tuple[str, ...]:
    """Victims of one perpetrator in the months that make somebody serial."""
    longer = rule.model_copy(update={"window_months": rule.serial_months})
    found = {each.victim_ref for each in reports if in_window(each.reported_at, run_on, longer)}
    return tuple(sorted(found))


def _here(reports: Iterable[Report], area: str, run_on: date, rule: RfgvDuty) -> bool:
    return any(
        report.district.casefold() == area.casefold()
        and in_window(report.reported_at, run_on, rule)
        for report in reports
    )


def run_day(month: str, now: datetime, *, dry_run: bool) -> date:
    """The day on which a month is scored: today in the month that runs. Another month is scored on
    its last day, to look at only. Raises Refused."""
    today = london_date(now)
    if not MONTH.match(month):
        raise Refused("MONTH", "a month is written as 2027-07", "give --month 2027-07", "month")
    year, number = map(int, month.split("-"))
    if (year, number) == (today.year, today.month):
        return today
    if (year, number) > (today.year, today.month):
        raise Refused("IN_FUTURE", "this month has not begun", "score the month that runs", "month")
    if not dry_run:
        raise Refused(
            "MONTH_OVER",
            "a month is scored while it runs, and this one was not",
            "score the month that runs; --dry-run shows what this one would have given",
            "month",
        )
    after = date(year + number // 12, number % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1)


def due_from(now: datetime, calendar: Calendar, opens: time) -> datetime:
    """From when the month that runs at `now` is scored by itself: its first working day, at this
    London time."""
    first = london_date(now).replace(day=1)
    return at_local(calendar.working_day_from(first), opens)
