"""Walk-through (i): a high-risk repeat victim who is engaged (docs/domain.md 16).

Where the text leaves something to the reader: the report comes at 21:40 and again, as known by
then, at 22:45; the case waits until the Liaison Officer comes on duty at 22:50; earlier reports are
more than six months old, so that they make no escalation. Where the text says less than the law:
on Fri 26 Mar, Good Friday, no weekday window is open, so 17:20 was a time for notices that she had
agreed herself, and the officer records that. "Charged" is charged and remanded. The call recording
counts as captured when it is requested: preserving it is the control room's (domain.md 3.2).
"""

from __future__ import annotations

from datetime import date, time

from models import commands, enums
from models.enums.report import Injury
from models.enums.safeguarding import ChildAge, ChildPresence
from models.enums.victims_code import SupportOutcome
from models.instants import show
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from store.tables import assessment, case_register, evidence_item, referral, victim_notification
from tests.evaluation.history import fraction
from tests.evaluation.history import row as metric
from tests.walkthroughs.conftest import Opened
from tests.walkthroughs.stage import DALO, IDVA, MARAC_CO, OIC, SERGEANT, Stage, at
from tests.walkthroughs.steps import call, captured, dash, referred, told

E = enums.EvidenceCode
C = enums.ClockType
INCIDENT = "46/0001/27"
YES = (2, 4, 6, 7, 8, 11, 13, 14, 15, 17, 18, 20, 21, 23, 24, 25, 27)
"""Seventeen of the 27 questions."""
WEEKDAYS = (0, 1, 2, 3, 4)


def the_report() -> Report:
    """What the call taker wrote down."""
    return Report(
        incident_ref=INCIDENT,
        victim_ref="VIC-0001",
        version=1,
        recording_type=enums.RecordingType.CRIME,
        ho_class=("8N",),
        occurred_from=at("2027-03-25 21:25"),
        reported_at=at("2027-03-25 21:40"),
        source=enums.Source.CALL_999,
        response_mode=enums.ResponseMode.ATTENDANCE,
        district="Medway",
        shared_home=False,
        victim_age=34,
        relationship=enums.Relationship.EX_PARTNER,
        perpetrator_ref="PER-0001",
        suspect_age=36,
        children_resident=2,
        children_present=2,
        oic_id=OIC,
    )


async def the_report_comes(stage: Stage) -> None:
    """Thu 25 Mar 2027, 21:40."""
    await stage.staffed(dalo_at_work_from="2027-03-25 22:50")
    call = the_report()
    await stage.history(
        call,
        {"reported_at": at("2026-05-02 20:00"), "occurred_from": at("2026-05-02 19:00")},
        {"reported_at": at("2026-08-14 23:10"), "occurred_from": at("2026-08-14 22:50")},
    )
    taken = await stage.receive(call)
    assert taken.outcome == "CASE_OPENED"
    assert (await stage.allocate()).waitlisted == (stage.case_ref,)
    assert await stage.due(stage.incident(INCIDENT), C.GOLDEN_HOUR) == "Thu 25 Mar 2027 22:40"


