from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.commands import (
    DiscountOrder,
    EndOrder,
    IncidentCommand,
    RecordBreach,
    RecordHearing,
    RecordOrder,
    RecordOrderContact,
    RecordSpoNotification,
    ServeOrder,
    VaryOrder,
)
from models.enums import HearingResult, OrderEnd, OrderType, PoliceRank
from models.incident.orders import law
from tests.models.conftest import at
from tests.models.play_incident import MY_GRANT
from tests.models.play_suspect import CARE, STRANGER, SUPERVISOR, Case, refused
from tests.models.test_orders import incident, with_notice, with_order

T, R = OrderType, HearingResult
MADE = "2027-06-16 10:00"
FULL = PoliceRank.SUPERINTENDENT


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("IN_FUTURE", {"order_type": T.RESTRAINING, "at": at("2027-06-17 10:00")}),
        ("RANK_TOO_LOW", {"order_type": T.DVPN}),
        ("RANK_TOO_LOW", {"order_type": T.DVPN, "authorised_by_rank": PoliceRank.CHIEF_INSPECTOR}),
        (
            "RESPONDENT_TOO_YOUNG",
            {"order_type": T.DVPN, "authorised_by_rank": FULL, "respondent_age": 17},
        ),
        ("APPLICATIONS_OFF", {"order_type": T.DAPN, "authorised_by_rank": FULL}),
        ("APPLICATIONS_OFF", {"order_type": T.DAPO}),
        ("LENGTH_NOT_LAWFUL", {"order_type": T.DVPN, "authorised_by_rank": FULL, "length_days": 9}),
        ("LENGTH_NOT_LAWFUL", {"order_type": T.DVPO}),
        ("LENGTH_NOT_LAWFUL", {"order_type": T.DVPO, "length_days": 13}),
        ("LENGTH_NOT_LAWFUL", {"order_type": T.DVPO, "length_days": 29}),
        (
            "LENGTH_NOT_LAWFUL",
            {"order_type": T.DVPO, "length_days": 28, "first_day": date(2027, 6, 17)},
        ),
        ("LENGTH_NOT_LAWFUL", {"order_type": T.SPO, "last_day": date(2029, 6, 14)}),
        (
            "LENGTH_TWICE",
            {"order_type": T.RESTRAINING, "length_days": 9, "last_day": date(2028, 1, 1)},
        ),
        ("DAYS_OUT_OF_ORDER", {"order_type": T.RESTRAINING, "first_day": date(2027, 6, 15)}),
        (
            "DAYS_OUT_OF_ORDER",
            {
                "order_type": T.RESTRAINING,
                "first_day": date(2027, 7, 2),
                "last_day": date(2027, 7, 1),
            },
        ),
        (
            "ORDER_OVER",
            {"order_type": T.RESTRAINING, "at": at("2026-01-05 10:00"), "length_days": 30},
        ),
        ("POWER_NOT_APPLICABLE", {"order_type": T.RESTRAINING, "power_of_arrest": True}),
        ("SERVED_BEFORE_MADE", {"order_type": T.SPO, "served_at": at("2027-06-16 09:00")}),
        ("IN_FUTURE", {"order_type": T.SPO, "served_at": at("2027-06-16 11:00")}),
    ],
)
def test_an_order_that_law_or_policy_does_not_know_is_refused(
    code: str, changes: dict[str, object]
) -> None:
    case = incident(MADE)
    assert refused(case, RecordOrder.model_validate({"at": case.now, **changes})) == code


@pytest.mark.parametrize("kind", [T.DAPN, T.DAPO])
def test_an_order_of_a_pilot_area_is_always_recorded_and_binds(kind: OrderType) -> None:
    case = with_order(MADE, kind, made_elsewhere=True, served_at=at(MADE))
    assert case.to_case("order-changed")[-1]["in_force"] is True


def test_where_policy_takes_part_a_dapn_needs_an_inspector() -> None:
    case = incident(MADE)
    case.policy = case.policy.model_copy(update={"dapo_applications_enabled": True})
    given = {"at": case.now, "order_type": T.DAPN, "served_at": case.now}
    sergeant = {**given, "authorised_by_rank": PoliceRank.SERGEANT}
    assert refused(case, RecordOrder.model_validate(sergeant)) == "RANK_TOO_LOW"
    case.by(RecordOrder.model_validate({**given, "authorised_by_rank": PoliceRank.INSPECTOR}))
    assert case.orders() == {"ORD-001": T.DAPN}


