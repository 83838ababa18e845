from __future__ import annotations

import pytest

from models.commands import (
    ApplyDvds,
    EndOrder,
    RecordBreach,
    RecordDvds,
    RecordHearing,
    RecordOrder,
)
from models.enums import (
    ArrestReason,
    BreachNature,
    ClockStatus,
    ClockType,
    DvdsOutcome,
    DvdsRoute,
    HearingResult,
    OrderEnd,
    OrderType,
    SuspectStatus,
)
from models.incident.orders import law
from tests.models.conftest import at
from tests.models.play_incident import DALO, MY_GRANT, OIC, SERGEANT
from tests.models.play_suspect import STRANGER, Case, refused
from tests.models.test_orders import incident, with_notice, with_order

T, N, S = OrderType, BreachNature, SuspectStatus
TO_COURT = HearingResult.BROUGHT_BEFORE_COURT


# --- breaches ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "nature"),
    [
        (T.DVPN, N.CIVIL_CONTEMPT),
        (T.DVPO, N.CIVIL_CONTEMPT),
        (T.DAPN, N.NO_OFFENCE),
        (T.DAPO, N.CRIMINAL),
        (T.SPO_INTERIM, N.CRIMINAL),
        (T.SPO, N.CRIMINAL),
        (T.NON_MOLESTATION, N.CRIMINAL),
        (T.OCCUPATION, N.CIVIL_CONTEMPT),
        (T.RESTRAINING, N.CRIMINAL),
        (T.BAIL_CONDITIONS, N.NO_OFFENCE),
        (T.LICENCE, N.RECALL),
    ],
)
def test_what_a_breach_is_depends_on_the_kind_of_order(
    kind: OrderType, nature: BreachNature
) -> None:
    length = {"length_days": 28} if kind is T.DVPO else {}
    made = "2027-06-16 10:00"
    case = with_order(made, kind, served_at=at(made), made_elsewhere=True, **length)
    case.on("2027-06-17 10:00")
    assert case.by(RecordBreach(at=case.now, order_id="ORD-001")) == (nature.value,)


def test_every_kind_of_order_has_its_law() -> None:
    assert set(law.BREACH) == set(law.GROUND) == set(T)


def test_an_arrest_for_a_breach_is_the_suspects_status_and_news() -> None:
    """Walk-through (ii): the order forbids it, he is arrested at the visit."""
    made = at("2026-11-02 12:00")
    case = Case(reported=at("2027-05-10 19:10"))
    from_order = {"at": made, "served_at": made, "order_type": T.NON_MOLESTATION}
    case.by(RecordOrder.model_validate({**from_order, "order_id": "NM-0002"}))
    case.on("2027-05-14 18:35")
    breach = RecordBreach(at=at("2027-05-14 18:30"), order_id="NM-0002", arrested_at=case.now)
    assert case.by(breach) == ("CRIMINAL",)
    assert case.state.suspect.status is S.ARRESTED
    changed = case.events("incident:suspect:changed")[-1]
    assert changed.data["arrest_reason"] == ArrestReason.BREACH_NON_MOLESTATION
    assert case.news()[-1] == ("SUSPECT_ARRESTED", at("2027-05-14 18:35"))
    # One working day: Monday.
    due = case.clock(ClockType.VICTIM_NOTIFICATION).due_at
    assert due == at("2027-05-17 23:59:59")
    assert case.none_open(ClockType.DVPN_HEARING)
    assert case.task("ORDER_BREACH") is None


@pytest.mark.parametrize(
    ("arrested", "due"),
    [
        # Sunday does not count.
        ("2027-06-19 16:00", "2027-06-21 16:00"),
        # Good Friday does not count; the Saturday after it does, whole.
        ("2027-03-26 18:00", "2027-03-28 00:00"),
        # Neither do Easter Sunday and Monday; the clocks go forward.
        ("2027-03-27 18:00", "2027-03-30 18:00"),
        ("2027-06-16 10:00", "2027-06-17 10:00"),
    ],
)
def test_whoever_breaks_a_dvpo_is_before_the_court_within_24_hours(arrested: str, due: str) -> None:
    made = "2027-03-20 10:00" if arrested < "2027-04" else "2027-06-10 10:00"
    case = with_order(made, T.DVPO, length_days=28).on(arrested)
    case.by(RecordBreach(at=case.now, order_id="ORD-001", arrested_at=case.now))
    clock = case.clock(ClockType.DVPN_HEARING)
    assert (clock.due_at, clock.rule_key) == (at(due), "BREACH")
    case.by(RecordHearing(at=case.now, order_id="ORD-001", result=TO_COURT))
    (ended,) = case.ended(ClockType.DVPN_HEARING)
    assert ended.status is ClockStatus.MET
    case.on("2027-07-20 10:00")
    assert case.none_open(ClockType.DVPN_HEARING)


