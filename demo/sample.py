"""The sample extract, moved by whole weeks so that its first new report lies just ahead."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cli.sample import FOLDER
from intake.mapping import DEFAULT_MAPPING
from intake.rows import Reject, SoundRow
from intake.run import read_rows
from models.report import Report

READ_AT = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
"""When the sample was exported: what is later than this was in its future."""
WEEK = timedelta(weeks=1)
OFF_THE_MINUTE = timedelta(seconds=23)
"""Nobody acts in the millisecond in which a clock fires: Temporal's test server, unlike the real
one, never ends a workflow task that cancels a timer which fires meanwhile."""
TIMES = ("occurred_from", "occurred_to", "reported_at", "first_police_contact_at")


@dataclass(frozen=True)
class Arrival:
    """A row that reaches intake at `at`."""

    at: datetime
    row: SoundRow


@dataclass(frozen=True)
class Sample:
    """History to load at once, rows that arrive as time goes by, and rows that were refused."""

    history: list[SoundRow]
    arrivals: list[Arrival]
    rejects: list[Reject]
    weeks: int


def load(starts: datetime, seed: int) -> Sample:
    """The sample as if it began at `starts`: moved by whole weeks, so that weekdays stay."""
    history, _ = _read("history.csv.gz")
    feed, refused = _read("feed.csv")
    late, refused_late = _read("feed-late.csv")
    first = min(row.report.reported_at for row in feed)
    weeks = -((first - starts) // WEEK)
    by = weeks * WEEK
    arrivals = list(_arrivals(feed, by, seed))
    ends = max(arrival.at for arrival in arrivals)
    arrivals += [
        replace(arrival, at=max(arrival.at, ends + timedelta(days=1)))
        for arrival in _arrivals(late, by, seed)
    ]
    return Sample(
        history=[_moved(row, by) for row in history],
        arrivals=sorted(arrivals, key=lambda arrival: arrival.at),
        rejects=refused + refused_late,
        weeks=weeks,
    )


def _read(name: str) -> tuple[list[SoundRow], list[Reject]]:
    with (FOLDER / name).open("rb") as stream:
        _, rows, rejects = read_rows(stream, DEFAULT_MAPPING, READ_AT)
    return rows, rejects


def _arrivals(rows: list[SoundRow], by: timedelta, seed: int) -> Iterator[Arrival]:
    """A row arrives two to nine minutes after it was reported, in steps of ten minutes and some
    seconds (see `OFF_THE_MINUTE`)."""
    for row in rows:
        moved = _moved(row, by)
        rng = random.Random(f"{seed}/{moved.report.incident_ref}/{moved.report.version}")
        at = moved.report.reported_at + timedelta(minutes=rng.randint(2, 9))
        step = timedelta(minutes=10)
        late = timedelta(hours=6) * (moved.report.version - 1)
        up = (datetime.min.replace(tzinfo=at.tzinfo) - at) % step
        yield Arrival(at=at + late + up + OFF_THE_MINUTE, row=moved)


def _moved(row: SoundRow, by: timedelta) -> SoundRow:
    report: Report = row.report
    times = {name: value + by for name in TIMES if (value := getattr(report, name)) is not None}
    return replace(row, report=report.model_copy(update=times))
