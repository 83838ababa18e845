"""M01 to M06 and M20 on histories small enough to count by hand."""

from __future__ import annotations

import pytest

from models.ids import case_stream, incident_stream
from tests.evaluation.history import CASE, INCIDENT, VICTIM, History, fraction, row

MARCH = ("2027-03-01", "2027-03-31")


def test_time_to_contact_has_median_p90_and_mean_of_those_reached_and_shows_the_censored() -> None:
    history = History()
    for number, hour in enumerate(("10:00", "12:00", "14:00", "18:00"), 1):
        history.served("2027-03-02 08:00", number, f"2027-03-02 {hour}")
    history.served("2027-03-02 08:00", 5)
    table = history.measured(*MARCH)
    # 2, 4, 6 and 10 hours: median between 4 and 6; p90 at position 2.7: 6 + 0.7 * 4.
    assert row(table, "M01", "median").value == 5.0
    assert row(table, "M01", "p90").value == 8.8
    assert row(table, "M01", "mean").value == 5.5
    assert "1 censored" in row(table, "M01", "median").note
    assert fraction(table, "M01", "censored") == (1, 5, 1)
    # Of five, the third was reached after 6 hours; the tenth decile never.
    assert row(table, "M01", "median_with_censored").value == 6.0
    unreached = row(table, "M01", "p90_with_censored")
    assert unreached.value is None
    assert unreached.note.startswith("NOT_REACHED")


def test_a_success_after_the_period_or_not_yet_recorded_is_censored() -> None:
    history = History()
    history.served("2027-03-31 20:00", 1, "2027-04-01 09:00")
    case = history.served("2027-03-30 20:00", 2)
    history.attempt("2027-03-30 21:00", case, recorded="2027-04-05 09:00")
    early = history.measured(*MARCH, as_of="2027-04-02 00:00")
    assert fraction(early, "M01", "censored") == (2, 2, 2)
    assert row(early, "M01", "median").note.startswith("NO_CONTACT")
    later = history.measured(*MARCH, as_of="2027-04-06 00:00")
    assert row(later, "M01", "median").value == 1.0
    assert fraction(later, "M01", "censored") == (1, 2, 1)


def test_the_month_is_londons() -> None:
    history = History()
    # 23:30 UTC on 31 March is 00:30 on 1 April in London.
    history.served("2027-04-01 00:30", 1, "2027-04-01 02:30")
    table = history.measured("2027-03-01", "2027-04-30")
    assert row(table, "M01", "median", period="2027-04").value == 2.0
    assert row(table, "M01", "median", period="2027-03").note.startswith("NO_COHORT")


def test_a_joined_report_is_no_second_episode_but_an_incident_of_its_own() -> None:
    history = History()
    case = history.served("2027-03-02 08:00", 1, "2027-03-02 10:00")
    history.report("2027-03-09 08:00", incident="46/77/27", case=case)
    history.verdict("2027-03-02 09:00", "COMPLETE")
    history.verdict("2027-03-09 09:00", "PARTIAL", incident="46/77/27")
    table = history.measured(*MARCH)
    assert fraction(table, "M01", "censored") == (0, 1, 0)
    assert fraction(table, "M03", "complete") == (1, 2, 0)


def test_history_is_in_no_pilot_metric_unless_a_case_was_opened_on_it() -> None:
    history = History()
    history.report("2027-03-02 08:00", history=True)
    table = history.measured(*MARCH)
    assert row(table, "M01", "censored").note.startswith("NO_COHORT")
    history.opened("2027-03-02 09:00")
    assert fraction(history.measured(*MARCH), "M01", "censored") == (1, 1, 1)


def test_once_eligible_a_report_stays_in_the_cohort() -> None:
    history = History()
    history.served("2027-03-02 08:00", 1, "2027-03-02 10:00")
    history.report("2027-03-02 08:00", case=CASE, tag="report:updated", version=2, eligible=False)
    assert fraction(history.measured(*MARCH), "M01", "censored") == (0, 1, 0)


@pytest.mark.parametrize(
    ("met", "raw", "adjusted"),
    [
        ("2027-03-03 08:00", (1, 1, 0), (1, 1, 0)),  # at the raw limit itself
        ("2027-03-03 08:01", (0, 1, 0), (1, 1, 0)),  # late, within the window
        ("2027-03-03 14:01", (0, 1, 0), (0, 1, 0)),
    ],
)
def test_first_contact_is_judged_by_the_raw_and_by_the_later_limit(
    met: str, raw: tuple[int, int, int], adjusted: tuple[int, int, int]
) -> None:
    history = History()
    history.served("2027-03-02 08:00", 1, met)
    history.interval("FIRST_CONTACT", "2027-03-03 08:00", met, adjusted="2027-03-03 14:00")
    table = history.measured(*MARCH)
    assert fraction(table, "M02", "raw") == raw
    assert fraction(table, "M02", "adjusted") == adjusted


