"""Helpers of the risk tests: a case, answers to the police's Dash, what waits."""

from __future__ import annotations

import pytest

from models.base import Refused
from models.commands import (
    AssessRisk,
    CaseCommand,
)
from models.enums import (
    RiskAnswer,
    RiskGrade,
    RiskTool,
)
from models.events import Event
from models.messages import ReportArrived
from models.stream import Task
from tests.models.conftest import at
from tests.models.play import Play

OPENED = at("2027-05-10 20:00")
DASH = RiskTool.DASH_ACPO_27
YES, NO = RiskAnswer.YES, RiskAnswer.NO
PLAIN = ("Q1", "Q3", "Q4", "Q7", "Q10", "Q21", "Q22", "Q23", "Q24", "Q27")
"""Questions of the police's Dash that are not critical."""
CRITICAL = ("Q2", "Q6", "Q8", "Q9", "Q13", "Q15", "Q16", "Q17", "Q18", "Q20")


def allocated(grade: RiskGrade = RiskGrade.MEDIUM, *, pending: bool = False) -> Play:
    play = Play(OPENED, grade, pending=pending)
    play.allocate()
    return play


def dash(play: Play, *yes: str, others: RiskAnswer = NO, **more: object) -> AssessRisk:
    facts = {"at": play.now, "tool": DASH, "answers": dict.fromkeys(yes, YES), "others": others}
    return AssessRisk.model_validate({**facts, **more})


def tasks(play: Play, kind: str) -> list[Task]:
    return [task for task in play.state.tasks.values() if task.kind == kind]


def waits(play: Play) -> list[str]:
    """The grades that are recommended and wait."""
    found = play.state.recommendations.values()
    return [each.recommends for each in found if each.rule == "RISK_GRADE"]


def deciding(play: Play) -> list[Task]:
    """The tasks to decide on a grade."""
    found = play.state.recommendations
    return [t for t in tasks(play, "DECIDE") if found[t.subject].rule == "RISK_GRADE"]


def of_grade(play: Play, tag: str) -> list[Event]:
    """Events of recommendations of a grade."""
    made = [e for e in play.events("recommendation:made") if e.data["rule"] == "RISK_GRADE"]
    refs = [event.data["recommendation_id"] for event in made]
    return [e for e in play.events(tag) if e.data["recommendation_id"] in refs]


def refused(play: Play, command: CaseCommand, **who: object) -> str:
    before = play.state.model_dump()
    with pytest.raises(Refused) as caught:
        play.do(command, **who)  # type: ignore[arg-type]  # who is actor and role
    assert play.state.model_dump() == before
    assert caught.value.remedy
    return caught.value.code


def arrived(report: object, message_id: str, **more: object) -> ReportArrived:
    facts = {
        "message_id": message_id,
        "report": report,
        "received_at": OPENED,
        "grade": RiskGrade.MEDIUM,
    }
    return ReportArrived.model_validate({**facts, **more})
