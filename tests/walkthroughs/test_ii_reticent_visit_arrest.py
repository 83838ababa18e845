"""Walk-through (ii): a reticent victim, contact that fails, a visit with an arrest
(docs/domain.md 16).

Where the text leaves something to the reader: the row reaches intake at 19:10, the Liaison Officer
comes on duty at 20:00, and the visit is selected and checked on Friday at 08:45.
"""

from __future__ import annotations

from datetime import date, datetime, time

from models import commands, enums, registry
from models.eligibility import is_reticent
from models.enums.report import Statement
from models.instants import show
from models.report import Report
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from store.tables import case, case_register, court_order, incident, visit
from tests.evaluation.history import fraction
from tests.walkthroughs.conftest import Opened
from tests.walkthroughs.stage import DALO, OIC, SERGEANT, Stage, at
from tests.walkthroughs.steps import call, referred, told

C = enums.ClockType
E = enums.EvidenceCode
INCIDENT = "46/0002/27"
ORDER = "NM-0002"


def the_report() -> Report:
    """What a third party told, and what the victim would not."""
    return Report(
        incident_ref=INCIDENT,
        victim_ref="VIC-0002",
        version=1,
        recording_type=enums.RecordingType.CRIME,
        ho_class=("105A",),
        occurred_from=at("2027-05-10 18:40"),
        reported_at=at("2027-05-10 19:10"),
        source=enums.Source.THIRD_PARTY,
        response_mode=enums.ResponseMode.ATTENDANCE,
        district="Medway",
        victim_age=29,
        relationship=enums.Relationship.EX_PARTNER,
        perpetrator_ref="PER-0002",
        suspect_age=33,
        children_resident=1,
        risk_refused=True,
        risk_grade=enums.RiskGrade.STANDARD,
        statement=Statement.DECLINED,
        existing_orders=(enums.OrderType.NON_MOLESTATION,),
        oic_id=OIC,
    )


async def test_the_reticent_victim_is_reached_by_a_visit_when_every_call_failed(
    opened: Opened,
) -> None:
    async with opened("2027-05-10 19:10") as stage:
        await the_report_comes(stage)
        await allocated(stage)
        await calls_in_vain(stage)
        await both_breaches(stage)
        await authorised(stage)
        await visited(stage)
        await regraded(stage)
        await as_measured(stage)
        await stage.replayed()


async def the_report_comes(stage: Stage) -> None:
    """Mon 10 May 2027 19:10: declined, so MEDIUM whatever was recorded; outcome 16: reticent."""
    await stage.staffed(dalo_at_work_from="2027-05-10 20:00")
    report = the_report()
    earlier = at("2026-09-20 22:00")
    await stage.history(
        report, {"reported_at": earlier, "occurred_from": earlier, "outcome_code": 16}
    )
    willing = report.model_copy(update={"risk_refused": False, "statement": None})
    before = report.model_copy(update={"reported_at": earlier, "outcome_code": 16})
    assert is_reticent(willing, [before], registry.current_policy().intake)
    assert (await stage.receive(report)).outcome == "CASE_OPENED"
    assert (await stage.allocate()).waitlisted == (stage.case_ref,)
    row = await stage.row(case, case_ref=stage.case_ref)
    assert (row["risk_grade"], row["grade_pending_review"]) == ("MEDIUM", True)
    assert row["reticent"] is True
    scene = stage.incident(INCIDENT)
    now = await stage.to("2027-05-10 19:40")
    refused = tuple(
        commands.EvidenceEntry(
            item=code,
            status=enums.EvidenceStatus.VICTIM_DECLINED,
            at=now,
            reason=enums.EvidenceReason.NO_CONSENT,
        )
        for code in (E.RISK_ASSESSMENT, E.VICTIM_STATEMENT)
    )
    await stage.do(OIC, scene, commands.RecordEvidence(entries=refused))
    in_force = commands.RecordOrder(
        at=at("2027-02-01 11:00"),
        order_type=enums.OrderType.NON_MOLESTATION,
        order_id=ORDER,
        served_at=at("2027-02-02 09:00"),
        first_day=date(2027, 2, 1),
        last_day=date(2028, 1, 31),
    )
    assert await stage.do(OIC, scene, in_force) == (ORDER,)
    assert (await stage.row(court_order, order_id=ORDER))["status"] == "SERVED"


