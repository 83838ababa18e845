"""Risk tools as data: as many questions as the tool has, answered as that tool is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.duties.risk import GradeRule
from models.enums import RiskAnswer, RiskGrade, RiskMark, RiskTool
from models.policy import load_policy
from models.risk_tools import TOOLS, recommended_grade, result_of
from models.risk_tools.result import ORDER
from tests.models.conftest import POLICY

KENT = load_policy(POLICY / "kent-2.yaml")
RULES = KENT.of_duties.risk.grade


@pytest.mark.parametrize(
    ("tool", "count"),
    [(RiskTool.DASH_ACPO_27, 27), (RiskTool.DASH_SAFELIVES_24, 24), (RiskTool.SDASH, 11)],
)
def test_a_tool_has_its_number_of_questions(tool: RiskTool, count: int) -> None:
    assert TOOLS[tool].codes == tuple(f"Q{n}" for n in range(1, count + 1))


def test_every_tool_but_other_is_known_with_version_and_topics() -> None:
    assert set(TOOLS) == set(RiskTool) - {RiskTool.OTHER}
    for tool in TOOLS.values():
        assert tool.version and tool.source
        assert all(question.topic for question in tool.questions)


@pytest.mark.parametrize("tool", [RiskTool.DASH_ACPO_27, RiskTool.DASH_SAFELIVES_24, RiskTool.DARA])
def test_the_critical_questions_are_marked(tool: RiskTool) -> None:
    marks = {question.mark for question in TOOLS[tool].questions}
    assert marks >= {
        RiskMark.STRANGULATION,
        RiskMark.SELF_HARM,
        RiskMark.WEAPON,
        RiskMark.ESCALATION,
        RiskMark.STALKING,
    }


def test_frequencies_are_the_dara_s_only_and_refusing_is_everybodys() -> None:
    for tool in TOOLS.values():
        assert (RiskAnswer.OFTEN in tool.answers) is (tool.tool is RiskTool.DARA)
        assert (RiskAnswer.YES in tool.answers) is (tool.tool is not RiskTool.DARA)
        assert {RiskAnswer.REFUSED, RiskAnswer.NOT_ASKED, RiskAnswer.DONT_KNOW} <= set(tool.answers)


def test_what_is_not_answered_was_not_asked() -> None:
    result = result_of(
        TOOLS[RiskTool.DASH_ACPO_27], {"Q1": RiskAnswer.YES, "Q2": RiskAnswer.REFUSED}
    )
    assert (result.yes, result.refused, result.not_asked, result.complete) == (1, 1, 25, False)


def test_the_dara_has_no_tick_count() -> None:
    dara = TOOLS[RiskTool.DARA]
    result = result_of(dara, dict.fromkeys(dara.codes, RiskAnswer.ALL_THE_TIME))
    assert (result.yes, result.frequent) == (None, len(dara.codes))
    assert recommended_grade(result, RULES[RiskTool.DARA], None) is RiskGrade.HIGH


def answered(tool: RiskTool, yes: int, *, critical: bool = False) -> RiskGrade:
    """The grade of so many ticks, of questions that are critical or not."""
    questions = sorted(TOOLS[tool].questions, key=lambda q: (q.mark is None) is critical)
    ticked = {q.code for q in questions[:yes]}
    answers = {
        code: RiskAnswer.YES if code in ticked else RiskAnswer.NO for code in TOOLS[tool].codes
    }
    ticks = KENT.marac.visible_high_risk_ticks.get(tool)
    return recommended_grade(result_of(TOOLS[tool], answers), RULES[tool], ticks)


@pytest.mark.parametrize(
    ("yes", "grade"),
    [
        (0, RiskGrade.STANDARD),
        (9, RiskGrade.STANDARD),
        (12, RiskGrade.MEDIUM),
        (13, RiskGrade.MEDIUM),
        (14, RiskGrade.HIGH),
        (27, RiskGrade.HIGH),
    ],
)
def test_ticks_point_to_a_grade(yes: int, grade: RiskGrade) -> None:
    assert answered(RiskTool.DASH_ACPO_27, yes) is grade


def test_one_critical_answer_points_to_medium() -> None:
    assert answered(RiskTool.DASH_ACPO_27, 1) is RiskGrade.STANDARD
    assert answered(RiskTool.DASH_ACPO_27, 1, critical=True) is RiskGrade.MEDIUM


def test_a_band_of_ten_points_to_medium_even_without_a_critical_answer() -> None:
    rule = GradeRule(medium_yes=10)
    plain = [q.code for q in TOOLS[RiskTool.DASH_ACPO_27].questions if q.mark is None]
    ten = [*plain, *[c for c in TOOLS[RiskTool.DASH_ACPO_27].codes if c not in plain]][:10]
    for count, grade in ((9, RiskGrade.STANDARD), (10, RiskGrade.MEDIUM)):
        answers = dict.fromkeys(TOOLS[RiskTool.DASH_ACPO_27].codes, RiskAnswer.NO)
        answers |= dict.fromkeys(ten[:count], RiskAnswer.YES)
        result = result_of(TOOLS[RiskTool.DASH_ACPO_27], answers)
        assert recommended_grade(result, rule, 14) is grade


@given(st.data(), st.sampled_from(list(TOOLS)))
def test_refused_or_left_out_never_points_to_standard(data: st.DataObject, name: RiskTool) -> None:
    tool = TOOLS[name]
    answers = data.draw(st.dictionaries(st.sampled_from(tool.codes), st.sampled_from(tool.answers)))
    result = result_of(tool, answers)
    grade = recommended_grade(result, RULES[name], KENT.marac.visible_high_risk_ticks.get(name))
    assert result.complete or grade is not RiskGrade.STANDARD


@given(st.data(), st.sampled_from([RiskTool.DASH_ACPO_27, RiskTool.DASH_SAFELIVES_24]))
def test_one_more_yes_never_lowers_the_grade(data: st.DataObject, name: RiskTool) -> None:
    tool = TOOLS[name]
    ticks = KENT.marac.visible_high_risk_ticks[name]
    answers = dict.fromkeys(tool.codes, RiskAnswer.NO)
    last = RiskGrade.STANDARD
    for code in data.draw(st.permutations(tool.codes)):
        answers[code] = RiskAnswer.YES
        grade = recommended_grade(result_of(tool, answers), RULES[name], ticks)
        assert ORDER.index(grade) >= ORDER.index(last)
        last = grade
    assert last is RiskGrade.HIGH


def test_the_manual_gives_every_question_as_it_is() -> None:
    manual = (POLICY.parent / "docs" / "commands" / "risk.md").read_text("utf-8")
    for tool in TOOLS.values():
        told = [
            f"{q.code} {q.topic}" + (f" [{q.mark.value}]" if q.mark else "") for q in tool.questions
        ]
        assert "; ".join(told) in manual
        assert f"**{tool.tool.value}**, version {tool.version}" in manual
