"""Policy of hidden-harm visits."""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord
from models.enums import VisitCheck


class VisitPolicy(DutiesRecord):
    """Whom to select for a visit, and how a visit is prepared and tried again (docs/domain.md 7).
    Times of day are London wall-clock hours."""

    repeat_reports: int = Field(default=2, ge=2)
    repeat_within_days: int = Field(default=90, gt=0)
    """So many reports within so many days select a repeat victim."""
    silence_days: int = Field(default=14, gt=0)
    """An order or bail in force and no contact for so long."""
    longest_authority_hours: int = Field(default=24, gt=0)
    """An authority for a visit is limited in time."""
    checks_to_authorise: tuple[VisitCheck, ...] = (
        VisitCheck.SUSPECT,
        VisitCheck.WARNING_MARKERS,
        VisitCheck.CHILDREN,
        VisitCheck.DOGS,
        VisitCheck.ORDERS,
        VisitCheck.BAIL,
        VisitCheck.SAFE_CONTACT_PLAN,
    )
    """What a supervisor must know before authorising; every check is needed before the visit."""
    parts_of_day: tuple[int, ...] = (6, 12, 17, 22)
    """The hours at which morning, afternoon, evening and night begin."""
    review_after_fails: int = Field(default=2, gt=0)
    missing_after_fails: int = Field(default=3, gt=0)
    measure_days: int = Field(default=7, gt=0)
    """A safeguarding measure agreed at a visit is an action due then."""
    basis: str = "docs/domain.md 7 [assumed]"
