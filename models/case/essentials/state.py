"""Death, legal hold, threat to life, counter-allegations (docs/domain.md 16a): open items only."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from models.base import Record, State
from models.enums import GraveHarm, Party


class Freeze(Record):
    """Who died or was gravely hurt, and when it was recorded."""

    party: Party
    harm: GraveHarm
    at: datetime


class LegalHold(Record):
    """Nothing of the case may be erased."""

    reason: str
    placed_by: str
    placed_at: datetime


class Threat(Record):
    """A threat to life under review."""

    warned: str
    warned_by: str
    authorised_by: str
    at: datetime


class EssentialFacts(State):
    """State of the essentials strand."""

    freezes: list[Freeze] = Field(default_factory=list)
    holds: dict[str, LegalHold] = Field(default_factory=dict)
    threats: dict[str, Threat] = Field(default_factory=dict)
    disclosures: dict[str, datetime] = Field(default_factory=dict)
    """Open disclosure requests by reference, with when they are due."""
    aggressor_reviews: dict[str, list[str]] = Field(default_factory=dict)
    """Incidents that wait for a primary-aggressor review, with those that say the opposite."""
    aggressor_reviewed: list[str] = Field(default_factory=list)
    other_victims: dict[str, list[str]] = Field(default_factory=dict)
    """Other victims of an incident, by reference: each has a case of their own, never mixed."""

    @property
    def frozen(self) -> bool:
        """Whether nothing may be sent and no clock may drive contact."""
        return bool(self.freezes)
