"""Stories of referrals on each pathway, and of meetings."""

from __future__ import annotations

from typing import Any

from models.commands import (
    AddAction,
    AmendReferral,
    CarryOutDisruption,
    ChaseReferral,
    CompleteAction,
    GiveMaracFeedback,
    HearReferral,
    IssueActions,
    MoveReferral,
    PlanDisruption,
    RecordAttendance,
    RecordReferralAttempt,
    RescoreSubject,
    ReviewReferral,
)
from models.commands.meeting import IssueMinutes, RequestResearch, ReturnResearch
from models.enums import (
    ActionType,
    Agency,
    AttemptResult,
    DischargeReason,
    DisruptionStanding,
    Forum,
    HearingDecision,
    Intervention,
    ReferralPathway,
    ResearchResult,
    Role,
)
from models.enums import ReferralState as S
from models.meeting.opening import OpenMeetings
from models.messages import (
    ActionsSettled,
    DisruptionChecked,
    Heard,
    Listed,
    ListFrozen,
    RetaliationAnswer,
)
from tests.models.play import DALO
from tests.models.play_referral import WHOLE_FORM
from tests.replay.acting import (
    IDVA,
    MARAC_CO,
    MASIP_LEAD,
    MATAC_CO,
    Handle,
    open_meeting,
    open_referral,
)
from tests.replay.theatre import OPENING, Theatre

MARAC_MEETING = "meeting/MARAC/Medway/2028-06-15/1"
_STALKING = {
    "relationship": "EX_PARTNER",
    "behaviours": "GIFTS,MESSAGES",
    "channels": "TELEPHONE",
    "duration_days": "35",
    "contacts": "41",
    "threats": "NO",
    "breaches": "NO",
    "investigation_stage": "ACTIVE",
}


async def _go(theatre: Theatre, handle: Handle, who: tuple[str, Role], to: S, **given: Any) -> None:
    at = await theatre.now()
    await theatre.do(handle, MoveReferral(at=at, to=to, **given), *who)


async def referral_idva(theatre: Theatre) -> Handle:
    """Silence that is chased, attempts, engagement, a MARAC decision to tell, the end."""
    handle = await open_referral(theatre, ReferralPathway.IDVA)
    at = await theatre.until(days=6)
    await theatre.do(handle, ChaseReferral(at=at), DALO)
    at = await theatre.until(days=7)
    attempt = RecordReferralAttempt(at=at, result=AttemptResult.NO_ANSWER)
    await theatre.do(handle, attempt, *IDVA)
    await theatre.until(days=8)
    await _go(theatre, handle, IDVA, S.ENGAGED)
    at = await theatre.until(days=10)
    heard = Heard(message_id="h", meeting=MARAC_MEETING, at=at, decision="ACTIONS_AGREED")
    await theatre.tell(handle, heard)
    at = await theatre.until(days=11)
    await theatre.do(handle, GiveMaracFeedback(at=at), *IDVA)
    await theatre.until(days=90)
    at = await theatre.now()
    closed = MoveReferral(at=at, to=S.CLOSED, outcome="CLOSED_PLANNED")
    await theatre.do(handle, closed, *IDVA, settle=False)
    await handle.result()
    return handle


