"""Commands of risk: assessment, judgement, stalking, recommendations (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import DataClass, write_of
from models.enums import RiskAnswer, RiskGrade, RiskTool, YesNoUnknown

Completer = Annotated[
    str, Field(pattern=r"^(?:[A-Z]{1,4}[ -]?\d{1,8}|[A-Z][A-Z0-9_]*)?$", max_length=40)
]
"""Who put the questions: a collar number (`PC 5001`) or an agency as a code (`IDVA`)."""


class AssessRisk(Record):
    """Answers to a risk tool, question by question; the tool's count recommends a grade."""

    kind: Literal["assess-risk"] = "assess-risk"
    at: datetime
    tool: RiskTool
    answers: dict[str, RiskAnswer] = Field(default_factory=dict)
    others: RiskAnswer = RiskAnswer.NOT_ASKED
    """The answer to every question that is not named."""
    refused: bool = False
    """The victim refused the whole tool."""
    suicide_self_harm: bool = False
    """Suicide or self-harm of the victim, linked to the abuse, is a risk."""
    completer: Completer = ""
    incident_ref: str = ""
    note_ref: str = ""


class ReviewGrade(Record):
    """A supervisor's review of the grade: upheld, or graded again with a reason."""

    kind: Literal["review-grade"] = "review-grade"
    at: datetime
    grade: RiskGrade | None = None
    reason: Code | Literal[""] = ""
    note_ref: str = ""


class ProfessionalJudgement(Record):
    """An officer's judgement that the case belongs before MARAC, whatever the counts say."""

    kind: Literal["professional-judgement"] = "professional-judgement"
    at: datetime
    reason: Code
    withdrawn: bool = False
    note_ref: str = ""


class RecordUnwantedAct(Record):
    """Unwanted acts that came to be known; a second one makes a stalking screen due. Where the two
    were referred to MARAC before, they may be a repeat."""

    kind: Literal["record-unwanted-act"] = "record-unwanted-act"
    at: datetime
    count: int = Field(default=1, ge=1, le=1000)
    last_act_at: datetime | None = None
    """When the last of them was; left out, when it came to be known."""
    perpetrator_ref: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$", max_length=40)
    """Whose acts; left out, the one perpetrator that the case knows."""
    incident_ref: str = ""
    note_ref: str = ""


class ScreenStalking(Record):
    """The stalking screen: is it fixated, obsessive, unwanted, repeated, and how many acts."""

    kind: Literal["screen-stalking"] = "screen-stalking"
    at: datetime
    fixated: YesNoUnknown
    obsessive: YesNoUnknown
    unwanted: YesNoUnknown
    repeated: YesNoUnknown
    unwanted_acts: int = Field(ge=0, le=10000)
    incident_ref: str = ""
    note_ref: str = ""


class DeclineRecommendation(Record):
    """An officer does not follow a recommendation, with a reason; a supervisor looks at it."""

    kind: Literal["decline-recommendation"] = "decline-recommendation"
    at: datetime
    recommendation_id: str
    reason: Code
    note_ref: str = ""


class ReviewRecommendation(Record):
    """A supervisor upholds that a recommendation was declined, or overrules it."""

    kind: Literal["review-recommendation"] = "review-recommendation"
    at: datetime
    recommendation_id: str
    decision: Literal["UPHOLD", "OVERRULE"]
    reason: Code | Literal[""] = ""
    note_ref: str = ""


RiskCommand = (
    AssessRisk
    | ReviewGrade
    | ProfessionalJudgement
    | RecordUnwantedAct
    | ScreenStalking
    | DeclineRecommendation
    | ReviewRecommendation
)

NEEDS = {
    "assess-risk": write_of(DataClass.RISK_ASSESSMENT),
    "review-grade": write_of(DataClass.APPROVALS),
    "professional-judgement": write_of(DataClass.RISK_ASSESSMENT),
    "record-unwanted-act": write_of(DataClass.RISK_ASSESSMENT),
    "screen-stalking": write_of(DataClass.RISK_ASSESSMENT),
    "decline-recommendation": write_of(DataClass.RISK_ASSESSMENT, DataClass.APPROVALS),
    "review-recommendation": write_of(DataClass.APPROVALS),
}
"""What each command needs of the access matrix."""
