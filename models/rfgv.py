"""The RFGV score of a perpetrator: recency, frequency, gravity, victims (docs/domain.md 8.2).

Pure: events in, score out, with the inputs and the version of the weights, so that a score can be
computed again. A score nominates; a meeting of people selects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from models.base import Record
from models.calendars import EVERY_DAY, due_instant
from models.clocks import CalendarKind, Limit
from models.duties.rfgv import Band, RfgvDuty
from models.enums import RecordingType
from models.instants import london_date
from models.report import Report

"""Months are counted on no calendar of working days."""


class DaEvent(Record):
    """One reported event of domestic abuse by the perpetrator, against one victim. An incident with
    two victims gives two, which count as one event and two victims."""

    incident_ref: str
    victim_ref: str
    reported_at: datetime
    recording_type: RecordingType
    ho_class: tuple[str, ...] = ()
    strangulation: bool = False
    order_breach: bool = False

    @staticmethod
    def of(report: Report) -> DaEvent:
        """The event that a report tells of."""
        return DaEvent(
            incident_ref=report.incident_ref,
            victim_ref=report.victim_ref,
            reported_at=report.reported_at,
            recording_type=report.recording_type,
            ho_class=report.ho_class,
            strangulation=report.strangulation,
            order_breach=report.order_breach,
        )


class RfgvScore(Record):
    """A score with all that it came from. `score` has one decimal. `rank` and `nominated` are 0 and
    False until a run has ranked it."""

    perpetrator_ref: str
    run_on: date
    weights_version: str
    r: int
    f: int
    g: int
    v: int
    score: float
    events: int
    victims: int
    last_event_at: datetime | None
    points: dict[str, int]
    """Points of gravity by incident."""
    rank: int = 0
    nominated: bool = False

    @property
    def inputs(self) -> dict[str, Any]:
        """What a recommendation keeps of it."""
        return self.model_dump(mode="json", exclude={"points"})


def score(
    perpetrator_ref: str,
    events: Iterable[DaEvent],
    run_on: date,
    policy: RfgvDuty,
) -> RfgvScore:
    """The score on a day, from the events of the window that ends with it. Rounded half up."""
    found = [event for event in events if in_window(event.reported_at, run_on, policy)]
    points: dict[str, int] = {}
    for event in found:
        own = gravity_of(event, policy)
        points[event.incident_ref] = max(own, points.get(event.incident_ref, 0))
    last = max((event.reported_at for event in found), default=None)
    victims = len({event.victim_ref for event in found})
    r = 0 if last is None else _up_to(policy.recency, (run_on - london_date(last)).days)
    f = _from(policy.frequency, len(points))
    g = min(policy.gravity_max, sum(points.values()))
    v = _from(policy.victims, victims)
    weights = policy.weights
    hundredths = weights.r * r + weights.f * f + weights.g * g + weights.v * v
    return RfgvScore(
        perpetrator_ref=perpetrator_ref,
        run_on=run_on,
        weights_version=policy.weights_version,
        r=r,
        f=f,
        g=g,
        v=v,
        # In whole tenths, so that halves round up and never by binary fractions.
        score=(hundredths + 5) // 10 / 10,
        events=len(points),
        victims=victims,
        last_event_at=last,
        points=dict(sorted(points.items())),
    )


def in_window(reported_at: datetime, run_on: date, policy: RfgvDuty) -> bool:
    """Whether an event counts on a day: the window's months, beginning with the event's own day,
    have begun and not ended."""
    limit = Limit(kind=CalendarKind.CALENDAR_DAYS, amount=policy.window_months, unit="months")
    last_day = london_date(due_instant(limit, reported_at, EVERY_DAY, beginning_with=True))
    return london_date(reported_at) <= run_on <= last_day


def gravity_of(event: DaEvent, policy: RfgvDuty) -> int:
    """Points of one event: its highest class or flag, once."""
    if event.recording_type is RecordingType.NON_CRIME_DA:
        found = [policy.non_crime]
    else:
        classes = event.ho_class or ("",)
        found = [policy.gravity.get(each, policy.unlisted_crime) for each in classes]
    if event.strangulation:
        found.append(policy.strangulation)
    if event.order_breach:
        found.append(policy.order_breach)
    return max(found)


def ranked(scores: Sequence[RfgvScore], policy: RfgvDuty) -> list[RfgvScore]:
    """Scores in order, with rank and whether they go to the meeting: the top ones, and all from the
    threshold on. Ties: higher gravity, then the latest event, then the reference. One without an
    event in the window is not ranked."""
    order = sorted((s for s in scores if s.last_event_at is not None), key=_place)
    return [
        each.model_copy(
            update={
                "rank": rank,
                "nominated": rank <= policy.top or each.score >= policy.threshold,
            }
        )
        for rank, each in enumerate(order, 1)
    ]


def _place(each: RfgvScore) -> tuple[float, int, float, str]:
    last = each.last_event_at.timestamp() if each.last_event_at else 0.0
    return -each.score, -each.g, -last, each.perpetrator_ref


def _up_to(bands: Sequence[Band], days: int) -> int:
    return next((band.points for band in bands if days <= band.limit), 0)


def _from(bands: Sequence[Band], count: int) -> int:
    return next((band.points for band in reversed(bands) if count >= band.limit), 0)
