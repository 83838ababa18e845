"""Referral to an IDVA (docs/domain.md 6)."""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord


class IdvaDuty(DutiesRecord):
    """How often an IDVA tries before the referral goes back to the DALO; the days for it are those
    of the clock IDVA_ATTEMPTS. Attempts on one day count apart where so many hours lie between."""

    attempts: int = Field(default=3, gt=0)
    attempts_apart_hours: int = Field(default=2, gt=0)
    basis: str = "docs/domain.md 6: 3 attempts on different days or times in 7 days [assumed]"
