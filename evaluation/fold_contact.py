"""What reports, contact, needs and the golden hour say to the metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from evaluation.facts import CaseFact, Facts, ItemFact, Promise, ReportFact
from models.enums import (
    ClockStatus,
    ClockType,
    EvidenceStatus,
    IntakeOutcome,
    RecordingType,
    RiskGrade,
    SuspectStatus,
)
from models.events import Event, Json
from models.evidence import golden_hour_applicable
from models.instants import utc
from models.report import Report

Take = Callable[[Facts, str, Event], None]
CONTACT_CLOCKS = (ClockType.FIRST_CONTACT, ClockType.CONTACT_CADENCE)
CHARGED = 1
"""The Home Office outcome of a charge."""
ARREST_SHOWN = frozenset(
    {SuspectStatus.ARRESTED, SuspectStatus.BAILED_PRECHARGE, SuspectStatus.REMANDED}
)
"""Statuses that only an arrest leads to: release under investigation may follow a voluntary
interview, and a charge may come by post."""
CHARGE_SHOWN = frozenset({SuspectStatus.CHARGED_BAIL, SuspectStatus.REMANDED})


def instant(text: str | None) -> datetime | None:
    """An instant, where there is one."""
    return utc(datetime.fromisoformat(text)) if text else None


def sure(text: str) -> datetime:
    """An instant that must be there."""
    return utc(datetime.fromisoformat(text))


def report(facts: Facts, stream: str, event: Event) -> None:
    """A report as intake judged it: the newest version, and what any version said."""
    data = event.data
    given = Report.model_validate(data["report"])
    key = (given.incident_ref, given.victim_ref)
    known = facts.reports.get(key)
    charged_at = _charge(given, event)
    if known is not None and given.version < known.version:
        _ever(known, given, data, charged_at)
        return
    eligible = bool(data["eligible_but_for_area"])
    new = facts.reports[key] = ReportFact(
        incident_ref=given.incident_ref,
        victim_ref=given.victim_ref,
        version=given.version,
        area=given.district,
        arm=data["allocation_arm"],
        reported_at=given.reported_at,
        golden_hour=golden_hour_applicable(given),
        counts=data["eligibility_reason"] != IntakeOutcome.UNDER_16.value,
        eligible=eligible or (known is not None and known.eligible),
        history=known.history if known else bool(data["history"]),
        case_ref=data.get("case_ref") or (known.case_ref if known else ""),
        crime=given.recording_type is RecordingType.CRIME,
        stalking=given.stalking,
        suspect_named=bool(given.perpetrator_ref),
        outcome_code=given.outcome_code,
    )
    _ever(new, given, data, charged_at)
    if known is not None:
        new.high = new.high or known.high
        new.reticent = new.reticent or known.reticent
        new.arrest_reported = new.arrest_reported or known.arrest_reported
        new.charge_reported_at = first(new.charge_reported_at, known.charge_reported_at)


def _ever(fact: ReportFact, given: Report, data: Json, charged_at: datetime | None) -> None:
    fact.high = fact.high or data.get("grade") == RiskGrade.HIGH
    fact.reticent = fact.reticent or bool(data.get("reticent"))
    fact.arrest_reported = fact.arrest_reported or given.suspect_status in ARREST_SHOWN
    fact.charge_reported_at = first(fact.charge_reported_at, charged_at)


def _charge(given: Report, event: Event) -> datetime | None:
    charged = given.outcome_code == CHARGED or given.suspect_status in CHARGE_SHOWN
    return event.recorded_at if charged else None


def first(*instants: datetime | None) -> datetime | None:
    """The earliest of those that there are."""
    return min((each for each in instants if each is not None), default=None)


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
        facts.case(stream).successes.append(sure(event.data["at"]))


def _interval(facts: Facts, stream: str, event: Event) -> None:
    data = event.data
    promise = Promise(
        first=data["clock_type"] == ClockType.FIRST_CONTACT,
        due_raw=sure(data["due_raw"]),
        due_adjusted=sure(data["due_adjusted"]),
        received_late=bool(data["received_late"]),
        met_at=instant(data["met_at"]),
        missed=event.tag == "contact:interval:missed",
    )
    facts.case(stream).promises[data["clock_id"]] = promise


def clock(facts: Facts, stream: str, clock: Json) -> None:
    """What a started, moved or cancelled clock says of contact, needs and evidence."""
    kind = clock["clock_type"]
    if kind in CONTACT_CLOCKS:
        _contact_clock(facts.case(stream), clock)
    elif kind == ClockType.NEEDS_ASSESSMENT:
        facts.case(stream).needs_due_at = sure(clock["due_at"])
    elif kind == ClockType.EVIDENCE_ITEM:
        item = facts.incident(stream).items.get(clock["subject"])
        if item is not None:
            item.due_at = sure(clock["due_at"])


def _contact_clock(case: CaseFact, clock: Json) -> None:
    known = case.promises.get(clock["clock_id"])
    if known is not None and (known.met_at is not None or known.missed):
        return
    due_at = sure(clock["due_at"])
    pause = clock["pauses"][-1] if clock.get("pauses") else None
    cancelled = clock["status"] == ClockStatus.CANCELLED
    case.promises[clock["clock_id"]] = Promise(
        first=clock["clock_type"] == ClockType.FIRST_CONTACT,
        due_raw=instant(clock.get("due_raw")) or due_at,
        due_adjusted=due_at,
        received_late=clock.get("late_reason") == "RECEIVED_LATE",
        paused_from=sure(pause["started_at"]) if pause and not pause.get("ended_at") else None,
        ended_at=instant(clock.get("ended_at")) if cancelled else None,
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
    captured_at = instant(data.get("captured_at"))
    if captured_at is None and status in (EvidenceStatus.CAPTURED, EvidenceStatus.CAPTURED_LATE):
        captured_at = instant(data.get("at"))
    facts.incident(stream).items[data["item"]] = ItemFact(
        status=status, due_at=instant(data.get("due_at")), captured_at=captured_at
    )


def _verdict(facts: Facts, stream: str, event: Event) -> None:
    incident = facts.incident(stream)
    incident.result = event.data["result"]
    incident.without_declined = event.data["variant_without_declined"]
    incident.applicable = bool(event.data["applicable"])
    incident.received_late = bool(event.data["received_late"])


REPORT_TAGS = ("report:received", "report:updated", "report:judged_again")
BY_TAG: dict[str, Take] = {
    **dict.fromkeys(REPORT_TAGS, report),
    "case:opened": _opened,
    "case:allocated": _allocated,
    "contact:attempt:recorded": _attempt,
    "contact:interval:met": _interval,
    "contact:interval:missed": _interval,
    "needs:assessment:completed": _needs,
    "needs:assessment:declined": _needs,
    "evidence:item:required": _item,
    "evidence:item:recorded": _item,
    "golden_hour:verdict": _verdict,
}
