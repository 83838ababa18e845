"""Folding the ledger into the few facts that the metrics need: one pass, in any order of streams.

Facts are as they stood at the cut-off, as known at `as_of`: what happened later is left out, save
reports, which also serve as follow-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from models.enums import ClockStatus, ClockType, EvidenceStatus, IntakeOutcome
from models.events import Event, Json
from models.evidence import golden_hour_applicable
from models.instants import utc
from models.report import Report

CONTACT_CLOCKS = (ClockType.FIRST_CONTACT, ClockType.CONTACT_CADENCE)


class UnreadableEvent(Exception):
    """An event lacks what its tag promises; the message names stream, number and tag only."""

    def __init__(self, stream: str, event: Event) -> None:
        super().__init__(
            f"UNREADABLE_EVENT: {stream} at {event.seq}: {event.tag} lacks a field that the "
            "metrics need. Run dalo ledger verify."
        )


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


@dataclass(slots=True)
class Facts:
    """All facts of a ledger, by reference."""

    cutoff: datetime
    reports: dict[tuple[str, str], ReportFact] = field(default_factory=dict)
    cases: dict[str, CaseFact] = field(default_factory=dict)
    incidents: dict[tuple[str, str], IncidentFact] = field(default_factory=dict)

    def add(self, stream: str, event: Event) -> None:
        """Take one event. Raises UnreadableEvent."""
        if event.tag not in ALWAYS and event.occurred_at > self.cutoff:
            return
        take = _BY_TAG.get(event.tag)
        if take is not None:
            try:
                take(self, stream, event)
            except (KeyError, TypeError, ValueError) as error:
                raise UnreadableEvent(stream, event) from error

    def case(self, stream: str) -> CaseFact:
        """The case of a stream, new where it is not known."""
        case_ref = stream.removeprefix("case/")
        return self.cases.setdefault(case_ref, CaseFact(case_ref))

    def incident(self, stream: str) -> IncidentFact:
        """The incident of a stream, new where it is not known."""
        incident_ref, _, victim_ref = stream.removeprefix("incident/").rpartition("/")
        return self.incidents.setdefault((incident_ref, victim_ref), IncidentFact())


def fold(events: Iterable[tuple[str, Event]], cutoff: datetime) -> Facts:
    """The facts of these events, each with its stream."""
    facts = Facts(cutoff)
    for stream, event in events:
        facts.add(stream, event)
    return facts


def _instant(text: str | None) -> datetime | None:
    return utc(datetime.fromisoformat(text)) if text else None


def _sure(text: str) -> datetime:
    return utc(datetime.fromisoformat(text))


def _report(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    report = Report.model_validate(data["report"])
    key = (report.incident_ref, report.victim_ref)
    known = facts.reports.get(key)
    if known is not None and report.version < known.version:
        return
    eligible = bool(data["eligible_but_for_area"])
    facts.reports[key] = ReportFact(
        incident_ref=report.incident_ref,
        victim_ref=report.victim_ref,
        version=report.version,
        area=report.district,
        arm=data["allocation_arm"],
        reported_at=report.reported_at,
        golden_hour=golden_hour_applicable(report),
        counts=data["eligibility_reason"] != IntakeOutcome.UNDER_16.value,
        eligible=eligible or (known is not None and known.eligible),
        history=known.history if known else bool(data["history"]),
        case_ref=data.get("case_ref") or (known.case_ref if known else ""),
    )


def _opened(facts: Facts, stream: str, event: Event) -> None:
    case = facts.case(event.data["case_ref"])
    case.opened = True
    case.incident_ref = event.data["incident_ref"]
    case.victim_ref = event.data["victim_ref"]


def _allocated(facts: Facts, stream: str, event: Event) -> None:
    case = facts.case(stream)
    case.allocated_at = case.allocated_at or event.occurred_at


def _attempt(facts: Facts, stream: str, event: Event) -> None:
    if event.data["satisfied"]:
        facts.case(stream).successes.append(_sure(event.data["at"]))


def _interval(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    promise = Promise(
        first=data["clock_type"] == ClockType.FIRST_CONTACT,
        due_raw=_sure(data["due_raw"]),
        due_adjusted=_sure(data["due_adjusted"]),
        received_late=bool(data["received_late"]),
        met_at=_instant(data["met_at"]),
        missed=event.tag == "contact:interval:missed",
    )
    facts.case(stream).promises[data["clock_id"]] = promise


def _clock(facts: Facts, stream: str, event: Event) -> None:
    clock = event.data["clock"]
    kind = clock["clock_type"]
    if kind in CONTACT_CLOCKS:
        _contact_clock(facts.case(stream), clock)
    elif kind == ClockType.NEEDS_ASSESSMENT:
        facts.case(stream).needs_due_at = _sure(clock["due_at"])
    elif kind == ClockType.EVIDENCE_ITEM:
        item = facts.incident(stream).items.get(clock["subject"])
        if item is not None:
            item.due_at = _sure(clock["due_at"])


def _contact_clock(case: CaseFact, clock: Json) -> None:
    known = case.promises.get(clock["clock_id"])
    if known is not None and (known.met_at is not None or known.missed):
        return
    due_at = _sure(clock["due_at"])
    pause = clock["pauses"][-1] if clock.get("pauses") else None
    cancelled = clock["status"] == ClockStatus.CANCELLED
    case.promises[clock["clock_id"]] = Promise(
        first=clock["clock_type"] == ClockType.FIRST_CONTACT,
        due_raw=_instant(clock.get("due_raw")) or due_at,
        due_adjusted=due_at,
        received_late=clock.get("late_reason") == "RECEIVED_LATE",
        paused_from=_sure(pause["started_at"]) if pause and not pause.get("ended_at") else None,
        ended_at=_instant(clock.get("ended_at")) if cancelled else None,
    )


def _needs(facts: Facts, stream: str, event: Event) -> None:
    case = facts.case(stream)
    if event.tag == "needs:assessment:completed":
        case.needs_completed_at = case.needs_completed_at or event.occurred_at
    else:
        case.needs_declined_at = case.needs_declined_at or event.occurred_at


def _item(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    status = EvidenceStatus(data["status"])
    captured_at = _instant(data.get("captured_at"))
    if captured_at is None and status in (EvidenceStatus.CAPTURED, EvidenceStatus.CAPTURED_LATE):
        captured_at = _instant(data.get("at"))
    facts.incident(stream).items[data["item"]] = ItemFact(
        status=status, due_at=_instant(data.get("due_at")), captured_at=captured_at
    )


def _verdict(facts: Facts, stream: str, event: Event) -> None:
    incident = facts.incident(stream)
    incident.result = event.data["result"]
    incident.without_declined = event.data["variant_without_declined"]
    incident.applicable = bool(event.data["applicable"])
    incident.received_late = bool(event.data["received_late"])


Take = Callable[[Facts, str, Event], None]
REPORT_TAGS = ("report:received", "report:updated", "report:judged_again")
_BY_TAG: dict[str, Take] = {
    **dict.fromkeys(REPORT_TAGS, _report),
    "case:opened": _opened,
    "case:allocated": _allocated,
    "contact:attempt:recorded": _attempt,
    "contact:interval:met": _interval,
    "contact:interval:missed": _interval,
    "clock:started": _clock,
    "clock:moved": _clock,
    "clock:cancelled": _clock,
    "needs:assessment:completed": _needs,
    "needs:assessment:declined": _needs,
    "evidence:item:required": _item,
    "evidence:item:recorded": _item,
    "golden_hour:verdict": _verdict,
}
ALWAYS = (*REPORT_TAGS, "case:opened")
"""Taken also after the cut-off: which reports there are, and which of them a case was opened on."""
TAGS = tuple(_BY_TAG)
"""The events that the metrics use."""
