from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.commands import (
    ChangeSuspectStatus,
    ExtendBail,
    ExtendCustody,
    RecordBailViews,
    RecordCustodyArrival,
    ResumeCustodyClock,
    StopCustodyClock,
)
from models.enums import (
    BailAuthority,
    ClockStatus,
    ClockType,
    CustodyAuthority,
    SuspectStatus,
    ViewsSought,
)
from models.incident.suspect import bail
from models.incident.suspect.state import Bail
from models.instants import london_date
from tests.models.conftest import at, instants
from tests.models.play_incident import MY_GRANT, OIC, SERGEANT
from tests.models.play_suspect import (
    DI,
    OFFICER,
    STRANGER,
    SUPER,
    SUPERINTENDENT,
    SUPERVISOR,
    Case,
    refused,
)

S, B, C = SuspectStatus, BailAuthority, CustodyAuthority
CTX = Case().context()


def in_custody() -> Case:
    """Walk-through (i): arrested 22:30, at the custody suite 22:55."""
    case = Case()
    case.status(S.ARRESTED, "2027-03-25 22:30")
    case.on("2027-03-25 22:55")
    case.by(RecordCustodyArrival(at=case.now))
    return case


def custody_due(case: Case) -> datetime:
    return case.clock(ClockType.CUSTODY).due_at


# --- custody ----------------------------------------------------------------------------------


def test_custody_is_mirrored_for_24_hours_from_arrival() -> None:
    case = in_custody()
    clock = case.clock(ClockType.CUSTODY)
    assert clock.due_at == at("2027-03-26 22:55")
    assert clock.warn_at == at("2027-03-26 19:55")
    case.status(S.CHARGED_BAIL, "2027-03-26 17:00")
    (ended,) = case.ended(ClockType.CUSTODY)
    assert (ended.status, ended.ended_at) == (ClockStatus.MET, at("2027-03-26 17:00"))


def test_24_hours_of_custody_are_elapsed_when_the_clocks_go_forward() -> None:
    case = Case()
    case.status(S.ARRESTED, "2027-03-27 21:00")
    case.by(RecordCustodyArrival(at=case.now))
    assert custody_due(case) == at("2027-03-28 22:00")


def test_the_end_of_custody_time_only_alerts() -> None:
    case = in_custody()
    case.on("2027-03-26 22:55")
    breach = case.breach(ClockType.CUSTODY)
    assert breach is not None and breach.owner == SERGEANT
    assert case.state.suspect.status is S.ARRESTED


def test_a_superintendent_extends_to_36_hours_and_magistrates_to_96() -> None:
    case = in_custody()
    case.on("2027-03-26 20:00")
    extend = ExtendCustody(at=case.now, authority=C.SUPERINTENDENT, indictable=True)
    case.by(extend, SUPER)
    assert custody_due(case) == at("2027-03-27 10:55")
    case.on("2027-03-27 09:00")
    case.by(ExtendCustody(at=case.now, authority=C.MAGISTRATES, indictable=True, hours=72))
    # The clocks go forward on 28 March.
    assert custody_due(case) == at("2027-03-28 23:55")
    case.by(ExtendCustody(at=case.now, authority=C.MAGISTRATES, indictable=True))
    assert custody_due(case) == at("2027-03-29 23:55")
    assert all(clock.ended_at <= clock.due_at for clock in case.ended(ClockType.CUSTODY))  # type: ignore[operator]


def test_time_in_hospital_does_not_count() -> None:
    case = in_custody()
    case.on("2027-03-26 01:00")
    case.by(StopCustodyClock(at=case.now))
    # While it stands still it does not breach.
    case.on("2027-03-27 03:00")
    assert case.breach(ClockType.CUSTODY) is None
    case.by(ResumeCustodyClock(at=at("2027-03-26 03:30")))
    assert custody_due(case) == at("2027-03-27 01:25")
    case.on("2027-03-27 03:00")
    assert case.breach(ClockType.CUSTODY) is not None


def test_a_hospital_stay_recorded_late_undoes_the_breach_that_it_explains() -> None:
    case = in_custody()
    case.on("2027-03-26 23:00")
    assert case.breach(ClockType.CUSTODY) is not None
    case.by(StopCustodyClock(at=at("2027-03-26 01:00")))
    case.by(ResumeCustodyClock(at=at("2027-03-26 03:00")))
    assert case.breach(ClockType.CUSTODY) is None
    assert custody_due(case) == at("2027-03-27 00:55")
    case.on("2027-03-27 00:55")
    assert case.breach(ClockType.CUSTODY) is not None


