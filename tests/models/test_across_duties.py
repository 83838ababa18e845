"""What one duty does that another must hear of: grade, earlier reports, orders, merges, freezes."""

from __future__ import annotations

from datetime import timedelta

from models.case.handover.carrying import carried_of
from models.commands import (
    AuthoriseVisit,
    DeclareConflict,
    RecordAttempt,
    RecordDeathOrSeriousInjury,
    Regrade,
    ReviewCase,
    SelectVisit,
    SetSafeContactPlan,
)
from models.enums import (
    Channel,
    CheckResult,
    ClockType,
    ContactResult,
    GraveHarm,
    OrderType,
    Party,
    RiskGrade,
    VisitCheck,
    VisitRule,
)
from models.events import EffectKind
from models.messages import (
    EarlierReport,
    GradeChanged,
    OrderChanged,
    PartyMerged,
    ReportArrived,
    Under16Party,
)
from models.safe_contact import SafeContactPlan
from models.stream import open_clock
from tests.models import play_incident
from tests.models.conftest import at
from tests.models.play import DALO, SERGEANT, Play, a_report

OPENED = at("2027-05-10 09:00")


def opened(grade: RiskGrade = RiskGrade.MEDIUM) -> Play:
    play = Play(OPENED, grade)
    play.allocate()
    return play


def reached(play: Play) -> None:
    play.do(
        RecordAttempt(
            at=play.now,
            channel=Channel.CALL,
            result=ContactResult.SUCCESSFUL_TWO_WAY,
            safety_override="SUPERVISOR_AUTHORISED",
        )
    )


def grades_told(play: Play) -> list[tuple[str, str]]:
    return [
        (effect.target, effect.payload["grade"])
        for effect in play.state.effects
        if effect.kind is EffectKind.TELL and effect.payload["kind"] == "grade-changed"
    ]


# --- the grade -----------------------------------------------------------------------------------


def test_an_incident_hears_of_a_grade_that_it_does_not_go_by() -> None:
    play = opened()
    assert grades_told(play) == []
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="NEW_THREATS"))
    assert grades_told(play) == [("incident/46/1/27/VIC-0001", "HIGH")]


def test_a_report_that_joins_a_high_case_hears_of_its_grade() -> None:
    play = opened(RiskGrade.HIGH)
    second = a_report(play.now, incident_ref="46/2/27")
    play.tell(
        ReportArrived(
            message_id="r2", report=second, received_at=play.now, grade=RiskGrade.STANDARD
        )
    )
    assert grades_told(play) == [("incident/46/2/27/VIC-0001", "HIGH")]


def graded(play: play_incident.Play, grade: RiskGrade, told: int = 0) -> GradeChanged:
    later = play.now + timedelta(minutes=told)
    return GradeChanged(message_id=f"g{grade}{told}", grade=grade, at=play.now, told_at=later)


def test_a_high_grade_makes_a_child_referral_due_where_a_child_lives_there() -> None:
    play = play_incident.Play(play_incident.report(OPENED, children_resident=1))
    assert open_clock(play.state, ClockType.CHILD_REFERRAL) is None
    play.to(OPENED + timedelta(hours=5))
    play.tell(graded(play, RiskGrade.HIGH))
    clock = open_clock(play.state, ClockType.CHILD_REFERRAL)
    assert clock is not None
    assert clock.started_at == play.now


def test_the_arrest_target_follows_the_cases_grade() -> None:
    play = play_incident.Play(play_incident.report(OPENED, perpetrator_ref="PER-0001"))
    play.tell(graded(play, RiskGrade.HIGH))
    clock = open_clock(play.state, ClockType.SUSPECT_ARREST)
    assert clock is not None
    assert (clock.rule_key, clock.due_at) == ("HIGH", OPENED + timedelta(hours=24))


def test_of_two_grades_the_one_told_later_counts_in_whatever_order_they_come() -> None:
    play = play_incident.Play(play_incident.report(OPENED))
    play.tell(graded(play, RiskGrade.STANDARD, told=2))
    play.tell(graded(play, RiskGrade.HIGH, told=1))
    assert play.state.grade is RiskGrade.STANDARD


def test_a_regrade_to_high_brings_the_visit_forward() -> None:
    play = opened()
    play.do(SelectVisit(at=play.now, selected_for=(VisitRule.SUSPECT_BELIEVED_THERE,)))
    plan = SafeContactPlan(plan_reviewed_at=play.now)
    play.do(SetSafeContactPlan(at=play.now, plan=plan))
    checks = dict.fromkeys(VisitCheck, CheckResult.ARRANGED)
    authority = AuthoriseVisit(
        at=play.now,
        opens_at=play.now,
        until=play.now + timedelta(hours=8),
        safer_because="SUSPECT_AWAY",
        checks=checks,
    )
    play.supervise(authority)
    play.until(OPENED + timedelta(hours=6))
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="NEW_THREATS"))
    clock = open_clock(play.state, ClockType.HHV_DUE)
    assert clock is not None
    assert clock.due_at == OPENED + timedelta(hours=30)
    play.supervise(Regrade(at=play.now, grade=RiskGrade.MEDIUM, reason="ERROR"))
    assert open_clock(play.state, ClockType.HHV_DUE) == clock


# --- earlier reports -----------------------------------------------------------------------------


