"""M16 to M18, M22 and M23 on histories small enough to count by hand."""

from __future__ import annotations

import pytest

from models.ids import incident_stream
from tests.evaluation.duties import WAS_INCIDENT, Duties
from tests.evaluation.history import CASE, INCIDENT, VICTIM, fraction, row

MARCH = ("2027-03-01", "2027-03-31")
DAY = "2027-03-02 08:00"


def crime(history: Duties, number: int, outcome: int | None, **facts: object) -> None:
    """A report of a new victim, recorded as a crime unless said otherwise."""
    history.served(DAY, number, facts={"outcome_code": outcome, **facts})


def test_withdrawal_by_outcome_of_crimes_that_have_one() -> None:
    history = Duties()
    for number, outcome in enumerate((14, 16, 16, 1, None), 1):
        crime(history, number, outcome)
    crime(history, 6, 16, recording_type="NON_CRIME_DA")
    table = history.measured(*MARCH)
    assert fraction(table, "M16", "outcome_14_or_16") == (3, 4, 1)
    assert fraction(table, "M16", "outcome_14") == (1, 4, 1)
    assert fraction(table, "M16", "outcome_16") == (2, 4, 1)


def test_an_outcome_that_comes_later_counts_and_the_newest_version_holds() -> None:
    history = Duties()
    crime(history, 1, 16)
    for version, code, recorded in ((2, 1, "2027-04-20 09:00"), (3, 15, "2027-04-25 09:00")):
        history.report(
            DAY,
            case=CASE,
            tag="report:updated",
            version=version,
            facts={"outcome_code": code},
            received=recorded,
        )
    assert fraction(history.measured(*MARCH), "M16", "outcome_16") == (0, 1, 0)
    early = history.measured(*MARCH, as_of="2027-04-19 09:00")
    assert fraction(early, "M16", "outcome_16") == (1, 1, 0)


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        ("2027-05-25 23:00", (0, 0, 3)),  # the twelfth week ends with that day
        ("2027-05-26 09:00", (1, 2, 1)),
    ],
)
def test_charge_is_asked_of_crimes_whose_twelve_weeks_have_passed(
    newest: str, expected: tuple[int, int, int]
) -> None:
    history = Duties()
    for number, outcome in enumerate((1, 15, None), 1):
        crime(history, number, outcome)
    # The extract is known to reach this far.
    history.report(newest, victim="VIC-9999", incident="46/9999/27", eligible=False)
    table = history.measured(*MARCH)
    assert fraction(table, "M17", "charged") == expected
    assert ("younger than 12 weeks" in row(table, "M17", "charged").note) is (expected[1] == 0)


def test_outcomes_and_arrests_by_reports_are_measured_in_both_arms_and_with_history() -> None:
    history = Duties()
    for number, district in ((1, "Medway"), (2, "Thanet")):
        facts = {"outcome_code": 14, "perpetrator_ref": "PER-0001", "suspect_status": "RUI"}
        history.report(
            DAY,
            victim=f"VIC-{number:04d}",
            incident=f"46/{number}/27",
            district=district,
            history=True,
            facts=facts,
        )
    table = history.measured(*MARCH)
    for area in ("Medway", "Thanet"):
        assert fraction(table, "M16", "outcome_14", area=area) == (1, 1, 0)
        assert fraction(table, "M18", "by_reports", area=area) == (0, 1, 0)
    assert not [r for r in table.rows if r.area == "Thanet" and r.measure == "by_all_records"]


def test_arrest_rate_by_reports_and_by_what_officers_recorded_beside_them() -> None:
    history = Duties()
    named = {"perpetrator_ref": "PER-0001"}
    for number, status in enumerate(("OUTSTANDING", "ARRESTED", "RUI", "OUTSTANDING"), 1):
        crime(history, number, None, suspect_status=status, **named)
    crime(history, 5, None, suspect_status="OUTSTANDING")
    # A later version no longer says arrested; the arrest was made all the same.
    history.report(
        DAY,
        victim="VIC-0002",
        incident="46/2/27",
        tag="report:updated",
        version=2,
        facts={**named, "suspect_status": "RELEASED"},
    )
    history.suspect("2027-04-05 09:00", "ARRESTED")
    history.suspect(
        "2027-03-05 09:00", "CIRCULATED", incident_stream("46/5/27", "VIC-0005"), "PER-0005"
    )
    table = history.measured(*MARCH)
    assert fraction(table, "M18", "by_reports") == (1, 4, 0)
    assert fraction(table, "M18", "by_all_records") == (2, 5, 0)


