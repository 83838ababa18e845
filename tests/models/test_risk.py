"""Risk assessment: tools by question, the officer's grade, its review, re-assessment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.base import Refused
from models.commands import (
    AssessRisk,
    Regrade,
    ReviewGrade,
)
from models.enums import (
    ClockType,
    RiskAnswer,
    RiskGrade,
    RiskMark,
    RiskTool,
    Role,
)
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play, a_report
from tests.models.play_risk import (
    CRITICAL,
    DASH,
    NO,
    OPENED,
    PLAIN,
    allocated,
    arrived,
    dash,
    deciding,
    of_grade,
    refused,
    tasks,
    waits,
)

# --- assessment -----------------------------------------------------------------------------------


def test_an_assessment_keeps_tool_version_and_every_answer() -> None:
    play = allocated()
    play.do(dash(play, "Q1", "Q18", completer="PC 77", note_ref="note-1"))
    (event,) = play.events("assessment:recorded")
    assert event.data["assessment_id"] == "ASM-001"
    assert (event.data["tool"], event.data["tool_version"]) == ("DASH_ACPO_27", "2009.1")
    assert (event.data["status"], event.data["yes_count"]) == ("COMPLETE", 2)
    assert event.data["critical"] == ["STRANGULATION"]
    assert event.data["completer"] == "PC 77"
    assert len(event.data["answers"]) == 27
    assert (event.data["answers"]["Q18"], event.data["answers"]["Q2"]) == ("YES", "NO")
    last = play.state.risk.last
    assert last is not None
    assert (last.yes, last.marks, last.complete) == (2, (RiskMark.STRANGULATION,), True)


def test_a_count_recommends_and_the_officer_grades() -> None:
    play = allocated()
    codes = play.do(dash(play, *PLAIN, *CRITICAL[:4]))
    assert codes == ("STALKING_SCREEN_ADVISED", "RECOMMENDS_HIGH")
    assert play.state.risk_grade is RiskGrade.MEDIUM
    (task,) = deciding(play)
    assert task.command == "dalo do CASE-2027-00001 regrade --grade HIGH --reason TOOL_RESULT"
    assert task.owner == DALO
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="TOOL_RESULT"))
    (made,) = of_grade(play, "recommendation:made")
    (decided,) = of_grade(play, "recommendation:decided")
    assert made.data["rule"] == "RISK_GRADE"
    assert made.data["policy_version"] == play.policy.version
    assert made.data["inputs"]["tool_version"] == "2009.1"
    assert (made.data["inputs"]["yes"], made.data["inputs"]["high_ticks"]) == (14, 14)
    assert made.data["inputs"]["critical"] == [
        "EXTREME_FEAR",
        "SEPARATION",
        "STALKING",
        "PREGNANCY",
    ]
    assert (decided.data["decision"], decided.data["chose"]) == ("ACCEPTED", "HIGH")
    assert decided.data["decided_by"] == DALO
    assert not deciding(play) and not tasks(play, "REVIEW_DECLINED")
    (graded,) = play.events("assessment:graded")
    assert graded.data == {"assessment_id": "ASM-001", "grade": "HIGH"}


def test_judgement_raises_with_a_reason_and_the_supervisor_is_told() -> None:
    play = allocated()
    play.do(dash(play, *PLAIN, "Q8", "Q2"))
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="PROFESSIONAL_JUDGEMENT"))
    (decided,) = of_grade(play, "recommendation:decided")
    assert decided.data["decision"] == "DECLINED"
    assert (decided.data["chose"], decided.data["reason"]) == ("HIGH", "PROFESSIONAL_JUDGEMENT")
    (task,) = tasks(play, "REVIEW_DECLINED")
    assert task.owner == SERGEANT
    assert play.state.risk_grade is RiskGrade.HIGH


def test_judgement_never_goes_below_the_tool_without_the_supervisor() -> None:
    play = allocated()
    play.do(dash(play, *PLAIN, *CRITICAL[:4]))
    lower = Regrade(at=play.now, grade=RiskGrade.MEDIUM, reason="CALM_NOW")
    assert refused(play, lower) == "SUPERVISOR_ONLY"
    play.supervise(lower)
    (decided,) = of_grade(play, "recommendation:decided")
    assert (decided.data["decision"], decided.data["decided_by"]) == ("DECLINED", SERGEANT)
    assert not tasks(play, "REVIEW_DECLINED")


def test_refusing_the_tool_holds_medium_until_a_supervisor_has_looked() -> None:
    play = allocated(RiskGrade.STANDARD)
    codes = play.do(AssessRisk(at=play.now, tool=DASH, refused=True))
    assert codes == ("GRADE_PENDING_REVIEW", "RECOMMENDS_MEDIUM")
    assert (play.state.risk_grade, play.state.grade_pending_review) == (RiskGrade.MEDIUM, True)
    (event,) = play.events("assessment:recorded")
    assert (event.data["status"], event.data["refused_count"]) == ("REFUSED", 27)
    clock = open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW)
    assert clock is not None and clock.owner == SERGEANT
    assert clock.due_at == at("2027-05-11 23:59:59")
    registers = [e.payload["risk_grade"] for e in play.state.effects if "risk_grade" in e.payload]
    assert registers == ["MEDIUM"]


@pytest.mark.parametrize("left", [RiskAnswer.NOT_ASKED, RiskAnswer.REFUSED])
def test_one_question_refused_or_left_out_makes_the_grade_pending(left: RiskAnswer) -> None:
    play = allocated(RiskGrade.STANDARD)
    play.do(AssessRisk(at=play.now, tool=DASH, answers={"Q5": left}, others=NO))
    assert (play.state.risk_grade, play.state.grade_pending_review) == (RiskGrade.MEDIUM, True)
    assert waits(play) == ["MEDIUM"]


def test_not_knowing_is_an_answer() -> None:
    play = allocated(RiskGrade.STANDARD)
    play.do(AssessRisk(at=play.now, tool=DASH, answers={"Q5": RiskAnswer.DONT_KNOW}, others=NO))
    assert (play.state.risk_grade, play.state.grade_pending_review) == (RiskGrade.STANDARD, False)


def test_open_questions_never_lower_a_high_grade() -> None:
    play = allocated(RiskGrade.HIGH)
    play.do(AssessRisk(at=play.now, tool=DASH, refused=True))
    assert (play.state.risk_grade, play.state.grade_pending_review) == (RiskGrade.HIGH, True)


def test_the_dara_is_answered_by_frequency_and_never_counted() -> None:
    play = allocated()
    play.do(
        AssessRisk(
            at=play.now,
            tool=RiskTool.DARA,
            answers={"Q3": RiskAnswer.OFTEN, "Q10": RiskAnswer.OCCASIONALLY},
            others=RiskAnswer.NEVER,
        )
    )
    (event,) = play.events("assessment:recorded")
    assert event.data["yes_count"] is None
    assert event.data["critical"] == ["CONTROL", "STRANGULATION"]
    assert play.state.risk.high_ticks == {}
    assert waits(play) == ["MEDIUM"]


def test_a_newer_assessment_supersedes_what_waits_and_an_older_one_is_only_recorded() -> None:
    play = allocated()
    play.until(OPENED + timedelta(days=2))
    play.do(dash(play, *PLAIN, *CRITICAL[:4]))
    assert play.do(dash(play, at=play.now - timedelta(days=1))) == ("OLDER_THAN_LAST",)
    assert waits(play) == ["HIGH"]
    play.do(dash(play, *PLAIN, "Q2"))
    decided = [e.data["decision"] for e in of_grade(play, "recommendation:decided")]
    assert decided == ["SUPERSEDED"]
    assert waits(play) == ["MEDIUM"]
    assert len(deciding(play)) == 1


def test_officers_may_have_assessed_at_the_scene_before_the_case_opened() -> None:
    play = Play(OPENED)
    play.allocate()
    earlier = a_report(OPENED - timedelta(hours=1), incident_ref="46/2/27")
    play.tell(arrived(earlier, "r2"))
    play.do(dash(play, at=OPENED - timedelta(minutes=30)))
    too_early = dash(play, at=OPENED - timedelta(hours=2))
    assert refused(play, too_early) == "BEFORE_CASE"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"answers": {"Q28": "YES"}}, "UNKNOWN_QUESTION"),
        ({"tool": "DASH_SAFELIVES_24", "answers": {"Q25": "YES"}}, "UNKNOWN_QUESTION"),
        ({"answers": {"Q1": "OFTEN"}}, "ANSWER_NOT_OF_TOOL"),
        ({"tool": "DARA", "answers": {"Q1": "YES"}, "others": "NEVER"}, "ANSWER_NOT_OF_TOOL"),
        ({"tool": "DARA", "answers": {"Q1": "OFTEN"}, "others": "NO"}, "ANSWER_NOT_OF_TOOL"),
        ({"answers": {}, "others": "NOT_ASKED"}, "NO_ANSWERS"),
        ({"answers": {"Q1": "NOT_ASKED"}, "others": "NOT_ASKED"}, "NO_ANSWERS"),
        ({"answers": {"Q1": "YES"}, "refused": True}, "ANSWERS_AND_REFUSED"),
        ({"tool": "OTHER"}, "TOOL_WITHOUT_QUESTIONS"),
        ({"incident_ref": "46/9/27"}, "UNKNOWN_INCIDENT"),
        ({"at": OPENED + timedelta(days=9)}, "IN_FUTURE"),
        ({"at": OPENED - timedelta(days=9)}, "BEFORE_CASE"),
    ],
)
def test_what_an_assessment_is_refused_for(changes: dict[str, object], code: str) -> None:
    play = allocated()
    assert (
        refused(play, dash(play, "Q1").model_validate({**dash(play, "Q1").model_dump(), **changes}))
        == code
    )


def test_another_officers_case_is_not_assessed() -> None:
    play = allocated()
    assert refused(play, dash(play), actor=OTHER_DALO) == "NOT_YOUR_CASE"


# --- supervisor's review of the grade -------------------------------------------------------------


def test_an_officers_grade_waits_for_the_supervisors_review() -> None:
    play = allocated()
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="THREATS"))
    clock = open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW)
    assert clock is not None and clock.owner == SERGEANT
    assert play.supervise(ReviewGrade(at=play.now)) == ("UPHELD",)
    assert open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW) is None
    (event,) = play.events("case:risk:reviewed")
    assert (event.data["upheld"], event.actor) == (True, SERGEANT)


def test_a_supervisors_own_grade_needs_no_review() -> None:
    play = allocated()
    play.supervise(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="THREATS"))
    assert open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW) is None


def test_a_review_settles_a_pending_grade() -> None:
    play = allocated(pending=True)
    play.supervise(ReviewGrade(at=play.now))
    assert not play.state.grade_pending_review
    assert open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW) is None


def test_a_review_may_grade_again_and_settles_what_was_declined_about_the_grade() -> None:
    play = allocated()
    play.do(dash(play, *PLAIN, "Q2"))
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="JUDGEMENT"))
    command = ReviewGrade(at=play.now, grade=RiskGrade.MEDIUM, reason="NO_NEW_INDICATORS")
    assert play.supervise(command) == ("REGRADED",)
    assert play.state.risk_grade is RiskGrade.MEDIUM
    assert not play.state.risk.declined and not tasks(play, "REVIEW_DECLINED")
    (reviewed,) = play.events("recommendation:reviewed")
    assert (reviewed.data["review"], reviewed.data["reviewed_by"]) == ("OVERRULE", SERGEANT)


def test_a_review_decides_a_grade_that_still_waits() -> None:
    play = allocated()
    play.do(dash(play, *PLAIN, *CRITICAL[:4]))
    play.supervise(ReviewGrade(at=play.now, grade=RiskGrade.HIGH, reason="TOOL_RESULT"))
    (decided,) = of_grade(play, "recommendation:decided")
    assert (decided.data["decision"], decided.data["decided_by"]) == ("ACCEPTED", SERGEANT)
    assert not deciding(play)


def test_a_review_is_a_supervisors_and_another_grade_has_a_reason() -> None:
    play = allocated()
    assert refused(play, ReviewGrade(at=play.now)) == "SUPERVISOR_ONLY"
    with pytest.raises(Refused, match="REASON_NEEDED"):
        play.supervise(ReviewGrade(at=play.now, grade=RiskGrade.HIGH))
    with pytest.raises(Refused, match="IN_FUTURE"):
        play.supervise(ReviewGrade(at=play.now + timedelta(hours=1)))


def test_keeping_a_grade_other_than_the_recommended_one_has_a_reason() -> None:
    play = allocated()
    play.do(dash(play, *PLAIN, *CRITICAL))
    assert waits(play) == ["HIGH"]
    sergeant = {"actor": SERGEANT, "role": Role.SUPERVISOR}
    assert refused(play, ReviewGrade(at=play.now), **sergeant) == "REASON_NEEDED"
    play.supervise(ReviewGrade(at=play.now, reason="SEEN_WITH_IDVA"))
    (event,) = of_grade(play, "recommendation:decided")
    assert (event.data["decision"], event.data["reason"]) == ("DECLINED", "SEEN_WITH_IDVA")


def test_the_grade_of_a_report_is_reviewed_within_a_working_day() -> None:
    play = allocated(RiskGrade.HIGH)
    review = open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW)
    assert review is not None and review.due_at == at("2027-05-11 23:59").replace(second=59)
    play.supervise(ReviewGrade(at=play.now))
    assert open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW) is None


def test_a_higher_grade_of_a_further_report_is_reviewed_too() -> None:
    play = allocated()
    play.supervise(ReviewGrade(at=play.now))
    report = a_report(play.now, incident_ref="46/2/27")
    play.tell(arrived(report, "r2", grade=RiskGrade.HIGH))
    assert open_clock(play.state, ClockType.RISK_SUPERVISOR_REVIEW) is not None