async def the_golden_hour(stage: Stage) -> None:
    """22:05 to 22:36: every item of the set at its own minute."""
    scene = stage.incident(INCIDENT)

    async def take(text: str, *codes: enums.EvidenceCode) -> tuple[str, ...]:
        await stage.to(text)
        return await stage.do(OIC, scene, captured(at(text), *codes))

    arrived = await stage.to("2027-03-25 22:05")
    await stage.do(OIC, scene, commands.RecordPoliceContact(at=arrived))
    await take("2027-03-25 22:05", E.BWV_ATTENDANCE, E.INITIAL_ACCOUNT_VIDEO)
    disclosed = await stage.to("2027-03-25 22:15")
    for code in (E.INJURY_PHOTOS_INITIAL, E.MEDICAL_EXAM_CONSENT):
        await stage.do(OIC, scene, commands.AddEvidenceItem(item=code, at=disclosed))
    await take("2027-03-25 22:15", E.INJURY_PHOTOS_INITIAL)
    await take("2027-03-25 22:20", E.EMERGENCY_CALL_RECORDING, E.SCENE_PHOTOS_VIDEO)
    await take("2027-03-25 22:26", E.FORENSIC_SAMPLES)
    assert await stage.fired(scene, "clock:warned", C.GOLDEN_HOUR) == ["Thu 25 Mar 2027 22:25"]
    await take("2027-03-25 22:28", E.CHILD_ACCOUNT)
    arrested = await stage.to("2027-03-25 22:30")
    await stage.do(
        OIC,
        scene,
        commands.ChangeSuspectStatus(
            at=arrested,
            status=enums.SuspectStatus.ARRESTED,
            arrest_reason=enums.ArrestReason.SUBSTANTIVE_OFFENCE,
        ),
    )
    await stage.do(OIC, scene, commands.AddEvidenceItem(item=E.SUSPECT_WORDS, at=arrested))
    await take("2027-03-25 22:30", E.SUSPECT_WORDS)
    await graded_high(stage)
    await take("2027-03-25 22:32", E.RISK_ASSESSMENT)
    await take("2027-03-25 22:34", E.PREVIOUS_HISTORY, E.SAFETY_PLAN_INITIAL)
    assert not await stage.events(scene, "golden_hour:verdict")
    assert await take("2027-03-25 22:36", E.RES_GESTAE_NOTE) == ("GOLDEN_HOUR_COMPLETE",)


async def graded_high(stage: Stage) -> None:
    """22:32: DASH 17 yes, HIGH; the sergeant records it, since no Liaison Officer is on duty."""
    when = await stage.to("2027-03-25 22:32")
    assert "RECOMMENDS_HIGH" in await stage.tell_case(dash(when, the_report(), *YES), SERGEANT)
    assert (await stage.row(assessment, case_ref=stage.case_ref))["yes_count"] == 17
    high = commands.Regrade(at=when, grade=enums.RiskGrade.HIGH, reason="TOOL_RESULT")
    await stage.tell_case(high, SERGEANT)


async def test_every_clock_of_the_engaged_high_risk_victim_is_due_and_met_as_written(
    opened: Opened,
) -> None:
    async with opened("2027-03-25 21:40") as stage:
        await the_report_comes(stage)
        await the_golden_hour(stage)
        await judged(stage)
        await allocated(stage)
        await first_contact(stage)
        await to_the_forums(stage)
        await charged(stage)
        await easter(stage)
        await heard(stage)
        await as_measured(stage)
        await stage.replayed()


async def judged(stage: Stage) -> None:
    """22:36 is the last item of the set: COMPLETE, 56 minutes after the report."""
    scene = stage.incident(INCIDENT)
    (verdict,) = await stage.events(scene, "golden_hour:verdict")
    assert verdict.data["result"] == "COMPLETE"
    assert verdict.data["captured_in_time"] == verdict.data["in_set"] == 10
    assert (verdict.occurred_at - at("2027-03-25 21:40")).total_seconds() == 56 * 60
    await stage.met(scene, C.GOLDEN_HOUR, at("2027-03-25 22:36"))
    await stage.to("2027-03-25 22:45")
    known_now = the_report().model_copy(
        update={
            "version": 2,
            "injury": Injury.MINOR,
            "strangulation": True,
            "suspect_status": enums.SuspectStatus.ARRESTED,
            "risk_tool": enums.RiskTool.DASH_ACPO_27,
            "risk_score": 17,
            "risk_grade": enums.RiskGrade.HIGH,
        }
    )
    assert (await stage.receive(known_now)).outcome == "UPDATED"
    assert len(await stage.events(scene, "golden_hour:verdict")) == 1


