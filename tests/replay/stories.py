"""Stories that between them take every workflow through its commands, timers and endings.

A story is fixed: a change to it makes new histories and new fingerprints necessary.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from models import registry
from models.commands import (
    CloseCase,
    CompleteNeedAction,
    CompleteNeedsAssessment,
    EvidenceEntry,
    NeedActionEntry,
    NeedEntry,
    PauseContact,
    Reassign,
    RecordAttempt,
    RecordEvidence,
    RecordLadderStep,
    Regrade,
    ReviewCase,
    SetCadence,
    SetSafeContactPlan,
)
from models.enums import (
    CadencePlan,
    Channel,
    ClosureReason,
    ContactResult,
    EvidenceCode,
    EvidenceStatus,
    NeedDomain,
    NeedLevel,
    RiskGrade,
    Role,
    SuspectStatus,
)
from models.ids import case_stream, incident_stream
from models.messages import (
    Allocated,
    CaseClosed,
    CaseStart,
    IncidentStart,
    ReportArrived,
    Waitlisted,
)
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from tests.models.play import DALO, OTHER_DALO, SERGEANT, a_report
from tests.replay.theatre import OPENING, Theatre

Handle = WorkflowHandle[Any, Any]
ANSWERED, UNANSWERED = ContactResult.SUCCESSFUL_TWO_WAY, ContactResult.NO_ANSWER


async def case_worked(theatre: Theatre) -> Handle:
    """Contact, needs, a breach and its ladder, a pause, another officer, and closure."""
    handle = await _open(theatre, "CASE-2028-00001", RiskGrade.HIGH)
    at = await theatre.until(hours=1)
    await theatre.do(handle, SetSafeContactPlan(at=at, plan=_plan(at)), DALO)
    await _call(theatre, handle, UNANSWERED, hours=2)
    await _call(theatre, handle, ANSWERED, hours=20)
    at = await theatre.until(days=3)
    await theatre.do(handle, _assessment(at), DALO)
    at = await theatre.until(days=5)
    await theatre.do(handle, CompleteNeedAction(at=at, action_id="ACT-001"), DALO)
    at = await theatre.until(days=8, hours=3)
    step = RecordLadderStep(at=at, step="L1", outcome="VARIED_TIME")
    await theatre.do(handle, step, DALO)
    await _call(theatre, handle, ANSWERED, days=8, hours=5)
    at = await theatre.until(days=10)
    cadence = SetCadence(at=at, plan=CadencePlan.CUSTOM, interval_days=5, victim_wish=True)
    await theatre.do(handle, cadence, DALO)
    at = await theatre.until(days=11)
    until = at + timedelta(days=10)
    pause = PauseContact(at=at, until=until, owner=SERGEANT, reason="ABROAD")
    await theatre.do(handle, pause, SERGEANT, Role.SUPERVISOR)
    at = await theatre.until(days=22)
    regrade = Regrade(at=at, grade=RiskGrade.MEDIUM, reason="RISK_REDUCED")
    await theatre.do(handle, regrade, SERGEANT, Role.SUPERVISOR)
    at = await theatre.until(days=23)
    reassign = Reassign(at=at, dalo_id=OTHER_DALO, reason="LEAVE")
    await theatre.do(handle, reassign, SERGEANT, Role.SUPERVISOR)
    await _call(theatre, handle, ANSWERED, OTHER_DALO, days=24)
    at = await theatre.until(days=27)
    await theatre.do(handle, ReviewCase(at=at), SERGEANT, Role.SUPERVISOR)
    at = await theatre.until(days=60)
    close = CloseCase(at=at, reason=ClosureReason.RISK_REDUCED, victim_told=True)
    await theatre.do(handle, close, SERGEANT, Role.SUPERVISOR, settle=False)
    await handle.result()
    return handle


async def case_waited(theatre: Theatre) -> Handle:
    """A case that waits for a place, past its clock, and is then allocated and let be."""
    handle = await _open(theatre, "CASE-2028-00002", RiskGrade.MEDIUM, allocated=False)
    at = await theatre.until(days=1)
    await theatre.tell(handle, Waitlisted(message_id="w1", supervisor_id=SERGEANT, at=at))
    at = await theatre.until(days=20)
    await theatre.tell(handle, _allocated(at))
    await theatre.until(days=50)
    await theatre.settled(handle)
    return handle


async def case_continued(theatre: Theatre) -> Handle:
    """A case that goes on in a new run, and in it meets a clock."""
    handle = await _open(theatre, "CASE-2028-00003", RiskGrade.MEDIUM)
    first = (await handle.describe()).run_id
    at = await theatre.until(hours=1)
    for _ in range(260):
        attempt = RecordAttempt(at=at, channel=Channel.CALL, result=UNANSWERED, route="m")
        await theatre.do(handle, attempt, DALO)
        if (await handle.describe()).run_id != first:
            break
    await theatre.until(days=20)
    await theatre.settled(handle)
    return handle


async def incident_worked(theatre: Theatre) -> Handle:
    """Some evidence in the hour, a warning, a verdict, a later version, chasing, the end."""
    report = a_report(OPENING, incident_ref="46/4/28", victim_ref="VIC-4")
    handle = await _incident(theatre, report)
    await _capture(theatre, handle, EvidenceCode.INITIAL_ACCOUNT_VIDEO, minutes=20)
    await _capture(theatre, handle, EvidenceCode.INJURY_PHOTOS_INITIAL, minutes=50)
    at = await theatre.until(hours=2, minutes=10)
    arrested = {"version": 2, "suspect_status": SuspectStatus.ARRESTED}
    newer = report.model_copy(update=arrested)
    await theatre.tell(handle, _arrived(newer, at))
    await _capture(theatre, handle, EvidenceCode.WITNESS_ACCOUNTS, hours=4)
    await theatre.until(days=12)
    await theatre.tell(handle, CaseClosed(message_id="closed", handed_to=SERGEANT))
    at = await theatre.until(days=13)
    items = (await handle.query("view"))["items"]
    left = [EvidenceCode(i["code"]) for i in items if i["captured_at"] is None]
    captured = EvidenceStatus.CAPTURED
    entries = tuple(EvidenceEntry(item=item, status=captured, at=at) for item in left)
    record = RecordEvidence(entries=entries)
    await theatre.do(handle, record, SERGEANT, Role.SUPERVISOR, settle=False)
    await handle.result()
    return handle


async def incident_late(theatre: Theatre) -> Handle:
    """A report that comes when its hour is long over."""
    reported = OPENING - timedelta(hours=5)
    report = a_report(reported, incident_ref="46/5/28", victim_ref="VIC-5")
    handle = await _incident(theatre, report)
    await theatre.until(days=2)
    await theatre.settled(handle)
    return handle


Story = Callable[[Theatre], Awaitable[Handle]]
STORIES: dict[str, Story] = {
    "case-worked": case_worked,
    "case-waited": case_waited,
    "case-continued": case_continued,
    "incident-worked": incident_worked,
    "incident-late": incident_late,
}


# --- what stories are made of ---------------------------------------------------------------


async def _open(
    theatre: Theatre, case_ref: str, grade: RiskGrade, *, allocated: bool = True
) -> Handle:
    number = case_ref[-1]
    report = a_report(OPENING, incident_ref=f"46/{number}/28", victim_ref=f"VIC-{number}")
    await theatre.register(
        case_ref=case_ref,
        victim_ref=report.victim_ref,
        area="Medway",
        state="RECEIVED",
        priority_score=0,
        risk_grade=grade.value,
        opened_at=OPENING,
    )
    messages: list[ReportArrived | Allocated] = [_arrived(report, OPENING, grade)]
    if allocated:
        messages.append(_allocated(OPENING))
    start = CaseStart(
        case_ref=case_ref,
        victim_ref=report.victim_ref,
        opened_at=OPENING,
        pilot_area="Medway",
        allocation_arm="PILOT",
        policy_version=registry.current_policy().version,
        calendar_version=registry.current_calendar().version,
        messages=tuple(messages),
    )
    stream = case_stream(case_ref)
    return await theatre.start("CaseWorkflow", stream, start.model_dump(mode="json"))


async def _incident(theatre: Theatre, report: Report) -> Handle:
    start = IncidentStart(
        incident_ref=report.incident_ref,
        victim_ref=report.victim_ref,
        case_ref="CASE-2028-00001",
        policy_version=registry.current_policy().version,
        calendar_version=registry.current_calendar().version,
        dalo_id=DALO,
        supervisor_id=SERGEANT,
        messages=(_arrived(report, OPENING),),
    )
    stream = incident_stream(report.incident_ref, report.victim_ref)
    return await theatre.start("IncidentWorkflow", stream, start.model_dump(mode="json"))


def _arrived(report: Report, at: datetime, grade: RiskGrade = RiskGrade.MEDIUM) -> ReportArrived:
    return ReportArrived(
        message_id=f"{report.incident_ref}:{report.version}",
        report=report,
        received_at=at,
        grade=grade,
    )


def _allocated(at: datetime) -> Allocated:
    return Allocated(message_id=f"a:{at:%j}", dalo_id=DALO, supervisor_id=SERGEANT, allocated_at=at)


def _plan(at: datetime) -> SafeContactPlan:
    window = SafeWindow(weekdays=(0, 1, 2, 3, 4), opens=time(9), closes=time(15))
    route = Route(route_id="m", channel=Channel.CALL, verified_at=at)
    return SafeContactPlan(routes=(route,), safe_windows=(window,), plan_reviewed_at=at)


def _assessment(at: datetime) -> CompleteNeedsAssessment:
    needs = dict.fromkeys(NeedDomain, NeedLevel.NONE) | {NeedDomain.HOUSING: NeedLevel.HIGH}
    action = NeedActionEntry(
        domain=NeedDomain.HOUSING, action="REFER", owner=DALO, due_at=at + timedelta(days=7)
    )
    entries = tuple(NeedEntry(domain=domain, level=level) for domain, level in needs.items())
    return CompleteNeedsAssessment(at=at, needs=entries, actions=(action,))


async def _call(
    theatre: Theatre, handle: Handle, result: ContactResult, by: str = DALO, **since: float
) -> None:
    at = await theatre.until(**since)
    attempt = RecordAttempt(at=at, channel=Channel.CALL, result=result, route="m")
    await theatre.do(handle, attempt, by)


async def _capture(theatre: Theatre, handle: Handle, item: EvidenceCode, **since: float) -> None:
    at = await theatre.until(**since)
    entry = EvidenceEntry(item=item, status=EvidenceStatus.CAPTURED, at=at)
    await theatre.do(handle, RecordEvidence(entries=(entry,)), DALO)