def test_first_contact_open_past_its_limit_fails_and_not_yet_due_waits() -> None:
    history = History()
    first, second = history.served("2027-03-02 08:00", 1), history.served("2027-03-30 08:00", 2)
    history.clock("2027-03-02 08:00", "FIRST_CONTACT", "2027-03-05 08:00", stream=f"case/{first}")
    history.clock("2027-03-30 08:00", "FIRST_CONTACT", "2027-04-02 08:00", stream=f"case/{second}")
    assert fraction(history.measured(*MARCH), "M02", "raw") == (0, 1, 1)


def test_first_contact_that_stopped_being_owed_counts_once_due_and_is_said() -> None:
    history = History()
    history.served("2027-03-02 08:00", 1)
    history.clock("2027-03-02 09:00", "FIRST_CONTACT", "2027-03-05 08:00", tag="clock:cancelled")
    table = history.measured(*MARCH)
    assert fraction(table, "M02", "raw") == (0, 1, 0)
    assert "no longer owed" in row(table, "M02", "raw").note


def test_what_was_received_late_stands_apart() -> None:
    history = History()
    history.served("2027-03-02 08:00", 1)
    history.interval("FIRST_CONTACT", "2027-03-02 07:00", "2027-03-02 09:00", late=True)
    history.verdict("2027-03-02 12:00", "NOT_ACHIEVED", late=True)
    table = history.measured(*MARCH)
    assert fraction(table, "M02", "raw") == (0, 0, 0)
    assert fraction(table, "M02", "received_late") == (0, 1, 0)
    assert fraction(table, "M03", "complete") == (0, 0, 0)
    assert fraction(table, "M03", "received_late") == (0, 1, 0)


def test_golden_hour_counts_the_latest_verdict_where_it_applies() -> None:
    history = History()
    history.served("2027-03-02 08:00", 1)
    history.verdict("2027-03-02 09:00", "PARTIAL", without_declined="COMPLETE")
    history.served("2027-03-03 08:00", 2)
    history.verdict("2027-03-03 09:00", "PARTIAL", incident="46/2/27", victim="VIC-0002")
    history.verdict("2027-03-03 15:00", "COMPLETE", incident="46/2/27", victim="VIC-0002")
    history.served("2027-03-04 08:00", 3)
    history.verdict(
        "2027-03-04 09:00",
        "NOT_APPLICABLE",
        applicable=False,
        incident="46/3/27",
        victim="VIC-0003",
    )
    history.served("2027-03-31 23:30", 4)
    table = history.measured(*MARCH)
    assert fraction(table, "M03", "complete") == (1, 2, 1)
    assert fraction(table, "M03", "complete_without_declined") == (2, 2, 1)


def test_items_are_counted_by_code_without_those_not_applicable_or_not_yet_due() -> None:
    history = History()
    history.served("2027-03-02 08:00", 1)
    due = "2027-03-02 09:00"
    for code, when, status in (
        ("BWV_ATTENDANCE", "2027-03-02 08:30", "CAPTURED"),
        ("RES_GESTAE_NOTE", "2027-03-02 10:30", "CAPTURED_LATE"),
        ("SUSPECT_WORDS", "2027-03-02 08:30", "NOT_APPLICABLE"),
        ("SCENE_PHOTOS_VIDEO", "2027-03-02 08:30", "VICTIM_DECLINED"),
    ):
        history.item(code, "2027-03-02 08:05", due=due)
        history.item(code, when, status, due=due)
    history.item("CHILD_ACCOUNT", "2027-03-02 08:05", due=due)
    history.item("VPS_OFFERED", "2027-03-02 08:05", due="2027-04-09 23:59")
    history.item("INJURY_PHOTOS_FOLLOWUP", "2027-03-02 08:05")
    table = history.measured(*MARCH)
    assert fraction(table, "M04", "captured_or_late", item="ALL") == (2, 4, 2)
    assert fraction(table, "M04", "captured_or_late", item="RES_GESTAE_NOTE") == (1, 1, 0)
    assert row(table, "M04", "captured_or_late", item="ALL").note == "1 of them late"
    assert fraction(table, "M04", "captured_or_late", item="CHILD_ACCOUNT") == (0, 1, 0)
    assert not [r for r in table.rows if r.item == "SUSPECT_WORDS"]
    stream = incident_stream(INCIDENT, VICTIM)
    history.clock(
        "2027-03-02 08:30",
        "EVIDENCE_ITEM",
        "2027-03-05 08:30",
        stream=stream,
        subject="INJURY_PHOTOS_FOLLOWUP",
    )
    again = history.measured(*MARCH)
    assert fraction(again, "M04", "captured_or_late", item="INJURY_PHOTOS_FOLLOWUP") == (0, 1, 0)


