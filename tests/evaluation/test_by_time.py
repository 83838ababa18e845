"""C01 and R01: what came due, and what officers made of recommendations."""

from __future__ import annotations

from models.enums import ClockType
from models.ids import case_stream, incident_stream, referral_stream
from tests.evaluation.duties import MEETING, Duties
from tests.evaluation.history import CASE, fraction, row

MARCH = ("2027-03-01", "2027-03-31")
DAY = "2027-03-02 08:00"
DUE = "2027-03-10 12:00"


def met(history: Duties, kind: str, when: str, number: int = 1, **more: object) -> None:
    """A clock that was due on 10 March and was met then."""
    history.clock(DAY, kind, DUE, number=number, **more)  # type: ignore[arg-type]
    again = {**more, "tag": "clock:met", "started": DAY}
    history.clock(when, kind, DUE, number=number, **again)  # type: ignore[arg-type]


def test_clocks_in_time_late_past_due_and_received_late_apart() -> None:
    history = Duties()
    history.served(DAY)
    met(history, "RISK_REVIEW", DUE)  # at the due instant itself
    met(history, "RISK_REVIEW", "2027-03-10 12:01", 2)
    history.clock(DAY, "RISK_REVIEW", DUE, number=3)
    met(history, "RISK_REVIEW", "2027-03-12 09:00", 4, late=True)
    history.clock(DAY, "RISK_REVIEW", DUE, number=5, late=True)
    # Dropped before it was due, dropped after; paused; not due; another area's.
    for number, when in ((6, "2027-03-09 09:00"), (7, "2027-03-11 09:00")):
        history.clock(when, "RISK_REVIEW", DUE, number=number, tag="clock:cancelled", started=DAY)
    history.clock(DAY, "RISK_REVIEW", DUE, number=8, paused=True)
    history.clock(DAY, "RISK_REVIEW", "2027-04-02 12:00", number=9)
    history.clock(DAY, "RISK_REVIEW", DUE, stream="meeting/MARAC/Thanet/2027-03-11/1")
    table = history.measured(*MARCH)
    assert fraction(table, "C01", "in_time", item="RISK_REVIEW") == (1, 4, 0)
    assert fraction(table, "C01", "late", item="RISK_REVIEW") == (1, 4, 0)
    assert fraction(table, "C01", "past_due", item="RISK_REVIEW") == (2, 4, 0)
    assert "1 of those past due ended" in row(table, "C01", "past_due", item="RISK_REVIEW").note
    assert fraction(table, "C01", "received_late_met", item="RISK_REVIEW") == (1, 2, 0)
    assert fraction(table, "C01", "in_time", item="ALL") == (1, 4, 0)


def test_contact_clocks_keep_raw_and_adjusted_limits_apart() -> None:
    history = Duties()
    history.served(DAY)
    # A safe window moved the limit on by two days, and another back by two.
    history.clock(DAY, "CONTACT_CADENCE", DUE, raw="2027-03-08 12:00")
    history.clock(
        "2027-03-09 12:00",
        "CONTACT_CADENCE",
        DUE,
        raw="2027-03-08 12:00",
        tag="clock:met",
        started=DAY,
    )
    history.clock(
        "2027-03-11 12:00",
        "CONTACT_CADENCE",
        DUE,
        raw="2027-03-12 12:00",
        number=2,
        tag="clock:met",
        started=DAY,
    )
    table = history.measured(*MARCH)
    assert fraction(table, "C01", "in_time", item="CONTACT_CADENCE") == (2, 2, 0)
    assert fraction(table, "C01", "in_time_raw", item="CONTACT_CADENCE") == (1, 2, 0)
    raw = {r.item for r in table.rows if r.measure == "in_time_raw"}
    assert raw == {"FIRST_CONTACT", "CONTACT_CADENCE"}


def test_clocks_of_every_stream_of_the_area_count_and_every_type_of_the_register_has_a_row() -> (
    None
):
    history = Duties()
    history.served(DAY)
    ref = history.referred(DAY, "IDVA")
    for kind, stream in (
        ("RISK_REVIEW", case_stream(CASE)),
        ("SUPPORT_REFERRAL", incident_stream("46/1/27", "VIC-0001")),
        ("IDVA_ACK", referral_stream(ref)),
        ("MARAC_MINUTES", MEETING),
    ):
        met(history, kind, DUE, stream=stream)
    # A flag that runs out by itself is nobody's success.
    met(history, "MARAC_REPEAT_WINDOW", DUE, stream=referral_stream(ref))
    table = history.measured(*MARCH)
    assert fraction(table, "C01", "in_time", item="ALL") == (4, 4, 0)
    assert fraction(table, "C01", "in_time", item="MARAC_REPEAT_WINDOW") == (1, 1, 0)
    total = f"{MARCH[0]}/{MARCH[1]}"
    found = {r.item for r in table.rows if r.metric == "C01" and r.period == total}
    assert found == {"ALL", *(kind.value for kind in ClockType)}
    assert row(table, "C01", "in_time", item="DVDS").note.startswith("NONE_DUE")


def test_clocks_count_in_the_month_in_which_they_came_due() -> None:
    history = Duties()
    history.served("2027-02-20 08:00")
    history.clock("2027-02-20 08:00", "CASE_REVIEW", "2027-03-22 23:59")
    table = history.measured("2027-02-01", "2027-03-31")
    assert fraction(table, "C01", "past_due", item="CASE_REVIEW", period="2027-03") == (1, 1, 0)
    assert fraction(table, "C01", "past_due", item="ALL", period="2027-02") == (0, 0, 0)
    # The area is measured in a month without a new report, too.
    alone = history.measured(*MARCH)
    assert fraction(alone, "C01", "past_due", item="CASE_REVIEW") == (1, 1, 0)
    assert row(alone, "M07", "all").note.startswith("NO_COHORT")


def test_agreement_by_rule_leaves_out_what_was_superseded_or_waits() -> None:
    history = Duties()
    history.served(DAY)
    for number, decision in enumerate(("ACCEPTED", "ACCEPTED", "DECLINED", "SUPERSEDED", ""), 1):
        history.recommended(DAY, "RISK_GRADE", number, decision=decision, decided=DUE)
    history.recommended(DAY, "HHV", 6, decision="DECLINED", review="OVERRULE")
    history.recommended(DAY, "HHV", 7, decision="DECLINED", review="UPHOLD")
    history.recommended(DAY, "HHV", 8, decision="ACCEPTED", decided="2027-04-02 09:00")
    table = history.measured(*MARCH)
    assert fraction(table, "R01", "accepted", item="RISK_GRADE") == (2, 3, 1)
    assert fraction(table, "R01", "declined", item="RISK_GRADE") == (1, 3, 1)
    assert fraction(table, "R01", "superseded", item="RISK_GRADE") == (1, 4, 1)
    assert fraction(table, "R01", "declined_then_overruled", item="RISK_GRADE") == (0, 0, 1)
    assert fraction(table, "R01", "accepted", item="HHV") == (0, 2, 1)
    assert fraction(table, "R01", "declined_then_overruled", item="HHV") == (1, 2, 0)
    assert fraction(table, "R01", "accepted", item="ALL") == (2, 5, 2)
