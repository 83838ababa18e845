"""Walk-through (iii): a stalking former partner, to the stalking programme and a stalking
protection order (docs/domain.md 16).

Where the text leaves something to the reader: the Liaison Officer is at work when the report comes;
the MARAC referral of 8 June is heard on Thu 17 June without an action; the message of 2 August is
reported the same day; the victim is called every Friday in her window.
"""

from __future__ import annotations

from datetime import date, datetime, time

from casework.case_reads import safe_to_send
from models import commands, enums
from models.instants import show
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from store.tables import assessment, case, court_order, evidence_item, recommendation, referral
from tests.evaluation.history import fraction
from tests.walkthroughs.conftest import Opened
from tests.walkthroughs.stage import DALO, IDVA, MARAC_CO, MASIP_LEAD, OIC, Stage, at
from tests.walkthroughs.steps import call, captured, dash, referred, told

C = enums.ClockType
INCIDENT, LATER = "46/0003/27", "46/0033/27"
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
YES = (2, 4, 6, 7, 8, 13, 14, 15, 20, 21, 23, 27)
"""Twelve of the 27 questions."""
ACTS = 45
"""A gift, 41 messages, three loiterings."""
FORM = {
    "relationship": "EX_PARTNER",
    "behaviours": "GIFTS,MESSAGES,LOITERING",
    "channels": "TELEPHONE,IN_PERSON",
    "duration_days": "35",
    "contacts": str(ACTS),
    "threats": "NO",
    "breaches": "NO",
    "investigation_stage": "ACTIVE",
}


def the_report() -> Report:
    """Five weeks of it, told at the counter."""
    return Report(
        incident_ref=INCIDENT,
        victim_ref="VIC-0003",
        version=1,
        recording_type=enums.RecordingType.CRIME,
        ho_class=("8Q",),
        occurred_from=at("2027-05-03 09:00"),
        occurred_to=at("2027-06-06 22:00"),
        reported_at=at("2027-06-07 08:15"),
        source=enums.Source.FRONT_COUNTER,
        response_mode=enums.ResponseMode.APPOINTMENT,
        district="Medway",
        stalking=True,
        victim_age=41,
        relationship=enums.Relationship.EX_PARTNER,
        perpetrator_ref="PER-0003",
        suspect_age=45,
        oic_id=OIC,
    )


async def test_the_stalked_victim_is_screened_referred_protected_and_a_breach_is_a_repeat(
    opened: Opened,
) -> None:
    async with opened("2027-06-07 08:15") as stage:
        await screened(stage)
        await to_the_forums(stage)
        await tracker_found(stage)
        await taken_on(stage)
        await heard(stage)
        await protected(stage)
        await broken(stage)
        await a_repeat(stage)
        await as_measured(stage)
        await stage.replayed()


async def screened(stage: Stage) -> None:
    """Mon 7 Jun 2027 08:15; screened 09:00, all of FOUR; DASH 12, HIGH by judgement."""
    await stage.staffed()
    report = the_report()
    earlier = at("2026-10-11 19:00")
    await stage.history(report, {"reported_at": earlier, "occurred_from": earlier})
    assert (await stage.receive(report)).outcome == "CASE_OPENED"
    assert (await stage.allocate()).allocated == (stage.case_ref,)
    assert await stage.due(stage.case, C.STALKING_SCREEN) == "Tue 8 Jun 2027 08:15"
    scene = stage.incident(INCIDENT)
    assert await stage.due(scene, C.EVIDENCE_ITEM, "DEVICE_TRACKING_CHECK") == (
        "Wed 9 Jun 2027 08:15"
    )
    now = await stage.to("2027-06-07 08:45")
    await stage.tell_case(plan(now, "old"))
    await reached(stage, now, "old")
    now = await stage.to("2027-06-07 09:00")
    yes = enums.YesNoUnknown.YES
    four = commands.ScreenStalking(
        at=now, fixated=yes, obsessive=yes, unwanted=yes, repeated=yes, unwanted_acts=ACTS
    )
    codes = await stage.tell_case(four)
    assert codes == ("MASIP_GROUNDS", "DEVICE_CHECK_ADVISED")
    (event,) = await stage.events(stage.case, "stalking:screened")
    assert (event.data["stalking"], event.data["unwanted_acts"]) == (True, ACTS)
    await stage.met(stage.case, C.STALKING_SCREEN, now)
    assert "RECOMMENDS_MEDIUM" in await stage.tell_case(dash(now, the_report(), *YES))
    assert (await stage.row(assessment, case_ref=stage.case_ref))["yes_count"] == 12
    high = commands.Regrade(at=now, grade=enums.RiskGrade.HIGH, reason="PROFESSIONAL_JUDGEMENT")
    await stage.tell_case(high)
    await stage.tell_case(commands.ProfessionalJudgement(at=now, reason="FIXATED_AND_ESCALATING"))
    assert (await stage.row(case, case_ref=stage.case_ref))["risk_grade"] == "HIGH"