def test_an_extension_keeps_the_time_that_did_not_count() -> None:
    case = in_custody()
    case.on("2027-03-26 03:00")
    case.by(StopCustodyClock(at=at("2027-03-26 01:00")))
    case.by(ResumeCustodyClock(at=case.now))
    case.by(ExtendCustody(at=case.now, authority=C.SUPERINTENDENT, indictable=True), SUPER)
    assert custody_due(case) == at("2027-03-27 12:55")


def test_time_on_bail_does_not_count_but_the_time_used_before_does() -> None:
    case = in_custody()
    case.status(S.BAILED_PRECHARGE, "2027-03-26 10:55")
    case.on("2027-04-20 09:00")
    case.by(RecordCustodyArrival(at=case.now, answering_bail=True))
    # Twelve hours were used; twelve are left.
    clock = case.clock(ClockType.CUSTODY)
    assert (clock.due_at, clock.late_reason) == (at("2027-04-20 21:00"), "")
    assert case.breach(ClockType.CUSTODY) is None
    case.status(S.CHARGED_BAIL, "2027-04-20 15:00")
    assert case.none_open(ClockType.CUSTODY)


@pytest.mark.parametrize(
    ("code", "changes", "grant"),
    [
        ("NOT_INDICTABLE", {"indictable": False}, SUPER),
        ("CUSTODY_TOO_LONG", {"hours": 40}, SUPER),
        ("RANK_TOO_LOW", {}, DI),
        ("AUTHORISER_MISSING", {}, OFFICER),
        ("NOT_YOURS_TO_RECORD", {"authorised_by": SUPERINTENDENT}, STRANGER),
        ("CUSTODY_OVER", {"at": at("2027-03-26 23:00")}, SUPER),
    ],
)
def test_an_extension_that_law_does_not_allow_is_refused(
    code: str, changes: dict[str, object], grant: object
) -> None:
    case = in_custody().on("2027-03-26 23:00")
    given = {"at": at("2027-03-26 20:00"), "authority": C.SUPERINTENDENT, "indictable": True}
    assert refused(case, ExtendCustody.model_validate(given | changes), grant) == code  # type: ignore[arg-type]


def test_custody_that_cannot_be_is_refused() -> None:
    case = Case()
    arrival = RecordCustodyArrival(at=case.now)
    assert refused(case, arrival) == "NOT_ARRESTED"
    assert refused(case, StopCustodyClock(at=case.now)) == "NOT_IN_CUSTODY"
    case.status(S.ARRESTED, "2027-03-25 22:30")
    early = RecordCustodyArrival(at=at("2027-03-25 22:00"))
    assert refused(case, early) == "BEFORE_ARREST"
    back = RecordCustodyArrival(at=case.now, answering_bail=True)
    assert refused(case, back) == "NO_EARLIER_CUSTODY"
    assert refused(case, RecordCustodyArrival(at=case.now), MY_GRANT) == "NOT_YOURS_TO_RECORD"
    case = in_custody()
    assert refused(case, RecordCustodyArrival(at=case.now)) == "IN_CUSTODY_ALREADY"
    assert refused(case, ResumeCustodyClock(at=case.now)) == "CLOCK_RUNNING"
    assert refused(case, StopCustodyClock(at=at("2027-03-25 22:40"))) == "OUTSIDE_CUSTODY"
    case.on("2027-03-26 00:00")
    case.by(StopCustodyClock(at=case.now))
    assert refused(case, StopCustodyClock(at=case.now)) == "CLOCK_STOPPED_ALREADY"
    assert refused(case, ResumeCustodyClock(at=at("2027-03-25 23:00"))) == "OUTSIDE_CUSTODY"
    future = ResumeCustodyClock(at=at("2027-03-26 09:00"))
    assert refused(case, future) == "IN_FUTURE"
    case.by(ResumeCustodyClock(at=case.now))
    shorter = ExtendCustody(at=case.now, authority=C.MAGISTRATES, indictable=True, hours=36)
    case.by(shorter)
    assert refused(case, shorter) == "NOT_LONGER"


# --- bail -------------------------------------------------------------------------------------


def bailed(**more: object) -> Case:
    """Walk-through (ii): arrested 14 May 2027."""
    case = Case(reported=at("2027-05-10 19:10"))
    case.status(S.ARRESTED, "2027-05-14 18:30")
    case.status(S.BAILED_PRECHARGE, "2027-05-15 09:00", **more)
    return case


