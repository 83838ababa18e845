"""What may be told to a referral (docs/domain.md 6, 8)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from models.base import Record
from models.commands.base import Code
from models.data_classes import DataClass, write_of


class WithdrawReferral(Record):
    """The referral was made in error; the reason stays on record."""

    kind: Literal["withdraw-referral"] = "withdraw-referral"
    at: datetime
    reason: Code


ReferralCommandKinds = WithdrawReferral

NEEDS = {"withdraw-referral": write_of(DataClass.REFERRALS)}
"""What each command needs of the access matrix."""