@pytest.mark.parametrize(
    ("captured", "within", "ever"),
    [
        ("2027-03-02 09:00", (1, 1, 0), (1, 1, 0)),
        ("2027-03-02 09:01", (0, 1, 0), (1, 1, 0)),
        ("", (0, 1, 0), (0, 1, 0)),
    ],
)
def test_account_video_within_sixty_minutes_and_ever(
    captured: str, within: tuple[int, int, int], ever: tuple[int, int, int]
) -> None:
    history = History()
    history.served("2027-03-02 08:00", 1)
    history.item("INITIAL_ACCOUNT_VIDEO", "2027-03-02 08:05", due="2027-03-02 09:00")
    if captured:
        history.item("INITIAL_ACCOUNT_VIDEO", captured, "CAPTURED", due="2027-03-02 09:00")
    table = history.measured(*MARCH)
    assert fraction(table, "M05", "within_60_min") == within
    assert fraction(table, "M05", "ever") == ever


@pytest.mark.parametrize(
    ("done", "declined", "expected"),
    [
        ("2027-03-09 23:59", False, (1, 1, 0)),
        ("2027-03-10 09:00", False, (0, 1, 0)),
        ("2027-03-04 09:00", True, (0, 1, 0)),
        ("", False, (0, 1, 0)),
    ],
)
def test_needs_assessed_by_the_due_instant_of_its_clock(
    done: str, declined: bool, expected: tuple[int, int, int]
) -> None:
    history = History()
    history.served("2027-03-02 08:00", 1, "2027-03-02 10:00")
    history.clock("2027-03-02 10:00", "NEEDS_ASSESSMENT", "2027-03-09 23:59")
    if done:
        history.needs(done, declined=declined)
    table = history.measured(*MARCH)
    assert fraction(table, "M06", "completed") == expected
    assert ("declined" in row(table, "M06", "completed").note) is declined


def test_needs_of_cases_without_contact_are_in_no_denominator_and_undue_ones_wait() -> None:
    history = History()
    history.served("2027-03-02 08:00", 1)
    case = history.served("2027-03-30 08:00", 2, "2027-03-30 10:00")
    history.clock(
        "2027-03-30 10:00", "NEEDS_ASSESSMENT", "2027-04-06 23:59", stream=case_stream(case)
    )
    assert fraction(history.measured(*MARCH), "M06", "completed") == (0, 0, 1)


def test_cadence_counts_intervals_met_missed_and_open_past_due_but_not_the_first_contact() -> None:
    history = History()
    history.served("2027-03-01 08:00", 1, "2027-03-01 10:00")
    history.interval("FIRST_CONTACT", "2027-03-02 08:00", "2027-03-01 10:00")
    history.interval("CONTACT_CADENCE", "2027-03-08 10:00", "2027-03-08 09:00")
    history.interval(
        "CONTACT_CADENCE",
        "2027-03-15 09:00",
        "2027-03-16 11:00",
        number=2,
        adjusted="2027-03-16 12:00",
    )
    history.interval("CONTACT_CADENCE", "2027-03-23 11:00", ended="2027-03-25 11:00", number=3)
    history.clock("2027-03-25 11:00", "CONTACT_CADENCE", "2027-04-01 11:00", number=4)
    table = history.measured(*MARCH)
    assert fraction(table, "M20", "raw") == (1, 3, 1)
    assert fraction(table, "M20", "adjusted") == (2, 3, 1)
    later = history.measured("2027-03-01", "2027-04-30")
    assert fraction(later, "M20", "raw") == (1, 4, 0)


def test_an_interval_paused_or_cancelled_before_it_was_due_is_not_due() -> None:
    history = History()
    history.served("2027-03-01 08:00", 1, "2027-03-01 10:00")
    due = "2027-03-08 10:00"
    history.clock("2027-03-02 08:00", "CONTACT_CADENCE", due, tag="clock:cancelled")
    history.clock(
        "2027-03-02 08:00", "CONTACT_CADENCE", due, tag="clock:moved", paused=True, number=2
    )
    history.clock("2027-03-09 08:00", "CONTACT_CADENCE", due, tag="clock:cancelled", number=3)
    table = history.measured(*MARCH)
    assert fraction(table, "M20", "raw") == (0, 1, 2)
    assert "1 of the pending" in row(table, "M20", "raw").note