@pytest.mark.parametrize(
    ("arrested", "authority", "last"),
    [
        ("2027-05-14 18:30", B.CUSTODY, "2027-08-14"),
        ("2027-05-14 18:30", B.INSPECTOR, "2027-11-14"),
        ("2027-05-14 18:30", B.SUPERINTENDENT, "2028-02-14"),
        # From 30 November no day of February corresponds: the period ends with the month.
        ("2027-11-29 12:00", B.CUSTODY, "2028-02-29"),
        ("2028-11-29 12:00", B.CUSTODY, "2029-02-28"),
        ("2027-11-30 12:00", B.CUSTODY, "2028-02-29"),
        ("2028-02-28 12:00", B.CUSTODY, "2028-05-28"),
        # Arrested late on a summer evening: the London day counts, not the day in UTC.
        ("2027-05-15 00:30", B.CUSTODY, "2027-08-15"),
    ],
)
def test_bail_counts_in_months_from_the_day_after_the_arrest(
    arrested: str, authority: BailAuthority, last: str
) -> None:
    assert bail.last_day(CTX, at(arrested), authority) == date.fromisoformat(last)


def test_bail_ends_with_its_last_day_and_warns_14_days_before() -> None:
    case = bailed()
    clock = case.clock(ClockType.BAIL_EXPIRY)
    assert clock.started_at == at("2027-05-15 00:00")
    assert clock.due_at == at("2027-08-14 23:59:59")
    assert clock.warn_at == at("2027-07-31 23:59:59")
    assert clock.owner == OIC
    case.on("2027-08-01 00:00")
    ending = case.task("BAIL_ENDING")
    assert ending is not None and ending.owner == OIC


def test_each_rank_extends_in_turn_and_the_victim_hears_of_it() -> None:
    case = bailed().on("2027-08-10 10:00")
    case.by(ExtendBail(at=case.now, authority=B.INSPECTOR), DI)
    assert case.clock(ClockType.BAIL_EXPIRY).due_at == at("2027-11-14 23:59:59")
    assert case.task("BAIL_ENDING") is None
    assert case.news()[-1] == ("BAIL_CHANGED", case.now)
    case.on("2027-11-10 10:00")
    by_name = ExtendBail(at=case.now, authority=B.SUPERINTENDENT, authorised_by=SUPERINTENDENT)
    case.by(by_name)
    assert case.clock(ClockType.BAIL_EXPIRY).due_at == at("2028-02-14 23:59:59")
    case.on("2028-02-10 10:00")
    case.by(ExtendBail(at=case.now, authority=B.MAGISTRATES, until=date(2028, 5, 31)))
    clock = case.clock(ClockType.BAIL_EXPIRY)
    assert clock.due_at == at("2028-05-31 23:59:59")
    assert clock.basis != ""
    ends = case.ended(ClockType.BAIL_EXPIRY)
    assert len(ends) == 3
    assert {clock.status for clock in ends} == {ClockStatus.MET}


def test_bail_that_runs_out_is_news_and_asks_what_follows() -> None:
    case = bailed().on("2027-08-14 23:59:59")
    assert case.news()[-1] == ("BAIL_CHANGED", at("2027-08-14 23:59:59"))
    breach = case.breach(ClockType.BAIL_EXPIRY)
    assert breach is not None and breach.owner == OIC
    assert len(case.events("bail:ended")) == 1
    case.status(S.RUI, "2027-08-15 09:00")
    assert case.none_open(ClockType.BAIL_EXPIRY) and case.breach(ClockType.BAIL_EXPIRY) is None


def test_bail_decided_in_time_and_recorded_after_its_end_goes_on() -> None:
    case = bailed().on("2027-08-16 09:00")
    case.by(ExtendBail(at=at("2027-08-14 12:00"), authority=B.INSPECTOR, authorised_by="DI 3001"))
    assert case.clock(ClockType.BAIL_EXPIRY).breached_at is None
    assert case.breach(ClockType.BAIL_EXPIRY) is None


def test_the_victims_views_on_conditions_are_sought() -> None:
    case = bailed()
    wanted = case.task("SEEK_BAIL_VIEWS")
    assert wanted is not None and wanted.owner == OIC
    case.by(RecordBailViews(at=case.now, outcome="SOUGHT"), MY_GRANT)
    assert case.task("SEEK_BAIL_VIEWS") is None
    again = RecordBailViews(at=case.now, outcome="SOUGHT")
    assert refused(case, again, MY_GRANT) == "ALREADY_RECORDED"
    assert bailed(views_sought=ViewsSought.SOUGHT).task("SEEK_BAIL_VIEWS") is None


