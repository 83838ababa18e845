"""What a tool's answers come to: counts, critical answers, and the grade that they point to.

A grade is structured professional judgement, not arithmetic (docs/domain.md 2.5): what is computed
here is only ever a recommendation.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.base import Record
from models.duties.risk import GradeRule
from models.enums import RiskAnswer, RiskGrade, RiskMark
from models.risk_tools.tool import Tool

SAID = (RiskAnswer.YES, RiskAnswer.OCCASIONALLY, RiskAnswer.OFTEN, RiskAnswer.ALL_THE_TIME)
"""Answers that something happens."""
FREQUENT = (RiskAnswer.OFTEN, RiskAnswer.ALL_THE_TIME)
ORDER = (RiskGrade.STANDARD, RiskGrade.MEDIUM, RiskGrade.HIGH)


class ToolResult(Record):
    """Counts of one assessment. `yes` is None for tools by frequency, `frequent` for the others.
    `marks` are what its critical answers are about, each once, in order of the questions."""

    yes: int | None
    frequent: int | None
    refused: int
    not_asked: int
    marks: tuple[RiskMark, ...]

    @property
    def complete(self) -> bool:
        """Whether every question was put and none was refused."""
        return self.refused == 0 and self.not_asked == 0


def result_of(tool: Tool, answers: Mapping[str, RiskAnswer]) -> ToolResult:
    """The counts; a question without an answer was not asked."""
    given = [answers.get(code, RiskAnswer.NOT_ASKED) for code in tool.codes]
    marks = [
        question.mark
        for question, answer in zip(tool.questions, given, strict=True)
        if question.mark is not None and answer in SAID
    ]
    return ToolResult(
        yes=None if tool.frequency else given.count(RiskAnswer.YES),
        frequent=sum(answer in FREQUENT for answer in given) if tool.frequency else None,
        refused=given.count(RiskAnswer.REFUSED),
        not_asked=given.count(RiskAnswer.NOT_ASKED),
        marks=tuple(dict.fromkeys(marks)),
    )


def recommended_grade(result: ToolResult, rule: GradeRule, high_ticks: int | None) -> RiskGrade:
    """The grade that the answers point to. `high_ticks` is the tool's threshold of visible high
    risk; None where it has none. Refused or missing answers never leave less than MEDIUM."""
    if (
        _reached(result.yes, high_ticks)
        or _reached(len(result.marks), rule.high_marks)
        or _reached(result.frequent, rule.high_frequent)
    ):
        return RiskGrade.HIGH
    if (
        not result.complete
        or _reached(result.yes, rule.medium_yes)
        or _reached(len(result.marks), rule.medium_marks)
        or _reached(result.frequent, rule.medium_frequent)
    ):
        return RiskGrade.MEDIUM
    return RiskGrade.STANDARD


def highest(*grades: RiskGrade) -> RiskGrade:
    """The highest of some grades."""
    return max(grades, key=ORDER.index)


def lower(grade: RiskGrade, than: RiskGrade) -> bool:
    """Whether a grade is lower than another."""
    return ORDER.index(grade) < ORDER.index(than)


def _reached(count: int | None, threshold: int | None) -> bool:
    return count is not None and threshold is not None and count >= threshold
