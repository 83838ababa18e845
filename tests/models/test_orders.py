from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.commands import (
    DiscountOrder,
    EndOrder,
    RecordHearing,
    RecordOrder,
    RecordOrderContact,
    RecordSpoNotification,
    ServeOrder,
    VaryOrder,
)
from models.enums import (
    ClockStatus,
    ClockType,
    HearingResult,
    OrderEnd,
    OrderStatus,
    OrderType,
    PoliceRank,
)
from models.incident import ended
from models.messages import CaseClosed
from store.projections import Upsert, changes
from tests.models.conftest import at
from tests.models.play_incident import DALO, MY_GRANT, OIC, SERGEANT
from tests.models.play_suspect import Case

T, R = OrderType, HearingResult


def incident(reported: str) -> Case:
    return Case(reported=at(reported))


def with_notice(served: str, kind: OrderType = T.DVPN, **more: object) -> Case:
    """A notice authorised and served at one time."""
    case = incident(served)
    command = {
        "at": case.now,
        "served_at": case.now,
        "order_type": kind,
        "authorised_by_rank": PoliceRank.SUPERINTENDENT,
        **more,
    }
    assert case.by(RecordOrder.model_validate(command)) == ("ORD-001",)
    return case


def with_order(made: str, kind: OrderType, **more: object) -> Case:
    case = incident(made)
    case.by(RecordOrder.model_validate({"at": case.now, "order_type": kind, **more}))
    return case


# --- notices ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("served", "due"),
    [
        # Good Friday, a Sunday and Easter Monday are skipped, and the clocks go forward.
        ("2027-03-26 18:00", "2027-03-31 00:00"),
        ("2027-03-27 16:30", "2027-03-31 16:30"),
        # Christmas Day is a Saturday and no listed holiday; 27 and 28 December are.
        ("2027-12-24 18:00", "2027-12-30 18:00"),
        ("2027-06-16 10:00", "2027-06-18 10:00"),
        # Saturday night before the clocks go back: Sunday does not count, so 48 hours stay 48.
        ("2027-10-30 10:00", "2027-11-02 10:00"),
        # Over a leap day.
        ("2028-02-28 09:00", "2028-03-01 09:00"),
    ],
)
def test_a_notice_is_heard_within_48_hours_of_service_on_its_own_calendar(
    served: str, due: str
) -> None:
    clock = with_notice(served).clock(ClockType.DVPN_HEARING, "ORD-001")
    assert (clock.due_at, clock.owner) == (at(due), OIC)


def test_the_hours_of_a_notice_begin_with_its_service() -> None:
    case = with_notice("2027-03-25 12:00", served_at=None)
    assert case.none_open(ClockType.DVPN_HEARING)
    assert case.to_case("order-changed") == []
    unserved = case.task("SERVE_ORDER")
    assert unserved is not None and unserved.owner == OIC
    case.on("2027-03-26 18:00")
    case.by(ServeOrder(at=case.now, order_id="ORD-001"))
    assert case.task("SERVE_ORDER") is None
    assert case.clock(ClockType.DVPN_HEARING).due_at == at("2027-03-31 00:00")
    assert case.to_case("order-changed")[-1]["in_force"] is True


def test_a_notice_without_a_hearing_lapses_and_dalo_and_supervisor_hear_of_it() -> None:
    case = with_notice("2027-03-26 18:00").on("2027-03-31 00:00")
    assert case.state.orders.orders == {}
    assert case.state.orders.past["ORD-001"].status is OrderStatus.LAPSED
    assert {t.owner for t in case.state.tasks.values() if t.subject == "ORD-001"} == {
        DALO,
        SERGEANT,
    }
    assert case.news()[-1] == ("ORDER_ENDED", at("2027-03-31 00:00"))
    assert case.to_case("order-changed")[-1]["in_force"] is False
    case.by(RecordOrderContact(at=case.now, order_id="ORD-001"), MY_GRANT)
    assert not [t for t in case.state.tasks.values() if t.subject == "ORD-001"]


def test_a_hearing_in_time_that_is_recorded_late_undoes_the_lapse() -> None:
    case = with_notice("2027-03-26 18:00").on("2027-03-31 12:00")
    heard = RecordHearing(at=at("2027-03-30 11:00"), order_id="ORD-001", result=R.ORDER_MADE)
    assert case.by(heard) == ("REINSTATED", "RECORD_THE_ORDER")
    assert case.task("NOTICE_LAPSED") is None
    assert case.task("RECORD_ORDER") is not None


def test_an_adjourned_hearing_keeps_the_notice_in_force() -> None:
    case = with_notice("2027-03-26 18:00").on("2027-03-30 11:00")
    to = at("2027-04-06 10:00")
    adjourned = RecordHearing(at=case.now, order_id="ORD-001", result=R.ADJOURNED, adjourned_to=to)
    case.by(adjourned)
    assert case.clock(ClockType.DVPN_HEARING).due_at == to
    case.on("2027-04-06 12:00")
    assert case.state.orders.orders["ORD-001"].status is OrderStatus.ADJOURNED
    breach = case.breach(ClockType.DVPN_HEARING)
    assert breach is not None and breach.owner == SERGEANT
    case.by(RecordHearing(at=case.now, order_id="ORD-001", result=R.REFUSED))
    assert case.state.orders.past["ORD-001"].status is OrderStatus.ENDED
    assert case.breach(ClockType.DVPN_HEARING) is None


