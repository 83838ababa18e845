"""Referrals to an IDVA as far along as a test needs them."""

from __future__ import annotations

from typing import Any

from models.commands import RecordReferralAttempt
from models.enums import AttemptResult, ReferralPathway
from tests.models.conftest import at
from tests.models.play_referral import Play

SERVICE = "IDVA_PARTNER@Medway"
SENT = at("2027-05-04 11:00")


def idva(**changes: Any) -> Play:
    """A referral sent on Tue 4 May 2027 11:00."""
    return Play(ReferralPathway.IDVA, changes.pop("submitted_at", SENT), **changes)


def attempt(play: Play, when: str, result: AttemptResult = AttemptResult.NO_ANSWER) -> None:
    play.to(at(when)).do(RecordReferralAttempt(at=at(when), result=result))