def plan(
    now: datetime, *routes: str, tracked: datetime | None = None
) -> commands.SetSafeContactPlan:
    """Her telephones; once a tracker was found, only what was verified since, at noon."""
    hours = (time(12), time(13)) if tracked else (time(8), time(20))
    verified = [
        now if tracked is None or name == "new" else at("2027-06-07 08:30") for name in routes
    ]
    made = SafeContactPlan(
        routes=tuple(
            Route(route_id=name, channel=enums.Channel.CALL, verified_at=when)
            for name, when in zip(routes, verified, strict=True)
        ),
        safe_windows=(
            SafeWindow(weekdays=EVERY_DAY, opens=hours[0], closes=hours[1], bank_holidays=True),
        ),
        device_compromised=tracked is not None,
        device_compromised_at=tracked,
        plan_reviewed_at=now,
    )
    return commands.SetSafeContactPlan(at=now, plan=made)


async def reached(stage: Stage, when: datetime, route: str) -> None:
    """A conversation, made as the plan says."""
    assert await stage.tell_case(call(when, route)) == ()


async def called(stage: Stage, *times: str) -> None:
    """The weekly call, each a little earlier in the window than the week before."""
    for text in times:
        await reached(stage, await stage.to(text), "new")


async def to_the_forums(stage: Stage) -> None:
    """MASIP 7 Jun 16:00; MARAC 8 Jun; an IDVA within the day."""
    now = await stage.to("2027-06-07 16:00")
    to_masip = commands.Refer(at=now, pathway=enums.ReferralPathway.MASIP, facts=FORM)
    (stage.refs["MASIP"], *_) = await stage.tell_case(to_masip)
    masip = f"referral/{stage.refs['MASIP']}"
    assert await stage.due(masip, C.MASIP_TRIAGE) == "Mon 14 Jun 2027 23:59"
    made = await stage.row(recommendation, case_ref=stage.case_ref, rule="MASIP_REFERRAL")
    assert made["decision"] == "ACCEPTED"
    assert await stage.due(stage.case, C.MARAC_SUBMIT) == "Tue 8 Jun 2027 23:59"
    assert await stage.due(stage.case, C.IDVA_REFERRAL) == "Tue 8 Jun 2027 09:00"
    await stage.tell_case(referred(now, enums.ReferralPathway.IDVA))
    now = await stage.to("2027-06-08 10:00")
    criterion = enums.MaracCriterion.PROFESSIONAL_JUDGEMENT
    to_marac = referred(now, enums.ReferralPathway.MARAC, criterion)
    (stage.refs["MARAC"], *_) = await stage.tell_case(to_marac)
    row = await stage.row(referral, referral_ref=stage.refs["MARAC"])
    assert (row["referral_type"], row["submitted_at"]) == ("FIRST", now)


async def tracker_found(stage: Stage) -> None:
    """Tue 8 Jun: the old handset is not trusted any more, the new one only at noon. That a device
    is compromised is the officer's finding, recorded in the plan."""
    scene = stage.incident(INCIDENT)
    found = await stage.to("2027-06-08 15:00")
    check = captured(found, enums.EvidenceCode.DEVICE_TRACKING_CHECK)
    await stage.do(OIC, scene, check)
    item = await stage.row(evidence_item, stream=scene, item="DEVICE_TRACKING_CHECK")
    assert (item["status"], show(item["due_at"])) == ("CAPTURED", "Wed 9 Jun 2027 08:15")
    handed_over = await stage.to("2027-06-08 15:30")
    await stage.tell_case(plan(handed_over, "old", "new", tracked=found))

    agreed = (await stage.case_view(stage.case)).plan
    assert agreed is not None
    assert (agreed.device_compromised, agreed.device_compromised_at) == (True, found)

    async def says(route: str, text: str) -> str:
        decision = await safe_to_send(
            stage.runtime, stage.case_ref, enums.Channel.CALL, route, at(text)
        )
        return decision.reason_code

    assert await says("old", "2027-06-09 12:15") == "DEVICE_COMPROMISED"
    assert await says("new", "2027-06-09 12:15") == "SAFE"
    assert await says("new", "2027-06-09 13:15") == "OUTSIDE_SAFE_WINDOW"