def test_the_court_missed_after_a_breach_reaches_the_supervisor() -> None:
    case = with_order("2027-06-10 10:00", T.DVPO, length_days=28).on("2027-06-16 10:00")
    case.by(RecordBreach(at=case.now, order_id="ORD-001", arrested_at=case.now))
    case.on("2027-06-17 10:00")
    breach = case.breach(ClockType.DVPN_HEARING)
    assert breach is not None and breach.owner == SERGEANT
    case.status(S.REMANDED, "2027-06-17 11:00")
    assert case.none_open(ClockType.DVPN_HEARING)


def test_a_breach_without_an_arrest_asks_for_one_until_it_is_dealt_with() -> None:
    case = with_notice("2027-06-16 10:00").on("2027-06-17 09:00")
    case.by(RecordBreach(at=at("2027-06-17 08:00"), order_id="ORD-001"))
    wanted = case.task("ORDER_BREACH")
    assert wanted is not None and wanted.owner == OIC
    case.status(S.ARRESTED, "2027-06-17 15:00", arrest_reason=ArrestReason.BREACH_DVPN_DVPO)
    assert case.task("ORDER_BREACH") is None
    clock = case.clock(ClockType.DVPN_HEARING, "ORD-001/BREACH-1")
    assert clock.due_at == at("2027-06-18 15:00")


def test_a_breach_in_the_time_of_an_order_may_be_recorded_after_its_end() -> None:
    case = with_order("2027-06-10 10:00", T.DVPO, length_days=14).on("2027-06-24 09:00")
    late = RecordBreach(at=at("2027-06-23 22:00"), order_id="ORD-001")
    assert case.by(late) == ("CIVIL_CONTEMPT",)
    after = RecordBreach(at=at("2027-06-24 08:00"), order_id="ORD-001")
    assert refused(case, after) == "NOT_IN_FORCE"


def test_an_occupation_order_lets_nobody_be_arrested_without_a_power_attached() -> None:
    case = with_order("2027-06-10 10:00", T.OCCUPATION).on("2027-06-11 10:00")
    arrest = RecordBreach(at=case.now, order_id="ORD-001", arrested_at=case.now)
    assert refused(case, arrest) == "NO_POWER_OF_ARREST"
    case.by(RecordBreach(at=case.now, order_id="ORD-001"))
    assert case.task("ORDER_BREACH") is None
    case = with_order("2027-06-10 10:00", T.OCCUPATION, power_of_arrest=True)
    case.on("2027-06-11 10:00")
    case.by(RecordBreach(at=case.now, order_id="ORD-001", arrested_at=case.now))
    assert case.state.suspect.status is S.ARRESTED


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("IN_FUTURE", {"at": at("2027-06-18 10:00")}),
        ("NOT_IN_FORCE", {"at": at("2027-06-15 10:00")}),
        ("CONDITION_UNKNOWN", {"conditions": ("CURFEW",)}),
        ("ARREST_BEFORE_BREACH", {"arrested_at": at("2027-06-16 12:00")}),
        ("ORDER_NOT_OPEN", {"order_id": "ORD-009"}),
    ],
)
def test_a_breach_that_cannot_be_is_refused(code: str, changes: dict[str, object]) -> None:
    case = with_notice("2027-06-16 10:00", conditions=("NO_CONTACT",)).on("2027-06-17 10:00")
    given = {"at": case.now, "order_id": "ORD-001", **changes}
    assert refused(case, RecordBreach.model_validate(given)) == code


def test_nobody_breaks_a_notice_that_was_not_served() -> None:
    case = with_notice("2027-06-16 10:00", served_at=None).on("2027-06-17 10:00")
    breach = RecordBreach(at=case.now, order_id="ORD-001")
    assert refused(case, breach) == "NOT_IN_FORCE"
    assert refused(case, breach, STRANGER) == "NOT_YOURS_TO_RECORD"


def test_nobody_breaks_an_order_that_never_was() -> None:
    case = with_order("2027-06-10 10:00", T.RESTRAINING).on("2027-06-11 10:00")
    case.by(EndOrder(at=case.now, order_id="ORD-001", reason=OrderEnd.RECORDED_IN_ERROR))
    assert refused(case, RecordBreach(at=case.now, order_id="ORD-001")) == "NOT_IN_FORCE"


