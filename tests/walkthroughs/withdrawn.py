"""What walk-through (v) and its repeats begin with: until she asks for no contact (docs/domain.md
16)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from casework.asking import safe_to_send
from models.commands import (
    ApproveCadence,
    AssessRisk,
    ChangeSuspectStatus,
    HearReferral,
    IssueActions,
    MoveReferral,
    RecordAttempt,
    RecordAttendance,
    RecordNotification,
    RecordWithdrawal,
    Refer,
    Regrade,
    SetCadence,
    SetSafeContactPlan,
)
from models.commands.contact import NotificationOptOut
from models.commands.meeting import IssueMinutes
from models.enums import (
    Agency,
    ArrestReason,
    CadencePlan,
    Channel,
    ClockType,
    ConsentStatus,
    ContactResult,
    HearingDecision,
    MaracCriterion,
    NoContactOffer,
    PressureCheck,
    RecordingType,
    ReferralPathway,
    ReferralState,
    RiskAnswer,
    RiskGrade,
    RiskTool,
    Source,
    SuspectStatus,
    WithdrawalReason,
)
from models.enums.report import Statement
from models.enums.victims_code import NotificationOutcome
from models.instants import show
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from store.tables import case, referral
from tests.opening import AREA
from tests.walkthroughs.stage import DALO, MARAC_CO, OIC, SERGEANT, Stage, at

C = ClockType
FIRST, FURTHER, SHOUTING = "46/0701/27", "46/0702/27", "46/0703/28"
MARAC_MEETING = "MARAC/Medway/2027-02-11/1"
VICTIM, SUSPECT, ROUTE = "VIC-0007", "PER-0007", "mobile"


def a_report(ref: str, when: str, **changes: Any) -> Report:
    """A report of an assault, unless something else is said."""
    facts: dict[str, Any] = {
        "incident_ref": ref,
        "victim_ref": VICTIM,
        "version": 1,
        "perpetrator_ref": SUSPECT,
        "recording_type": RecordingType.CRIME,
        "ho_class": ("8N",),
        "occurred_from": at(when) - timedelta(minutes=15),
        "reported_at": at(when),
        "district": AREA,
        "victim_age": 29,
        "risk_grade": RiskGrade.MEDIUM,
        "oic_id": OIC,
        **changes,
    }
    return Report.model_validate(facts)


def shouting(when: str) -> Report:
    """What the neighbour reports a year later."""
    return a_report(
        SHOUTING,
        when,
        recording_type=RecordingType.NON_CRIME_DA,
        ho_class=(),
        source=Source.THIRD_PARTY,
        occurred_from=at(when),
        risk_grade=RiskGrade.STANDARD,
    )


async def opened_and_referred(stage: Stage) -> None:
    """Mon 11 Jan to Thu 11 Feb: case, further assault, HIGH, charged and remanded, MARAC."""
    await stage.staffed()
    call = a_report(FIRST, "2027-01-11 09:00")
    earlier = at("2026-03-20 20:00")
    await stage.history(call, {"reported_at": earlier, "occurred_from": earlier})
    assert (await stage.receive(call)).outcome == "CASE_OPENED"
    await stage.allocate()
    await planned(stage)
    for day in ("2027-01-12", "2027-01-25"):
        await reached(stage, f"{day} 10:30")
    await the_further_assault(stage)
    await to_marac(stage)
    for day in ("2027-02-15", "2027-02-22"):
        await reached(stage, f"{day} 10:30")


async def planned(stage: Stage) -> None:
    """One safe route: her telephone, weekday mornings."""
    now = await stage.to("2027-01-11 10:00")
    mornings = SafeWindow(weekdays=(0, 1, 2, 3, 4), opens=time(10), closes=time(12))
    plan = SafeContactPlan(
        routes=(Route(route_id=ROUTE, channel=Channel.CALL, verified_at=now),),
        safe_windows=(mornings,),
        plan_reviewed_at=now,
    )
    await stage.tell_case(SetSafeContactPlan(at=now, plan=plan))


async def reached(
    stage: Stage, when: str, result: ContactResult = ContactResult.SUCCESSFUL_TWO_WAY
) -> None:
    """A call."""
    now = await stage.to(when)
    made = RecordAttempt(at=now, channel=Channel.CALL, route=ROUTE, result=result)
    await stage.tell_case(made)


async def the_further_assault(stage: Stage) -> None:
    """Fri 29 Jan: HIGH, and a MARAC criterion; Sat 30 Jan: charged and remanded."""
    await stage.to("2027-01-29 20:10")
    further = a_report(FURTHER, "2027-01-29 20:00", risk_grade=RiskGrade.HIGH)
    assert (await stage.receive(further)).outcome == "LINKED_TO_OPEN_CASE"
    now = await stage.to("2027-01-29 20:30")
    dash = AssessRisk(
        at=now,
        tool=RiskTool.DASH_ACPO_27,
        answers={f"Q{number}": RiskAnswer.YES for number in range(2, 17)},
        others=RiskAnswer.NO,
        incident_ref=FURTHER,
    )
    assert "RECOMMENDS_HIGH" in await stage.tell_case(dash)
    await stage.tell_case(Regrade(at=now, grade=RiskGrade.HIGH, reason="TOOL_RESULT"))
    assert (await stage.row(case, case_ref=stage.case_ref))["risk_grade"] == "HIGH"
    assert await stage.due(stage.case, C.MARAC_SUBMIT) == "Mon 1 Feb 2027 23:59"
    scene = stage.incident(FURTHER)
    now = await stage.to("2027-01-29 22:00")
    arrest = ChangeSuspectStatus(
        at=now, status=SuspectStatus.ARRESTED, arrest_reason=ArrestReason.SUBSTANTIVE_OFFENCE
    )
    await stage.do(OIC, scene, arrest)
    now = await stage.to("2027-01-30 11:00")
    await stage.do(OIC, scene, ChangeSuspectStatus(at=now, status=SuspectStatus.REMANDED))
    now = await stage.to("2027-02-01 10:30")
    for kind in ("SUSPECT_ARRESTED", "REMANDED"):
        await told(stage, kind)
    charged = {"version": 2, "outcome_code": 1, "suspect_status": SuspectStatus.REMANDED}
    known = a_report(FURTHER, "2027-01-29 20:00", risk_grade=RiskGrade.HIGH)
    assert (await stage.receive(known.model_copy(update=charged))).outcome == "UPDATED"


async def told(stage: Stage, kind: str) -> None:
    """She is told of something by her one safe route, now; and the call is logged."""
    telling = RecordNotification(
        at=stage.now,
        event_kind=kind,
        channel=Channel.CALL,
        route=ROUTE,
        outcome=NotificationOutcome.TOLD,
    )
    assert await stage.do(DALO, stage.incident(FURTHER), telling) == ()
    made = RecordAttempt(
        at=stage.now,
        channel=Channel.CALL,
        route=ROUTE,
        result=ContactResult.SUCCESSFUL_TWO_WAY,
    )
    await stage.tell_case(made)


async def to_marac(stage: Stage) -> None:
    """Submitted Mon 1 Feb, the day that it is due; heard Thu 11 Feb."""
    now = await stage.to("2027-02-01 11:00")
    (ref, *_) = await stage.tell_case(
        Refer(
            at=now,
            pathway=ReferralPathway.MARAC,
            criteria=(MaracCriterion.VISIBLE_HIGH_RISK,),
            consent_status=ConsentStatus.GIVEN,
        )
    )
    stage.refs["MARAC"] = ref
    met = await stage.clock(stage.case, C.MARAC_SUBMIT, ended=True)
    assert (met.status, met.ended_at, met.breached_at) == ("MET", now, None)
    now = await stage.to("2027-02-02 09:00")
    await stage.do(MARAC_CO, ref, MoveReferral(at=now, to=ReferralState.ACCEPTED))
    assert (await stage.row(referral, referral_ref=ref))["meeting"] == f"meeting/{MARAC_MEETING}"
    await reached(stage, "2027-02-08 10:30")
    now = await stage.to("2027-02-11 09:30")
    present = {MARAC_CO: Agency.POLICE, "IDVA-1": Agency.IDVA}
    await stage.do(MARAC_CO, MARAC_MEETING, RecordAttendance(at=now, present=present))
    decision = HearingDecision.NO_FURTHER_ACTION
    heard = HearReferral(at=now, referral_ref=ref, decision=decision)
    await stage.do(MARAC_CO, MARAC_MEETING, heard)
    await stage.do(MARAC_CO, MARAC_MEETING, IssueActions(at=now))
    await stage.do(MARAC_CO, MARAC_MEETING, IssueMinutes(at=now, note_ref="NOTE/1"))
    row = await stage.row(referral, referral_ref=ref)
    assert (row["state"], row["heard_at"]) == ("FLAGGED_12M", now)
    assert show(row["flag_until"]) == "Mon 31 Jan 2028 23:59"


async def no_contact_asked(stage: Stage) -> None:
    """Mon 1 Mar: alone and verified, she withdraws support and asks for no contact, "only if he is
    released"; the sergeant signs."""
    await reached(stage, "2027-03-01 10:30")
    withdrawn = RecordWithdrawal(
        at=stage.now,
        reasons=(WithdrawalReason.WANT_IT_OVER,),
        statement=Statement.GIVEN,
        pressure=PressureCheck.NONE_FOUND,
    )
    await stage.tell_case(withdrawn)
    wish = SetCadence(
        at=stage.now,
        plan=CadencePlan.NO_CONTACT,
        victim_wish=True,
        alone=True,
        verified=True,
        offers=(NoContactOffer.IDVA, NoContactOffer.OTHER_OFFICER),
        notices=NotificationOptOut.ALL_EXCEPT_RELEASE,
        no_recontact=True,
        note_ref="NOTE/2",
    )
    assert await stage.tell_case(wish) == ("WAITS_FOR_SIGN_OFF",)
    row = await stage.row(case, case_ref=stage.case_ref)
    assert row["state"] != "DORMANT_MONITORED"
    now = await stage.to("2027-03-01 12:00")
    agreed = ApproveCadence(at=now, approve=True, reason="FREE_WISH")
    await stage.tell_case(agreed, SERGEANT)


async def may_call(stage: Stage, when: str) -> str:
    """What the case says of her one route at an instant, as a code."""
    decision = await safe_to_send(stage.runtime, stage.case_ref, Channel.CALL, ROUTE, at(when))
    return decision.reason_code
