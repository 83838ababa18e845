"""What the system recommends waits for a named officer; declining goes to the supervisor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.base import Refused
from models.case.recommending import recommend
from models.commands import (
    AssessRisk,
    CaseCommand,
    DeclineRecommendation,
    Regrade,
    ReviewRecommendation,
)
from models.enums import RiskAnswer, RiskGrade, RiskTool, Role
from models.stream import Task
from tests.models.conftest import at
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play

OPENED = at("2027-05-10 20:00")
COMMAND = "dalo do CASE-2027-00001 follow"


def with_recommendation() -> Play:
    """A recommendation of any rule, as a duty makes it."""
    play = Play(OPENED)
    play.allocate()
    recommend(
        play.state,
        play.context(),
        "SOME_RULE",
        "DO_IT",
        {"count": 3},
        why="three",
        command=COMMAND,
        subject="PER-1",
    )
    play.settle()
    return play


def tasks(play: Play, kind: str) -> list[Task]:
    return [task for task in play.state.tasks.values() if task.kind == kind]


def decline(play: Play, ref: str = "REC-001") -> DeclineRecommendation:
    return DeclineRecommendation(at=play.now, recommendation_id=ref, reason="ALREADY_DONE")


def review(play: Play, decision: str, **more: str) -> ReviewRecommendation:
    given = {"at": play.now, "recommendation_id": "REC-001", "decision": decision, **more}
    return ReviewRecommendation.model_validate(given)


def held(play: Play) -> str:
    """The grade in force."""
    return play.state.risk_grade.value


def refused(play: Play, command: CaseCommand, actor: str = DALO, role: Role = Role.DALO) -> str:
    before = play.state.model_dump()
    with pytest.raises(Refused) as caught:
        play.do(command, actor, role)
    assert play.state.model_dump() == before
    assert caught.value.remedy
    return caught.value.code


def test_declining_keeps_reason_and_person_and_asks_the_supervisor() -> None:
    play = with_recommendation()
    assert play.do(decline(play)) == ("SUPERVISOR_ASKED",)
    (event,) = play.events("recommendation:decided")
    assert (event.data["decision"], event.data["decided_by"]) == ("DECLINED", DALO)
    assert event.data["reason"] == "ALREADY_DONE"
    assert not play.state.recommendations and not tasks(play, "DECIDE")
    (task,) = tasks(play, "REVIEW_DECLINED")
    assert task.owner == SERGEANT
    assert task.command.endswith("--recommendation-id REC-001 --decision UPHOLD")


def test_a_supervisors_own_decline_needs_no_review() -> None:
    play = with_recommendation()
    assert play.supervise(decline(play)) == ()
    assert not tasks(play, "REVIEW_DECLINED") and not play.state.risk.declined


def test_upholding_ends_it() -> None:
    play = with_recommendation()
    play.do(decline(play))
    assert play.supervise(review(play, "UPHOLD")) == ()
    assert not tasks(play, "REVIEW_DECLINED") and not play.state.recommendations
    (event,) = play.events("recommendation:reviewed")
    assert (event.data["review"], event.data["reviewed_by"]) == ("UPHOLD", SERGEANT)
    assert "reason" not in event.data, "the officer's reason stays in the read model's row"


def test_overruling_brings_the_recommendation_and_its_own_task_back() -> None:
    play = with_recommendation()
    play.do(decline(play))
    assert play.supervise(review(play, "OVERRULE", reason="RISK_TOO_HIGH")) == ("REC-002",)
    back = play.state.recommendations["REC-002"]
    assert (back.rule, back.subject, back.recommends) == ("SOME_RULE", "PER-1", "DO_IT")
    assert back.inputs == {"count": 3, "overrules": "REC-001"}
    (task,) = tasks(play, "DECIDE")
    assert (task.command, task.owner, task.subject) == (COMMAND, DALO, "REC-002")
    assert refused(play, decline(play, "REC-002")) == "SUPERVISOR_ONLY"
    play.supervise(decline(play, "REC-002"))
    assert not play.state.recommendations


def test_what_is_recommended_again_already_is_not_brought_back_twice() -> None:
    play = with_recommendation()
    play.do(decline(play))
    recommend(
        play.state,
        play.context(),
        "SOME_RULE",
        "DO_IT",
        {"count": 4},
        why="four",
        command=COMMAND,
        subject="PER-1",
    )
    play.supervise(review(play, "OVERRULE", reason="RISK_TOO_HIGH"))
    assert [r.inputs for r in play.state.recommendations.values()] == [{"count": 4}]


def test_an_overruled_grade_can_be_followed() -> None:
    play = Play(OPENED)
    play.allocate()
    answers = {f"Q{n}": RiskAnswer.YES for n in range(1, 15)}
    play.do(
        AssessRisk(at=play.now, tool=RiskTool.DASH_ACPO_27, answers=answers, others=RiskAnswer.NO)
    )
    play.do(decline(play, next(r for r in play.state.recommendations)))
    assert held(play) == "MEDIUM"
    ref = next(iter(play.state.risk.declined))
    play.supervise(
        ReviewRecommendation(
            at=play.now, recommendation_id=ref, decision="OVERRULE", reason="AS_THE_TOOL_SAYS"
        )
    )
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="TOOL_RESULT"))
    rules = [r.rule for r in play.state.recommendations.values()]
    assert (held(play), "RISK_GRADE" in rules) == ("HIGH", False)


def test_what_decisions_are_refused_for() -> None:
    play = with_recommendation()
    assert refused(play, decline(play, "REC-009")) == "UNKNOWN_RECOMMENDATION"
    assert refused(play, decline(play), OTHER_DALO) == "NOT_YOUR_CASE"
    late = decline(play).model_copy(update={"at": play.now + timedelta(hours=1)})
    assert refused(play, late) == "IN_FUTURE"
    early = decline(play).model_copy(update={"at": OPENED - timedelta(hours=1)})
    assert refused(play, early) == "BEFORE_CASE"
    not_declined = review(play, "UPHOLD")
    assert refused(play, not_declined, SERGEANT, Role.SUPERVISOR) == "UNKNOWN_RECOMMENDATION"
    play.do(decline(play))
    assert refused(play, review(play, "UPHOLD")) == "SUPERVISOR_ONLY"
    no_reason = review(play, "OVERRULE")
    assert refused(play, no_reason, SERGEANT, Role.SUPERVISOR) == "REASON_NEEDED"
    # The officer who declined has been made sergeant meanwhile.
    assert refused(play, review(play, "UPHOLD"), DALO, Role.SUPERVISOR) == "SAME_PERSON"


def test_the_review_of_what_was_declined_falls_to_the_area_where_no_supervisor_is_known() -> None:
    play = with_recommendation()
    play.state.supervisor_id = ""
    play.do(decline(play))
    assert [task.owner for task in tasks(play, "REVIEW_DECLINED")] == ["SUPERVISOR@Medway"]