async def allocated(stage: Stage) -> None:
    """20:00; no voicemail, no SMS, calls Mon-Fri 10:00-14:00: due raw 20:00, adjusted 14:00."""
    now = await stage.to("2027-05-10 20:00")
    assert (await stage.allocate()).allocated == (stage.case_ref,)
    assert (await stage.row(case_register, case_ref=stage.case_ref))["allocated_at"] == now
    known = at("2027-05-10 19:30")
    plan = SafeContactPlan(
        routes=tuple(
            Route(route_id=name, channel=enums.Channel.CALL, verified_at=known)
            for name in ("first", "second")
        ),
        safe_windows=(SafeWindow(weekdays=(0, 1, 2, 3, 4), opens=time(10), closes=time(14)),),
        voicemail_allowed=False,
        sms_allowed=False,
        plan_reviewed_at=now,
    )
    await stage.tell_case(commands.SetSafeContactPlan(at=now, plan=plan))
    first = await stage.clock(stage.case, C.FIRST_CONTACT)
    assert first.due_raw is not None
    assert show(first.due_raw) == "Thu 13 May 2027 20:00"
    assert show(first.due_at) == "Thu 13 May 2027 14:00"


async def called(
    stage: Stage, text: str, route: str, result: enums.ContactResult
) -> tuple[str, ...]:
    """A call, at that instant."""
    return await stage.tell_case(call(await stage.to(text), route, result))


async def calls_in_vain(stage: Stage) -> None:
    """Three attempts, one of them answered by a man."""
    assert await called(stage, "2027-05-11 10:30", "first", enums.ContactResult.NO_ANSWER) == ()
    wrong = await called(stage, "2027-05-12 13:10", "first", enums.ContactResult.WRONG_PERSON)
    assert wrong == ("CHANNEL_SUSPENDED",)
    assert await stage.tasks(stage.case, "WRONG_PERSON") == [("WRONG_PERSON", SERGEANT)]
    (suspended,) = await stage.events(stage.case, "contact:channel:suspended")
    assert suspended.data["channel"] == "CALL:first"
    assert await ladder(stage) == "L0"
    assert await called(stage, "2027-05-13 11:00", "second", enums.ContactResult.NO_ANSWER) == ()
    assert await ladder(stage) == "L3"
    (entered,) = await stage.events(stage.case, "contact:ladder:entered")
    assert entered.data["reason"] == "ATTEMPTS_EXHAUSTED"
    assert (entered.data["step"], entered.recorded_at >= at("2027-05-13 11:00")) == ("L3", True)


async def ladder(stage: Stage) -> str:
    """The step that the case is on."""
    return str((await stage.row(case, case_ref=stage.case_ref))["ladder_step"])


async def both_breaches(stage: Stage) -> None:
    """FIRST_CONTACT breached 14:00 adjusted, 20:00 raw."""
    await stage.to("2027-05-14 08:45")
    breached = await stage.fired(stage.case, "clock:breached", C.FIRST_CONTACT)
    assert breached == ["Thu 13 May 2027 14:00"]
    raw = await stage.fired(stage.case, "clock:raw_breached", C.FIRST_CONTACT)
    assert raw == ["Thu 13 May 2027 20:00"]
    assert ("BREACH", SERGEANT) in await stage.tasks(stage.case, "BREACH")


async def authorised(stage: Stage) -> None:
    """Fri 09:00: for 18:00-20:00, outside the calling windows, with the reason."""
    selecting = at("2027-05-14 08:45")
    rules = (enums.VisitRule.NO_CONTACT_LADDER,)
    await stage.tell_case(commands.SelectVisit(at=selecting, selected_for=rules))
    checks = dict.fromkeys(enums.VisitCheck, enums.CheckResult.NOTHING_FOUND)
    checks |= {
        enums.VisitCheck.DOUBLE_CREW: enums.CheckResult.ARRANGED,
        enums.VisitCheck.ORDERS: enums.CheckResult.RISK_FOUND,
    }
    await stage.tell_case(commands.CheckVisit(at=selecting, checks=checks))
    now = await stage.to("2027-05-14 09:00")
    authority = commands.AuthoriseVisit(
        at=now,
        opens_at=at("2027-05-14 18:00"),
        until=at("2027-05-14 20:00"),
        safer_because="SUSPECT_ANSWERS_BY_DAY",
    )
    await stage.tell_case(authority, SERGEANT)
    assert await stage.due(stage.case, C.HHV_DUE) == "Mon 17 May 2027 09:00"
    row = await stage.row(visit, case_ref=stage.case_ref)
    assert (row["authorised_by"], row["authorised_at"]) == (SERGEANT, now)
    (event,) = await stage.events(stage.case, "visit:authorised")
    assert event.data["reason"] == "SUSPECT_ANSWERS_BY_DAY"


