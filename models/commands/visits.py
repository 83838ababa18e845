"""Commands of hidden-harm visits (docs/domain.md 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.data_classes import Action, DataClass, write_of
from models.enums import (
    ArrestReason,
    CheckResult,
    LifeConcern,
    RiskGrade,
    SafetyMeasure,
    VisitCheck,
    VisitOutcome,
    VisitRule,
)


class SelectVisit(Record):
    """Select the victim for a hidden-harm visit; a supervisor then authorises or refuses it."""

    kind: Literal["select-visit"] = "select-visit"
    at: datetime
    selected_for: tuple[VisitRule, ...] = Field(min_length=1)
    note_ref: str = ""


class CheckVisit(Record):
    """What the checks before a visit found, and what was chosen."""

    kind: Literal["check-visit"] = "check-visit"
    at: datetime
    checks: dict[VisitCheck, CheckResult] = Field(min_length=1)
    note_ref: str = ""


class AuthoriseVisit(Record):
    """A supervisor authorises a visit, or a further attempt, between two times."""

    kind: Literal["authorise-visit"] = "authorise-visit"
    at: datetime
    opens_at: datetime
    until: datetime
    safer_because: Code | None = None
    """Why a time outside the safe windows is safer; needed there."""
    checks: dict[VisitCheck, CheckResult] = Field(default_factory=dict)
    note_ref: str = ""


class RefuseVisit(Record):
    """A supervisor refuses a selected visit, with a reason."""

    kind: Literal["refuse-visit"] = "refuse-visit"
    at: datetime
    reason: Code
    note_ref: str = ""


class RecordVisit(Record):
    """An attempt at a visit and everything that came of it; several outcomes may apply."""

    kind: Literal["record-visit"] = "record-visit"
    at: datetime
    outcomes: tuple[VisitOutcome, ...] = Field(min_length=1)
    primary: VisitOutcome | None = None
    """The outcome that counts most; left out where there is one only."""
    double_crew: bool = False
    children_seen: int | None = Field(default=None, ge=0, le=30)
    children_spoken_to: int | None = Field(default=None, ge=0, le=30)
    injuries_seen: bool = False
    injuries_photographed: bool = False
    order_breached: bool = False
    arrest_reason: ArrestReason | None = None
    safeguarding: tuple[SafetyMeasure, ...] = ()
    """What was agreed; each becomes an action of the case."""
    safety_details_given: bool = False
    """Number, code word and safe times were given."""
    life_concern: bool = False
    grade_hint: RiskGrade | None = None
    """The grade that the visit suggests; the officer decides (regrade)."""
    note_ref: str = ""


class ReviewVisit(Record):
    """A supervisor looks at a visit that failed or was unsafe: another attempt, or its end."""

    kind: Literal["review-visit"] = "review-visit"
    at: datetime
    decision: Literal["ANOTHER_ATTEMPT", "END", "NOTED"]
    reason: Code
    note_ref: str = ""


class ConsiderMissingPerson(Record):
    """After three failed visits with concern for life: a missing-person report, entry under PACE
    s17, or the victim found safe."""

    kind: Literal["consider-missing-person"] = "consider-missing-person"
    at: datetime
    outcome: LifeConcern
    note_ref: str = ""


VisitCommand = (
    SelectVisit
    | CheckVisit
    | AuthoriseVisit
    | RefuseVisit
    | RecordVisit
    | ReviewVisit
    | ConsiderMissingPerson
)
NEEDS: dict[str, Action] = {
    "select-visit": write_of(DataClass.HIDDEN_HARM_VISITS),
    "check-visit": write_of(DataClass.HIDDEN_HARM_VISITS),
    "authorise-visit": write_of(DataClass.APPROVALS),
    "refuse-visit": write_of(DataClass.APPROVALS),
    "record-visit": write_of(DataClass.HIDDEN_HARM_VISITS),
    "review-visit": write_of(DataClass.APPROVALS),
    "consider-missing-person": write_of(DataClass.APPROVALS),
}
