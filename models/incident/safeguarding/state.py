"""Safeguarding children and adults (docs/domain.md 10).

What is kept: open items only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from models.base import Record, State
from models.enums.safeguarding import ChildAge, ChildGround, ChildPresence, Schooling


class Child(Record):
    """A child by reference, with what the duties turn on. `told`: a school or the council knows
    (Operation Encompass); `skipped`: an officer found that none is to be told of the child as it
    was recorded then."""

    child_ref: str
    age: ChildAge
    schooling: Schooling
    resident: bool
    presence: ChildPresence
    known_at: datetime
    told: bool = False
    skipped: bool = False

    @property
    def concerned(self) -> bool:
        """Whether the child lives in the household or was there when it happened."""
        return self.resident or self.presence is ChildPresence.PRESENT


class Duty(StrEnum):
    """How a duty stands that arises once its grounds are known."""

    NONE = "NONE"
    OWED = "OWED"
    DONE = "DONE"
    REASONED = "REASONED"
    """Not done, and the reason is on record."""


class SafeguardingFacts(State):
    """Safeguarding children and adults (docs/domain.md 10)."""

    children: dict[str, Child] = Field(default_factory=dict)
    unnamed_told: bool = False
    """Operation Encompass is done with for children that the report counts and nobody named."""
    grounds: tuple[ChildGround, ...] = ()
    """Why children's social care is told, as found so far."""
    referral: Duty = Duty.NONE
    notified: bool = False
    care: Duty = Duty.NONE
