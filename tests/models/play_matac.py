"""MATAC referrals as far along as a test needs them: walk-through (iv)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from models.base import Refused
from models.commands import ReviewReferral
from models.enums import ReferralPathway, Role
from models.enums import ReferralState as S
from models.messages import Heard
from tests.models.conftest import at
from tests.models.play_referral import Play

COORDINATOR = "MATAC_COORDINATOR@Medway"
MEETING = "meeting/MATAC/Medway/2027-07-05/1"
RUN = at("2027-07-01 06:00")
CASES = ("CASE-2027-00004", "CASE-2027-00005", "CASE-2027-00006")
SCORES = {"score": 80.2, "rank": 3, "recency": 100, "frequency": 80, "gravity": 72, "victims": 75}

PARTS: dict[str, Any] = {"recency": 25, "frequency": 80, "gravity": 72, "victims": 75}
VICTIMS = dict(zip(("VIC-0004", "VIC-0005", "VIC-0006"), CASES, strict=True))


def matac(**changes: Any) -> Play:
    """Walk-through (iv): PER-0004 scored by the monthly run of 1 July 2027."""
    given = {
        "asked_by": "SYSTEM",
        "case_ref": "",
        "victim_ref": "",
        "dalo_id": "",
        "consent_status": None,
        "facts": {**SCORES, "cases": list(CASES)},
        **changes,
    }
    return Play(ReferralPathway.MATAC, RUN, **given)


def decided(play: Play, decision: str, when: datetime) -> None:
    play.to(when)
    told = Heard(message_id=f"h-{when}", meeting=MEETING, at=when, decision=decision)
    play.tell(told)


def active() -> Play:
    """Selected, profiled, and first met about on Mon 5 July 2027."""
    play = matac()
    play.move(S.NOMINATED)
    decided(play, "SELECTED", at("2027-07-01 12:00"))
    play.move(S.PROFILED, facts={"profile_ref": "PROFILE-4"})
    play.to(at("2027-07-05 10:00")).move(S.ACTIVE)
    return play


def review(play: Play, when: datetime) -> None:
    play.to(when).do(ReviewReferral(at=when))


def refused(play: Play, command: Any, role: Role | None = None) -> str:
    with pytest.raises(Refused) as caught:
        play.do(command, role)
    assert caught.value.remedy
    return caught.value.code