def test_the_age_that_the_report_gives_counts_where_no_other_is_given() -> None:
    case = Case(reported=at(MADE), suspect_age=17)
    notice = RecordOrder(at=case.now, order_type=T.DVPN, authorised_by_rank=FULL)
    assert refused(case, notice) == "RESPONDENT_TOO_YOUNG"
    case.by(notice.model_copy(update={"respondent_age": 18}))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2027, 7, 14), date(2029, 7, 13)),
        (date(2027, 3, 1), date(2029, 2, 28)),
        # Two years from a leap day end with February.
        (date(2028, 2, 29), date(2030, 2, 28)),
        (date(2026, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_shortest_full_spo_is_two_years_beginning_with_its_day(first: date, last: date) -> None:
    ctx = incident(MADE).context()
    assert law.spo_shortest(ctx.policy.of_duties.orders, first, ctx) == last
    law.check_days(ctx, T.SPO, first, first, last + timedelta(days=365))


def test_an_order_binds_somebody() -> None:
    case = Case(reported=at(MADE), perpetrator_ref="")
    order = RecordOrder(at=case.now, order_type=T.RESTRAINING)
    assert refused(case, order) == "PERPETRATOR_MISSING"
    case.by(order.model_copy(update={"perpetrator_ref": "PER-0002"}))
    taken = order.model_copy(update={"perpetrator_ref": "PER-0002", "order_id": "ORD-001"})
    assert refused(case, taken) == "ORDER_ID_TAKEN"


def _notice_commands() -> list[tuple[str, IncidentCommand]]:
    now, order = at("2027-06-17 10:00"), "ORD-001"
    heard = RecordHearing(at=now, order_id=order, result=R.REFUSED)
    to = {"result": R.ADJOURNED, "adjourned_to": at("2027-06-17 09:00")}
    return [
        ("ALREADY_SERVED", ServeOrder(at=now, order_id=order)),
        ("ORDER_NOT_OPEN", ServeOrder(at=now, order_id="ORD-007")),
        ("NOT_VARIABLE", VaryOrder(at=now, order_id=order, conditions=("CURFEW",))),
        (
            "BEFORE_ORDER",
            EndOrder(at=at("2027-06-16 09:00"), order_id=order, reason=OrderEnd.WITHDRAWN),
        ),
        ("ADJOURNED_TO_WRONG", heard.model_copy(update={"result": R.ADJOURNED})),
        ("ADJOURNED_TO_WRONG", heard.model_copy(update={"adjourned_to": now})),
        ("ADJOURNED_TO_WRONG", heard.model_copy(update=to)),
        ("ORDER_NOT_SERVED", heard.model_copy(update={"at": at("2027-06-16 09:00")})),
        ("NOBODY_ARRESTED", heard.model_copy(update={"result": R.BROUGHT_BEFORE_COURT})),
        ("IN_FUTURE", heard.model_copy(update={"at": at("2027-06-17 11:00")})),
        ("NO_NOTIFICATION_OWED", RecordSpoNotification(at=now, order_id=order)),
        ("NO_CONTACT_DUE", RecordOrderContact(at=now, order_id=order)),
        (
            "ORDER_NOT_AWAITED",
            DiscountOrder(at=now, order_type=T.LICENCE, reason="NOT_FOUND"),
        ),
    ]


@pytest.mark.parametrize(("code", "command"), _notice_commands())
def test_a_step_that_a_served_notice_does_not_allow_is_refused(
    code: str, command: IncidentCommand
) -> None:
    case = with_notice(MADE).on("2027-06-17 10:00")
    assert refused(case, command) == code


def test_a_step_that_an_unserved_order_does_not_allow_is_refused() -> None:
    case = with_order(MADE, T.SPO_INTERIM).on("2027-06-17 10:00")
    before = ServeOrder(at=at("2027-06-16 09:00"), order_id="ORD-001")
    assert refused(case, before) == "SERVED_BEFORE_MADE"
    notified = RecordSpoNotification(at=case.now, order_id="ORD-001")
    assert refused(case, notified) == "NO_NOTIFICATION_OWED"
    nothing = VaryOrder(at=case.now, order_id="ORD-001")
    assert refused(case, nothing) == "NOTHING_VARIED"
    early = VaryOrder(at=at("2027-06-15 09:00"), order_id="ORD-001", conditions=())
    assert refused(case, early) == "BEFORE_ORDER"
    heard = RecordHearing(at=case.now, order_id="ORD-001", result=R.REFUSED)
    assert refused(case, heard) == "NOT_A_NOTICE"
    case.by(ServeOrder(at=case.now, order_id="ORD-001"))
    case.on("2027-06-17 12:00")
    too_soon = notified.model_copy(update={"at": at("2027-06-17 09:00")})
    assert refused(case, too_soon) == "BEFORE_ORDER"
    short = with_order(MADE, T.SPO)
    varied = VaryOrder(at=short.now, order_id="ORD-001", last_day=date(2028, 6, 15))
    assert refused(short, varied) == "LENGTH_NOT_LAWFUL"


def test_a_court_that_sat_before_the_arrest_is_refused() -> None:
    case = with_order("2027-06-10 10:00", T.DVPO, length_days=28).on(MADE)
    case.by(RecordBreach(at=case.now, order_id="ORD-001", arrested_at=case.now))
    sat = RecordHearing(
        at=at("2027-06-16 09:00"), order_id="ORD-001", result=R.BROUGHT_BEFORE_COURT
    )
    assert refused(case, sat) == "BEFORE_ARREST"


def test_orders_are_recorded_by_the_oic_and_witness_care_alone() -> None:
    case = incident(MADE)
    order = RecordOrder(at=case.now, order_type=T.RESTRAINING)
    for grant in (MY_GRANT, SUPERVISOR, STRANGER):
        assert refused(case, order, grant) == "NOT_YOURS_TO_RECORD"
    case.by(order, CARE)
    assert case.orders() == {"ORD-001": T.RESTRAINING}
