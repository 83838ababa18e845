"""M07, M08 and M11 to M15 on histories small enough to count by hand."""

from __future__ import annotations

import pytest

from models.ids import case_stream
from tests.evaluation.duties import MEETING, Duties
from tests.evaluation.history import CASE, fraction, row

MARCH = ("2027-03-01", "2027-03-31")
DAY = "2027-03-02 08:00"


def test_idva_referral_of_high_cases_and_of_all() -> None:
    history = Duties()
    for number in range(1, 6):
        case = history.served(DAY, number)
        if number < 5:
            history.graded(DAY, case=case)
    history.referred("2027-03-02 12:00", "IDVA", 1)
    # A draft has not left the police; what was made in error is none; the third is still in time.
    history.referred("2027-03-02 12:00", "IDVA", 2, "CASE-2027-00002", "DRAFT")
    wrong = history.referred("2027-03-02 12:00", "IDVA", 3, "CASE-2027-00003")
    history.enters("2027-03-02 13:00", wrong, "WITHDRAWN_IN_ERROR")
    history.clock(
        "2027-03-31 12:00",
        "IDVA_REFERRAL",
        "2027-04-01 12:00",
        stream=case_stream("CASE-2027-00004"),
    )
    table = history.measured(*MARCH)
    assert fraction(table, "M07", "high") == (1, 3, 1)
    assert fraction(table, "M07", "all") == (1, 4, 1)
    assert row(table, "M07", "high").note == "1 drafted and not sent"
    later = history.measured("2027-03-01", "2027-04-30")
    assert fraction(later, "M07", "high") == (1, 4, 0)
    assert fraction(later, "M07", "all") == (1, 5, 0)


@pytest.mark.parametrize(
    ("sent", "engaged", "closed", "expected"),
    [
        ("2027-03-03 23:59", "2027-03-05 09:00", "", (1, 1, 0)),  # day 28 is 31 March
        ("2027-03-04 00:00", "2027-03-05 09:00", "", (0, 0, 1)),  # a day younger
        ("2027-03-20 09:00", "2027-03-22 09:00", "2027-03-30 09:00", (1, 1, 0)),
        ("2027-03-20 09:00", "", "2027-03-30 09:00", (0, 1, 0)),
        ("2027-03-03 09:00", "", "", (0, 1, 0)),
        ("2027-03-03 09:00", "2027-04-01 09:00", "", (0, 1, 0)),  # after the cut-off
    ],
)
def test_idva_engagement_is_asked_of_referrals_closed_or_old_enough(
    sent: str, engaged: str, closed: str, expected: tuple[int, int, int]
) -> None:
    history = Duties()
    history.served(DAY)
    ref = history.referred(sent, "IDVA")
    if engaged:
        history.enters(engaged, ref, "ENGAGED", "ENGAGED")
    if closed:
        history.enters(closed, ref, "CLOSED", "CLOSED_PLANNED")
    table = history.measured(*MARCH)
    assert fraction(table, "M08", "engaged") == expected


def test_marac_referral_by_criterion_recommended_or_named_by_the_officer() -> None:
    history = Duties()
    for number in range(1, 5):
        history.served(DAY, number)
    history.recommended(DAY, "MARAC_REFERRAL", criteria=("VISIBLE_HIGH_RISK",))
    history.referred("2027-03-02 12:00", "MARAC", 1, criteria=("VISIBLE_HIGH_RISK",))
    # Met again after the referral, on another ground: not referred on it.
    history.recommended("2027-03-20 08:00", "MARAC_REFERRAL", 2, criteria=("POTENTIAL_ESCALATION",))
    history.referred(
        "2027-03-02 12:00", "MARAC", 2, "CASE-2027-00002", criteria=("PROFESSIONAL_JUDGEMENT",)
    )
    third, fourth = "CASE-2027-00003", "CASE-2027-00004"
    history.recommended(
        DAY, "MARAC_REFERRAL", case=third, criteria=("VISIBLE_HIGH_RISK",), decision="DECLINED"
    )
    history.recommended(
        "2027-03-31 12:00", "MARAC_REFERRAL", case=fourth, criteria=("SUICIDE_SELF_HARM",)
    )
    history.clock(
        "2027-03-31 12:00", "MARAC_SUBMIT", "2027-04-01 23:59", stream=case_stream(fourth)
    )
    table = history.measured(*MARCH)
    assert fraction(table, "M11", "submitted", item="ALL") == (2, 3, 1)
    assert fraction(table, "M11", "submitted", item="VISIBLE_HIGH_RISK") == (1, 2, 0)
    assert fraction(table, "M11", "submitted", item="PROFESSIONAL_JUDGEMENT") == (1, 1, 0)
    assert fraction(table, "M11", "submitted", item="POTENTIAL_ESCALATION") == (0, 1, 0)
    assert fraction(table, "M11", "submitted", item="SUICIDE_SELF_HARM") == (0, 0, 1)
    assert not [r for r in table.rows if r.metric == "M11" and r.item == "REPEAT"]