async def referral_marac(theatre: Theatre) -> Handle:
    """Returned for a field, accepted, listed, heard, its actions done, and a year's flag to the
    end."""
    handle = await open_referral(theatre, ReferralPathway.MARAC, facts=WHOLE_FORM)
    await theatre.until(days=1)
    await _go(theatre, handle, MARAC_CO, S.RETURNED, reason="MORE_INFORMATION")
    at = await theatre.until(days=2)
    await theatre.do(handle, AmendReferral(at=at, facts={"gp_ref": "GP-13"}), DALO)
    await _go(theatre, handle, (DALO, Role.DALO), S.SUBMITTED)
    await theatre.until(days=3)
    await _go(theatre, handle, MARAC_CO, S.ACCEPTED)
    at = await theatre.until(days=4)
    meeting = {"meeting": MARAC_MEETING, "at": at}
    listed = Listed.model_validate({"message_id": "l", "starts_at": at, **meeting})
    frozen = ListFrozen.model_validate({"message_id": "f", "research_due_at": at, **meeting})
    await theatre.tell(handle, listed, frozen)
    at = await theatre.until(days=10)
    heard = Heard(
        message_id="h", meeting=MARAC_MEETING, at=at, decision="ACTIONS_AGREED", actions=1
    )
    await theatre.tell(handle, heard)
    at = await theatre.until(days=20)
    done = ActionsSettled(message_id="a", meeting=MARAC_MEETING, open_actions=0, at=at)
    await theatre.tell(handle, done)
    await theatre.until(days=370)
    await handle.result()
    return handle


async def referral_matac(theatre: Theatre) -> Handle:
    """Scored, nominated, selected; a disruption after the Liaison Officer's word; reviews, one of
    them held on the day that a bank holiday moved; discharge."""
    cases = ["CASE-2028-00001"]
    handle = await open_referral(
        theatre,
        ReferralPathway.MATAC,
        asked_by="SYSTEM",
        case_ref="",
        victim_ref="",
        dalo_id="",
        consent_status=None,
        facts={"score": 80.2, "rank": 3, "cases": cases},
    )
    await theatre.until(hours=4)
    await _go(theatre, handle, MATAC_CO, S.NOMINATED)
    at = await theatre.until(days=3)
    meeting = "meeting/MATAC/Medway/2028-06-08/1"
    heard = Heard(message_id="h", meeting=meeting, at=at, decision="SELECTED")
    await theatre.tell(handle, heard)
    victims = {"VIC-0001": cases[0]}
    planned = PlanDisruption(at=at, action="TRAFFIC_STOP", asked_of=victims)
    await theatre.do(handle, planned, *MATAC_CO)
    at = await theatre.until(days=4)
    answer = RetaliationAnswer(
        message_id="r",
        referral_ref="MATAC-2028-00001",
        case_ref=cases[0],
        safe=True,
        at=at,
        disruption_id="DIS-001",
    )
    await theatre.tell(handle, answer)
    carried_out = CarryOutDisruption(at=at, disruption_id="DIS-001", asked_of=victims)
    await theatre.do(handle, carried_out, *MATAC_CO)
    await _go(theatre, handle, MATAC_CO, S.PROFILED, facts={"profile_ref": "PROFILE-1"})
    await _go(theatre, handle, MATAC_CO, S.ACTIVE)
    for days in (32, 60, 90):
        at = await theatre.until(days=days)
        await theatre.do(handle, ReviewReferral(at=at), *MATAC_CO)
    again = RescoreSubject(
        at=at,
        score=40.5,
        recency=25,
        frequency=40,
        gravity=30,
        victims=75,
        weights_version="kent-rfgv-1",
    )
    await theatre.do(handle, again, *MATAC_CO)
    discharged = MoveReferral(at=at, to=S.DISCHARGED, outcome=DischargeReason.RISK_REDUCED)
    await theatre.do(handle, discharged, *MATAC_CO, settle=False)
    await handle.result()
    return handle


async def referral_masip(theatre: Theatre) -> Handle:
    """Triage late, taken on, formulated, managed, reviewed, closed."""
    handle = await open_referral(theatre, ReferralPathway.MASIP, facts=_STALKING)
    await theatre.until(days=9)
    await _go(theatre, handle, MASIP_LEAD, S.TRIAGED)
    await _go(theatre, handle, MASIP_LEAD, S.ACCEPTED)
    await theatre.until(days=20)
    form = {"motive": "REJECTED", "risk_tool": "SDASH"}
    await _go(theatre, handle, MASIP_LEAD, S.FORMULATION, facts=form)
    await _go(theatre, handle, MASIP_LEAD, S.MANAGEMENT)
    at = await theatre.until(days=45)
    await theatre.do(handle, ReviewReferral(at=at), *MASIP_LEAD)
    await theatre.until(days=80)
    await theatre.settled(handle)
    return handle


