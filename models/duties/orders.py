"""Court orders and notices."""

from __future__ import annotations

from pydantic import Field

from models.duties.base import DutiesRecord
from models.enums import PoliceRank


class OrdersPolicy(DutiesRecord):
    """What law asks of an order before it can be made (docs/domain.md 11)."""

    adult_age: int = Field(default=18, gt=0)
    """The least age of the respondent of a police notice."""
    dvpn_rank: PoliceRank = PoliceRank.SUPERINTENDENT
    dapn_rank: PoliceRank = PoliceRank.INSPECTOR
    dvpo_days_least: int = Field(default=14, gt=0)
    dvpo_days_most: int = Field(default=28, gt=0)
    spo_months_least: int = Field(default=24, gt=0)
    basis: str
