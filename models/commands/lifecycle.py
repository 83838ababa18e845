"""Commands of the case itself: grade, review, officer, closure (docs/domain.md 2, 9.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from models.base import Record
from models.commands.base import Code
from models.enums import (
    ClosureReason,
    RiskGrade,
)


class Regrade(Record):
    """An officer's risk grade with its reason code; contact clocks follow it."""

    kind: Literal["regrade"] = "regrade"
    at: datetime
    grade: RiskGrade
    reason: Code


class ReviewCase(Record):
    """The 28-day case review was held."""

    kind: Literal["review-case"] = "review-case"
    at: datetime
    note_ref: str = ""


class Reassign(Record):
    """A supervisor gives the case to another DALO, with every obligation on it."""

    kind: Literal["reassign"] = "reassign"
    at: datetime
    dalo_id: str = Field(min_length=1)
    reason: Code


class CloseCase(Record):
    """A supervisor agrees to closure; open obligations block it by name."""

    kind: Literal["close-case"] = "close-case"
    at: datetime
    reason: ClosureReason
    victim_told: bool = False
    note_ref: str = ""


LifecycleCommand = Regrade | ReviewCase | Reassign | CloseCase
