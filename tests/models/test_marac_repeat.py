"""A MARAC repeat is judged by dates alone, under both definitions and both anchors."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.enums import RecordingType
from models.instants import london_date
from models.marac_repeat import (
    ANCHORS,
    DEFINITIONS,
    PairEvent,
    event_of,
    find_repeat,
    flag_hit,
    last_repeat_day,
)
from models.messages import PairReferral
from models.policy import Policy
from tests.models.conftest import at, instants
from tests.models.play import a_report

PERSON = "PER-0007"


def referral(submitted: str, heard: str = "", ref: str = "MARAC-2027-00001") -> PairReferral:
    return PairReferral(
        referral_ref=ref,
        perpetrator_ref=PERSON,
        submitted_at=at(submitted),
        heard_at=at(heard) if heard else None,
    )


def event(when: str | datetime, *, criminal: bool = False, who: str = PERSON) -> PairEvent:
    moment = at(when) if isinstance(when, str) else when
    return PairEvent(
        incident_ref="46/1/28", perpetrator_ref=who, at=moment, known_at=moment, criminal=criminal
    )


FEBRUARY = referral("2027-02-01 11:00", "2027-02-11 10:00")


@pytest.mark.parametrize(
    ("when", "criminal", "expected"),
    [
        ("2028-01-17 14:00", False, {"ANY_ABUSE/REFERRAL", "ANY_ABUSE/HEARING"}),
        (
            "2028-01-17 14:00",
            True,
            {f"{definition}/{anchor}" for definition in DEFINITIONS for anchor in ANCHORS},
        ),
        ("2028-01-31 23:59", False, {"ANY_ABUSE/REFERRAL", "ANY_ABUSE/HEARING"}),
        ("2028-02-01 00:00", False, {"ANY_ABUSE/HEARING"}),
        ("2028-02-02 14:00", True, {"ANY_ABUSE/HEARING", "CRIMINAL_ONLY/HEARING"}),
        ("2028-02-10 23:59", False, {"ANY_ABUSE/HEARING"}),
        ("2028-02-11 00:00", True, set()),
        ("2027-02-01 10:59", True, set()),
        ("2027-02-05 09:00", False, {"ANY_ABUSE/REFERRAL"}),
    ],
)
def test_each_definition_and_anchor_has_its_own_answer(
    kent: Policy, when: str, criminal: bool, expected: set[str]
) -> None:
    finding = find_repeat(event(when, criminal=criminal), [FEBRUARY], kent.marac)
    assert set(finding.definitions) == expected


def test_policy_says_which_answer_counts_and_a_flag_is_live_under_either_definition(
    kent: Policy,
) -> None:
    non_crime = event("2028-01-17 14:00")
    assert find_repeat(non_crime, [FEBRUARY], kent.marac).repeat
    old = kent.marac.model_copy(update={"repeat_definition": "CRIMINAL_ONLY"})
    narrow = find_repeat(non_crime, [FEBRUARY], old)
    assert not narrow.repeat
    hit = flag_hit(narrow)
    assert hit is not None
    assert (hit.name, hit.referral_ref) == ("ANY_ABUSE/REFERRAL", FEBRUARY.referral_ref)
    late = find_repeat(event("2028-02-02 14:00", criminal=True), [FEBRUARY], kent.marac)
    assert flag_hit(late) is None


def test_the_last_referral_before_the_event_is_the_one_repeated(kent: Policy) -> None:
    later = referral("2027-09-01 09:00", ref="MARAC-2027-00031")
    found = find_repeat(event("2028-03-01 09:00"), [later, FEBRUARY], kent.marac)
    assert found.in_force.referral_ref == "MARAC-2027-00031"
    assert found.in_force.window_ends == date(2028, 8, 31)
    earlier = find_repeat(event("2027-08-31 09:00"), [later, FEBRUARY], kent.marac)
    assert earlier.in_force.referral_ref == FEBRUARY.referral_ref


def test_another_perpetrator_of_the_same_victim_is_another_pair(kent: Policy) -> None:
    assert not find_repeat(
        event("2027-06-01 09:00", who="PER-0008"), [FEBRUARY], kent.marac
    ).definitions


@pytest.mark.parametrize(
    ("anchored", "last"),
    [
        ("2027-02-01 00:00", date(2028, 1, 31)),
        ("2027-03-26 11:20", date(2028, 3, 25)),
        ("2028-02-29 12:00", date(2029, 2, 28)),
        ("2027-03-01 12:00", date(2028, 2, 29)),
        ("2027-10-31 23:30", date(2028, 10, 30)),
    ],
)
def test_twelve_months_are_calendar_months_beginning_with_the_day(
    anchored: str, last: date
) -> None:
    assert last_repeat_day(at(anchored), 12) == last


def test_abuse_is_dated_by_when_it_ended_and_not_by_when_it_was_told() -> None:
    told = at("2028-02-03 09:00")
    report = a_report(
        told,
        occurred_from=at("2028-01-10 09:00"),
        occurred_to=at("2028-01-20 09:00"),
        perpetrator_ref=PERSON,
        recording_type=RecordingType.NON_CRIME_DA,
    )
    found = event_of(report)
    assert (found.at, found.known_at, found.criminal) == (at("2028-01-20 09:00"), told, False)


@given(submitted=instants("2026-01-01 00:00", "2030-01-01 00:00"), days=st.integers(0, 800))
def test_a_repeat_ends_with_its_window_whatever_the_dates(
    kent: Policy, submitted: datetime, days: int
) -> None:
    known = PairReferral(referral_ref="R", perpetrator_ref=PERSON, submitted_at=submitted)
    happened = submitted + timedelta(days=days, seconds=1)
    finding = find_repeat(event(happened), [known], kent.marac)
    assert finding.repeat == (london_date(happened) <= last_repeat_day(submitted, 12))
    assert set(finding.definitions) <= {"ANY_ABUSE/REFERRAL"}