def test_the_order_takes_the_place_of_its_notice() -> None:
    case = with_notice("2027-03-27 16:30").on("2027-03-31 11:00")
    case.by(RecordHearing(at=case.now, order_id="ORD-001", result=R.ORDER_MADE))
    wanted = case.task("RECORD_ORDER")
    assert wanted is not None and wanted.subject == "DVPO"
    case.by(RecordOrder(at=case.now, order_type=T.DVPO, length_days=28))
    assert case.task("RECORD_ORDER") is None
    assert case.orders() == {"ORD-002": T.DVPO}


def test_a_dvpo_recorded_without_its_hearing_ends_the_notice_in_time() -> None:
    case = with_notice("2027-03-27 16:30").on("2027-03-31 11:00")
    case.by(RecordOrder(at=case.now, order_type=T.DVPO, length_days=14))
    (clock,) = case.ended(ClockType.DVPN_HEARING)
    assert (clock.status, clock.ended_at) == (ClockStatus.MET, case.now)
    assert case.orders() == {"ORD-002": T.DVPO}


# --- orders with a last day -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "length", "last"),
    [
        ("2027-03-31 11:00", 28, "2027-04-27"),
        ("2027-03-31 11:00", 14, "2027-04-13"),
        ("2028-02-15 11:00", 15, "2028-02-29"),
        # Made late on a summer evening: still that London day.
        ("2027-06-30 23:30", 14, "2027-07-13"),
    ],
)
def test_a_dvpo_runs_so_many_days_beginning_with_the_day_it_is_made(
    made: str, length: int, last: str
) -> None:
    case = with_order(made, T.DVPO, length_days=length)
    assert case.state.orders.orders["ORD-001"].last_day == date.fromisoformat(last)
    assert case.clock(ClockType.DVPO_EXPIRY).due_at == at(f"{last} 23:59:59")


def test_three_days_before_a_dvpo_ends_the_dalo_is_to_speak_to_the_victim() -> None:
    case = with_order("2027-03-31 11:00", T.DVPO, length_days=28).on("2027-04-24 23:59:58")
    assert case.task("ORDER_ENDING_CONTACT") is None
    case.on("2027-04-24 23:59:59")
    contact = case.task("ORDER_ENDING_CONTACT")
    assert contact is not None
    assert (contact.owner, contact.due_at) == (DALO, at("2027-04-27 23:59:59"))
    case.by(RecordOrderContact(at=case.now, order_id="ORD-001"), MY_GRANT)
    assert case.task("ORDER_ENDING_CONTACT") is None
    case.on("2027-04-26 10:00")
    assert case.task("ORDER_ENDING_CONTACT") is None


def test_an_order_ends_with_its_last_day_and_the_victim_hears_of_it() -> None:
    case = with_order("2027-03-31 11:00", T.DVPO, length_days=28).on("2027-04-27 23:59:59")
    over = case.state.orders.past["ORD-001"]
    assert (over.status, over.ended_at) == (OrderStatus.EXPIRED, at("2027-04-27 23:59:59"))
    (clock,) = case.ended(ClockType.DVPO_EXPIRY)
    assert clock.status is ClockStatus.MET
    assert case.breach(ClockType.DVPO_EXPIRY) is None
    assert case.news()[-1] == ("ORDER_ENDED", at("2027-04-27 23:59:59"))


def test_a_full_spo_of_two_years_warns_28_days_before() -> None:
    """Walk-through (iii): 14 July 2027 to 13 July 2029."""
    case = with_order("2027-07-14 11:00", T.SPO, last_day=date(2029, 7, 13))
    clock = case.clock(ClockType.ORDER_EXPIRY)
    assert clock.due_at == at("2029-07-13 23:59:59")
    assert clock.warn_at == at("2029-06-15 23:59:59")
    case.on("2029-06-16 00:00")
    ending = case.task("ORDER_ENDING")
    assert ending is not None and ending.owner == OIC
    case.by(VaryOrder(at=case.now, order_id="ORD-001", last_day=date(2030, 7, 13)))
    assert case.task("ORDER_ENDING") is None
    assert case.clock(ClockType.ORDER_EXPIRY).due_at == at("2030-07-13 23:59:59")
    assert case.news()[-1][0] == "ORDER_VARIED"


