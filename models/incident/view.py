"""What an incident looks like from outside: the read model's row and the full view. References,
codes and instants only."""

from __future__ import annotations

from datetime import datetime

from models.base import Record
from models.clocks import Clock
from models.enums import EvidenceCode, EvidenceStatus, RiskGrade, SuspectStatus
from models.events import Json
from models.evidence import Item, Verdict
from models.incident.commands import medium, minutes_between
from models.incident.orders.state import OrderFacts
from models.incident.safeguarding.state import SafeguardingFacts
from models.incident.state import IncidentState, Known, Told
from models.incident.suspect.state import SuspectFacts
from models.incident.victims_code.state import CodeFacts
from models.stream import Task, jsonable


class VideoAccount(Record):
    """The victim's first account on video: the item that counts most without her later support."""

    status: EvidenceStatus
    captured_at: datetime | None = None
    medium: str = "NOT_STATED"
    medium_stated: bool = False
    """Whether an officer said so; otherwise it follows from how police responded."""
    minutes_from_report: int | None = None
    minutes_from_police_contact: int | None = None
    reference: str = ""


class IncidentView(Record):
    """One victim's incident as it stands at `as_of`."""

    as_of: datetime
    incident_ref: str
    victim_ref: str
    case_ref: str
    version: int = 0
    grade: RiskGrade | None = None
    dalo_id: str = ""
    oic_id: str = ""
    supervisor_id: str = ""
    lead: str = ""
    occurred_at: datetime | None = None
    reported_at: datetime | None = None
    received_at: datetime | None = None
    first_police_contact_at: datetime | None = None
    suspect_status: SuspectStatus | None = None
    golden_hour_applicable: bool | None = None
    golden_hour_due_at: datetime | None = None
    received_late: bool = False
    verdict: Verdict | None = None
    verdict_at: datetime | None = None
    verdict_amended: bool = False
    video: VideoAccount | None = None
    items: tuple[Item, ...] = ()
    known: tuple[Known, ...] = ()
    told: tuple[Told, ...] = ()
    clocks: tuple[Clock, ...] = ()
    tasks: tuple[Task, ...] = ()
    suspect: SuspectFacts | None = None
    orders: OrderFacts | None = None
    code: CodeFacts | None = None
    safeguarding: SafeguardingFacts | None = None
    summary: Json
    unrecorded: int = 0


def summary(state: IncidentState) -> Json:
    """The columns of the `incident` read model."""
    report = state.report
    return jsonable(
        {
            "incident_ref": state.incident_ref,
            "victim_ref": state.victim_ref,
            "case_ref": state.case_ref,
            "version": report.version if report else None,
            "reported_at": report.reported_at if report else None,
            "occurred_at": report.occurred_from if report else None,
            "received_at": state.received_at,
            "first_police_contact_at": state.first_police_contact_at,
            "golden_hour_applicable": state.applicable,
            "golden_hour_due_at": state.golden_due_at,
            "golden_hour_result": state.verdict.result if state.verdict else None,
            "suspect_status": _status(state),
            "perpetrator_ref": state.suspect.perpetrator_ref or (report and report.perpetrator_ref),
            "ended_at": state.ended_at,
        }
    )


def view(state: IncidentState, now: datetime) -> IncidentView:
    """Everything that a screen of the incident and its receipt show."""
    report = state.report
    order = {code: place for place, code in enumerate(EvidenceCode)}
    return IncidentView(
        as_of=now,
        incident_ref=state.incident_ref,
        victim_ref=state.victim_ref,
        case_ref=state.case_ref,
        version=report.version if report else 0,
        grade=state.grade,
        dalo_id=state.dalo_id,
        oic_id=state.oic_id,
        supervisor_id=state.supervisor_id,
        lead=state.lead,
        occurred_at=report.occurred_from if report else None,
        reported_at=report.reported_at if report else None,
        received_at=state.received_at,
        first_police_contact_at=state.first_police_contact_at,
        suspect_status=_status(state),
        golden_hour_applicable=state.applicable,
        golden_hour_due_at=state.golden_due_at,
        received_late=state.received_late,
        verdict=state.verdict,
        verdict_at=state.verdict_at,
        verdict_amended=state.verdicts > 1,
        video=_video(state),
        items=tuple(sorted(state.items.values(), key=lambda item: order[item.code])),
        known=tuple(state.known),
        told=tuple(state.told),
        clocks=tuple(sorted(state.clocks.values(), key=lambda clock: clock.due_at)),
        tasks=tuple(state.tasks.values()),
        suspect=state.suspect,
        orders=state.orders,
        code=state.code,
        safeguarding=state.safeguarding,
        summary=summary(state),
        unrecorded=len(state.unrecorded),
    )


def _status(state: IncidentState) -> SuspectStatus | None:
    """The suspect's status as an officer or the latest report gave it."""
    return state.suspect.status or (state.report.suspect_status if state.report else None)


def _video(state: IncidentState) -> VideoAccount | None:
    item = state.items.get(EvidenceCode.INITIAL_ACCOUNT_VIDEO)
    if item is None or state.report is None:
        return None
    at, contact = item.captured_at, state.first_police_contact_at
    return VideoAccount(
        status=item.status,
        captured_at=at,
        medium=medium(state, item),
        medium_stated=item.medium is not None,
        minutes_from_report=minutes_between(state.report.reported_at, at) if at else None,
        minutes_from_police_contact=minutes_between(contact, at) if at and contact else None,
        reference=item.reference,
    )