async def allocated(stage: Stage) -> None:
    """22:50 allocated, priority 40 + 20 + 10 + 15; 22:55 custody; what is due by when."""
    scene = stage.incident(INCIDENT)
    await stage.to("2027-03-25 22:50")
    assert (await stage.allocate()).allocated == (stage.case_ref,)
    row = await stage.row(case_register, case_ref=stage.case_ref)
    assert (row["priority_score"], row["dalo_id"]) == (40 + 20 + 10 + 15, DALO)
    assert row["allocated_at"] == at("2027-03-25 22:50")
    await stage.do(DALO, scene, captured(at("2027-03-25 22:50"), E.WITNESS_ACCOUNTS))
    for child in ("CHD-0001", "CHD-0002"):
        at_home = commands.RecordChild(
            at=at("2027-03-25 22:50"),
            child_ref=child,
            age=ChildAge.SCHOOL_AGE,
            resident=True,
            presence=ChildPresence.PRESENT,
        )
        await stage.do(DALO, scene, at_home)
    arrival = await stage.to("2027-03-25 22:55")
    await stage.do(OIC, scene, commands.RecordCustodyArrival(at=arrival))
    await stage.do(OIC, scene, captured(at("2027-03-25 22:55"), E.MEDICAL_EXAM_CONSENT))
    await later_items_in_time(stage, scene)
    assert await stage.due(scene, C.CUSTODY) == "Fri 26 Mar 2027 22:55"
    assert await stage.due(stage.case, C.FIRST_CONTACT) == "Fri 26 Mar 2027 22:50"
    (news,) = await stage.rows(victim_notification, stream=scene)
    assert news["event_kind"] == "SUSPECT_ARRESTED"
    assert show(news["due_at"]) == "Tue 30 Mar 2027 23:59"
    assert await stage.due(scene, C.VICTIM_NOTIFICATION) == "Tue 30 Mar 2027 23:59"
    assert await stage.due(scene, C.SUPPORT_REFERRAL) == "Wed 31 Mar 2027 23:59"
    marac = await stage.clock(stage.case, C.MARAC_SUBMIT)
    assert marac.started_at == at("2027-03-25 22:32")
    assert show(marac.due_at) == "Tue 30 Mar 2027 23:59"
    idva = await stage.clock(stage.case, C.IDVA_REFERRAL)
    assert (idva.started_at, idva.due_at) == (at("2027-03-25 22:32"), at("2027-03-26 22:32"))


async def later_items_in_time(stage: Stage, scene: str) -> None:
    """History and safety plan 22:34, neighbour 22:50, medical consent 22:55: none late."""
    wanted = {
        E.PREVIOUS_HISTORY: "22:34",
        E.SAFETY_PLAN_INITIAL: "22:34",
        E.WITNESS_ACCOUNTS: "22:50",
        E.MEDICAL_EXAM_CONSENT: "22:55",
    }
    rows = {row["item"]: row for row in await stage.rows(evidence_item, stream=scene)}
    for code, minute in wanted.items():
        row = rows[code.value]
        assert (row["status"], row["at"]) == ("CAPTURED", at(f"2027-03-25 {minute}")), code
        assert row["at"] <= row["due_at"]


def plan(when: str, *windows: SafeWindow) -> commands.SetSafeContactPlan:
    """Her own telephone, by call."""
    routes = (Route(route_id="mobile", channel=enums.Channel.CALL, verified_at=at(when)),)
    made = SafeContactPlan(
        routes=routes,
        safe_windows=windows,
        code_word_hash="d1" if windows else "",
        plan_reviewed_at=at(when),
    )
    return commands.SetSafeContactPlan(at=at(when), plan=made)


