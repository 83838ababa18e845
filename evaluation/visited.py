"""M09 and M10: hidden-harm visits of the cohort's cases. Pure functions over facts."""

from __future__ import annotations

from evaluation.cohort import Cohort
from evaluation.facts_duties import VisitFact
from evaluation.rows import Measure, counted, per_100, share

NO_VISIT = "NO_VISIT: no visit was authorised"


def completed(cohort: Cohort) -> list[Measure]:
    """M09."""
    authorised = [visit for visit in cohort.visits() if visit.authorised_at is not None]
    outcomes = [_seen(visit, cohort) for visit in authorised]
    seen = sum(outcome is True for outcome in outcomes)
    waiting = sum(outcome is None for outcome in outcomes)
    without = [v for v in cohort.visits() if v.authorised_at is None and v.attended]
    note = counted(len(without), "made without authority, not counted")
    cases = len(cohort.cases)
    no_case = cohort.nothing("NO_CASE: no case was opened")
    return [
        share("seen", outcomes, empty=cohort.nothing(NO_VISIT), note=note),
        per_100("completed_per_100_cases", seen, cases, empty=no_case, pending=waiting),
    ]


def _seen(visit: VisitFact, cohort: Cohort) -> bool | None:
    """Whether the victim was seen, at whatever attempt; None while it may still be made in time."""
    if visit.seen_at is not None:
        return True
    waits = visit.due_at is not None and visit.due_at >= cohort.cutoff
    return None if waits and visit.ended_at is None else False


def arrest(cohort: Cohort) -> list[Measure]:
    """M10."""
    attended = [visit for visit in cohort.visits() if visit.attended]
    empty = cohort.nothing("NO_VISIT: no visit was attended")
    return [share("with_arrest", [visit.arrest for visit in attended], empty=empty)]
