"""M21 and M24: whether engaged victims stay, and reticent ones come back. Pure functions over
facts. A window that has not passed in full at the cut-off is censored, however it began."""

from __future__ import annotations

from datetime import datetime, timedelta

from evaluation.cohort import Cohort
from evaluation.facts import CaseFact, ReportFact
from evaluation.fold_contact import first
from evaluation.rows import Measure, share
from models.instants import end_of_day, london_date

ATTRITION_DAYS = 90
REENGAGE_DAYS, REENGAGE_SUCCESSES = 60, 2


def attrition(cohort: Cohort) -> list[Measure]:
    """M21."""
    outcomes: list[bool | None] = []
    for _, case in cohort.cases:
        engaged_at = first(*case.engaged_at, *case.successes)
        if engaged_at is not None:
            until = window_end(engaged_at, ATTRITION_DAYS)
            left = any(engaged_at <= at <= until for at in case.left_at)
            outcomes.append(left if until < cohort.cutoff else None)
    empty = cohort.nothing("NONE_ENGAGED: no case was engaged")
    return [share("left_within_90_days", outcomes, empty=empty)]


def reengaged(cohort: Cohort) -> list[Measure]:
    """M24."""
    outcomes: list[bool | None] = []
    for report, case in cohort.cases:
        since = reticent_since(cohort, report, case)
        if since is not None:
            until = window_end(since, REENGAGE_DAYS)
            successes = sum(since <= at <= until for at in case.successes)
            enough = successes >= REENGAGE_SUCCESSES
            outcomes.append(enough if until < cohort.cutoff else None)
    empty = cohort.nothing("NONE_RETICENT: no case was reticent")
    return [share("two_successes_in_60_days", outcomes, empty=empty)]


def window_end(start: datetime, days: int) -> datetime:
    """The end of the last of so many days (D: 23:59:59 on day start + n)."""
    return end_of_day(london_date(start) + timedelta(days=days))


def reticent_since(cohort: Cohort, report: ReportFact, case: CaseFact) -> datetime | None:
    """When the case first was reticent: by its first report, a later one, or what came up in it."""
    joined = (report, *cohort.links.reports.get(case.case_ref, ()))
    reported = [r.reported_at for r in joined if r.reticent and r.reported_at <= cohort.cutoff]
    return first(*reported, case.reticent_at)
