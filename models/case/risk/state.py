"""What a case keeps of risk: the last assessment, what the criteria are judged on, what waits.

Open items only; earlier assessments and answers are in the ledger (docs/domain.md 2.5, 5)."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record, State
from models.case.recommending import Recommendation
from models.enums import RiskGrade, RiskMark, RiskTool
from models.marac_criteria import DatedEvent, TickCount


class Assessment(Record):
    """The last use of a tool: its counts and what its critical answers are about. `yes` is None
    where ticks are not counted."""

    assessment_id: str
    tool: RiskTool
    tool_version: str
    at: datetime
    yes: int | None
    refused: int
    not_asked: int
    marks: tuple[RiskMark, ...] = ()
    complete: bool
    incident_ref: str = ""


class ReportDate(DatedEvent):
    """A report of the victim as the criteria see it, by its newest version; 0 where it came before
    the case and did not join it."""

    version: int
    stalking: bool = False


class Judgement(Record):
    """An officer's professional judgement that the case belongs before MARAC."""

    at: datetime
    stated_by: str
    reason: str


class StalkingScreen(Record):
    """The last screen by FOUR: fixated, obsessive, unwanted, repeated."""

    at: datetime
    all_yes: bool
    unwanted_acts: int


class Declined(Record):
    """A recommendation that an officer declined and a supervisor has not looked at yet. `command`
    is what would have settled it."""

    recommendation: Recommendation
    declined_by: str
    at: datetime
    reason: str
    command: str


class RiskFacts(State):
    """Risk: tools by question, grading, review, recommendations (docs/domain.md 2.5, 5)."""

    last: Assessment | None = None
    """The last assessment with a general tool."""
    last_screen: Assessment | None = None
    """The last with a stalking tool, which stands beside the general one and never for it."""
    assessed_at: datetime | None = None
    """When a general tool was last used; re-assessment counts from here."""
    counts_from: datetime | None = None
    """Where re-assessment counts from until a tool was used here."""
    graded_at: datetime | None = None
    """When the grade in force was given; for a report's, when it was reported."""
    grade_told: dict[str, RiskGrade] = Field(default_factory=dict)
    """The grade that each joined incident goes by, by its report or because it was told."""
    review_since: datetime | None = None
    """Since when an officer's own grade waits for the supervisor's review."""
    reassess_since: datetime | None = None
    """The event after which the risk has not been assessed again."""
    reassess_why: str = ""
    high_ticks: dict[RiskTool, TickCount] = Field(default_factory=dict)
    """The last count of each tool whose ticks are counted: by an officer or on a report."""
    suicide_self_harm_at: datetime | None = None
    """Since when suicide or self-harm linked to the abuse is a known risk of the victim."""
    judgement: Judgement | None = None
    report_dates: list[ReportDate] = Field(default_factory=list)
    """Joined incidents of the months that policy keeps, the oldest first."""
    unwanted_acts: int = 0
    acts_since_screen: int = 0
    screen_since: datetime | None = None
    """When enough unwanted acts were known; None while no stalking screen is due."""
    screen: StalkingScreen | None = None
    declined: dict[str, Declined] = Field(default_factory=dict)
    """By recommendation id."""

    @property
    def newest(self) -> Assessment | None:
        """The last assessment with any tool."""
        found = [each for each in (self.last, self.last_screen) if each is not None]
        return max(found, key=lambda each: each.at, default=None)

    @property
    def first_reported_at(self) -> datetime | None:
        """When the first incident of the case was reported, of those that are still kept."""
        joined = [date.reported_at for date in self.report_dates if date.version > 0]
        return min(joined, default=None)
