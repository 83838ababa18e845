"""What a risk tool consists of: numbered questions on topics, and how they are answered.

Topics are named in words of our own: the form's own wording is what an officer reads out.
"""

from __future__ import annotations

from models.base import Record
from models.enums import RiskAnswer, RiskMark, RiskTool

TICKS = (RiskAnswer.YES, RiskAnswer.NO)
FREQUENCIES = (
    RiskAnswer.NEVER,
    RiskAnswer.OCCASIONALLY,
    RiskAnswer.OFTEN,
    RiskAnswer.ALL_THE_TIME,
)
ANYWHERE = (RiskAnswer.DONT_KNOW, RiskAnswer.NOT_ASKED, RiskAnswer.REFUSED)
"""Answers of every tool."""


class Question(Record):
    """One question: its code in the tool (`Q1`), its topic, and what it is critical for."""

    code: str
    topic: str
    mark: RiskMark | None = None


class Tool(Record):
    """One version of a tool. A question keeps its code for ever; another list of questions is
    another version. `frequency` tools are answered by how often, so that a count of ticks means
    nothing; `stalking` tools screen for stalking beside a general one."""

    tool: RiskTool
    version: str
    questions: tuple[Question, ...]
    frequency: bool = False
    stalking: bool = False
    source: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The questions' codes in order."""
        return tuple(question.code for question in self.questions)

    @property
    def answers(self) -> tuple[RiskAnswer, ...]:
        """What its questions may be answered with."""
        return (*(FREQUENCIES if self.frequency else TICKS), *ANYWHERE)


def questions(*topics: str | tuple[str, RiskMark]) -> tuple[Question, ...]:
    """Topics in order as questions `Q1` to `Qn`; a pair names what the question is critical for."""
    found = []
    for number, given in enumerate(topics, 1):
        topic, mark = (given, None) if isinstance(given, str) else given
        found.append(Question(code=f"Q{number}", topic=topic, mark=mark))
    return tuple(found)
