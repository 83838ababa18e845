"""Walk-through (v): support withdrawn, no contact asked for, a new incident (docs/domain.md 16).

Where the text leaves it open: she is high-risk by 15 ticks of the DASH on the night of the further
assault; the MARAC agrees no further action; the officer reaches her every Monday until she asks for
no contact. Tellings are calls, logged as contacts too. Repeats have tests of their own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
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
from models.commands.victims_code import RecordCourtEvent
from models.enums import (
    Agency,
    ArrestReason,
    CadencePlan,
    Channel,
    ClockType,
    ConsentStatus,
    ContactResult,
    DisclosureBasis,
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
from models.enums.victims_code import CourtEvent, NotificationOutcome
from models.ids import referral_stream
from models.instants import show
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from store.tables import case, recommendation, referral, report, victim_notification
from tests.evaluation.history import fraction
from tests.opening import AREA
from tests.walkthroughs.conftest import Opened
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


async def test_support_is_withdrawn_contact_rests_and_a_new_incident_allows_one_approach(
    opened: Opened,
) -> None:
    async with opened("2027-01-11 09:00") as stage:
        await opened_and_referred(stage)
        await no_contact_asked(stage)
        await dormant(stage)
        await nothing_fires(stage)
        await released(stage)
        await a_neighbour_reports(stage)
        await one_safe_approach(stage)
        await referred_again(stage)
        await stage.replayed()


async def dormant(stage: Stage) -> None:
    """Dormant, notices but for releases off; the charge stands, and the withdrawal beside it."""
    row = await stage.row(case, case_ref=stage.case_ref)
    assert (row["state"], row["cadence_plan"]) == ("DORMANT_MONITORED", "NO_CONTACT")
    assert row["wishes"]["notification_opt_out"] == "ALL_EXCEPT_RELEASE"
    withdrawn_at = datetime.fromisoformat(row["wishes"]["support_withdrawn_at"])
    assert withdrawn_at == at("2027-03-01 10:30")
    (support,) = await stage.events(stage.case, "case:support:withdrawn")
    assert (support.data["reasons"], support.data["statement"]) == (["WANT_IT_OVER"], "GIVEN")
    charged = await stage.row(report, incident_ref=FURTHER)
    assert (charged["version"], charged["outcome_code"]) == (2, 1)
    assert await may_call(stage, "2027-03-02 10:30") == "NO_CONTACT_ASKED"
    table = await stage.measured(date(2027, 1, 1), date(2027, 3, 1))
    assert fraction(table, "M16b", "support_withdrawn_after_charge")[:2] == (1, 1)
    assert fraction(table, "M16", "outcome_14_or_16")[0] == 0


async def may_call(stage: Stage, when: str) -> str:
    """What the case says of her one route at an instant, as a code."""
    decision = await safe_to_send(stage.runtime, stage.case_ref, Channel.CALL, ROUTE, at(when))
    return decision.reason_code


async def nothing_fires(stage: Stage) -> None:
    """15 Mar: the cadence must not fire, and does not; of a court date she is not told."""
    before = await stage.fired(stage.case, "clock:breached", C.CONTACT_CADENCE)
    await stage.to("2027-03-16 09:00")
    assert not [c for c in await stage.clocks(stage.case) if c.clock_type is C.CONTACT_CADENCE]
    assert await stage.fired(stage.case, "clock:breached", C.CONTACT_CADENCE) == before
    assert await stage.tasks(stage.case, "CONTACT_AT_EVENT", "RECONTACT") == []
    now = await stage.to("2027-04-06 09:00")
    court = RecordCourtEvent(at=now, event=CourtEvent.COURT_DATE, court_day=date(2027, 6, 14))
    await stage.do(OIC, stage.incident(FURTHER), court)
    (row,) = await stage.rows(victim_notification, event_kind="COURT_DATE")
    assert (row["outcome"], row["notified_at"]) == ("OPTED_OUT", None)


async def released(stage: Stage) -> None:
    """Tue 18 May the release is planned, and she hears of it before; Thu 20 May he is released, due
    to be told by Fri 21 May, each time by her one safe route and none other."""
    scene = stage.incident(FURTHER)
    now = await stage.to("2027-05-18 09:00")
    planned = ChangeSuspectStatus(
        at=now, status=SuspectStatus.REMANDED, release_planned_at=at("2027-05-20 10:00")
    )
    await stage.do(OIC, scene, planned)
    assert await stage.due(scene, C.RELEASE_PLANNED) == "Thu 20 May 2027 10:00"
    assert await stage.tasks(scene, "NOTIFY_VICTIM") == [("NOTIFY_VICTIM", DALO)]
    assert await may_call(stage, "2027-05-18 09:00") != "SAFE"
    assert await may_call(stage, "2027-05-18 10:30") == "SAFE"
    await stage.to("2027-05-18 10:30")
    await told(stage, "RELEASE_PLANNED")
    warned = await stage.clock(scene, C.RELEASE_PLANNED, ended=True)
    assert (warned.status, warned.breached_at) == ("MET", None)
    assert await may_call(stage, "2027-05-19 10:30") == "NO_CONTACT_ASKED"
    now = await stage.to("2027-05-20 10:00")
    await stage.do(OIC, scene, ChangeSuspectStatus(at=now, status=SuspectStatus.RELEASED))
    (row,) = await stage.rows(victim_notification, event_kind="RELEASED")
    assert show(row["due_at"]) == "Fri 21 May 2027 23:59"
    await stage.to("2027-05-21 10:30")
    await told(stage, "RELEASED")
    (row,) = await stage.rows(victim_notification, event_kind="RELEASED")
    assert (row["outcome"], row["notified_at"]) == ("TOLD", stage.now)
    decisions = {
        each.data["event_kind"]: each.data["decision_code"]
        for each in await stage.events(scene, "notification:told")
    }
    assert decisions["RELEASE_PLANNED"] == decisions["RELEASED"] == "SAFE"
    assert await may_call(stage, "2027-05-24 10:30") == "NO_CONTACT_ASKED"
    assert (await stage.row(case, case_ref=stage.case_ref))["state"] == "DORMANT_MONITORED"


async def a_neighbour_reports(stage: Stage) -> None:
    """Mon 17 Jan 2028, 14:00: no crime, and yet a repeat; the case is reopened."""
    await stage.to("2028-01-17 14:00")
    assert (await stage.receive(shouting("2028-01-17 14:00"))).outcome == "LINKED_TO_OPEN_CASE"
    assert (await stage.row(case, case_ref=stage.case_ref))["state"] == "REOPENED"
    assert await stage.due(stage.case, C.MARAC_SUBMIT) == "Tue 18 Jan 2028 23:59"
    verdicts = await judged(stage)
    assert verdicts == {
        "ANY_ABUSE/REFERRAL": True,
        "ANY_ABUSE/HEARING": True,
        "CRIMINAL_ONLY/REFERRAL": False,
        "CRIMINAL_ONLY/HEARING": False,
    }


async def judged(stage: Stage) -> dict[str, bool]:
    """What the recommendation to refer as a repeat rests on, by definition and anchor."""
    rows = await stage.rows(recommendation, stream=stage.case, rule="MARAC_REFERRAL", decision=None)
    (row,) = rows
    assert set(row["inputs"]["criteria"]) == {"REPEAT"}
    found = row["inputs"]["criteria"]["REPEAT"]
    assert found["in_force"] == "ANY_ABUSE/REFERRAL"
    return {name: verdict["repeat"] for name, verdict in found["verdicts"].items()}


async def one_safe_approach(stage: Stage) -> None:
    """One call by her safe route, and no second one until her wishes are renewed."""
    (allowed,) = [
        each
        for each in await stage.events(stage.case, "contact:approach:allowed")
        if each.data["reason"] == "NEW_INCIDENT"
    ]
    assert show(allowed.occurred_at) == "Mon 17 Jan 2028 14:00"
    assert await may_call(stage, "2028-01-18 13:00") == "OUTSIDE_SAFE_WINDOW"
    assert await may_call(stage, "2028-01-18 10:30") == "SAFE"
    await reached(stage, "2028-01-18 10:30", ContactResult.NO_ANSWER)
    assert await may_call(stage, "2028-01-18 11:00") == "WISHES_NOT_RENEWED"
    assert await stage.tasks(stage.case, "RENEW_WISHES") == [("RENEW_WISHES", DALO)]


async def referred_again(stage: Stage) -> None:
    """Submitted on Tue 18 Jan as a repeat of the first."""
    now = await stage.to("2028-01-18 11:00")
    (ref, *_) = await stage.tell_case(
        Refer(
            at=now,
            pathway=ReferralPathway.MARAC,
            criteria=(MaracCriterion.REPEAT,),
            consent_status=ConsentStatus.NOT_ASKED_UNSAFE,
            disclosure_basis=DisclosureBasis.SERIOUS_HARM_HIGH_RISK,
            reason="NO_CONTACT_ASKED",
        )
    )
    met = await stage.clock(stage.case, C.MARAC_SUBMIT, ended=True)
    assert (met.status, met.ended_at, met.breached_at) == ("MET", now, None)
    row = await stage.row(referral, referral_ref=ref)
    assert (row["referral_type"], row["repeat_of"]) == ("REPEAT", stage.refs["MARAC"])
    assert show(row["flag_until"]) == "Wed 17 Jan 2029 23:59"
    first = await stage.row(referral, referral_ref=stage.refs["MARAC"])
    assert (first["state"], show(first["flag_until"])) == ("FLAGGED_12M", "Mon 31 Jan 2028 23:59")
    stream = referral_stream(stage.refs["MARAC"])
    assert await stage.fired(stream, "clock:breached", C.MARAC_REPEAT_WINDOW) == []