def test_bail_that_only_a_report_tells_of_asks_the_oic_for_its_days() -> None:
    case = Case(suspect_status=S.BAILED_PRECHARGE)
    assert case.task("RECORD_BAIL") is not None
    assert case.none_open(ClockType.BAIL_EXPIRY)
    case.on("2027-03-26 09:00")
    case.status(S.BAILED_PRECHARGE, arrested_at=at("2027-03-25 21:30"))
    assert case.task("RECORD_BAIL") is None
    assert case.clock(ClockType.BAIL_EXPIRY).due_at == at("2027-06-25 23:59:59")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("BAIL_END_MISSING", {"bail_authority": B.MAGISTRATES}),
        ("BAIL_TOO_LONG", {"bail_until": date(2027, 8, 15)}),
        ("NOT_LONGER", {"bail_until": date(2027, 5, 14)}),
        ("ARREST_AFTER_BAIL", {"arrested_at": at("2027-05-15 12:00")}),
        ("BAIL_NOT_APPLICABLE", {"status": S.RUI, "bail_until": date(2027, 6, 1)}),
    ],
)
def test_bail_that_law_does_not_allow_is_refused(code: str, changes: dict[str, object]) -> None:
    case = Case(reported=at("2027-05-10 19:10"))
    case.status(S.ARRESTED, "2027-05-14 18:30")
    case.on("2027-05-15 09:00")
    given = {"at": case.now, "status": S.BAILED_PRECHARGE, **changes}
    assert refused(case, ChangeSuspectStatus.model_validate(given)) == code


def test_bail_without_a_time_of_arrest_is_refused() -> None:
    case = Case()
    command = ChangeSuspectStatus(at=case.now, status=S.BAILED_PRECHARGE)
    assert refused(case, command) == "ARREST_TIME_MISSING"


def test_a_shorter_bail_ends_on_the_day_given() -> None:
    case = bailed(bail_until=date(2027, 6, 11))
    assert case.clock(ClockType.BAIL_EXPIRY).due_at == at("2027-06-11 23:59:59")


@pytest.mark.parametrize(
    ("code", "changes", "grant"),
    [
        ("OUT_OF_TURN", {"authority": B.SUPERINTENDENT}, SUPER),
        ("OUT_OF_TURN", {"authority": B.CUSTODY}, OFFICER),
        ("RANK_TOO_LOW", {"authority": B.INSPECTOR}, SUPERVISOR),
        ("RANK_TOO_LOW", {"authority": B.SUPERINTENDENT}, DI),
        ("AUTHORISER_MISSING", {}, OFFICER),
        ("AUTHORISER_MISSING", {"authorised_by": OIC}, OFFICER),
        ("NOT_YOURS_TO_RECORD", {}, STRANGER),
        ("BAIL_OVER", {"at": at("2027-08-15 08:00")}, DI),
        ("BAIL_END_NOT_APPLICABLE", {"until": date(2027, 9, 1)}, DI),
    ],
)
def test_an_extension_of_bail_out_of_turn_or_time_is_refused(
    code: str, changes: dict[str, object], grant: object
) -> None:
    case = bailed().on("2027-08-15 09:00")
    given = {"at": at("2027-08-10 10:00"), "authority": B.INSPECTOR, **changes}
    assert refused(case, ExtendBail.model_validate(given), grant) == code  # type: ignore[arg-type]


def test_nothing_is_extended_where_there_is_no_bail() -> None:
    case = Case()
    assert refused(case, ExtendBail(at=case.now, authority=B.INSPECTOR), DI) == "NOT_ON_BAIL"
    views = RecordBailViews(at=case.now, outcome="SOUGHT")
    assert refused(case, views) == "NOT_ON_BAIL"


# --- properties -------------------------------------------------------------------------------


@given(instants("2027-01-01 00:00", "2032-12-31 23:59"))
def test_bail_never_ends_sooner_than_its_months_nor_a_day_later(arrested: datetime) -> None:
    first = london_date(bail.start_of(Bail(arrested_at=arrested, authority=B.CUSTODY)))
    assert first == london_date(arrested) + timedelta(days=1)
    for authority, months in ((B.CUSTODY, 3), (B.INSPECTOR, 6), (B.SUPERINTENDENT, 9)):
        last = bail.last_day(CTX, arrested, authority)
        assert last is not None
        after = last + timedelta(days=1)
        passed = (after.year - first.year) * 12 + after.month - first.month
        # The day after is the corresponding day, or the first of a month that follows a short one.
        assert (passed == months and after.day == first.day) or (
            passed == months + 1 and after.day == 1 and last.day < first.day
        )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), max_size=4),
)
def test_the_time_that_counts_in_custody_is_always_24_hours(stays: list[tuple[int, int]]) -> None:
    case = in_custody()
    started = case.now
    stopped = timedelta()
    for inside, outside in stays:
        case.to(case.now + timedelta(minutes=inside))
        case.by(StopCustodyClock(at=case.now))
        case.to(case.now + timedelta(minutes=outside))
        case.by(ResumeCustodyClock(at=case.now))
        stopped += timedelta(minutes=outside)
    assert custody_due(case) - started - stopped == timedelta(hours=24)