def test_reports_before_the_case_count_as_events_and_for_a_visit() -> None:
    play = opened()
    earlier = tuple(
        EarlierReport(incident_ref=f"46/9{n}/27", reported_at=OPENED - timedelta(days=20 * n))
        for n in (1, 2)
    )
    play.tell(
        ReportArrived(
            message_id="r2",
            report=a_report(play.now, incident_ref="46/2/27"),
            received_at=play.now,
            grade=RiskGrade.MEDIUM,
            earlier_reports=earlier,
        )
    )
    dates = play.state.risk.report_dates
    assert [(date.incident_ref, date.version) for date in dates] == [
        ("46/92/27", 0),
        ("46/91/27", 0),
        ("46/1/27", 1),
        ("46/2/27", 1),
    ]
    assert play.state.visits.reports.keys() == {"46/1/27", "46/2/27", "46/91/27", "46/92/27"}
    assert play.state.risk.first_reported_at == OPENED


# --- orders of two incidents, merges -------------------------------------------------------------


def an_order(play: Play, incident_ref: str, *, in_force: bool) -> OrderChanged:
    return OrderChanged(
        message_id=f"{incident_ref}{in_force}",
        incident_ref=incident_ref,
        perpetrator_ref="PER-0001",
        order_id="ORD-001",
        order_type=OrderType.NON_MOLESTATION,
        in_force=in_force,
        at=play.now,
    )


def test_two_incidents_number_their_orders_alike_and_both_stand() -> None:
    play = opened()
    play.tell(an_order(play, "46/1/27", in_force=True))
    play.tell(an_order(play, "46/2/27", in_force=True))
    assert len(play.state.handover.orders) == 2
    play.tell(an_order(play, "46/1/27", in_force=False))
    (left,) = play.state.handover.orders.values()
    assert left.incident_ref == "46/2/27"


def test_a_merge_keeps_what_was_asked_under_either_reference() -> None:
    kept, other = opened(), opened()
    other.state.case_ref, other.state.victim_ref = "CASE-2027-00002", "VIC-0002"
    theirs = other.state.asked
    theirs.approach, theirs.approach_for, theirs.approach_at = "USED", "NEW_INCIDENT", OPENED
    theirs.no_contact_at, theirs.support_withdrawn_at = OPENED, OPENED
    theirs.withdrawal_reasons = ["FEAR"]
    other.state.risk.assessed_at = OPENED + timedelta(days=1)
    other.state.risk.reassess_since, other.state.risk.reassess_why = OPENED, "NEW_REPORT"
    kept.until(OPENED + timedelta(days=2))
    kept.tell(
        PartyMerged(
            message_id="m1",
            from_case_ref="CASE-2027-00002",
            from_victim_ref="VIC-0002",
            carried=carried_of(other.state),
        )
    )
    asked, risk = kept.state.asked, kept.state.risk
    assert (asked.approach, asked.approach_at) == ("USED", OPENED)
    assert (asked.no_contact_at, asked.support_withdrawn_at) == (OPENED, OPENED)
    assert asked.withdrawal_reasons == ["FEAR"]
    assert risk.assessed_at == OPENED + timedelta(days=1)
    assert (risk.reassess_since, risk.reassess_why) == (OPENED, "NEW_REPORT")


# --- what random histories found -----------------------------------------------------------------


def test_a_freeze_before_the_needs_assessment_comes_to_rest() -> None:
    play = opened()
    reached(play)
    harm = RecordDeathOrSeriousInjury(
        at=play.now, party=Party.PERPETRATOR, harm=GraveHarm.DEATH, note_ref="note-1"
    )
    play.do(harm)
    assert open_clock(play.state, ClockType.NEEDS_ASSESSMENT) is None


def test_conflicts_of_officer_and_supervisor_come_to_rest_with_a_referral_owed() -> None:
    play = opened(RiskGrade.HIGH)
    for officer in (SERGEANT, DALO):
        play.supervise(DeclareConflict(at=play.now, officer_id=officer, reason="RELATED"))
    assert all(clock.owner for clock in play.state.clocks.values())


def test_a_case_that_waits_has_its_obligations_on_its_supervisor() -> None:
    play = Play(OPENED)
    play.wait()
    play.tell(Under16Party(message_id="u1", incident_ref="46/1/27"))
    play.supervise(ReviewCase(at=play.now))
    owners = {clock.owner for clock in play.state.clocks.values()}
    owners |= {task.owner for task in play.state.tasks.values()}
    assert "" not in owners


def breaches(play: Play) -> dict[str, str]:
    """Who has the breach of each type of clock."""
    tasks = play.state.tasks.values()
    return {t.subject.partition(":")[0]: t.owner for t in tasks if t.kind == "BREACH"}


def test_a_breach_reaches_whom_the_policy_names_and_nobody_without_an_area() -> None:
    waiting = Play(OPENED, RiskGrade.HIGH)
    waiting.until(OPENED + timedelta(days=2))
    assert breaches(waiting)["IDVA_REFERRAL"] == "SUPERVISOR@Medway"
    play = opened()
    play.until(OPENED + timedelta(days=4))
    assert breaches(play) == {
        "FIRST_CONTACT": SERGEANT,
        "RISK_SUPERVISOR_REVIEW": "INSPECTOR@Medway",
    }
    play.until(OPENED + timedelta(days=29))
    assert breaches(play)["CASE_REVIEW"] == "INSPECTOR@Medway"
