"""When children's social care is told, in policy (docs/domain.md 10)."""

from __future__ import annotations

from datetime import time

from pydantic import Field

from models.duties.base import DutiesRecord
from models.enums.risk import RiskGrade
from models.enums.safeguarding import ChildAge


class SafeguardingPolicy(DutiesRecord):
    """Thresholds of referral and of notification."""

    school_day_starts: time = time(8, 30)
    """London time at which schools open: told before it, told in time."""
    referral_grades: tuple[RiskGrade, ...] = (RiskGrade.HIGH,)
    """Grades that call for a referral where a child is resident."""
    notification_grades: tuple[RiskGrade, ...] = (RiskGrade.MEDIUM,)
    """Grades that call for a notification where a child was present."""
    infant_ages: tuple[ChildAge, ...] = (ChildAge.UNBORN, ChildAge.UNDER_18_MONTHS)
    incidents_in_year: int = Field(default=3, gt=1)
    """So many reports in a rolling year, this one included, with a child resident."""
    adult_from: int = Field(default=18, gt=0)
    """A victim younger than this is a child in law."""
    basis: str = "docs/domain.md 10: older Medway matrix [S68]; numbers [assumed]"