def test_marac_repeats_are_counted_of_those_heard() -> None:
    history = Duties()
    history.served(DAY)
    heard = ("SUBMITTED", "HEARD")
    history.referred("2027-03-03 09:00", "MARAC", 1, CASE, *heard)
    history.referred("2027-03-20 09:00", "MARAC", 2, CASE, *heard, repeat=True)
    history.referred("2027-03-25 09:00", "MARAC", 3, CASE, repeat=True)
    table = history.measured(*MARCH)
    assert fraction(table, "M12", "repeat") == (1, 2, 0)


def test_marac_actions_done_by_their_due_time() -> None:
    history = Duties()
    history.served(DAY)
    ref = history.referred("2027-03-03 09:00", "MARAC")
    issued, due = "2027-03-12 09:00", "2027-03-26 23:59"
    history.action(issued, ref, 1, due, ended=due)  # at the due time itself
    history.action(issued, ref, 2, due, ended="2027-03-27 00:00")
    history.action(issued, ref, 3, due)
    history.action(issued, ref, 4, due, ended=issued, status="NOT_ACHIEVABLE")
    history.action(issued, ref, 5, due, ended=issued, status="CANCELLED")
    history.action(issued, ref, 6, "2027-04-09 23:59")
    history.action(issued, "MARAC-2027-00099", 7, due, ended=due)  # of no case of the cohort
    table = history.measured(*MARCH)
    assert fraction(table, "M13", "on_time") == (1, 4, 1)
    note = row(table, "M13", "on_time").note
    assert "1 not achievable" in note
    assert "1 cancelled" in note
    # A new calendar gave the sixth another due time, and the second one more day.
    history.clock(
        "2027-03-15 09:00", "MARAC_ACTION", "2027-03-29 23:59", stream=MEETING, subject="2"
    )
    assert fraction(history.measured(*MARCH), "M13", "on_time") == (2, 4, 1)


def test_matac_counts_people_found_serial_once_and_nominations_by_their_decision() -> None:
    history = Duties()
    history.served(DAY)
    chosen = history.referred("2027-03-03 09:00", "MATAC", 1, CASE, "SCORED")
    for when in ("2027-03-01 06:00", "2027-04-01 06:00"):
        history.scored(when, 1, ref=chosen)
        history.scored(when, 2)
        history.scored(when, 3, serial=False)
    waiting = history.referred("2027-03-03 09:00", "MATAC", 4, CASE, "SCORED")
    history.scored("2027-03-01 06:00", 4, ref=waiting)
    history.scored("2027-03-01 06:00", 9, area="Thanet")
    history.enters("2027-03-04 09:00", chosen, "NOMINATED")
    history.enters("2027-03-08 09:00", chosen, "SELECTED")
    # Nominated by a partner: nobody's score found them serial.
    history.referred("2027-03-05 09:00", "MATAC", 5, CASE, "NOMINATED", "NOT_SELECTED")
    history.referred("2027-03-05 09:00", "MATAC", 6, CASE, "NOMINATED", "DEFERRED")
    table = history.measured("2027-03-01", "2027-04-30")
    assert fraction(table, "M14", "nominated") == (1, 2, 1)
    assert fraction(table, "M14", "nominated", period="2027-04") == (1, 2, 0)
    assert fraction(table, "M14", "selected") == (1, 2, 1)
    none = row(table, "M14", "selected", period="2027-04")
    assert none.note.startswith("NONE")


def test_masip_is_asked_of_stalking_cases_by_flag_or_screen() -> None:
    history = Duties()
    history.served(DAY, 1, facts={"stalking": True})
    history.served(DAY, 2)
    history.event(
        case_stream("CASE-2027-00002"), "stalking:screened", "2027-03-05 09:00", {"stalking": True}
    )
    history.served(DAY, 3)
    for number, state in ((1, "ACCEPTED"), (2, "CONSULTATION_ONLY"), (3, "")):
        ref = history.referred("2027-03-06 09:00", "MASIP", number, "CASE-2027-00001")
        history.enters("2027-03-09 09:00", ref, "TRIAGED")
        if state:
            history.enters("2027-03-10 09:00", ref, state)
    table = history.measured(*MARCH)
    assert fraction(table, "M15", "referred") == (1, 2, 0)
    assert fraction(table, "M15", "taken_on") == (1, 2, 1)