@pytest.mark.parametrize(
    ("withdrew", "expected"),
    [("2027-03-05 12:00", (1, 1, 0)), ("2027-03-05 11:59", (0, 1, 0)), ("", (0, 1, 0))],
)
def test_support_withdrawn_after_charge(withdrew: str, expected: tuple[int, int, int]) -> None:
    history = Duties()
    crime(history, 1, 1)
    history.suspect("2027-03-05 12:00", "REMANDED")
    crime(history, 2, 15)
    history.withdrew("2027-03-20 12:00", "CASE-2027-00002")
    if withdrew:
        history.withdrew(withdrew)
    # An officer's time of the charge holds against the time at which an extract told of it.
    history.report(
        DAY, case=CASE, tag="report:updated", version=2, facts={"outcome_code": 1}, received=DAY
    )
    table = history.measured(*MARCH)
    assert fraction(table, "M16b", "support_withdrawn_after_charge") == expected


def test_without_an_officers_word_a_charge_is_as_old_as_the_report_that_tells_of_it() -> None:
    history = Duties()
    history.served(DAY)
    history.report(
        DAY,
        case=CASE,
        tag="report:updated",
        version=2,
        facts={"outcome_code": 1},
        received="2027-03-10 09:00",
    )
    history.withdrew("2027-03-09 09:00")
    assert fraction(history.measured(*MARCH), "M16b", "support_withdrawn_after_charge") == (0, 1, 0)
    history.withdrew("2027-03-11 09:00")
    assert fraction(history.measured(*MARCH), "M16b", "support_withdrawn_after_charge") == (1, 1, 0)


def test_news_told_in_time_by_kind_less_what_she_did_not_want() -> None:
    history = Duties()
    history.served(DAY)
    event, due = "2027-03-02 10:00", "2027-03-03 23:59"
    history.news(event, due, 1, told=due)
    history.news(event, due, 2, told="2027-03-04 00:00", safe=False)
    history.news(event, due, 3, kind="RELEASED")
    history.news(event, due, 4, outcome="OPTED_OUT")
    history.news(event, due, 5, outcome="SAID_NO_UPDATES")
    history.news(event, due, 6, outcome="HELD")
    history.news("2027-03-31 10:00", "2027-04-01 23:59", 7, kind="RELEASED")
    history.news(event, due, 8, told="2027-03-05 09:00")
    history.clock(
        "2027-03-04 09:00",
        "VICTIM_NOTIFICATION",
        due,
        stream=WAS_INCIDENT,
        subject="NOT-008",
        late=True,
    )
    table = history.measured(*MARCH)
    assert fraction(table, "M22", "told_in_time", item="ALL") == (1, 3, 1)
    assert fraction(table, "M22", "told_in_time", item="SUSPECT_ARRESTED") == (1, 2, 0)
    assert fraction(table, "M22", "told_in_time", item="RELEASED") == (0, 1, 1)
    assert fraction(table, "M22", "received_late") == (0, 1, 0)
    note = row(table, "M22", "told_in_time", item="ALL").note
    assert "2 wanted no news" in note
    assert "1 held" in note
    assert "1 told by a route that was not safe" in note


def test_orders_of_crimes_graded_high_by_intake_or_in_the_case_since() -> None:
    history = Duties()
    history.served(DAY, 1, judged={"grade": "HIGH"})
    history.served(DAY, 2)
    history.graded("2027-03-03 09:00", case="CASE-2027-00002")
    history.served(DAY, 3)
    assert history.streams[f"victim/{VICTIM}"][0].data["report"]["incident_ref"] == INCIDENT
    history.order("2027-03-03 09:00", "DVPN", 1)
    history.order("2027-03-05 09:00", "DVPO", 2)
    history.order("2027-03-05 09:00", "SPO", 3, error=True)
    history.order("2027-03-05 09:00", "NON_MOLESTATION", 4)
    history.order("2027-03-05 09:00", "SPO_INTERIM", 5, made="2027-03-01 09:00")
    table = history.measured(*MARCH)
    made = row(table, "M23", "made_per_100", item="ALL")
    assert (made.value, made.numerator, made.denominator) == (100.0, 2, 2)
    assert fraction(table, "M23", "crimes_with_order", item="ALL") == (1, 2, 0)
    assert fraction(table, "M23", "crimes_with_order", item="DVPN") == (1, 2, 0)
    assert fraction(table, "M23", "crimes_with_order", item="SPO") == (0, 2, 0)