# --- Clare's Law ------------------------------------------------------------------------------


def asked(when: str, *, imminent: bool = False) -> Case:
    case = incident(when)
    asks = ApplyDvds(at=case.now, route=DvdsRoute.RIGHT_TO_KNOW, imminent_risk=imminent)
    assert case.by(asks, MY_GRANT) == ("DVDS-001",)
    return case


@pytest.mark.parametrize(
    ("applied", "last"),
    [
        # Walk-through (iv).
        ("2027-09-06 10:00", "2027-10-04"),
        # A legal limit of days never moves for a Sunday or a holiday.
        ("2027-02-26 10:00", "2027-03-26"),
        ("2028-02-01 10:00", "2028-02-29"),
    ],
)
def test_a_disclosure_is_decided_within_28_days(applied: str, last: str) -> None:
    clock = asked(applied).clock(ClockType.DVDS)
    assert (clock.due_at, clock.owner) == (at(f"{last} 23:59:59"), DALO)


def test_a_decision_ends_the_disclosure_and_a_late_one_reached_the_inspector() -> None:
    case = asked("2027-09-06 10:00").on("2027-10-05 00:00")
    breach = case.breach(ClockType.DVDS)
    assert breach is not None and breach.owner == "INSPECTOR@Medway"
    decided = RecordDvds(at=case.now, dvds_id="DVDS-001", outcome=DvdsOutcome.DISCLOSED)
    case.by(decided, MY_GRANT)
    assert case.none_open(ClockType.DVDS) and case.breach(ClockType.DVDS) is None
    assert refused(case, decided, MY_GRANT) == "DVDS_NOT_OPEN"


def test_imminent_risk_is_disclosed_at_once() -> None:
    case = asked("2027-09-06 10:00", imminent=True)
    at_once = case.task("DVDS_IMMINENT")
    assert at_once is not None
    assert (at_once.owner, at_once.due_at) == (DALO, at("2027-09-06 10:00"))
    case.by(RecordDvds(at=case.now, dvds_id="DVDS-001", outcome=DvdsOutcome.DISCLOSED), MY_GRANT)
    assert case.task("DVDS_IMMINENT") is None


def test_a_disclosure_that_cannot_be_decided_so_is_refused() -> None:
    case = asked("2027-09-06 10:00")
    no = {"at": case.now, "dvds_id": "DVDS-001", "outcome": DvdsOutcome.NOT_DISCLOSED}
    assert refused(case, RecordDvds.model_validate(no), MY_GRANT) == "REASON_MISSING"
    early = RecordDvds.model_validate({**no, "at": at("2027-09-05 10:00"), "reason": "NO_RISK"})
    assert refused(case, early) == "BEFORE_DVDS"
    future = ApplyDvds(at=at("2027-09-07 10:00"), route=DvdsRoute.RIGHT_TO_ASK)
    assert refused(case, future) == "IN_FUTURE"
    assert refused(case, future, STRANGER) == "NOT_YOUR_INCIDENT"
    case.by(RecordDvds.model_validate({**no, "reason": "NO_RISK"}), MY_GRANT)
    assert case.none_open(ClockType.DVDS)


# --- told to the case -------------------------------------------------------------------------


def test_the_case_hears_of_every_breach_once_with_or_without_an_arrest() -> None:
    made = "2027-06-16 10:00"
    case = with_order(made, T.NON_MOLESTATION, served_at=at(made), made_elsewhere=True)
    (order_id,) = case.state.orders.orders
    case.on("2027-06-18 10:00")
    case.by(RecordBreach(at=at("2027-06-17 20:00"), order_id=order_id))
    (told,) = case.to_case("order-breached")
    assert (told["of"], told["criminal"]) == ("NON_MOLESTATION", True)
    assert told["breach_id"] == f"{order_id}/BREACH-1"
    assert (told["at"], told["known_at"]) != (told["known_at"], told["at"])
    # The arrest that the breach waited for is none of its own.
    case.status(S.ARRESTED, arrest_reason=ArrestReason.BREACH_NON_MOLESTATION)
    assert len(case.to_case("order-breached")) == 1


def test_the_case_hears_why_an_order_ended() -> None:
    case = with_notice("2027-03-26 18:00")
    (order_id,) = case.state.orders.orders
    case.on("2027-03-30 10:00")
    case.by(RecordHearing(at=case.now, order_id=order_id, result=HearingResult.ORDER_MADE))
    told = case.to_case("order-changed")[-1]
    assert (told["in_force"], told["reason"]) == (False, "REPLACED")
