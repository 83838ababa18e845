"""The few facts of a ledger that the metrics need, as dataclasses. `evaluation.fold` fills them.

Facts are as they stood at the cut-off, as known at `as_of`: what happened later is left out, save
reports and what became of their crimes, which also serve as follow-up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from evaluation.facts_duties import (
    ActionFact,
    ClockFact,
    NotificationFact,
    OrderFact,
    RecommendationFact,
    ReferralFact,
    ScoredFact,
    VisitFact,
)
from models.enums import ClockStatus, EvidenceStatus
from models.ids import incident_stream


@dataclass(slots=True)
class ReportFact:
    """One victim's report of one incident, in its newest version."""

    incident_ref: str
    victim_ref: str
    version: int
    area: str
    arm: str
    reported_at: datetime
    golden_hour: bool
    counts: bool
    """Whether it counts as a report of the victim: not when a party is under 16."""
    eligible: bool
    """Whether any judgement of it said eligible (but for area): once in the cohort, always in it,
    in either arm."""
    history: bool
    """First loaded as history, before the pilot began."""
    case_ref: str = ""
    """The case that it opened or joined."""
    crime: bool = False
    stalking: bool = False
    suspect_named: bool = False
    outcome_code: int | None = None
    """Home Office outcome of the newest version; None while there is none."""
    high: bool = False
    """Intake's working grade of any version was HIGH."""
    reticent: bool = False
    """Any version was judged reticent."""
    arrest_reported: bool = False
    """Any version gave a status that only an arrest leads to."""
    charge_reported_at: datetime | None = None
    """When the first version that says charged was recorded: an extract does not date a charge."""

    @property
    def key(self) -> tuple[str, str]:
        """Incident and victim."""
        return self.incident_ref, self.victim_ref


@dataclass(slots=True)
class Promise:
    """One promised contact with its limits and how it ended."""

    first: bool
    due_raw: datetime
    due_adjusted: datetime
    received_late: bool = False
    paused_from: datetime | None = None
    met_at: datetime | None = None
    missed: bool = False
    ended_at: datetime | None = None
    """When it stopped being owed."""

    @property
    def latest(self) -> datetime:
        """The adjusted limit: the later of the two due instants."""
        return max(self.due_raw, self.due_adjusted)

    def kept(self, limit: datetime, cutoff: datetime) -> bool | None:
        """Whether contact was made by `limit`; None while that cannot be said."""
        if self.met_at is not None:
            return self.met_at <= limit
        if self.missed:
            return False
        return False if (self.ended_at or self.paused_from or cutoff) > limit else None


@dataclass(slots=True)
class CaseFact:
    """What one case contributes."""

    case_ref: str
    incident_ref: str = ""
    victim_ref: str = ""
    opened: bool = False
    allocated_at: datetime | None = None
    successes: list[datetime] = field(default_factory=list)
    promises: dict[str, Promise] = field(default_factory=dict)
    needs_due_at: datetime | None = None
    needs_completed_at: datetime | None = None
    needs_declined_at: datetime | None = None
    high_at: list[datetime] = field(default_factory=list)
    """When it was graded HIGH, each time."""
    reticent_at: datetime | None = None
    """When the case itself became reticent, first."""
    engaged_at: list[datetime] = field(default_factory=list)
    """When its engagement status became ENGAGED."""
    left_at: list[datetime] = field(default_factory=list)
    """When the victim declined, asked for no contact or withdrew from the service."""
    support_withdrawn_at: list[datetime] = field(default_factory=list)
    """When support for the prosecution was withdrawn: no part of `left_at`."""
    stalking_screened: bool = False
    """The stalking screen found stalking."""
    criteria: dict[str, datetime] = field(default_factory=dict)
    """MARAC criteria met, with the first instant of each."""
    visits: dict[str, VisitFact] = field(default_factory=dict)

    @property
    def first_contact(self) -> Promise | None:
        """The first-contact promise: the kept one, else the newest."""
        found = [promise for promise in self.promises.values() if promise.first]
        kept = [promise for promise in found if promise.met_at is not None]
        return next(iter(kept or found[-1:]), None)

    def first_success(self, since: datetime) -> datetime | None:
        """The earliest successful contact from `since` on."""
        return min((at for at in self.successes if at >= since), default=None)


@dataclass(slots=True)
class ItemFact:
    """An evidence item of an incident."""

    status: EvidenceStatus
    due_at: datetime | None
    captured_at: datetime | None = None


@dataclass(slots=True)
class IncidentFact:
    """What one victim's incident contributes."""

    result: str = ""
    without_declined: str = ""
    applicable: bool | None = None
    received_late: bool = False
    items: dict[str, ItemFact] = field(default_factory=dict)
    notifications: dict[str, NotificationFact] = field(default_factory=dict)
    orders: dict[str, OrderFact] = field(default_factory=dict)
    arrested_at: datetime | None = None
    charged_at: datetime | None = None
    suspect_named: bool = False


@dataclass(slots=True)
class Facts:
    """All facts of a ledger, by reference."""

    cutoff: datetime
    reports: dict[tuple[str, str], ReportFact] = field(default_factory=dict)
    cases: dict[str, CaseFact] = field(default_factory=dict)
    incidents: dict[tuple[str, str], IncidentFact] = field(default_factory=dict)
    referrals: dict[str, ReferralFact] = field(default_factory=dict)
    actions: dict[tuple[str, str], ActionFact] = field(default_factory=dict)
    """By meeting's stream and action id."""
    clocks: dict[str, dict[str, ClockFact]] = field(default_factory=dict)
    """By stream and clock id."""
    recommendations: dict[tuple[str, str], RecommendationFact] = field(default_factory=dict)
    """By case and recommendation id."""
    scored: list[ScoredFact] = field(default_factory=list)

    def case(self, stream: str) -> CaseFact:
        """The case of a stream, new where it is not known."""
        case_ref = stream.removeprefix("case/")
        return self.cases.setdefault(case_ref, CaseFact(case_ref))

    def incident(self, stream: str) -> IncidentFact:
        """The incident of a stream, new where it is not known."""
        incident_ref, _, victim_ref = stream.removeprefix("incident/").rpartition("/")
        return self.incidents.setdefault((incident_ref, victim_ref), IncidentFact())

    def referral(self, referral_ref: str) -> ReferralFact:
        """A referral, new where it is not known."""
        return self.referrals.setdefault(referral_ref, ReferralFact(referral_ref))

    def clock_of(self, stream: str, kind: str, subject: str = "") -> ClockFact | None:
        """The newest clock of a stream, type and subject."""
        found = [
            clock
            for clock in self.clocks.get(stream, {}).values()
            if clock.kind == kind and subject in ("", clock.subject)
        ]
        return max(found, key=lambda clock: clock.started_at, default=None)

    def not_due(self, stream: str, kind: str) -> bool:
        """Whether a clock of this type is open, and not due at the cut-off."""
        return any(
            clock.kind == kind
            and clock.status == ClockStatus.OPEN
            and (clock.due_at >= self.cutoff or clock.paused)
            for clock in self.clocks.get(stream, {}).values()
        )

    def incident_clock(self, key: tuple[str, str], kind: str, subject: str) -> ClockFact | None:
        """The newest clock of an incident, type and subject."""
        return self.clock_of(incident_stream(*key), kind, subject)
