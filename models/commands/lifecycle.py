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


class AskClosure(Record):
    """The DALO asks for closure; another person, a supervisor, decides."""

    kind: Literal["ask-closure"] = "ask-closure"
    at: datetime
    reason: ClosureReason
    victim_told: bool = False
    note_ref: str = ""


class CloseCase(Record):
    """A supervisor agrees to closure; open obligations block it by name."""

    kind: Literal["close-case"] = "close-case"
    at: datetime
    reason: ClosureReason
    victim_told: bool = False
    note_ref: str = ""
    not_told_reason: Code | None = None
    """Why the victim was not told: it would not be safe, for example."""
    hand_to: str = ""
    """The OIC or supervisor who answers for what runs on: orders, notifications."""
    override_reason: Code | None = None
    """An inspector closes although something cannot be settled."""


class RefuseClosure(Record):
    """A supervisor refuses a closure that was asked for, with a reason: the case goes on."""

    kind: Literal["refuse-closure"] = "refuse-closure"
    at: datetime
    reason: Code


class ReopenCase(Record):
    """A supervisor reopens a closed case under its own reference; contact is owed from now."""

    kind: Literal["reopen-case"] = "reopen-case"
    at: datetime
    reason: Code
    dalo_id: str = ""
    """Another DALO than the one who had it."""


LifecycleCommand = (
    Regrade | ReviewCase | Reassign | AskClosure | CloseCase | RefuseClosure | ReopenCase
)