async def visited(stage: Stage) -> None:
    """18:30: the suspect answers, which the order forbids: arrested; she is seen alone and told."""
    scene = stage.incident(INCIDENT)
    now = await stage.to("2027-05-14 18:30")
    made = commands.RecordVisit(
        at=now,
        outcomes=(enums.VisitOutcome.SUSPECT_ARRESTED, enums.VisitOutcome.SEEN_ALONE),
        primary=enums.VisitOutcome.SUSPECT_ARRESTED,
        double_crew=True,
        children_seen=1,
        injuries_seen=True,
        injuries_photographed=True,
        order_breached=True,
        arrest_reason=enums.ArrestReason.BREACH_NON_MOLESTATION,
        grade_hint=enums.RiskGrade.HIGH,
    )
    assert await stage.tell_case(made) == ()
    broken = commands.RecordBreach(at=now, order_id=ORDER, arrested_at=now)
    assert await stage.do(OIC, scene, broken) == ("CRIMINAL",)
    row = await stage.row(visit, case_ref=stage.case_ref)
    assert (row["primary_outcome"], row["arrest_reason"]) == (
        "SUSPECT_ARRESTED",
        "BREACH_NON_MOLESTATION",
    )
    assert row["flags"]["outcomes"] == ["SUSPECT_ARRESTED", "SEEN_ALONE"]
    assert (row["flags"]["injuries_seen"], row["flags"]["injuries_photographed"]) == (True, True)
    assert (row["flags"]["children_seen"], row["flags"]["double_crew"]) == (1, True)
    await stage.met(stage.case, C.HHV_DUE, now)
    assert (await stage.row(incident, incident_ref=INCIDENT))["suspect_status"] == "ARRESTED"
    assert await stage.tasks(stage.case, "ARREST_AT_VISIT") == []
    assert await stage.due(scene, C.VICTIM_NOTIFICATION) == "Mon 17 May 2027 23:59"
    told_at = await stage.to("2027-05-14 18:40")
    telling = told(told_at, "SUSPECT_ARRESTED", enums.Channel.IN_PERSON)
    assert await stage.do(DALO, scene, telling) == ()
    await stage.met(scene, C.VICTIM_NOTIFICATION, told_at)
    (event,) = await stage.events(scene, "notification:told")
    assert (event.data["channel"], event.data["safe"]) == ("IN_PERSON", True)


async def regraded(stage: Stage) -> None:
    """19:05 HIGH: IDVA, MARAC, the ladder left, the next contact."""
    now = await stage.to("2027-05-14 19:05")
    await stage.tell_case(commands.Regrade(at=now, grade=enums.RiskGrade.HIGH, reason="VISIT"))
    judgement = commands.ProfessionalJudgement(at=now, reason="EXTREME_FEAR_AND_BREACH")
    await stage.tell_case(judgement)
    assert await stage.due(stage.case, C.IDVA_REFERRAL) == "Sat 15 May 2027 19:05"
    submit = await stage.clock(stage.case, C.MARAC_SUBMIT)
    assert (submit.started_at, show(submit.due_at)) == (now, "Mon 17 May 2027 23:59")
    assert await ladder(stage) == "L0"
    cadence = await stage.clock(stage.case, C.CONTACT_CADENCE)
    assert cadence.due_raw is not None
    assert show(cadence.due_raw) == "Fri 21 May 2027 18:30"
    assert show(cadence.due_at) == "Fri 21 May 2027 14:00"
    sent = await stage.to("2027-05-15 10:00")
    await stage.tell_case(without_consent(sent, enums.ReferralPathway.IDVA))
    await stage.met(stage.case, C.IDVA_REFERRAL, sent)
    submitted = await stage.to("2027-05-17 10:00")
    criterion = enums.MaracCriterion.PROFESSIONAL_JUDGEMENT
    await stage.tell_case(without_consent(submitted, enums.ReferralPathway.MARAC, criterion))
    await stage.met(stage.case, C.MARAC_SUBMIT, submitted)


def without_consent(
    when: datetime, pathway: enums.ReferralPathway, *criteria: enums.MaracCriterion
) -> commands.Refer:
    """Referred to prevent serious harm, before it was safe to ask her."""
    return referred(
        when,
        pathway,
        *criteria,
        consent=enums.ConsentStatus.NOT_ASKED_UNSAFE,
        basis=enums.DisclosureBasis.SERIOUS_HARM_HIGH_RISK,
        reason="BREACH_AND_INJURY",
    )


async def as_measured(stage: Stage) -> None:
    """M02 fails, M09 and M10 count, M24 is pending."""
    await stage.to("2027-05-20 12:00")
    table = await stage.measured(date(2027, 5, 1), date(2027, 5, 20))
    for limit in ("raw", "adjusted"):
        assert fraction(table, "M02", limit) == (0, 1, 0)
    assert fraction(table, "M09", "seen") == (1, 1, 0)
    assert fraction(table, "M10", "with_arrest") == (1, 1, 0)
    assert fraction(table, "M24", "two_successes_in_60_days") == (0, 0, 1)
    assert fraction(table, "M11", "submitted", item="PROFESSIONAL_JUDGEMENT") == (1, 1, 0)
    assert fraction(table, "M22", "told_in_time", item="ALL") == (1, 1, 0)
