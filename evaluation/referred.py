"""M07, M08, M11, M12, M13 and M15: referrals of the cohort's cases, and what forums did with them.
Pure functions over facts."""

from __future__ import annotations

from datetime import datetime

from evaluation.cohort import Cohort
from evaluation.engagement import window_end
from evaluation.facts import CaseFact, ReportFact
from evaluation.facts_duties import ActionFact, ReferralFact
from evaluation.pilot import ALL_ITEMS
from evaluation.rows import Measure, counted, join, share
from models.enums import (
    ActionStatus,
    ClockType,
    IdvaOutcome,
    MaracCriterion,
    ReferralPathway,
    ReferralState,
)
from models.ids import case_stream

OLD_ENOUGH_DAYS = 28
S = ReferralState


def idva_referral(cohort: Cohort) -> list[Measure]:
    """M07."""
    outcomes = [(case, _idva(cohort, case)) for _, case in cohort.cases]
    high = [outcome for case, outcome in outcomes if case.high_at]
    drafts = sum(
        all(r.sent_at is None for r in found)
        for _, case in cohort.cases
        if (found := cohort.of_case(case, ReferralPathway.IDVA))
    )
    note = counted(drafts, "drafted and not sent")
    nothing = cohort.nothing("NO_CASE: no case was opened")
    everybody = [outcome for _, outcome in outcomes]
    return [
        share("high", high, empty=cohort.nothing("NO_HIGH: no case was graded HIGH"), note=note),
        share("all", everybody, empty=nothing, note=note),
    ]


def _idva(cohort: Cohort, case: CaseFact) -> bool | None:
    """Whether the case was referred; None while its time has not passed."""
    if any(r.sent_at is not None for r in cohort.of_case(case, ReferralPathway.IDVA)):
        return True
    waits = cohort.facts.not_due(case_stream(case.case_ref), ClockType.IDVA_REFERRAL)
    return None if waits else False


def idva_engagement(cohort: Cohort) -> list[Measure]:
    """M08."""
    found = list(cohort.sent(ReferralPathway.IDVA))
    had = sum(r.outcome == IdvaOutcome.ALREADY_OPEN for r in found)
    return [
        share(
            "engaged",
            [_engaged(r, cohort) for r in found],
            empty=cohort.nothing("NO_REFERRAL: nobody was referred to an IDVA"),
            note=counted(had, "had an IDVA already, counted as not engaged by this referral"),
        )
    ]


def _engaged(referral: ReferralFact, cohort: Cohort) -> bool | None:
    sent_at = referral.sent_at
    old = sent_at is not None and window_end(sent_at, OLD_ENOUGH_DAYS) < cohort.cutoff
    return referral.has(S.ENGAGED) if old or referral.has(S.CLOSED) else None


def marac_referral(cohort: Cohort) -> list[Measure]:
    """M11: any criterion, then each."""
    met = [case for _, case in cohort.cases if case.criteria]
    empty = cohort.nothing("NOT_MET: no case met a criterion")
    rows = [share("submitted", [_submitted(cohort, c) for c in met], empty=empty, item=ALL_ITEMS)]
    for criterion in MaracCriterion:
        some = [case for case in met if criterion in case.criteria]
        if some:
            outcomes = [_submitted(cohort, case, criterion) for case in some]
            rows.append(share("submitted", outcomes, empty=empty, item=criterion.value))
    return rows


def _submitted(cohort: Cohort, case: CaseFact, criterion: str = "") -> bool | None:
    """Whether the case was referred, on this criterion or after it was met."""
    for referral in cohort.of_case(case, ReferralPathway.MARAC):
        sent_at = referral.sent_at
        if sent_at is None:
            continue
        if not criterion or criterion in referral.criteria or sent_at >= case.criteria[criterion]:
            return True
    waits = cohort.facts.not_due(case_stream(case.case_ref), ClockType.MARAC_SUBMIT)
    return None if waits else False


def marac_repeat(cohort: Cohort) -> list[Measure]:
    """M12."""
    heard = [r for r in cohort.sent(ReferralPathway.MARAC) if r.has(S.HEARD)]
    empty = cohort.nothing("NONE_HEARD: no MARAC referral was heard")
    return [share("repeat", [r.repeat for r in heard], empty=empty)]


def marac_actions(cohort: Cohort) -> list[Measure]:
    """M13."""
    on_time: list[bool | None] = []
    late: list[bool | None] = []
    agreed = [
        (key, action)
        for referral in cohort.sent(ReferralPathway.MARAC)
        for key, action in cohort.links.actions.get(referral.referral_ref, ())
    ]
    for (meeting, action_id), action in agreed:
        if action.status == ActionStatus.CANCELLED:
            continue
        clock = cohort.facts.clock_of(meeting, ClockType.MARAC_ACTION, action_id)
        outcome = _done(action, clock.due_at if clock else action.due_at, cohort.cutoff)
        (late if clock and clock.received_late else on_time).append(outcome)
    statuses = [action.status for _, action in agreed]
    impossible = statuses.count(ActionStatus.NOT_ACHIEVABLE)
    note = join(
        counted(impossible, "not achievable, counted as not done"),
        counted(statuses.count(ActionStatus.CANCELLED), "cancelled, not counted"),
    )
    empty = cohort.nothing("NO_ACTION: no MARAC action was agreed")
    return [
        share("on_time", on_time, empty=empty, note=note),
        share("received_late", late, empty=empty),
    ]


def _done(action: ActionFact, due_at: datetime | None, cutoff: datetime) -> bool | None:
    """Whether an action was done by its due time; None while that has not passed."""
    if action.status == ActionStatus.DONE and action.ended_at is not None:
        return due_at is None or action.ended_at <= due_at
    if action.status == ActionStatus.NOT_ACHIEVABLE:
        return False
    return False if due_at is not None and due_at < cutoff else None


def masip(cohort: Cohort) -> list[Measure]:
    """M15."""
    flagged = [case for report, case in cohort.cases if _stalking(cohort, report, case)]
    referred = [
        any(r.sent_at is not None for r in cohort.of_case(case, ReferralPathway.MASIP))
        for case in flagged
    ]
    triaged = [r for r in cohort.sent(ReferralPathway.MASIP) if r.has(S.TRIAGED)]
    return [
        share("referred", referred, empty=cohort.nothing("NO_STALKING: no case with the flag")),
        share(
            "taken_on",
            [_taken_on(referral) for referral in triaged],
            empty=cohort.nothing("NONE_TRIAGED: no MASIP referral was triaged"),
        ),
    ]


def _stalking(cohort: Cohort, report: ReportFact, case: CaseFact) -> bool:
    joined = cohort.links.reports.get(case.case_ref, ())
    known = (r for r in (report, *joined) if r.reported_at <= cohort.cutoff)
    return case.stalking_screened or any(r.stalking for r in known)


def _taken_on(referral: ReferralFact) -> bool | None:
    if referral.has(S.ACCEPTED):
        return True
    return False if referral.has(S.CONSULTATION_ONLY, S.NOT_SUITABLE) else None