async def first_contact(stage: Stage) -> None:
    """Fri 10:15 success; code word and window are agreed in it; needs within five working days."""
    any_time = SafeWindow(
        weekdays=(0, 1, 2, 3, 4, 5, 6), opens=time(9), closes=time(20), bank_holidays=True
    )
    await stage.to("2027-03-26 10:00")
    await stage.tell_case(plan("2027-03-26 10:00", any_time))
    reached = await stage.to("2027-03-26 10:15")
    assert await stage.tell_case(call(reached, "mobile")) == ()
    assert await stage.tasks(stage.case, "UNSAFE_ATTEMPT") == []
    mornings = SafeWindow(weekdays=WEEKDAYS, opens=time(9, 30), closes=time(11, 30))
    await stage.tell_case(plan("2027-03-26 10:15", mornings))
    agreed = (await stage.case_view(stage.case)).plan
    assert agreed is not None
    assert (agreed.code_word_hash, agreed.safe_windows) == ("d1", (mornings,))
    await stage.met(stage.case, C.FIRST_CONTACT, reached)
    assert await stage.due(stage.case, C.NEEDS_ASSESSMENT) == "Mon 5 Apr 2027 23:59"
    cadence = await stage.clock(stage.case, C.CONTACT_CADENCE)
    assert show(cadence.due_at) == "Fri 2 Apr 2027 10:15"
    assert cadence.due_raw == cadence.due_at
    assert (cadence.due_at - reached).total_seconds() == 167 * 3600


async def to_the_forums(stage: Stage) -> None:
    """IDVA 11:00, MARAC 11:20."""
    sent = await stage.to("2027-03-26 11:00")
    (idva_ref, *_) = await stage.tell_case(referred(sent, enums.ReferralPathway.IDVA))
    stage.refs["IDVA"] = idva_ref
    await stage.met(stage.case, C.IDVA_REFERRAL, sent)
    assert await stage.due(f"referral/{idva_ref}", C.IDVA_FIRST_ATTEMPT) == "Wed 31 Mar 2027 23:59"
    submitted = await stage.to("2027-03-26 11:20")
    criterion = enums.MaracCriterion.VISIBLE_HIGH_RISK
    to_marac = referred(submitted, enums.ReferralPathway.MARAC, criterion)
    (marac_ref, *_) = await stage.tell_case(to_marac)
    stage.refs["MARAC"] = marac_ref
    await stage.met(stage.case, C.MARAC_SUBMIT, submitted)
    made = await stage.row(referral, referral_ref=marac_ref)
    assert (made["submitted_at"], made["referral_type"]) == (submitted, "FIRST")
    assert show(made["flag_until"]) == "Sat 25 Mar 2028 23:59"


async def charged(stage: Stage) -> None:
    """Fri 17:00 charged, victim told 17:20."""
    scene = stage.incident(INCIDENT)
    when = await stage.to("2027-03-26 17:00")
    remanded = commands.ChangeSuspectStatus(at=when, status=enums.SuspectStatus.REMANDED)
    await stage.do(OIC, scene, remanded)
    await stage.met(scene, C.CUSTODY, when)
    told_at = await stage.to("2027-03-26 17:20")
    for kind in ("SUSPECT_ARRESTED", "REMANDED"):
        telling = told(told_at, kind, route="mobile", safety_override="ROUTE_AGREED_FOR_NOTICES")
        assert await stage.do(DALO, scene, telling) == ()
    rows = await stage.rows(victim_notification, stream=scene)
    assert {row["notified_at"] for row in rows} == {told_at}
    for event in await stage.events(scene, "notification:told"):
        assert event.data["decision_code"] == "OUTSIDE_SAFE_WINDOW"


