"""Schools are told before they open, without asking for consent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.commands import (
    SkipEncompass,
)
from models.enums import ClockType
from models.enums.safeguarding import (
    NoEncompass,
)
from models.instants import show
from tests.models.conftest import at, instants
from tests.models.play_incident import (
    REPORTED,
    ended_clock,
    shipped,
)
from tests.models.safeguarding_steps import (
    LATER,
    STRANGER,
    child,
    encompass,
    open_of,
    played,
    refused,
    schools,
)

# --- Operation Encompass ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported", "due"),
    [
        # In term: before school opens, also over the weekend.
        ("2027-05-11 21:00", "Wed 12 May 2027 08:30"),
        ("2027-05-14 18:00", "Mon 17 May 2027 08:30"),
        # In the night before a school day it is that same morning, once open the next.
        ("2027-05-12 02:00", "Wed 12 May 2027 08:30"),
        ("2027-05-12 08:30", "Thu 13 May 2027 08:30"),
        # The last day of term and holidays: the end of the next working day.
        ("2027-03-25 21:40", "Tue 30 Mar 2027 23:59"),
        ("2027-08-10 12:00", "Wed 11 Aug 2027 23:59"),
        # The last night of the holidays: school comes first.
        ("2027-06-06 20:00", "Mon 7 Jun 2027 08:30"),
        # Clocks go forward on Sunday 26 Mar 2028.
        ("2028-03-25 20:00", "Mon 27 Mar 2028 08:30"),
        # Beyond the terms that the calendar knows.
        ("2029-05-16 12:00", "Thu 17 May 2029 23:59"),
    ],
)
def test_a_school_is_told_before_it_opens_or_by_the_next_working_day(
    reported: str, due: str
) -> None:
    play = played(at(reported), children_resident=1)
    (clock,) = open_of(play, ClockType.ENCOMPASS).values()
    assert show(clock.due_at) == due


@settings(deadline=None, max_examples=50)
@given(when=instants("2026-09-01 00:00", "2028-12-20 00:00"))
def test_no_school_day_opens_between_report_and_due_time(when: datetime) -> None:
    play = played(when, children_present=1)
    (clock,) = open_of(play, ClockType.ENCOMPASS).values()
    policy, calendar = shipped()
    opens = calendar.next_school_start(when, policy.of_duties.safeguarding.school_day_starts)
    assert when < clock.due_at
    assert opens is None or clock.due_at <= opens


@pytest.mark.parametrize(
    ("facts", "owed"),
    [
        ({}, False),
        ({"children_resident": 0, "children_present": 0}, False),
        ({"children_resident": 2}, True),
        ({"children_present": 1}, True),
        ({"children_resident": 1, "recording_type": "NON_CRIME_DA"}, True),
    ],
)
def test_a_notice_is_owed_where_a_child_is_resident_or_present(
    facts: dict[str, Any], owed: bool
) -> None:
    assert bool(schools(played(**facts))) is owed


def test_one_notice_a_named_child_and_one_for_those_nobody_named() -> None:
    play = played(children_resident=3).to(LATER)
    assert schools(play) == {"UNNAMED"}
    play.do(child("CHD-0001"))
    assert schools(play) == {"UNNAMED", "CHD-0001"}
    play.do(child("CHD-0002"))
    play.do(child("CHD-0003", age="PRE_SCHOOL", schooling="NOT_KNOWN"))
    assert schools(play) == {"CHD-0001", "CHD-0002"}
    unnamed = ended_clock(play, "clock:cancelled", ClockType.ENCOMPASS)
    assert unnamed.reason == "CHILDREN_NAMED"
    codes = play.do(encompass("CHD-0001", voice_recorded=False))
    assert codes == ("NO_VOICE_OF_CHILD",)
    play.do(encompass("CHD-0002"))
    assert schools(play) == set()
    (first, _) = play.events("encompass:sent")
    assert first.data["disclosure_basis"] == "SAFEGUARDING_CHILD"


@settings(deadline=None, max_examples=50)
@given(
    counted=st.integers(0, 4),
    ages=st.lists(
        st.sampled_from(["UNBORN", "UNDER_18_MONTHS", "PRE_SCHOOL", "SCHOOL_AGE"]), max_size=5
    ),
)
def test_every_child_of_school_age_has_a_notice_and_nobody_counted_is_dropped(
    counted: int, ages: list[str]
) -> None:
    play = played(children_resident=counted).to(LATER)
    for number, age in enumerate(ages):
        schooling = "SCHOOL" if age == "SCHOOL_AGE" else "NOT_KNOWN"
        play.do(child(f"CHD-{number}", age=age, schooling=schooling))
    named = {f"CHD-{n}" for n, age in enumerate(ages) if age == "SCHOOL_AGE"}
    born = sum(age != "UNBORN" for age in ages)
    assert schools(play) == named | ({"UNNAMED"} if counted > born else set())


def test_a_child_without_a_school_is_told_of_to_the_council() -> None:
    play = played(children_resident=1).to(LATER)
    play.do(child(schooling="HOME_EDUCATED"))
    refused(play, encompass("CHD-0001"), "TO_THE_COUNCIL")
    play.do(encompass("CHD-0001", recipient="COUNCIL", school_ref=""))
    assert schools(play) == set()


def test_a_correction_takes_a_child_off_and_what_was_sent_stays_sent() -> None:
    play = played(children_resident=1).to(LATER)
    play.do(child())
    play.do(child(age="PRE_SCHOOL", schooling="NOT_KNOWN"))
    assert schools(play) == set()
    play.do(child())
    play.do(encompass("CHD-0001"))
    play.do(child(resident=False))
    assert schools(play) == set()
    assert len(play.events("child:corrected")) == 3


def test_no_notice_needs_its_reason_and_the_breach_goes_to_the_duty_inspector() -> None:
    play = played(children_resident=1).to(at("2027-03-31 00:00"))
    assert ("BREACH", "INSPECTOR@Medway") in play.open_tasks()
    play.do(SkipEncompass(at=play.now, reason=NoEncompass.NOT_SCHOOL_AGE))
    assert schools(play) == set()
    assert ("BREACH", "INSPECTOR@Medway") not in play.open_tasks()


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("UNKNOWN_CHILD", encompass("CHD-0009")),
        ("CHILD_MISSING", encompass()),
        ("SCHOOL_MISSING", encompass("CHD-0001", school_ref="")),
        ("NOT_OWED", encompass("CHD-0002")),
        ("IN_FUTURE", encompass("CHD-0001", at=LATER + timedelta(minutes=1))),
        ("BEFORE_OCCURRENCE", encompass("CHD-0001", at=REPORTED - timedelta(hours=1))),
        ("NOT_SCHOOL_AGE", child("CHD-0003", age="PRE_SCHOOL")),
    ],
)
def test_refusals_of_encompass(code: str, command: Any) -> None:
    play = played(children_resident=2).to(LATER)
    play.do(child("CHD-0001"))
    play.do(child("CHD-0002", age="PRE_SCHOOL", schooling="NOT_KNOWN"))
    refused(play, command, code)
    refused(play, command, "NOT_YOUR_INCIDENT", STRANGER)


def test_an_incident_takes_so_many_children_and_no_more() -> None:
    play = played().to(LATER)
    for number in range(20):
        play.do(child(f"CHD-{number}"))
    refused(play, child("CHD-99"), "TOO_MANY_CHILDREN")


def test_a_mistaken_no_is_taken_back_by_correcting_the_child() -> None:
    play = played(children_resident=1).to(LATER)
    play.do(child())
    play.do(SkipEncompass(at=LATER, child_ref="CHD-0001", reason=NoEncompass.NOT_SCHOOL_AGE))
    assert schools(play) == set()
    play.do(child())
    assert schools(play) == {"CHD-0001"}
    play.do(encompass("CHD-0001"))
    play.do(child())
    assert schools(play) == set()


def test_a_school_that_knew_already_stays_told() -> None:
    play = played(children_resident=1).to(LATER)
    play.do(child())
    play.do(SkipEncompass(at=LATER, child_ref="CHD-0001", reason=NoEncompass.TOLD_ALREADY))
    play.do(child())
    assert schools(play) == set()