async def taken_on(stage: Stage) -> None:
    """Fri 11 Jun ACCEPTED by MASIP, in time; MARAC accepts too."""
    now = await stage.to("2027-06-09 10:00")
    accepted = commands.MoveReferral(at=now, to=enums.ReferralState.ACCEPTED)
    await stage.do(MARAC_CO, stage.refs["MARAC"], accepted)
    now = await stage.to("2027-06-11 10:00")
    masip = stage.refs["MASIP"]
    for state in (enums.ReferralState.TRIAGED, enums.ReferralState.ACCEPTED):
        await stage.do(MASIP_LEAD, masip, commands.MoveReferral(at=now, to=state))
    await stage.met(f"referral/{masip}", C.MASIP_TRIAGE, now)
    row = await stage.row(referral, referral_ref=masip)
    assert (row["state"], row["accepted_at"]) == ("ACCEPTED", now)
    await called(stage, "2027-06-11 12:50")


async def heard(stage: Stage) -> None:
    """Thu 17 Jun; between, the interim order of Wed 16 Jun."""
    scene = stage.incident(INCIDENT)
    served = await stage.to("2027-06-16 15:00")
    interim = commands.RecordOrder(
        at=at("2027-06-16 11:00"),
        order_type=enums.OrderType.SPO_INTERIM,
        order_id="SPO-I-0003",
        served_at=served,
        first_day=date(2027, 6, 16),
        conditions=("NO_CONTACT_DIRECT_OR_INDIRECT",),
    )
    assert await stage.do(OIC, scene, interim) == ("SPO-I-0003",)
    assert await stage.due(scene, C.SPO_NOTIFICATION) == "Fri 18 Jun 2027 23:59"
    row = await stage.row(referral, referral_ref=stage.refs["MARAC"])
    assert row["meeting"] == "meeting/MARAC/Medway/2027-06-17/1"
    meeting = row["meeting"].removeprefix("meeting/")
    now = await stage.to("2027-06-17 10:30")
    attended = commands.RecordAttendance(
        at=at("2027-06-17 09:30"), present={MARAC_CO: enums.Agency.POLICE, IDVA: enums.Agency.IDVA}
    )
    decision = commands.HearReferral(
        at=now,
        referral_ref=stage.refs["MARAC"],
        decision=enums.HearingDecision.NO_FURTHER_ACTION,
    )
    for command in (attended, decision, commands.IssueActions(at=now)):
        await stage.do(MARAC_CO, meeting, command)
    row = await stage.row(referral, referral_ref=stage.refs["MARAC"])
    assert (row["state"], show(row["flag_until"])) == ("FLAGGED_12M", "Wed 7 Jun 2028 23:59")
    notified = await stage.to("2027-06-18 11:00")
    given = commands.RecordSpoNotification(at=notified, order_id="SPO-I-0003")
    await stage.do(OIC, scene, given)
    await stage.met(scene, C.SPO_NOTIFICATION, notified)
    await called(stage, "2027-06-18 12:45")


async def protected(stage: Stage) -> None:
    """25 Jun formulation; the full order of 14 Jul 2027 to 13 Jul 2029."""
    scene, masip = stage.incident(INCIDENT), stage.refs["MASIP"]
    now = await stage.to("2027-06-25 10:00")
    formulated = commands.MoveReferral(
        at=now,
        to=enums.ReferralState.FORMULATION,
        facts={"motive": "REJECTED", "risk_tool": "SRP"},
    )
    await stage.do(MASIP_LEAD, masip, formulated)
    await stage.met(f"referral/{masip}", C.MASIP_FORMULATION, now)
    await called(stage, "2027-06-25 12:40", "2027-07-02 12:35", "2027-07-09 12:30")
    made = await stage.to("2027-07-14 11:00")
    full = commands.RecordOrder(
        at=made,
        order_type=enums.OrderType.SPO,
        order_id="SPO-0003",
        served_at=made,
        first_day=date(2027, 7, 14),
        last_day=date(2029, 7, 13),
        conditions=("NO_CONTACT_DIRECT_OR_INDIRECT",),
    )
    assert await stage.do(OIC, scene, full) == ("SPO-0003",)
    order = await stage.row(court_order, order_id="SPO-0003")
    assert (order["first_day"], order["last_day"]) == ("2027-07-14", "2029-07-13")
    ends = await stage.clock(scene, C.ORDER_EXPIRY, "SPO-0003")
    assert ends.warn_at is not None
    assert show(ends.due_at) == "Fri 13 Jul 2029 23:59"
    assert show(ends.warn_at) == "Fri 15 Jun 2029 23:59"
    assert (ends.due_at - ends.warn_at).days == 28
    before = await stage.row(court_order, order_id="SPO-I-0003")
    assert (before["status"], before["reason"]) == ("ENDED", "REPLACED")
    notified = await stage.to("2027-07-15 10:00")
    await stage.do(OIC, scene, commands.RecordSpoNotification(at=notified, order_id="SPO-0003"))
    await called(stage, "2027-07-16 12:25", "2027-07-23 12:20", "2027-07-30 12:15")
    assert await stage.fired(stage.case, "clock:breached", C.CONTACT_CADENCE) == []