def test_the_respondent_of_an_spo_has_three_days_beginning_with_service() -> None:
    """Walk-through (iii): served Wednesday 16 June 2027, so until the end of Friday."""
    case = with_order("2027-06-16 10:00", T.SPO_INTERIM, served_at=at("2027-06-16 10:00"))
    clock = case.clock(ClockType.SPO_NOTIFICATION)
    assert clock.due_at == at("2027-06-18 23:59:59")
    case.on("2027-06-19 00:00")
    breach = case.breach(ClockType.SPO_NOTIFICATION)
    assert breach is not None and breach.owner == OIC
    case.by(RecordSpoNotification(at=case.now, order_id="ORD-001"))
    assert case.none_open(ClockType.SPO_NOTIFICATION)
    assert case.breach(ClockType.SPO_NOTIFICATION) is None


def test_a_full_spo_takes_the_place_of_the_interim_one() -> None:
    case = with_order("2027-06-16 10:00", T.SPO_INTERIM).on("2027-07-14 11:00")
    case.by(RecordOrder(at=case.now, order_type=T.SPO, order_id="SPO-7"))
    assert case.orders() == {"SPO-7": T.SPO}
    # Until further order: nothing runs, and the incident lives on with it.
    assert case.none_open(ClockType.ORDER_EXPIRY)


def test_bail_conditions_that_change_are_news_of_bail() -> None:
    case = with_order("2027-06-16 10:00", T.BAIL_CONDITIONS, conditions=("NO_CONTACT",))
    case.on("2027-06-20 10:00")
    case.by(VaryOrder(at=case.now, order_id="ORD-001", conditions=("NO_CONTACT", "CURFEW")))
    case.by(EndOrder(at=case.now, order_id="ORD-001", reason=OrderEnd.DISCHARGED))
    assert [kind for kind, _ in case.news()] == ["BAIL_CHANGED"] * 3


def test_an_order_recorded_in_error_stops_its_clock_without_meeting_it() -> None:
    case = with_order("2027-06-16 10:00", T.NON_MOLESTATION, last_day=date(2028, 6, 15))
    case.by(EndOrder(at=case.now, order_id="ORD-001", reason=OrderEnd.RECORDED_IN_ERROR))
    (clock,) = case.ended(ClockType.ORDER_EXPIRY)
    assert clock.status is ClockStatus.CANCELLED


# --- known orders -----------------------------------------------------------------------------


def test_an_order_that_the_report_names_is_to_be_recorded_or_discounted() -> None:
    """Walk-through (ii): NM-0002 is in force when the report comes."""
    case = Case(reported=at("2027-05-10 19:10"), existing_orders=(T.NON_MOLESTATION, T.LICENCE))
    assert {t.subject for t in case.state.tasks.values() if t.kind == "RECORD_ORDER"} == {
        "NON_MOLESTATION",
        "LICENCE",
    }
    made = at("2026-11-02 12:00")
    case.by(
        RecordOrder(
            at=made,
            order_type=T.NON_MOLESTATION,
            order_id="NM-0002",
            served_at=made,
            last_day=date(2027, 11, 1),
        )
    )
    # It was there before the report: no news to the victim.
    assert case.news() == []
    case.by(DiscountOrder(at=case.now, order_type=T.LICENCE, reason="NOT_ON_LICENCE"))
    assert case.task("RECORD_ORDER") is None
    case.on("2027-05-11 09:00")
    case.update(reported=at("2027-05-10 19:10"), weapon=True)
    assert case.task("RECORD_ORDER") is None


def test_an_incident_lives_until_its_last_order_ends() -> None:
    case = with_order("2027-06-16 10:00", T.RESTRAINING)
    case.tell(CaseClosed(message_id="closed", handed_to=OIC))
    case.state.tasks.clear()
    case.state.clocks.clear()
    case.state.code.owed.clear()
    case.state.items.clear()
    assert not ended(case.state)
    case.state.orders.orders.clear()
    assert ended(case.state)


def test_the_read_model_has_the_order_as_it_stands() -> None:
    case = with_notice("2027-03-26 18:00").on("2027-03-31 00:00")
    row: dict[str, object] = {}
    for event in case.state.unrecorded:
        for change in changes(case.state.stream, event):
            if isinstance(change, Upsert) and change.table == "court_order":
                row |= change.values
    assert (row["order_id"], row["order_type"], row["status"]) == ("ORD-001", "DVPN", "LAPSED")
    assert (row["perpetrator_ref"], row["authorised_by"]) == ("PER-0001", "SUPERINTENDENT")
    assert row["first_day"] == "2027-03-26" and row["last_day"] is None


# --- properties -------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2026, 12, 1), date(2028, 12, 1)), st.integers(0, 23), st.integers(14, 28))
def test_a_dvpo_binds_exactly_its_days(made: date, hour: int, length: int) -> None:
    case = with_order(f"{made.isoformat()} {hour:02d}:30", T.DVPO, length_days=length)
    last = made + timedelta(days=length - 1)
    case.to(at(f"{last.isoformat()} 23:59:58"))
    assert "ORD-001" in case.state.orders.orders
    case.to(at(f"{last.isoformat()} 23:59:59"))
    assert "ORD-001" in case.state.orders.past