async def meeting_marac(theatre: Theatre) -> Handle:
    """A list that closes, research, the meeting, an action that is late and chased, minutes."""
    ref = "MARAC-2028-00001"
    handle = await open_meeting(theatre, Forum.MARAC, 10, ref, "MARAC-2028-00002")
    at = await theatre.until(days=4)
    await theatre.do(handle, RequestResearch(at=at), *MARAC_CO)
    at = await theatre.until(days=7)
    back = ReturnResearch(at=at, agency=Agency.HOUSING, result=ResearchResult.NOTHING_HELD)
    await theatre.do(handle, back, *MARAC_CO)
    at = await theatre.until(days=10, hours=2)
    held = RecordAttendance(at=at, present={"DI-2001": Agency.POLICE, "IDVA-1": Agency.IDVA})
    await theatre.do(handle, held, *MARAC_CO)
    action = AddAction(
        at=at,
        referral_ref=ref,
        action_type=ActionType.HOUSING,
        action="SANCTUARY_SCHEME",
        agency=Agency.HOUSING,
        owner="HSG-1",
    )
    await theatre.do(handle, action, *MARAC_CO)
    heard = HearReferral(at=at, referral_ref=ref, decision=HearingDecision.ACTIONS_AGREED)
    await theatre.do(handle, heard, *MARAC_CO)
    await theatre.do(handle, IssueActions(at=at), *MARAC_CO)
    at = await theatre.until(days=14)
    await theatre.do(handle, IssueMinutes(at=at, note_ref="NOTE/1"), *MARAC_CO)
    at = await theatre.until(days=35)
    done = CompleteAction(at=at, action_id="1")
    await theatre.do(handle, done, *MARAC_CO, settle=False)
    await handle.result()
    return handle


async def meeting_matac(theatre: Theatre) -> Handle:
    """A disruption is agreed only when it was found safe; one is selected, one deferred."""
    ref, other = "MATAC-2028-00001", "MATAC-2028-00002"
    handle = await open_meeting(theatre, Forum.MATAC, 7, ref, other)
    at = await theatre.until(days=5)
    safe = DisruptionChecked(
        message_id="r",
        referral_ref=ref,
        disruption_id="DIS-001",
        standing=DisruptionStanding.SAFE,
        at=at,
    )
    await theatre.tell(handle, safe)
    at = await theatre.until(days=7, hours=2)
    held = RecordAttendance(at=at, present={"PROB-1": Agency.PROBATION})
    await theatre.do(handle, held, *MATAC_CO)
    action = AddAction(
        at=at,
        referral_ref=ref,
        action_type=ActionType.PERPETRATOR,
        action="TRAFFIC_STOP",
        agency=Agency.POLICE,
        intervention=Intervention.DISRUPTION,
        disruption_id="DIS-001",
        immediate=True,
    )
    await theatre.do(handle, action, *MATAC_CO)
    for each, decision in ((ref, HearingDecision.SELECTED), (other, HearingDecision.DEFERRED)):
        heard = HearReferral(at=at, referral_ref=each, decision=decision)
        await theatre.do(handle, heard, *MATAC_CO)
    await theatre.do(handle, IssueActions(at=at), *MATAC_CO)
    at = await theatre.until(days=9)
    await theatre.do(handle, CompleteAction(at=at, action_id="1"), *MATAC_CO)
    minutes = IssueMinutes(at=at, note_ref="NOTE/2")
    await theatre.do(handle, minutes, *MATAC_CO, settle=False)
    await handle.result()
    return handle


async def meeting_opening(theatre: Theatre) -> Handle:
    """What a schedule starts: the next list opens."""
    asked = OpenMeetings(forum=Forum.MARAC, area="Medway")
    handle = await theatre.begin("MeetingOpeningWorkflow", f"opening/{OPENING:%Y-%m-%d}", asked)
    await handle.result()
    return handle
