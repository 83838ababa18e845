"""When a case may close (docs/domain.md 9.4)."""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord


class ClosureDuty(DutiesRecord):
    """`stable_days`: how long the risk must have been reduced or stable, no rise of the grade and
    no new incident."""

    stable_days: int = Field(default=56, ge=0, le=366)
    basis: str = "docs/domain.md 9.4: risk reduced or stable for at least 56 days [assumed]"
