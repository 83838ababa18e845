"""Which MARAC criteria a case's facts meet, and since when (docs/domain.md 5).

Pure, by the thresholds of the policy in force, local or national. A criterion that is met is a
recommendation to refer: a named officer decides. Repeat is judged by dates of pairs elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from models.base import Record
from models.calendars import EVERY_DAY, due_instant
from models.clocks import CalendarKind, Limit
from models.enums import MaracCriterion, RiskTool
from models.instants import london_date
from models.policy import MaracPolicy

YEAR_MONTHS = 12
"""Months are counted on no calendar of working days."""


class TickCount(Record):
    """How many questions of one tool were answered yes, and when."""

    count: int
    at: datetime


class DatedEvent(Record):
    """A report of domestic abuse of the victim. `earlier_365` is how many others intake knew in the
    365 days before it, most of them without a date here."""

    incident_ref: str
    reported_at: datetime
    criminal: bool
    perpetrator_ref: str = ""
    earlier_365: int = 0


class CriteriaFacts(Record):
    """What the criteria are judged on. Counts of different tools are never added up."""

    ticks: dict[RiskTool, TickCount] = Field(default_factory=dict)
    judgement_at: datetime | None = None
    judgement_reason: str = ""
    self_harm_at: datetime | None = None
    events: tuple[DatedEvent, ...] = ()


class Met(Record):
    """A criterion that is met: since when, and by what."""

    criterion: MaracCriterion
    met_at: datetime
    inputs: dict[str, Any]


class Escalation(Record):
    """Events within the months that end now. `undated` are reports of the last 365 days whose
    dates are not known here: with them the threshold might be reached, which a person must look
    up."""

    events: int
    undated: int
    threshold: int
    months: int
    met_at: datetime | None

    @property
    def possible(self) -> bool:
        """Whether the dates of earlier reports would decide."""
        return self.met_at is None and self.events + self.undated >= self.threshold


def criteria_met(policy: MaracPolicy, facts: CriteriaFacts, now: datetime) -> tuple[Met, ...]:
    """Every criterion met now, in the order of the list."""
    found = (
        _visible(policy, facts),
        _judgement(facts),
        _escalation(policy, facts, now),
        _self_harm(policy, facts),
    )
    return tuple(met for met in found if met is not None)


def escalation(policy: MaracPolicy, events: Sequence[DatedEvent], now: datetime) -> Escalation:
    """The events of the policy's months that end today, each incident once. A period begins with
    its first event's day (from 1 February six months end on 31 July)."""
    known = {event.incident_ref: event for event in events if event.reported_at <= now}
    recent = sorted(
        (e for e in known.values() if _within(e.reported_at, policy.escalation_months, now)),
        key=lambda e: (e.reported_at, e.incident_ref),
    )
    wanted, months, count = policy.escalation_events, policy.escalation_months, len(recent)
    met_at = recent[wanted - 1].reported_at if count >= wanted else None
    undated = _undated(known, now)
    if months >= YEAR_MONTHS:
        # 365 days lie within 12 months, so intake's count is certain here without the dates.
        undated = 0
        for event in recent:
            count = max(count, event.earlier_365 + 1)
            if event.earlier_365 + 1 >= wanted and (met_at is None or event.reported_at < met_at):
                met_at = event.reported_at
    return Escalation(events=count, undated=undated, threshold=wanted, months=months, met_at=met_at)


def _undated(known: dict[str, DatedEvent], now: datetime) -> int:
    year = [e for e in known.values() if _within(e.reported_at, YEAR_MONTHS, now)]
    if not year:
        return 0
    return max(0, max(e.earlier_365 + 1 for e in year) - len(year))


def _within(start: datetime, months: int, now: datetime) -> bool:
    limit = Limit(kind=CalendarKind.CALENDAR_DAYS, amount=months, unit="months")
    return london_date(now) <= london_date(
        due_instant(limit, start, EVERY_DAY, beginning_with=True)
    )


def _visible(policy: MaracPolicy, facts: CriteriaFacts) -> Met | None:
    reached = [
        (ticks.at, tool, ticks.count, policy.visible_high_risk_ticks[tool])
        for tool, ticks in facts.ticks.items()
        if tool in policy.visible_high_risk_ticks
        and ticks.count >= policy.visible_high_risk_ticks[tool]
    ]
    if not reached:
        return None
    at, tool, count, threshold = min(reached)
    inputs = {"tool": tool.value, "ticks": count, "threshold": threshold}
    return Met(criterion=MaracCriterion.VISIBLE_HIGH_RISK, met_at=at, inputs=inputs)


def _judgement(facts: CriteriaFacts) -> Met | None:
    if facts.judgement_at is None:
        return None
    return Met(
        criterion=MaracCriterion.PROFESSIONAL_JUDGEMENT,
        met_at=facts.judgement_at,
        inputs={"reason": facts.judgement_reason},
    )


def _escalation(policy: MaracPolicy, facts: CriteriaFacts, now: datetime) -> Met | None:
    found = escalation(policy, facts.events, now)
    if found.met_at is None:
        return None
    inputs = {"events": found.events, "threshold": found.threshold, "months": found.months}
    return Met(criterion=MaracCriterion.POTENTIAL_ESCALATION, met_at=found.met_at, inputs=inputs)


def _self_harm(policy: MaracPolicy, facts: CriteriaFacts) -> Met | None:
    if not policy.suicide_self_harm or facts.self_harm_at is None:
        return None
    return Met(criterion=MaracCriterion.SUICIDE_SELF_HARM, met_at=facts.self_harm_at, inputs={})
