"""MARAC referrals as far along as a test needs them."""

from __future__ import annotations

from typing import Any

from models.enums import ReferralPathway
from models.enums import ReferralState as S
from models.messages import ActionsSettled, Heard, Listed
from tests.models.conftest import at
from tests.models.play_referral import Play

COORDINATOR = "MARAC_COORDINATOR@Medway"
MEETING = "meeting/MARAC/Medway/2027-04-08/1"
SENT = at("2027-03-26 11:20")


def marac(**changes: Any) -> Play:
    """Walk-through (i): submitted Good Friday, 26 Mar 2027 11:20."""
    return Play(ReferralPathway.MARAC, changes.pop("submitted_at", SENT), **changes)


def accepted(**changes: Any) -> Play:
    play = marac(**changes)
    play.move(S.ACCEPTED)
    return play


def listed(play: Play, meeting: str = MEETING) -> None:
    told = Listed(
        message_id=f"listed-{meeting}-{play.now}",
        meeting=meeting,
        starts_at=at("2027-04-08 10:00"),
        at=play.now,
    )
    play.tell(told)


def heard(play: Play, actions: int = 1, decision: str = "ACTIONS_AGREED") -> None:
    told = Heard(
        message_id=f"heard-{play.now}",
        meeting=MEETING,
        at=play.now,
        decision=decision,
        actions=actions,
    )
    play.tell(told)


def settled(play: Play, left: int, *codes: str) -> None:
    told = ActionsSettled(
        message_id=f"actions-{left}-{play.now}",
        meeting=MEETING,
        open_actions=left,
        at=play.now,
        codes=codes,
    )
    play.tell(told)


def flagged(**changes: Any) -> Play:
    """Heard on 8 April 2027, every action done."""
    play = accepted(**changes)
    listed(play)
    heard(play.to(at("2027-04-08 10:30")), actions=0)
    assert play.stands() is S.FLAGGED_12M
    return play
