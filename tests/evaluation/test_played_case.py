"""The metrics read what the rules of a case really append, not only hand-made events."""

from __future__ import annotations

from models.commands import RecordAttempt
from models.enums import Channel, ContactResult
from tests.evaluation.history import CASE, History, at, fraction, row
from tests.models.play import Play


def played(success: str) -> History:
    """A medium case allocated Mon 10 May 2027 20:00, one attempt in vain, then a success."""
    play = Play(at("2027-05-10 19:10"))
    play.until(at("2027-05-10 20:00"))
    play.allocate()
    for when, result in (
        ("2027-05-11 10:30", ContactResult.NO_ANSWER),
        (success, ContactResult.SUCCESSFUL_TWO_WAY),
    ):
        play.until(at(when))
        play.do(RecordAttempt(at=at(when), channel=Channel.CALL, route="mobile", result=result))
    play.until(at("2027-06-30 12:00"))
    history = History()
    history.report("2027-05-10 19:10", case=CASE)
    history.opened("2027-05-10 19:10")
    history.streams[play.state.stream] = list(play.state.unrecorded)
    return history


def test_a_case_contacted_in_time_then_left_alone() -> None:
    table = played("2027-05-12 19:10").measured("2027-05-01", "2027-06-30")
    assert row(table, "M01", "median").value == 48.0
    assert fraction(table, "M02", "raw") == (1, 1, 0)
    assert fraction(table, "M02", "adjusted") == (1, 1, 0)
    # The next contact was due on 26 May; needs on 19 May: nobody did either.
    missed, due, _ = fraction(table, "M20", "raw")
    assert missed == 0
    assert due >= 1
    assert fraction(table, "M06", "completed") == (0, 1, 0)


def test_a_case_contacted_after_the_limit() -> None:
    table = played("2027-05-14 18:30").measured("2027-05-01", "2027-05-31")
    assert row(table, "M01", "median").value == 95.33
    assert fraction(table, "M02", "raw") == (0, 1, 0)
