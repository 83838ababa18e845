"""M09, M10, M21 and M24 on histories small enough to count by hand."""

from __future__ import annotations

import pytest

from tests.evaluation.duties import Duties
from tests.evaluation.history import fraction, row

MARCH = ("2027-03-01", "2027-03-31")
DAY = "2027-03-02 08:00"


def test_visits_completed_of_those_authorised_and_by_100_cases() -> None:
    history = Duties()
    for number in range(1, 5):
        history.served(DAY, number)
    due = "2027-03-10 09:00"
    for number in range(1, 4):
        history.authorised("2027-03-09 09:00", due, number)
    history.visited("2027-03-09 12:00", "NO_REPLY")
    history.visited("2027-03-09 18:00", "SEEN_NOT_ALONE", "SUSPECT_PRESENT_NO_GROUNDS")
    history.visited("2027-03-09 18:00", "NO_REPLY", number=2)
    history.visited("2027-03-09 18:00", "ABORTED_UNSAFE", number=3)
    # Still in time; ended before its time; and one that nobody authorised.
    history.authorised("2027-03-31 09:00", "2027-04-01 09:00", 4)
    history.authorised("2027-03-31 09:00", "2027-04-01 09:00", 5)
    history.visit_over("2027-03-31 12:00", 5)
    history.visited("2027-03-20 09:00", "SEEN_ALONE", "SUSPECT_ARRESTED", number=6)
    table = history.measured(*MARCH)
    assert fraction(table, "M09", "seen") == (1, 4, 1)
    assert row(table, "M09", "seen").note == "1 made without authority, not counted"
    hundred = row(table, "M09", "completed_per_100_cases")
    assert (hundred.value, hundred.numerator, hundred.denominator) == (25.0, 1, 4)
    assert hundred.unit == "per_100"
    # The third was only broken off; the sixth was attended.
    assert fraction(table, "M10", "with_arrest") == (1, 3, 0)


@pytest.mark.parametrize(
    ("engaged", "left", "expected"),
    [
        ("2027-03-02 10:00", "2027-05-31 23:00", (1, 1, 0)),  # day 90 is 31 May
        ("2027-03-02 10:00", "2027-06-01 00:00", (0, 1, 0)),
        ("2027-03-02 10:00", "", (0, 1, 0)),
        ("2027-04-02 10:00", "2027-04-03 10:00", (0, 0, 1)),  # day 90 is 1 July: censored
    ],
)
def test_attrition_within_ninety_days_of_engagement(
    engaged: str, left: str, expected: tuple[int, int, int]
) -> None:
    history = Duties()
    history.served(DAY, 1, engaged)
    history.served(DAY, 2)
    if left:
        history.left(left)
    table = history.measured("2027-03-01", "2027-06-30")
    assert fraction(table, "M21", "left_within_90_days") == expected


def test_attrition_is_asking_to_leave_and_not_withdrawing_support_for_a_prosecution() -> None:
    history = Duties()
    for number in range(1, 5):
        history.served(DAY, number, "2027-03-02 10:00")
    history.row("2027-03-20 09:00", engagement_status="WITHDRAWN")
    history.closed("2027-03-20 09:00", "VICTIM_REQUEST", "CASE-2027-00002")
    history.closed("2027-03-20 09:00", "RISK_REDUCED", "CASE-2027-00003")
    history.withdrew("2027-03-20 09:00", "CASE-2027-00004")
    table = history.measured("2027-03-01", "2027-06-30")
    assert fraction(table, "M21", "left_within_90_days") == (2, 4, 0)


@pytest.mark.parametrize(
    ("second", "end", "expected"),
    [
        ("2027-05-01 23:59", "2027-05-31", (1, 1, 0)),  # day 60 is 1 May
        ("2027-05-02 00:00", "2027-05-31", (0, 1, 0)),
        ("2027-03-04 10:00", "2027-05-01", (1, 1, 0)),
        ("2027-03-04 10:00", "2027-04-30", (0, 0, 1)),  # 60 days have not passed
    ],
)
def test_reticent_victims_come_back_with_two_successes_in_sixty_days(
    second: str, end: str, expected: tuple[int, int, int]
) -> None:
    history = Duties()
    history.served(DAY, 1, "2027-03-03 10:00", judged={"reticent": True})
    history.attempt(second)
    history.served(DAY, 2, "2027-03-03 10:00")
    table = history.measured("2027-03-01", end)
    assert fraction(table, "M24", "two_successes_in_60_days") == expected


def test_a_case_that_becomes_reticent_counts_from_then_on() -> None:
    history = Duties()
    history.served(DAY, 1, "2027-03-02 10:00")
    history.attempt("2027-03-03 10:00")
    history.row("2027-03-10 09:00", reticent=True)
    history.attempt("2027-03-20 09:00")
    table = history.measured("2027-03-01", "2027-06-30")
    assert fraction(table, "M24", "two_successes_in_60_days") == (0, 1, 0)