async def broken(stage: Stage) -> None:
    """2 Aug a message by a friend: a breach; arrest 3 Aug; told by 4 Aug."""
    scene = stage.incident(INCIDENT)
    now = await stage.to("2027-08-02 18:00")
    report = the_report().model_copy(
        update={
            "incident_ref": LATER,
            "occurred_from": at("2027-08-02 16:30"),
            "occurred_to": None,
            "reported_at": now,
            "source": enums.Source.CALL_101,
            "order_breach": True,
        }
    )
    assert (await stage.receive(report)).outcome == "LINKED_TO_OPEN_CASE"
    breach = commands.RecordBreach(
        at=at("2027-08-02 16:30"),
        order_id="SPO-0003",
        conditions=("NO_CONTACT_DIRECT_OR_INDIRECT",),
    )
    assert await stage.do(OIC, scene, breach) == ("CRIMINAL",)
    message = commands.RecordUnwantedAct(at=at("2027-08-02 16:30"), incident_ref=LATER)
    await stage.tell_case(message)
    *_, act = await stage.events(stage.case, "stalking:acts:recorded")
    assert (act.data["incident_ref"], act.occurred_at) == (LATER, at("2027-08-02 16:30"))
    assert await stage.tasks(scene, "ORDER_BREACH") == [("ORDER_BREACH", OIC)]
    arrested = await stage.to("2027-08-03 09:00")
    arrest = commands.ChangeSuspectStatus(
        at=arrested,
        status=enums.SuspectStatus.ARRESTED,
        arrest_reason=enums.ArrestReason.BREACH_SPO,
    )
    await stage.do(OIC, scene, arrest)
    assert await stage.tasks(scene, "ORDER_BREACH") == []
    (owed,) = [
        clock
        for clock in await stage.clocks(scene)
        if clock.clock_type is C.VICTIM_NOTIFICATION and clock.started_at == arrested
    ]
    assert show(owed.due_at) == "Wed 4 Aug 2027 23:59"


async def a_repeat(stage: Stage) -> None:
    """Within twelve months of 8 Jun 2027: REPEAT."""
    submit = await stage.clock(stage.case, C.MARAC_SUBMIT)
    assert show(submit.due_at) == "Tue 3 Aug 2027 23:59"
    made = await stage.rows(recommendation, case_ref=stage.case_ref, rule="MARAC_REFERRAL")
    (waiting,) = [row for row in made if row["decision"] is None]
    assert "REPEAT" in waiting["inputs"]["criteria"]
    now = await stage.to("2027-08-03 15:00")
    again = referred(now, enums.ReferralPathway.MARAC, enums.MaracCriterion.REPEAT)
    ref, *codes = await stage.tell_case(again)
    assert "REPEAT" in codes
    row = await stage.row(referral, referral_ref=ref)
    assert (row["referral_type"], row["repeat_of"]) == ("REPEAT", stage.refs["MARAC"])
    scene = stage.incident(INCIDENT)
    told_at = await stage.to("2027-08-04 12:15")
    telling = told(told_at, "SUSPECT_ARRESTED", route="new")
    assert await stage.do(DALO, scene, telling) == ()
    (event,) = await stage.events(scene, "notification:told")
    assert (event.occurred_at, event.data["safe"]) == (told_at, True)
    clock = [c for c in await stage.clocks(scene, ended=True) if c.ended_at == told_at]
    assert [(c.clock_type, c.breached_at) for c in clock] == [(C.VICTIM_NOTIFICATION, None)]


async def as_measured(stage: Stage) -> None:
    """What the evaluation makes of it."""
    table = await stage.measured(date(2027, 6, 1), date(2027, 8, 4))
    assert fraction(table, "M15", "referred") == (1, 1, 0)
    assert fraction(table, "M15", "taken_on") == (1, 1, 0)
