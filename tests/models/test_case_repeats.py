"""Abuse of a referred pair: a repeat by dates, under policy's definition and anchor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.case.recommending import waiting
from models.case.referrals.rules import streams
from models.enums import (
    ClockType,
    OrderType,
    RecordingType,
)
from models.ids import referral_stream
from models.messages import OrderBreached, PairReferral
from tests.models.conftest import at
from tests.models.play import Play
from tests.models.referring import (
    HOUR,
    PERSON,
    changed,
    clock,
    judged,
    no_clock,
    opened,
    refer,
    referral,
    refused,
    reported,
    starts,
)

# --- repeats -------------------------------------------------------------------------------------

FEBRUARY = PairReferral(
    referral_ref="MARAC-2027-00001",
    perpetrator_ref=PERSON,
    submitted_at=at("2027-02-01 11:00"),
    heard_at=at("2027-02-11 10:00"),
)


def neighbour_reports(when: str, definition: str = "ANY_ABUSE") -> Play:
    """Walk-through (v): a non-crime report of a pair referred on 1 February 2027."""
    play = opened(when=at(when) - timedelta(days=1))
    play.policy = play.policy.model_copy(
        update={"marac": play.policy.marac.model_copy(update={"repeat_definition": definition})}
    )
    play.until(at(when))
    reported(play, recording_type=RecordingType.NON_CRIME_DA, marac_referrals=(FEBRUARY,))
    return play


def test_any_abuse_within_twelve_months_of_the_referral_is_a_repeat_due_next_working_day() -> None:
    play = neighbour_reports("2028-01-17 14:00")
    assert clock(play, ClockType.MARAC_SUBMIT).due_at == at("2028-01-18 23:59:59")
    made = waiting(play.state, "MARAC_REFERRAL", PERSON)
    assert made is not None
    assert made.inputs["referral_type"] == "REPEAT"
    assert made.inputs["repeat_of"] == FEBRUARY.referral_ref
    verdicts = made.inputs["criteria"]["REPEAT"]["verdicts"]
    assert {name: verdict["repeat"] for name, verdict in verdicts.items()} == {
        "ANY_ABUSE/REFERRAL": True,
        "ANY_ABUSE/HEARING": True,
        "CRIMINAL_ONLY/REFERRAL": False,
        "CRIMINAL_ONLY/HEARING": False,
    }
    refer(play, "MARAC", 2, perpetrator_ref=PERSON, criteria=("REPEAT",))
    (start,) = starts(play)
    assert (start["referral_type"], start["repeat_of"]) == ("REPEAT", FEBRUARY.referral_ref)


@pytest.mark.parametrize(
    ("when", "definition"),
    [("2028-01-17 14:00", "CRIMINAL_ONLY"), ("2028-02-02 14:00", "ANY_ABUSE")],
)
def test_out_of_the_definition_or_the_window_it_is_none_and_the_answers_are_on_record(
    when: str, definition: str
) -> None:
    play = neighbour_reports(when, definition)
    assert no_clock(play, ClockType.MARAC_SUBMIT)
    judged_as = play.events("case:marac_repeat:judged")[-1].data
    assert judged_as["repeat"] is False
    assert judged_as["in_force"] == f"{definition}/REFERRAL"
    assert len(judged_as["verdicts"]) == 4
    again = referral("MARAC", 2, at=play.now, perpetrator_ref=PERSON, criteria=("REPEAT",))
    assert refused(play, again).code == "NOT_A_REPEAT"


def test_the_case_s_own_referral_counts_and_the_abuse_that_led_to_it_does_not() -> None:
    play = opened()
    reported(play)
    judged(play)
    ref = refer(play, "MARAC")
    play.until(play.now + timedelta(days=60))
    assert no_clock(play, ClockType.MARAC_SUBMIT)
    reported(play, "46/3/27")
    made = waiting(play.state, "MARAC_REFERRAL", PERSON)
    assert made is not None
    assert made.inputs["repeat_of"] == ref
    second = refer(play, "MARAC", 2, perpetrator_ref=PERSON)
    assert starts(play)[-1]["criteria"] == ["PROFESSIONAL_JUDGEMENT", "REPEAT"]
    assert starts(play)[-1]["repeat_of"] == ref
    assert set(streams(play.state)) == {referral_stream(ref), referral_stream(second)}


def test_a_new_version_of_a_repeat_s_report_recommends_nothing_again() -> None:
    play = neighbour_reports("2028-01-17 14:00")
    refer(play, "MARAC", 2, perpetrator_ref=PERSON, criteria=("REPEAT",))
    reported(
        play,
        version=2,
        occurred_from=at("2028-01-17 13:40"),
        recording_type=RecordingType.CRIME,
    )
    assert waiting(play.state, "MARAC_REFERRAL", PERSON) is None


def test_abuse_that_no_report_tells_of_makes_a_repeat_too() -> None:
    play = opened(when=at("2027-06-01 09:00"))
    reported(play, marac_referrals=(FEBRUARY,), occurred_from=at("2027-01-20 10:00"))
    plain = {"perpetrator_ref": PERSON, "criteria": ("REPEAT",)}
    assert refused(play, referral("MARAC", 2, at=play.now, **plain)).code == "NOT_A_REPEAT"
    assert refer(play, "MARAC", 2, **plain, event_at=at("2027-05-20 10:00"))
    assert starts(play)[-1]["repeat_of"] == FEBRUARY.referral_ref


def test_a_referral_withdrawn_in_error_starts_no_window_and_its_grounds_stand_again() -> None:
    play = opened()
    reported(play)
    judged(play)
    ref = refer(play, "MARAC")
    changed(play, ref, "WITHDRAWN_IN_ERROR", ended=True)
    assert waiting(play.state, "MARAC_REFERRAL", PERSON) is not None
    play.until(play.now + HOUR)
    reported(play, "46/3/27")
    assert play.events("case:marac_repeat:judged") == []


@pytest.mark.parametrize(
    ("definition", "criminal", "repeat"),
    [
        ("ANY_ABUSE", False, True),
        ("CRIMINAL_ONLY", True, True),
        ("CRIMINAL_ONLY", False, False),
    ],
)
def test_a_breach_of_an_order_within_twelve_months_of_the_referral_is_a_repeat(
    definition: str, *, criminal: bool, repeat: bool
) -> None:
    play = neighbour_reports("2028-02-02 14:00", definition)
    assert no_clock(play, ClockType.MARAC_SUBMIT)
    broken = OrderBreached(
        message_id="b1",
        incident_ref="46/2/27",
        perpetrator_ref=PERSON,
        breach_id="ORD-001/BREACH-1",
        of=OrderType.NON_MOLESTATION,
        criminal=criminal,
        at=at("2028-01-30 20:00"),
        known_at=play.now,
    )
    play.tell(broken)
    play.tell(broken.model_copy(update={"message_id": "b2"}))
    verdicts = play.events("case:marac_repeat:judged")
    assert [event.data["repeat"] for event in verdicts] == [False, repeat]
    if repeat:
        assert clock(play, ClockType.MARAC_SUBMIT).due_at == at("2028-02-03 23:59:59")
    else:
        assert no_clock(play, ClockType.MARAC_SUBMIT)
