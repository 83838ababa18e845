"""Walk-throughs of docs/domain.md 16 as ledgers written by hand."""

from __future__ import annotations

from tests.evaluation.duties import Duties
from tests.evaluation.history import CASE, at, fraction, row


def test_walk_through_of_an_engaged_high_risk_victim() -> None:
    """docs/domain.md 16 (i): contact after 12 h 35 min, in time; golden hour complete; account on
    video after 25 minutes; needs done on the last day; the next contact in time."""
    history = Duties()
    history.report("2027-03-25 21:40", case=CASE)
    history.opened("2027-03-25 21:50")
    history.item("INITIAL_ACCOUNT_VIDEO", "2027-03-25 21:50", due="2027-03-25 22:40")
    history.item("INITIAL_ACCOUNT_VIDEO", "2027-03-25 22:05", "CAPTURED", due="2027-03-25 22:40")
    history.verdict("2027-03-25 22:40", "COMPLETE")
    history.allocated("2027-03-25 22:50")
    history.attempt("2027-03-26 10:15")
    history.interval("FIRST_CONTACT", "2027-03-26 22:50", "2027-03-26 10:15")
    history.clock("2027-03-26 10:15", "NEEDS_ASSESSMENT", "2027-04-05 23:59")
    history.needs("2027-04-05 16:00")
    history.clock("2027-03-26 10:15", "CONTACT_CADENCE", "2027-04-02 10:15")
    history.interval("CONTACT_CADENCE", "2027-04-02 10:15", "2027-04-02 10:00")
    table = history.measured("2027-03-01", "2027-04-30")
    assert row(table, "M01", "median").value == 12.58
    assert (at("2027-04-02 10:15") - at("2027-03-26 10:15")).total_seconds() == 167 * 3600
    for metric, name in (
        ("M02", "raw"),
        ("M02", "adjusted"),
        ("M03", "complete"),
        ("M05", "within_60_min"),
        ("M06", "completed"),
        ("M20", "raw"),
    ):
        assert fraction(table, metric, name, period="2027-03") == (1, 1, 0), metric


def test_walk_through_of_a_reticent_victim_with_a_visit_and_an_arrest() -> None:
    """docs/domain.md 16 (ii): the first contact fails, the visit and its arrest count, whether she
    comes back is not known yet."""
    history = Duties()
    history.report("2027-05-10 19:10", case=CASE, judged={"reticent": True, "grade": "MEDIUM"})
    history.opened("2027-05-10 19:15")
    history.allocated("2027-05-10 20:00")
    for when in ("2027-05-11 10:30", "2027-05-12 13:10", "2027-05-13 11:00"):
        history.attempt(when, satisfied=False)
    history.authorised("2027-05-14 09:00", "2027-05-17 09:00")
    seen = "2027-05-14 18:30"
    history.visited(seen, "SUSPECT_ARRESTED", "SEEN_ALONE")
    history.attempt(seen)
    history.interval("FIRST_CONTACT", "2027-05-13 20:00", seen, adjusted="2027-05-13 14:00")
    history.news(seen, "2027-05-17 23:59", told=seen)
    history.graded("2027-05-14 19:05")
    history.clock("2027-05-14 19:05", "IDVA_REFERRAL", "2027-05-15 19:05")
    history.recommended("2027-05-14 19:05", "MARAC_REFERRAL", criteria=("PROFESSIONAL_JUDGEMENT",))
    history.clock("2027-05-14 19:05", "MARAC_SUBMIT", "2027-05-17 23:59")
    table = history.measured("2027-05-01", "2027-05-31", as_of="2027-05-15 12:00")
    for metric, name, expected in (
        ("M02", "raw", (0, 1, 0)),
        ("M02", "adjusted", (0, 1, 0)),
        ("M07", "high", (0, 0, 1)),
        ("M09", "seen", (1, 1, 0)),
        ("M10", "with_arrest", (1, 1, 0)),
        ("M24", "two_successes_in_60_days", (0, 0, 1)),
    ):
        assert fraction(table, metric, name) == expected, metric
    assert row(table, "M01", "median").value == 95.33
    assert fraction(table, "M11", "submitted", item="ALL") == (0, 0, 1)
    assert fraction(table, "M22", "told_in_time", item="ALL") == (1, 1, 0)
    # Sent on the Saturday morning after all; she is reached once more; 60 days end on 9 July.
    history.referred("2027-05-15 18:00", "IDVA")
    history.attempt("2027-05-21 13:00")
    later = history.measured("2027-05-01", "2027-07-31")
    assert fraction(later, "M07", "high") == (1, 1, 0)
    assert fraction(later, "M24", "two_successes_in_60_days") == (1, 1, 0)
