"""Unwanted contact is abuse: within the window of the pair's MARAC referral it is a repeat, though
no report tells of it (docs/domain.md 5)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.case.recommending import waiting
from models.commands import RecordUnwantedAct
from models.enums import ClockType
from models.messages import PairReferral
from tests.models.conftest import at
from tests.models.play import Play
from tests.models.referring import PERSON, clock, opened, refused, reported

REFERRED = at("2027-02-01 11:00")
OTHER = "PER-0008"


def pair(perpetrator_ref: str, number: int = 1) -> PairReferral:
    return PairReferral(
        referral_ref=f"MARAC-2027-{number:05}",
        perpetrator_ref=perpetrator_ref,
        submitted_at=REFERRED,
        heard_at=REFERRED + timedelta(days=10),
    )


def months_on(when: datetime, *pairs: PairReferral) -> Play:
    """A case whose report came before its pair was referred, so that nothing is a repeat yet."""
    play = opened(when=REFERRED - timedelta(days=30))
    reported(play, marac_referrals=pairs)
    play.until(when)
    return play


def repeat_of(play: Play, perpetrator_ref: str = PERSON) -> str:
    """By which definition a repeat is recommended; empty where none is."""
    made = waiting(play.state, "MARAC_REFERRAL", perpetrator_ref)
    criteria = made.inputs.get("criteria", {}) if made is not None else {}
    return str(criteria.get("REPEAT", {}).get("in_force", ""))


def test_unwanted_contact_of_the_one_known_perpetrator_is_a_repeat_due_next_working_day() -> None:
    play = months_on(at("2028-01-17 14:00"), pair(PERSON))
    assert repeat_of(play) == ""
    assert play.do(RecordUnwantedAct(at=play.now)) == ()
    assert repeat_of(play) == "ANY_ABUSE/REFERRAL"
    assert clock(play, ClockType.MARAC_SUBMIT).due_at == at("2028-01-18 23:59:59")
    (event,) = play.events("case:marac_repeat:judged")[-1:]
    assert event.data["repeat"] is True
    assert event.data["incident_ref"] == "CASE-2027-00001:ACT-001"


@pytest.mark.parametrize(
    ("last_act", "repeat"),
    [("2028-01-31 23:59", "ANY_ABUSE/REFERRAL"), ("2028-02-01 00:01", "")],
)
def test_the_day_of_the_act_counts_not_the_day_it_came_to_be_known(
    last_act: str, repeat: str
) -> None:
    play = months_on(at("2028-02-03 10:00"), pair(PERSON))
    play.do(RecordUnwantedAct(at=play.now, last_act_at=at(last_act)))
    assert repeat_of(play) == repeat


def test_two_acts_are_two_events_and_a_referral_answers_both() -> None:
    play = months_on(at("2027-06-01 10:00"), pair(PERSON))
    for _ in range(2):
        play.do(RecordUnwantedAct(at=play.now))
        play.until(play.now + timedelta(hours=1))
    refs = [event.incident_ref for event in play.state.referrals.events]
    assert refs[-2:] == ["CASE-2027-00001:ACT-001", "CASE-2027-00001:ACT-002"]
    assert len([r for r in play.state.recommendations.values() if r.rule == "MARAC_REFERRAL"]) == 1


def test_where_several_are_known_it_is_asked_whose_it_was() -> None:
    play = months_on(at("2027-06-01 10:00"), pair(PERSON), pair(OTHER, 2))
    assert play.do(RecordUnwantedAct(at=play.now)) == ("PERPETRATOR_NOT_NAMED",)
    assert repeat_of(play) == repeat_of(play, OTHER) == ""
    play.do(RecordUnwantedAct(at=play.now, perpetrator_ref=OTHER))
    assert (repeat_of(play), repeat_of(play, OTHER)) == ("", "ANY_ABUSE/REFERRAL")


def test_where_nobody_was_referred_nothing_is_asked() -> None:
    play = months_on(at("2027-06-01 10:00"))
    assert play.do(RecordUnwantedAct(at=play.now)) == ()
    assert play.events("case:marac_repeat:judged") == []


def test_an_act_is_not_later_than_when_it_came_to_be_known() -> None:
    play = months_on(at("2027-06-01 10:00"), pair(PERSON))
    late = RecordUnwantedAct(at=play.now - timedelta(hours=2), last_act_at=play.now)
    found = refused(play, late)
    assert (found.code, found.field) == ("KNOWN_BEFORE_IT_WAS", "last_act_at")
