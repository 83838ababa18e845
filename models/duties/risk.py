"""Values of risk assessment (docs/domain.md 2.5, 5, 9.2)."""

from __future__ import annotations

from pydantic import Field, model_validator

from models.duties.base import DutiesRecord
from models.enums import RiskGrade, RiskTool, SuspectStatus


class GradeRule(DutiesRecord):
    """From how many answers a tool points to a grade; None: that count says nothing. The ticks of
    HIGH are those of MARAC's visible high risk (`marac.visible_high_risk_ticks`)."""

    medium_yes: int | None = Field(default=None, gt=0)
    medium_marks: int | None = Field(default=None, gt=0)
    """Critical answers, each topic once."""
    high_marks: int | None = Field(default=None, gt=0)
    medium_frequent: int | None = Field(default=None, gt=0)
    """Answers `OFTEN` or `ALL_THE_TIME`, in tools by frequency."""
    high_frequent: int | None = Field(default=None, gt=0)


class RiskDuty(DutiesRecord):
    """What grades are recommended by, what makes a new assessment due, when stalking is screened.

    `history_months` is how long a joined report's date is kept for the escalation criterion."""

    grade: dict[RiskTool, GradeRule]
    working_grade_at_least: RiskGrade
    """The working grade where answers were refused or questions left out."""
    reassess_on: tuple[SuspectStatus, ...]
    stalking_acts: int = Field(gt=1)
    """Unwanted acts known that make a stalking screen due."""
    history_months: int = Field(gt=0)
    basis: str = Field(min_length=1)

    @model_validator(mode="after")
    def _every_tool(self) -> RiskDuty:
        missing = [t.value for t in RiskTool if t is not RiskTool.OTHER and t not in self.grade]
        if missing:
            raise ValueError(f"grade lacks {', '.join(missing)}")
        return self
