"""What stories are made of: workflows started as the product starts them, messages, small acts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from models import registry
from models.commands import RecordAttempt, SetSafeContactPlan
from models.enums import (
    Channel,
    ConsentStatus,
    ContactResult,
    Forum,
    ReferralPathway,
    RiskGrade,
    Role,
)
from models.ids import case_stream, incident_stream, meeting_stream, referral_stream
from models.instants import at_local
from models.messages import (
    Allocated,
    CaseStart,
    IncidentStart,
    ListRequest,
    MeetingStart,
    ReferralStart,
    ReportArrived,
)
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from tests.models.play import DALO, SERGEANT, a_report
from tests.replay.theatre import OPENING, Theatre

Handle = WorkflowHandle[Any, Any]
ANSWERED, UNANSWERED = ContactResult.SUCCESSFUL_TWO_WAY, ContactResult.NO_ANSWER
INSPECTOR = "DI 2001"
MARAC_CO, MATAC_CO = ("MC 6001", Role.MARAC_COORDINATOR), ("MC 6002", Role.MATAC_COORDINATOR)
IDVA, MASIP_LEAD = ("IDVA 1", Role.IDVA_PARTNER), ("ML 6003", Role.MASIP_LEAD)
CHIEF, LEADING = (SERGEANT, Role.SUPERVISOR), (INSPECTOR, Role.INSPECTOR)
OIC = ("DC 7001", Role.OIC)
SUSPECT = "PER-1"


def first_release() -> str:
    """The policy of the first release: work that began under it has none of the later duties."""
    return next(v for v in registry.policy_versions() if v.startswith("kent-1@"))


async def open_case(
    theatre: Theatre,
    number: int,
    grade: RiskGrade,
    *,
    allocated: bool = True,
    policy: str = "",
    **facts: Any,
) -> Handle:
    """A case of its own victim; in the register, too."""
    ref = f"CASE-2028-{number:05d}"
    names = {"incident_ref": f"46/{number}/28", "victim_ref": f"VIC-{number}"}
    report = a_report(OPENING, **names, **facts)
    await theatre.register(
        case_ref=ref,
        victim_ref=report.victim_ref,
        area="Medway",
        state="RECEIVED",
        priority_score=0,
        risk_grade=grade.value,
        opened_at=OPENING,
    )
    messages: list[ReportArrived | Allocated] = [arrived(report, OPENING, grade)]
    if allocated:
        messages.append(given_to_officer(OPENING))
    start = CaseStart(
        case_ref=ref,
        victim_ref=report.victim_ref,
        opened_at=OPENING,
        pilot_area="Medway",
        allocation_arm="PILOT",
        policy_version=policy or registry.current_policy().version,
        calendar_version=registry.current_calendar().version,
        messages=tuple(messages),
    )
    return await theatre.start("CaseWorkflow", case_stream(ref), start.model_dump(mode="json"))


async def open_incident(theatre: Theatre, report: Report, policy: str = "") -> Handle:
    """An incident of the first case."""
    start = IncidentStart(
        incident_ref=report.incident_ref,
        victim_ref=report.victim_ref,
        case_ref="CASE-2028-00001",
        policy_version=policy or registry.current_policy().version,
        calendar_version=registry.current_calendar().version,
        dalo_id=DALO,
        supervisor_id=SERGEANT,
        messages=(arrived(report, OPENING),),
    )
    stream = incident_stream(report.incident_ref, report.victim_ref)
    return await theatre.start("IncidentWorkflow", stream, start.model_dump(mode="json"))


async def open_referral(
    theatre: Theatre, pathway: ReferralPathway, number: int = 1, **facts: Any
) -> Handle:
    """A referral, sent at the opening."""
    ref = f"{pathway.value}-2028-{number:05d}"
    given: dict[str, Any] = {
        "referral_ref": ref,
        "pathway": pathway,
        "area": "Medway",
        "asked_by": DALO,
        "case_ref": "CASE-2028-00001",
        "victim_ref": "VIC-1",
        "perpetrator_ref": SUSPECT,
        "dalo_id": DALO,
        "supervisor_id": SERGEANT,
        "risk_grade": RiskGrade.HIGH,
        "consent_status": ConsentStatus.GIVEN,
        "submitted_at": OPENING,
        "policy_version": registry.current_policy().version,
        "calendar_version": registry.current_calendar().version,
        **facts,
    }
    start = ReferralStart.model_validate(given).model_dump(mode="json")
    return await theatre.start("ReferralWorkflow", referral_stream(ref), start)


async def open_meeting(theatre: Theatre, forum: Forum, days: int, *refs: str) -> Handle:
    """A meeting so many days after the opening, with these on its list."""
    day = (OPENING + timedelta(days=days)).date()
    start = MeetingStart(
        stream=meeting_stream(forum.value, "Medway", day.isoformat()),
        forum=forum,
        area="Medway",
        date=day.isoformat(),
        starts_at=at_local(day, time(9, 30)),
        coordinator="",
        opened_at=OPENING,
        policy_version=registry.current_policy().version,
        calendar_version=registry.current_calendar().version,
        messages=tuple(list_request(ref) for ref in refs),
    )
    return await theatre.start("MeetingWorkflow", start.stream, start.model_dump(mode="json"))


def list_request(ref: str) -> ListRequest:
    """A referral asks for a place."""
    return ListRequest(
        message_id=f"list-{ref}",
        referral_ref=ref,
        case_ref="CASE-2028-00001",
        victim_ref="VIC-1",
        perpetrator_ref=SUSPECT,
        dalo_id=DALO,
        at=OPENING,
    )


def arrived(report: Report, at: datetime, grade: RiskGrade = RiskGrade.MEDIUM) -> ReportArrived:
    """The message that carries a report."""
    return ReportArrived(
        message_id=f"{report.incident_ref}:{report.version}",
        report=report,
        received_at=at,
        grade=grade,
    )


def given_to_officer(at: datetime) -> Allocated:
    """The allocation."""
    return Allocated(message_id=f"a:{at:%j}", dalo_id=DALO, supervisor_id=SERGEANT, allocated_at=at)


async def plan(theatre: Theatre, handle: Handle, at: datetime) -> None:
    """The safe-contact plan: one telephone, on weekdays."""
    window = SafeWindow(weekdays=(0, 1, 2, 3, 4), opens=time(9), closes=time(15))
    route = Route(route_id="m", channel=Channel.CALL, verified_at=at)
    made = SafeContactPlan(routes=(route,), safe_windows=(window,), plan_reviewed_at=at)
    await theatre.do(handle, SetSafeContactPlan(at=at, plan=made), DALO)


async def call(
    theatre: Theatre, handle: Handle, result: ContactResult, by: str = DALO, **since: float
) -> datetime:
    """A call, at an instant of the story; returns it."""
    at = await theatre.until(**since)
    attempt = RecordAttempt(at=at, channel=Channel.CALL, result=result, route="m")
    await theatre.do(handle, attempt, by)
    return at
