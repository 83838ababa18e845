"""M19: repeat victimisation of the cohort's victims, in the pilot and the comparison districts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evaluation.facts import Facts, ReportFact
from evaluation.rows import Measure, counted, share
from models.instants import end_of_day, london_date

WINDOWS = (90, 180, 365)
"""Days of follow-up (D: to the end of the last day)."""


@dataclass(frozen=True)
class Index:
    """A victim's first eligible report of the period in an area, and the reported times of all
    reports of the victim that count, in order."""

    report: ReportFact
    others: tuple[datetime, ...]


def follow_up_end(index: Index, days: int) -> datetime:
    """The end of the follow-up's last day."""
    return end_of_day(london_date(index.report.reported_at) + timedelta(days=days))


def indexes(facts: Facts, eligible: Iterable[ReportFact]) -> list[Index]:
    """One index report a victim: the first of these, which are all of one area."""
    first: dict[str, ReportFact] = {}
    for report in sorted(eligible, key=lambda r: (r.reported_at, r.incident_ref)):
        first.setdefault(report.victim_ref, report)
    times: dict[str, list[datetime]] = {victim: [] for victim in first}
    for report in facts.reports.values():
        index = first.get(report.victim_ref)
        if index is not None and report.counts and report.incident_ref != index.incident_ref:
            times[report.victim_ref].append(report.reported_at)
    return [Index(report, tuple(sorted(times[victim]))) for victim, report in first.items()]


def observed_until(facts: Facts, as_of: datetime) -> datetime | None:
    """How far follow-up is known: to the newest report held, of whatever district, not to `as_of`:
    where no extract has been read since, no news is not good news."""
    newest = max((report.reported_at for report in facts.reports.values()), default=None)
    return None if newest is None else min(newest, as_of)


def repeat_victimisation(found: Sequence[Index], days: int, until: datetime | None) -> Measure:
    """M19 for these victims and one length of follow-up, which must be full."""
    history = sum(index.report.history for index in found)
    return share(
        f"within_{days}_days",
        [_repeated(index, days, until) for index in found],
        empty="NO_COHORT: no eligible report",
        note=counted(history, "of the index reports from before the pilot (history)"),
    )


def _repeated(index: Index, days: int, until: datetime | None) -> bool | None:
    end = follow_up_end(index, days)
    if until is None or end > until:
        return None
    return any(index.report.reported_at < at <= end for at in index.others)
