"""Who is measured: the pilot arm's eligible reports of one area and stretch, their cases, and the
referrals and actions of these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from evaluation.facts import CaseFact, Facts, IncidentFact, ReportFact
from evaluation.facts_duties import ActionFact, ReferralFact, VisitFact
from models.enums import ReferralPathway

NO_COHORT = "NO_COHORT: no eligible report of the pilot"


@dataclass(frozen=True)
class Links:
    """What belongs to what, worked out once for all slices."""

    opened: Mapping[tuple[str, str], CaseFact]
    """By incident and victim: the case that was opened on it."""
    referrals: Mapping[str, Sequence[ReferralFact]]
    """Of each case, those made in error left out."""
    actions: Mapping[str, Sequence[tuple[tuple[str, str], ActionFact]]]
    """Of each referral, each with its key."""
    reports: Mapping[str, Sequence[ReportFact]]
    """Of each case: those that opened or joined it."""


def link(facts: Facts) -> Links:
    """The links of these facts, in an order that does not depend on how they were read."""
    referrals: dict[str, list[ReferralFact]] = defaultdict(list)
    for referral in sorted(facts.referrals.values(), key=lambda r: r.referral_ref):
        if referral.case_ref and not referral.in_error:
            referrals[referral.case_ref].append(referral)
    actions: dict[str, list[tuple[tuple[str, str], ActionFact]]] = defaultdict(list)
    for key, action in sorted(facts.actions.items(), key=lambda pair: pair[0]):
        actions[action.referral_ref].append((key, action))
    reports: dict[str, list[ReportFact]] = defaultdict(list)
    for report in sorted(facts.reports.values(), key=lambda r: (r.reported_at, r.key)):
        if report.case_ref:
            reports[report.case_ref].append(report)
    opened = {(c.incident_ref, c.victim_ref): c for c in facts.cases.values() if c.opened}
    return Links(opened, referrals, actions, reports)


@dataclass(frozen=True)
class Episode:
    """An eligible report that did not join a case already open, with the case that it opened (None
    while there is none): the unit of all that is counted by cases."""

    report: ReportFact
    case: CaseFact | None


@dataclass(frozen=True)
class Cohort:
    """The pilot arm's eligible reports of one area and stretch, as at the cut-off."""

    episodes: tuple[Episode, ...]
    incidents: tuple[tuple[ReportFact, IncidentFact | None], ...]
    facts: Facts
    links: Links

    @property
    def cutoff(self) -> datetime:
        """Until when facts count."""
        return self.facts.cutoff

    @property
    def cases(self) -> list[tuple[ReportFact, CaseFact]]:
        """The episodes that have a case."""
        return [(e.report, e.case) for e in self.episodes if e.case is not None]

    def of_case(self, case: CaseFact, pathway: ReferralPathway) -> list[ReferralFact]:
        """Its referrals on one pathway, drafts included."""
        found = self.links.referrals.get(case.case_ref, ())
        return [referral for referral in found if referral.pathway == pathway]

    def sent(self, pathway: ReferralPathway) -> Iterator[ReferralFact]:
        """Referrals of the cohort's cases that left the police."""
        for _, case in self.cases:
            yield from (r for r in self.of_case(case, pathway) if r.sent_at is not None)

    def visits(self) -> Iterator[VisitFact]:
        """Hidden-harm visits of the cohort's cases."""
        for _, case in self.cases:
            yield from case.visits.values()

    def case_of(self, report: ReportFact) -> CaseFact | None:
        """The case that a report opened or joined."""
        return self.links.opened.get(report.key) or self.facts.cases.get(report.case_ref)

    def nothing(self, why: str) -> str:
        """Why there is no figure: the reason, or that there is no cohort at all."""
        return why if self.episodes else NO_COHORT


def cohort_of(facts: Facts, links: Links, reports: Sequence[ReportFact]) -> Cohort:
    """The cohort of these eligible reports."""
    ordered = sorted(reports, key=lambda r: (r.reported_at, r.key))
    episodes = [
        Episode(report, links.opened.get(report.key))
        for report in ordered
        if report.key in links.opened or not report.case_ref
    ]
    incidents = [(report, facts.incidents.get(report.key)) for report in ordered]
    return Cohort(tuple(episodes), tuple(incidents), facts, links)
