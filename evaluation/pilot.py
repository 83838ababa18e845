"""M01 to M06 and M20: what the pilot arm did for its own cohort. Pure functions over facts."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import fmean

from evaluation.cohort import NO_COHORT, Cohort
from evaluation.facts import IncidentFact, Promise, ReportFact
from evaluation.numbers import percentile, time_to_share
from evaluation.rows import HOURS, PERCENT, Measure, counted, join, share
from models.enums import EvidenceCode, EvidenceStatus, GoldenHourResult
from models.evidence import CAPTURED

ACCOUNT_WITHIN = timedelta(minutes=60)
ALL_ITEMS = "ALL"
COMPLETE = GoldenHourResult.COMPLETE.value


def time_to_contact(cohort: Cohort) -> list[Measure]:
    """M01."""
    hours: list[float] = []
    waiting: list[float] = []
    for episode in cohort.episodes:
        since = episode.report.reported_at
        success = episode.case.first_success(since) if episode.case else None
        passed = ((success or cohort.cutoff) - since) / timedelta(hours=1)
        (waiting if success is None else hours).append(max(passed, 0.0))
    size, seen, censored = len(cohort.episodes), len(hours), len(waiting)
    note = counted(censored, "censored, not in this figure")
    missing = f"NO_CONTACT: none of {size} reached yet" if size else NO_COHORT
    found = [("median", percentile(hours, 5)), ("p90", percentile(hours, 9))] if hours else []
    plain = dict([*found, ("mean", fmean(hours))] if hours else [])
    rows = [
        _hours(name, plain.get(name), seen, size, censored, note if hours else missing)
        for name in ("median", "p90", "mean")
    ]
    for name, part in (("median_with_censored", 0.5), ("p90_with_censored", 0.9)):
        value = time_to_share(hours, waiting, part)
        unreached = f"NOT_REACHED: fewer than {part:.0%} contacted by the estimate"
        why = "" if value is not None else unreached if size else NO_COHORT
        rows.append(_hours(name, value, seen, size, censored, why))
    unserved = counted(sum(e.case is None for e in cohort.episodes), "without a case")
    value = round(100 * censored / size, 1) if size else None
    why = unserved if size else NO_COHORT
    rows.append(Measure("censored", censored, size, value, PERCENT, censored, why))
    return rows


def _hours(
    name: str, value: float | None, seen: int, size: int, censored: int, note: str
) -> Measure:
    rounded = None if value is None else round(value, 2)
    return Measure(name, seen, size, rounded, HOURS, censored, note)


def first_contact(cohort: Cohort) -> list[Measure]:
    """M02."""
    allocated = [case for _, case in cohort.cases if case.allocated_at is not None]
    promises = [p for case in allocated if (p := case.first_contact) is not None]
    on_time = [p for p in promises if not p.received_late]
    late = [p for p in promises if p.received_late]
    empty = "NOT_ALLOCATED: no case was allocated" if cohort.episodes else NO_COHORT
    if allocated:
        empty = "NONE: no first-contact limit of this kind"
    unknown = counted(len(allocated) - len(promises), "allocated without a first-contact limit")
    waived = sum(p.ended_at is not None and p.met_at is None for p in on_time)
    note = join(counted(waived, "no longer owed, counted as not met once due"), unknown)
    end = cohort.cutoff
    return [
        share("raw", [_promised(p, p.due_raw, end) for p in on_time], empty=empty, note=note),
        share("adjusted", [_promised(p, p.latest, end) for p in on_time], empty=empty, note=note),
        share("received_late", [_promised(p, p.due_raw, end) for p in late], empty=empty),
    ]


def _promised(promise: Promise, limit: datetime, cutoff: datetime) -> bool | None:
    """By the definition all allocated cases count: one that stopped being owed is not met."""
    kept = promise.kept(limit, cutoff)
    return False if kept is None and promise.ended_at is not None and limit < cutoff else kept


def golden_hour(cohort: Cohort) -> list[Measure]:
    """M03."""
    found = [(r, i) for r, i in cohort.incidents if _golden_hour_applies(r, i)]
    on_time = [i for _, i in found if i is None or not i.received_late]
    late = [i for _, i in found if i is not None and i.received_late]
    empty = "NOT_APPLICABLE: no golden hour of this kind applied" if cohort.incidents else NO_COHORT
    return [
        share("complete", [_is_complete(i, "result") for i in on_time], empty=empty),
        share(
            "complete_without_declined",
            [_is_complete(i, "without_declined") for i in on_time],
            empty=empty,
        ),
        share("received_late", [_is_complete(i, "result") for i in late], empty=empty),
    ]


def _golden_hour_applies(report: ReportFact, incident: IncidentFact | None) -> bool:
    if incident is None or incident.applicable is None:
        return report.golden_hour
    return incident.applicable and incident.result != GoldenHourResult.NOT_APPLICABLE


def _is_complete(incident: IncidentFact | None, which: str) -> bool | None:
    result = getattr(incident, which) if incident else ""
    return result == COMPLETE if result else None


def capture(cohort: Cohort) -> list[Measure]:
    """M04: all items together, then each code that applied."""
    outcomes: dict[str, list[bool | None]] = defaultdict(list)
    late: dict[str, int] = defaultdict(int)
    for _, incident in cohort.incidents:
        for code, item in incident.items.items() if incident else ():
            if item.status is EvidenceStatus.NOT_APPLICABLE:
                continue
            waits = item.due_at is None or item.due_at >= cohort.cutoff
            pending = item.status is EvidenceStatus.PENDING and waits
            outcomes[code].append(None if pending else item.status in CAPTURED)
            late[code] += item.status is EvidenceStatus.CAPTURED_LATE
    together = [one for each in outcomes.values() for one in each]
    empty = "NO_ITEMS: no evidence item applied" if cohort.incidents else NO_COHORT
    total = counted(sum(late.values()), "of them late")
    rows = [share("captured_or_late", together, empty=empty, note=total, item=ALL_ITEMS)]
    return rows + [
        share(
            "captured_or_late",
            outcomes[code],
            empty=empty,
            note=counted(late[code], "of them late"),
            item=code,
        )
        for code in sorted(outcomes)
    ]


def account_video(cohort: Cohort) -> list[Measure]:
    """M05."""
    within: list[bool | None] = []
    ever: list[bool | None] = []
    for report, incident in cohort.incidents:
        item = incident.items.get(EvidenceCode.INITIAL_ACCOUNT_VIDEO) if incident else None
        applies = item is not None and item.status is not EvidenceStatus.NOT_APPLICABLE
        if item is None or not applies or not _golden_hour_applies(report, incident):
            continue
        limit = report.reported_at + ACCOUNT_WITHIN
        waits = item.captured_at is None and limit >= cohort.cutoff
        in_time = item.captured_at is not None and item.captured_at <= limit
        within.append(None if waits else in_time)
        ever.append(None if waits else item.captured_at is not None)
    empty = "NOT_APPLICABLE: no account video applied" if cohort.incidents else NO_COHORT
    return [share("within_60_min", within, empty=empty), share("ever", ever, empty=empty)]


def needs_assessed(cohort: Cohort) -> list[Measure]:
    """M06."""
    outcomes: list[bool | None] = []
    declined = 0
    for report, case in cohort.cases:
        if case.first_success(report.reported_at) is None:
            continue
        due, done = case.needs_due_at, case.needs_completed_at
        if due is None or (done is None and due >= cohort.cutoff):
            outcomes.append(None)
        else:
            outcomes.append(done is not None and done <= due)
        declined += done is None and case.needs_declined_at is not None
    empty = "NO_CONTACT: no case had a successful contact" if cohort.episodes else NO_COHORT
    note = counted(declined, "declined, not counted as completed")
    return [share("completed", outcomes, empty=empty, note=note)]


def cadence(cohort: Cohort) -> list[Measure]:
    """M20."""
    promises = [p for _, case in cohort.cases for p in case.promises.values() if not p.first]
    empty = "NONE: no contact interval" if cohort.episodes else NO_COHORT
    cutoff = cohort.cutoff
    undecided = [p for p in promises if p.kept(p.due_raw, cutoff) is None]
    ended = sum(p.ended_at is not None for p in undecided)
    note = counted(ended, "of the pending stopped being owed before they were due")
    return [
        share("raw", [p.kept(p.due_raw, cutoff) for p in promises], empty=empty, note=note),
        share("adjusted", [p.kept(p.latest, cutoff) for p in promises], empty=empty, note=note),
    ]
