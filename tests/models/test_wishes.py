"""What the victim asks for, recorded with scope and date and never inferred."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.base import Refused
from models.case.view import view
from models.commands import NotificationOptOut, RecordAttempt, RecordWishes
from models.enums import Channel, ContactResult
from tests.models.conftest import at
from tests.models.play import Play

OPENED = at("2027-05-10 20:00")


def reached() -> Play:
    """A case whose victim was spoken to."""
    play = Play(OPENED)
    play.allocate()
    play.until(play.now + timedelta(hours=2))
    play.do(
        RecordAttempt(
            at=play.now,
            channel=Channel.CALL,
            result=ContactResult.SUCCESSFUL_TWO_WAY,
            safety_override="SUPERVISOR_AUTHORISED",
        )
    )
    return play


def test_an_opt_out_is_kept_with_its_scope_and_date_and_the_ledger_keeps_each() -> None:
    play = reached()
    first = play.now
    scope = NotificationOptOut.ALL_EXCEPT_RELEASE
    play.do(RecordWishes(at=first, notification_opt_out=scope))
    play.until(play.now + timedelta(days=1))
    play.do(RecordWishes(at=play.now, note_ref="note-1"))
    wishes = view(play.state, play.now).wishes
    assert wishes is not None
    assert (wishes.notification_opt_out, wishes.opted_out_at) == (scope, first)
    assert (wishes.note_ref, wishes.noted_at) == ("note-1", play.now)
    told = [event.data["notification_opt_out"] for event in play.events("case:wishes:recorded")]
    assert told == ["ALL_EXCEPT_RELEASE", None]


def test_an_opt_out_changes_neither_cadence_nor_clocks() -> None:
    play = reached()
    before = (play.state.cadence_plan, dict(play.state.clocks))
    play.do(RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL))
    assert (play.state.cadence_plan, dict(play.state.clocks)) == before


def test_silence_is_no_wish() -> None:
    play = Play(OPENED)
    play.allocate()
    opt_out = RecordWishes(at=play.now, notification_opt_out=NotificationOptOut.ALL)
    with pytest.raises(Refused) as refused:
        play.do(opt_out)
    assert refused.value.code == "NO_CONTACT_YET"
    spoken = reached()
    with pytest.raises(Refused) as empty:
        spoken.do(RecordWishes(at=spoken.now))
    assert empty.value.code == "NOTHING_RECORDED"
