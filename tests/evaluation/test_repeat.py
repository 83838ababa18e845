"""M19, in the pilot and the comparison districts."""

from __future__ import annotations

import pytest

from evaluation.definitions import MEASURED
from tests.evaluation.history import History, fraction, row

PERIOD = ("2027-01-01", "2027-01-31")


def observed(history: History, until: str) -> None:
    """Somebody else's report, so that the ledger is known to reach this far."""
    history.report(until, victim="VIC-9999", incident="46/9999/27", eligible=False)


@pytest.mark.parametrize(
    ("second", "within_90"),
    [
        ("2027-04-10 23:59", 1),  # the ninetieth day ends at midnight
        ("2027-04-11 00:01", 0),
        ("2027-01-10 12:00", 0),  # the same instant is not after it
        ("2027-01-09 12:00", 0),
    ],
)
def test_a_new_report_counts_to_the_end_of_the_last_day(second: str, within_90: int) -> None:
    history = History()
    history.report("2027-01-10 12:00", case="CASE-2027-00001")
    history.report(second, incident="46/2/27", eligible=False, district="Thanet")
    observed(history, "2027-05-01 12:00")
    table = history.measured(*PERIOD)
    assert fraction(table, "M19", "within_90_days") == (within_90, 1, 0)


def test_follow_up_must_be_full_by_as_of_and_by_what_the_ledger_holds() -> None:
    history = History()
    history.report("2027-01-10 12:00")
    observed(history, "2027-04-09 12:00")
    short = history.measured(*PERIOD)
    assert fraction(short, "M19", "within_90_days") == (0, 0, 1)
    assert row(short, "M19", "within_90_days").note.startswith("NOT_YET_DUE")
    observed(history, "2027-08-01 12:00")
    assert fraction(history.measured(*PERIOD), "M19", "within_90_days") == (0, 1, 0)
    assert fraction(history.measured(*PERIOD), "M19", "within_180_days") == (0, 1, 0)
    assert fraction(history.measured(*PERIOD), "M19", "within_365_days") == (0, 0, 1)
    early = history.measured(*PERIOD, as_of="2027-04-01 00:00")
    assert fraction(early, "M19", "within_90_days") == (0, 0, 1)


def test_a_report_under_16_and_a_newer_version_are_no_new_report() -> None:
    history = History()
    history.report("2027-01-10 12:00")
    history.report("2027-01-10 12:00", tag="report:updated", version=2)
    history.report("2027-02-10 12:00", incident="46/2/27", eligible=False, reason="UNDER_16")
    observed(history, "2027-05-01 12:00")
    assert fraction(history.measured(*PERIOD), "M19", "within_90_days") == (0, 1, 0)


def test_a_victim_counts_once_by_the_first_eligible_report_and_months_add_up() -> None:
    history = History()
    history.report("2027-01-10 12:00", history=True)
    history.report("2027-02-10 12:00", incident="46/2/27")
    observed(history, "2028-06-01 12:00")
    table = history.measured("2027-01-01", "2027-02-28")
    assert fraction(table, "M19", "within_90_days") == (1, 1, 0)
    assert fraction(table, "M19", "within_90_days", period="2027-01") == (1, 1, 0)
    assert fraction(table, "M19", "within_90_days", period="2027-02") == (0, 0, 0)
    assert "1 of the index reports from before" in row(table, "M19", "within_90_days").note


def test_comparison_districts_have_m19_alone_and_say_why() -> None:
    history = History()
    history.report("2027-01-10 12:00", district="Thanet")
    history.report("2027-02-10 12:00", incident="46/2/27", district="Thanet", eligible=False)
    observed(history, "2027-05-01 12:00")
    table = history.measured(*PERIOD)
    assert fraction(table, "M19", "within_90_days", area="Thanet") == (1, 1, 0)
    thanet = [each for each in table.rows if each.area == "Thanet"]
    by_reports = {"M16", "M17", "M18", "M19"}
    assert by_reports <= {each.metric for each in thanet}
    others = [each for each in thanet if each.metric not in by_reports]
    assert {each.metric for each in others} == set(MEASURED) - by_reports
    assert all(each.value is None for each in others)
    assert all(each.note.startswith("COMPARISON_DISTRICT") for each in others)
    assert {each.arm for each in others} == {"COMPARISON"}


def test_the_counting_change_of_may_2023_is_marked() -> None:
    history = History()
    history.report("2023-01-10 12:00", history=True)
    history.report("2023-03-10 12:00", victim="VIC-0002", incident="46/2/27", history=True)
    history.report("2023-06-10 12:00", victim="VIC-0003", incident="46/3/27", history=True)
    observed(history, "2024-12-01 12:00")
    table = history.measured("2023-01-01", "2023-06-30")

    def mark(name: str, period: str) -> str:
        return row(table, "M19", name, period=period).counting

    assert mark("within_90_days", "2023-01") == "ACROSS_MAY_2023"
    assert mark("within_90_days", "2023-06") == "FROM_MAY_2023"
    assert mark("within_90_days", "2023-01-01/2023-06-30") == "ACROSS_MAY_2023"
    assert row(table, "M01", "median", period="2023-03").counting == "BEFORE_MAY_2023"
