"""When a notice may leave, whom it reaches out of hours, and what comes first."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import registry
from models.calendars import Calendar
from models.duties.notices import NoticePolicy
from models.instants import LONDON
from models.notices import acknowledge_by, is_quiet, may_leave_at, out_of_hours
from models.urgency import Urgency, rank, urgency_of

POLICY = NoticePolicy(basis="test")


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return registry.load_shipped()[1]


@pytest.mark.parametrize(
    ("at", "leaves"),
    [
        ("2027-05-10 21:59", "2027-05-10 21:59"),
        ("2027-05-10 22:00", "2027-05-11 07:00"),
        ("2027-05-11 06:59", "2027-05-11 07:00"),
        # The night in which clocks go forward, and the one in which they go back.
        ("2027-03-27 23:30", "2027-03-28 07:00"),
        ("2027-10-31 01:30", "2027-10-31 07:00"),
    ],
)
def test_a_routine_notice_waits_out_the_quiet_hours(at: str, leaves: str) -> None:
    assert may_leave_at(Urgency.ROUTINE, london(at), POLICY) == london(leaves)
    assert may_leave_at(Urgency.HIGH, london(at), POLICY) == london(at)


@given(st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 31)))  # noqa: DTZ001
def test_no_routine_notice_leaves_in_the_quiet_hours_and_none_waits_longer_than_they_last(
    naive: datetime,
) -> None:
    at = naive.replace(tzinfo=UTC)
    leaves = may_leave_at(Urgency.ROUTINE, at, POLICY)
    assert at <= leaves <= at + timedelta(hours=10)
    assert not is_quiet(leaves, POLICY)


def test_quiet_hours_within_one_day_are_quiet_hours_too() -> None:
    lunch = NoticePolicy(basis="test", quiet_from=time(12), quiet_until=time(13))
    assert is_quiet(london("2027-05-10 12:30"), lunch)
    assert not is_quiet(london("2027-05-10 13:00"), lunch)


@pytest.mark.parametrize(
    ("at", "hub", "sergeant"),
    [
        ("2027-05-10 10:00", False, False),  # a working Monday
        ("2027-05-10 19:00", True, False),
        ("2027-05-10 23:00", False, True),
        ("2027-05-08 10:00", True, False),  # a Saturday
        ("2027-05-03 10:00", True, False),  # a bank holiday
    ],
)
def test_out_of_hours_the_hub_answers_and_at_night_the_duty_sergeant(
    at: str, hub: bool, sergeant: bool, calendar: Calendar
) -> None:
    found = out_of_hours(Urgency.CHILD, london(at), POLICY, calendar)
    assert (found.hub, found.duty_sergeant) == (hub, sergeant)
    routine = out_of_hours(Urgency.ROUTINE, london(at), POLICY, calendar)
    assert not (routine.hub or routine.duty_sergeant)


def test_only_what_is_urgent_must_be_acknowledged() -> None:
    sent = london("2027-05-10 10:00")
    assert acknowledge_by(Urgency.HIGH, sent, POLICY) == sent + timedelta(minutes=60)
    assert acknowledge_by(Urgency.ROUTINE, sent, POLICY) is None


@pytest.mark.parametrize(
    ("kind", "subject", "grade", "expected"),
    [
        ("BREACH", "THREAT_TO_LIFE_REVIEW:1", "STANDARD", Urgency.THREAT_TO_LIFE),
        ("BREACH", "ENCOMPASS:CHD-1:1", "HIGH", Urgency.CHILD),
        ("CHILD_REFERRAL", "", "", Urgency.CHILD),
        ("LADDER", "L3", "HIGH", Urgency.HIGH),
        ("DVPN_HEARING", "ORD-001", "MEDIUM", Urgency.ORDER_BREACH),
        ("CASE_REVIEW", "", "MEDIUM", Urgency.ROUTINE),
    ],
)
def test_duties_that_collide_have_an_order(
    kind: str, subject: str, grade: str, expected: Urgency
) -> None:
    assert urgency_of(kind, subject, grade) is expected


def test_within_one_urgency_the_due_time_decides_and_what_has_none_comes_last() -> None:
    early, late = london("2027-05-10 10:00"), london("2027-05-10 11:00")
    order = sorted(
        [
            (Urgency.ROUTINE, None),
            (Urgency.ROUTINE, early),
            (Urgency.HIGH, late),
            (Urgency.HIGH, early),
        ],
        key=lambda each: rank(*each),
    )
    assert order == [
        (Urgency.HIGH, early),
        (Urgency.HIGH, late),
        (Urgency.ROUTINE, early),
        (Urgency.ROUTINE, None),
    ]