async def easter(stage: Stage) -> None:
    """The holidays over: support, IDVA and MARAC at work, the second contact, needs."""
    scene = stage.incident(INCIDENT)
    marac, idva = stage.refs["MARAC"], stage.refs["IDVA"]
    now = await stage.to("2027-03-30 10:00")
    await stage.do(
        DALO,
        scene,
        commands.ReferSupport(
            at=now,
            outcome=SupportOutcome.SENT,
            service="VICTIM_SUPPORT",
            consent_status=enums.ConsentStatus.GIVEN,
            disclosure_basis=enums.DisclosureBasis.CONSENT_PRACTICE,
        ),
    )
    await stage.met(scene, C.SUPPORT_REFERRAL, now)
    engaged = commands.MoveReferral(at=now, to=enums.ReferralState.ENGAGED)
    await stage.do(IDVA, idva, engaged)
    accepted = commands.MoveReferral(at=now, to=enums.ReferralState.ACCEPTED)
    await stage.do(MARAC_CO, marac, accepted)
    again = await stage.to("2027-04-02 10:00")
    await stage.tell_case(call(again, "mobile"))
    done = await stage.to("2027-04-05 15:00")
    assert await stage.fired(stage.case, "clock:breached", C.CONTACT_CADENCE) == []
    low = enums.NeedLevel.LOW
    needs = tuple(commands.NeedEntry(domain=each, level=low) for each in enums.NeedDomain)
    await stage.tell_case(commands.CompleteNeedsAssessment(at=done, needs=needs))
    await stage.met(stage.case, C.NEEDS_ASSESSMENT, done)


async def heard(stage: Stage) -> None:
    """Thu 8 Apr: heard, an action issued; the IDVA tells her by Mon 12 Apr; the flag."""
    marac, idva = stage.refs["MARAC"], stage.refs["IDVA"]
    listed = await stage.row(referral, referral_ref=marac)
    assert listed["meeting"] == "meeting/MARAC/Medway/2027-04-08/1"
    meeting = listed["meeting"].removeprefix("meeting/")
    await stage.to("2027-04-08 09:30")
    now = await stage.to("2027-04-08 11:00")
    attended = commands.RecordAttendance(
        at=at("2027-04-08 09:30"),
        present={MARAC_CO: enums.Agency.POLICE, IDVA: enums.Agency.IDVA},
    )
    action = commands.AddAction(
        at=now,
        referral_ref=marac,
        action_type=enums.ActionType.SAFEGUARDING,
        action="TARGET_HARDENING",
        agency=enums.Agency.POLICE,
        owner=DALO,
    )
    agreed = enums.HearingDecision.ACTIONS_AGREED
    decided = commands.HearReferral(at=now, referral_ref=marac, decision=agreed)
    for command in (attended, action, decided, commands.IssueActions(at=now)):
        await stage.do(MARAC_CO, meeting, command)
    issued = await stage.clock(f"meeting/{meeting}", C.MARAC_ACTION)
    assert show(issued.due_at) == "Thu 22 Apr 2027 23:59"
    assert await stage.due(f"referral/{idva}", C.IDVA_MARAC_FEEDBACK) == "Mon 12 Apr 2027 23:59"
    given = await stage.to("2027-04-09 09:45")
    await stage.do(IDVA, idva, commands.GiveMaracFeedback(at=given))
    row = await stage.row(referral, referral_ref=marac)
    assert (row["state"], show(row["flag_until"])) == ("ACTIONS_OPEN", "Sat 25 Mar 2028 23:59")
    flag = await stage.clock(f"referral/{marac}", C.MARAC_REPEAT_WINDOW)
    assert show(flag.due_at) == "Sat 25 Mar 2028 23:59"


async def as_measured(stage: Stage) -> None:
    """What the evaluation makes of the story, from the ledger alone."""
    table = await stage.measured(date(2027, 3, 1), date(2027, 4, 9))
    assert metric(table, "M01", "median").value == 12.58
    assert fraction(table, "M02", "raw") == (1, 1, 0)
    assert fraction(table, "M03", "complete") == (1, 1, 0)
    assert fraction(table, "M05", "within_60_min") == (1, 1, 0)
    assert fraction(table, "M06", "completed") == (1, 1, 0)
    assert fraction(table, "M07", "high") == (1, 1, 0)
    assert fraction(table, "M11", "submitted", item="VISIBLE_HIGH_RISK") == (1, 1, 0)
    assert fraction(table, "M12", "repeat") == (0, 1, 0)
    assert fraction(table, "M20", "raw") == (1, 1, 1)
    assert fraction(table, "M22", "told_in_time", item="ALL") == (2, 2, 0)
