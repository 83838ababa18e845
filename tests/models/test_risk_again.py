"""Re-assessment, and what the MARAC criteria are judged on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.base import Refused
from models.case.referrals.grounds import criteria_facts
from models.case.risk.rules import blockers
from models.case.risk.state import RiskFacts
from models.commands import (
    CloseCase,
    ProfessionalJudgement,
    Regrade,
    ReviewGrade,
)
from models.enums import (
    ClockType,
    ClosureReason,
    MaracCriterion,
    OrderType,
    RiskGrade,
    SuspectStatus,
)
from models.marac_criteria import criteria_met, escalation
from models.messages import OrderBreached, OrderChanged, SuspectChanged
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play import DALO, SERGEANT, Play, a_report
from tests.models.play_risk import (
    CRITICAL,
    DASH,
    OPENED,
    PLAIN,
    allocated,
    arrived,
    dash,
    refused,
    tasks,
)

# --- re-assessment --------------------------------------------------------------------------------


def due(play: Play) -> datetime | None:
    clock = open_clock(play.state, ClockType.RISK_REVIEW)
    return clock.due_at if clock else None


def test_reassessment_runs_by_grade_from_the_last_assessment() -> None:
    play = allocated()
    # Monday 10 May and 56 days: Monday 5 July.
    assert due(play) == at("2027-07-05 23:59:59")
    play.until(at("2027-05-20 09:00"))
    play.do(dash(play, "Q2"))
    assert due(play) == at("2027-07-15 23:59:59")
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="JUDGEMENT"))
    assert due(play) == at("2027-06-17 23:59:59")
    play.supervise(ReviewGrade(at=play.now, grade=RiskGrade.STANDARD, reason="MISTAKEN"))
    assert due(play) is None


def test_a_review_that_falls_on_a_holiday_is_due_the_next_working_day() -> None:
    play = Play(at("2027-03-01 10:00"), RiskGrade.HIGH)
    play.allocate()
    # 28 days later is Easter Monday, 29 March; the clocks go forward the day before.
    assert due(play) == at("2027-03-30 23:59:59")


def test_a_missed_reassessment_reaches_the_supervisor_and_an_assessment_settles_it() -> None:
    play = allocated(RiskGrade.HIGH)
    play.until(at("2027-06-08 09:00"))
    breaches = [t for t in tasks(play, "BREACH") if t.subject.startswith("RISK_REVIEW")]
    assert [t.owner for t in breaches] == [SERGEANT]
    play.do(dash(play, "Q2"))
    assert not [t for t in tasks(play, "BREACH") if t.subject.startswith("RISK_REVIEW")]


def test_a_new_report_makes_reassessment_due_at_once_and_moves_no_other_clock() -> None:
    play = allocated()
    play.do(dash(play, "Q2"))
    play.do(Regrade(at=play.now, grade=RiskGrade.MEDIUM, reason="TOOL_RESULT"))
    play.until(OPENED + timedelta(days=3))
    clocks = dict(play.state.clocks)
    play.tell(arrived(a_report(play.now, incident_ref="46/2/27"), "r2"))
    (task,) = tasks(play, "REASSESS_RISK")
    assert (task.owner, task.due_at) == (DALO, play.now)
    assert task.command == "dalo do CASE-2027-00001 assess-risk"
    event = "CONTACT_AT_EVENT:46/2/27:REPORTED:1"
    assert play.state.clocks == clocks | {event: play.state.clocks[event]}
    play.do(dash(play, at=play.now - timedelta(hours=1)))
    assert tasks(play, "REASSESS_RISK"), "an assessment before the event does not cover it"
    play.do(dash(play))
    assert not tasks(play, "REASSESS_RISK")


def test_the_first_report_and_new_versions_of_a_known_one_are_no_new_event() -> None:
    play = allocated()
    play.tell(arrived(a_report(OPENED, version=2), "r1v2"))
    assert not tasks(play, "REASSESS_RISK")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (SuspectStatus.RELEASED, True),
        (SuspectStatus.RUI, True),
        (SuspectStatus.CHARGED_BAIL, True),
        (SuspectStatus.ARRESTED, False),
        (SuspectStatus.REMANDED, False),
    ],
)
def test_a_suspect_at_large_makes_reassessment_due(status: SuspectStatus, expected: bool) -> None:
    play = allocated()
    play.tell(
        SuspectChanged(
            message_id="s1",
            incident_ref="46/1/27",
            perpetrator_ref="PER-1",
            status=status,
            at=play.now,
        )
    )
    assert bool(tasks(play, "REASSESS_RISK")) is expected


@pytest.mark.parametrize("in_force", [True, False])
def test_the_end_of_an_order_makes_reassessment_due(in_force: bool) -> None:
    play = allocated()
    play.tell(
        OrderChanged(
            message_id="o1",
            incident_ref="46/1/27",
            perpetrator_ref="PER-1",
            order_id="ORD-1",
            order_type=OrderType.NON_MOLESTATION,
            in_force=in_force,
            at=play.now,
        )
    )
    assert bool(tasks(play, "REASSESS_RISK")) is not in_force


def test_what_waits_keeps_a_case_from_closing_unless_nobody_assesses_risk_any_more() -> None:
    play = allocated()
    play.do(dash(play, *PLAIN, *CRITICAL[:4]))
    play.tell(arrived(a_report(play.now + timedelta(hours=1), incident_ref="46/2/27"), "r2"))
    close = CloseCase(at=play.now, reason=ClosureReason.RISK_REDUCED)
    found = blockers(play.state, close)
    assert "recommendation REC-001 (RISK_GRADE) waits for a decision" in found
    assert "risk is not assessed since NEW_REPORT (assess-risk)" in found
    assert blockers(play.state, close.model_copy(update={"reason": ClosureReason.DIED})) == []


# --- what the MARAC criteria are judged on --------------------------------------------------------


def met(play: Play) -> list[MaracCriterion]:
    facts = criteria_facts(play.state)
    return [each.criterion for each in criteria_met(play.policy.marac, facts, play.now)]


def test_ticks_self_harm_and_judgement_feed_the_criteria() -> None:
    play = allocated()
    assert met(play) == []
    play.do(dash(play, *PLAIN, *CRITICAL[:4]))
    assert met(play) == [MaracCriterion.VISIBLE_HIGH_RISK]
    play.do(dash(play, "Q5"))
    assert met(play) == [MaracCriterion.SUICIDE_SELF_HARM]
    play.do(dash(play))
    assert met(play) == []
    play.do(dash(play, suicide_self_harm=True))
    play.do(ProfessionalJudgement(at=play.now, reason="EXTREME_FEAR"))
    assert met(play) == [MaracCriterion.PROFESSIONAL_JUDGEMENT, MaracCriterion.SUICIDE_SELF_HARM]


def test_the_ticks_of_a_report_count_until_an_officer_counts_again() -> None:
    play = allocated()
    scored = a_report(OPENED, version=2, risk_tool=DASH, risk_score=17)
    play.tell(arrived(scored, "r1v2"))
    assert met(play) == [MaracCriterion.VISIBLE_HIGH_RISK]
    play.do(dash(play, "Q1"))
    assert met(play) == []


def test_only_a_supervisor_takes_a_judgement_back() -> None:
    play = allocated()
    play.do(ProfessionalJudgement(at=play.now, reason="WEAPON"))
    back = ProfessionalJudgement(at=play.now, reason="MISTAKEN", withdrawn=True)
    assert refused(play, back) == "SUPERVISOR_ONLY"
    play.supervise(back)
    assert play.state.risk.judgement is None
    with pytest.raises(Refused, match="NO_JUDGEMENT"):
        play.supervise(back)


def test_a_judgement_keeps_when_it_was_first_stated() -> None:
    play = allocated()
    first = play.now
    play.do(ProfessionalJudgement(at=first, reason="WEAPON"))
    play.until(play.now + timedelta(days=1))
    play.do(ProfessionalJudgement(at=play.now, reason="EXTREME_FEAR"))
    assert play.state.risk.judgement is not None
    assert (play.state.risk.judgement.at, play.state.risk.judgement.reason) == (
        first,
        "EXTREME_FEAR",
    )


def test_three_reports_in_six_months_meet_escalation_and_dates_are_kept_24_months() -> None:
    play = allocated()
    play.tell(arrived(a_report(OPENED, incident_ref="46/1/27", version=2), "r1v2"))
    for number, days in ((2, 30), (3, 60)):
        when = OPENED + timedelta(days=days)
        play.until(when)
        play.tell(arrived(a_report(when, incident_ref=f"46/{number}/27"), f"r{number}"))
    found = escalation(play.policy.marac, play.state.risk.report_dates, play.now)
    assert (found.events, found.met_at) == (3, OPENED + timedelta(days=60))
    assert MaracCriterion.POTENTIAL_ESCALATION in met(play)
    old = OPENED - timedelta(days=900)
    play.tell(arrived(a_report(old, incident_ref="46/9/24"), "r9"))
    assert [d.incident_ref for d in play.state.risk.report_dates] == [
        "46/1/27",
        "46/2/27",
        "46/3/27",
    ]


def test_earlier_reports_that_intake_only_counted_are_a_question() -> None:
    play = allocated()
    again = a_report(OPENED, version=2)
    play.tell(arrived(again, "r1v2", repeat_count_365=2))
    found = escalation(play.policy.marac, play.state.risk.report_dates, play.now)
    assert (found.events, found.undated, found.possible) == (1, 2, True)
    assert "LOOK_UP_EARLIER_REPORTS" in play.do(dash(play))


def test_a_case_taken_over_from_the_first_release_owes_reassessment_from_then() -> None:
    play = Play(OPENED)
    old = play.state.model_copy(update={"risk": RiskFacts(), "clocks": {}})
    play.state = old
    play.now = OPENED + timedelta(days=300)
    play.allocate()
    clock = open_clock(play.state, ClockType.RISK_REVIEW)
    assert clock is not None
    assert (clock.start_event, clock.started_at) == ("stream:renewed", play.now)
    assert clock.breached_at is None


def test_a_grade_is_as_old_as_the_report_that_gave_it_or_as_the_officer_says() -> None:
    play = allocated()
    play.until(OPENED + timedelta(days=1))
    reported = play.now - timedelta(hours=2)
    report = a_report(reported, incident_ref="46/2/27")
    play.tell(arrived(report, "r2", grade=RiskGrade.HIGH))
    assert play.state.risk.graded_at == reported
    at_visit = play.now - timedelta(hours=1)
    play.do(Regrade(at=at_visit, grade=RiskGrade.HIGH, reason="STILL_HIGH"))
    assert play.state.risk.graded_at == at_visit
    assert play.events("case:risk:graded")[-1].occurred_at == at_visit


@pytest.mark.parametrize("status", [SuspectStatus.OUTSTANDING, SuspectStatus.CAUTIONED])
def test_somebody_who_was_held_and_is_at_liberty_makes_reassessment_due(
    status: SuspectStatus,
) -> None:
    play = allocated()
    message = SuspectChanged(
        message_id="s1", incident_ref="46/1/27", perpetrator_ref="PER-1", status=status, at=play.now
    )
    play.tell(message)
    assert not tasks(play, "REASSESS_RISK")
    play.tell(message.model_copy(update={"message_id": "s2", "freed": True}))
    assert tasks(play, "REASSESS_RISK")


def test_a_breach_of_an_order_makes_reassessment_due() -> None:
    play = allocated()
    play.tell(
        OrderBreached(
            message_id="b1",
            incident_ref="46/1/27",
            perpetrator_ref="PER-1",
            breach_id="ORD-001/BREACH-1",
            of=OrderType.NON_MOLESTATION,
            criminal=True,
            at=play.now,
            known_at=play.now,
        )
    )
    assert tasks(play, "REASSESS_RISK")
    assert play.state.risk.reassess_why == "NON_MOLESTATION_BREACHED"
