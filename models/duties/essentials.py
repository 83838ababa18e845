"""Policy of what freezes or holds a case."""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord


class EssentialPolicy(DutiesRecord):
    """How soon the tasks after a death, a serious injury or a disclosure request are due
    (docs/domain.md 16a)."""

    complaints_referral_hours: int = Field(default=24, gt=0)
    homicide_review_hours: int = Field(default=168, gt=0)
    disclosure_days: int = Field(default=14, gt=0)
    """Where a disclosure request names no date."""
    basis: str = "docs/domain.md 16a [assumed]"
