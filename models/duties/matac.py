"""MATAC beside its score (docs/domain.md 8.2)."""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord


class MatacDuty(DutiesRecord):
    """`stays_from`: at or above this score a review has nothing to say for discharge; below it
    discharge is still a judgement. `barred_actions` are never actions of a MATAC."""

    stays_from: float = Field(default=60.0, ge=0, le=100)
    barred_actions: tuple[str, ...] = ("VICTIM_COOPERATION",)
    basis: str = "docs/domain.md 8.2 [assumed]; a victim's cooperation is never an action [known]"
