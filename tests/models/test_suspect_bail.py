"""Bail that is moved, broken or runs out (docs/domain.md 9.2, 11)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.commands import ChangeSuspectStatus, ExtendBail
from models.enums import ArrestReason, BailAuthority, ClockType, SuspectStatus, ViewsSought
from tests.models.conftest import at
from tests.models.play_suspect import DI, Case, refused

S, B = SuspectStatus, BailAuthority
AGAIN = {"arrest_reason": ArrestReason.BREACH_BAIL}


def bailed(**more: Any) -> Case:
    case = Case(reported=at("2027-05-10 19:10"))
    case.status(S.ARRESTED, "2027-05-14 18:30")
    case.status(S.BAILED_PRECHARGE, "2027-05-15 09:00", **more)
    return case


def due(case: Case) -> str:
    return case.clock(ClockType.BAIL_EXPIRY).due_at.date().isoformat()


# --- broken -----------------------------------------------------------------------------------


def test_bail_after_an_arrest_for_its_breach_counts_from_the_first_arrest() -> None:
    case = bailed()
    case.status(S.ARRESTED, "2027-07-20 10:00", **AGAIN)
    assert case.none_open(ClockType.BAIL_EXPIRY)
    case.status(S.BAILED_PRECHARGE, "2027-07-20 18:00")
    assert due(case) == "2027-08-14"


def test_bail_that_an_inspector_gave_stays_the_inspectors_after_a_breach() -> None:
    case = bailed().on("2027-08-10 10:00")
    case.by(ExtendBail(at=case.now, authority=B.INSPECTOR), DI)
    case.status(S.OUTSTANDING, "2027-09-01 10:00")
    case.status(S.ARRESTED, "2027-09-03 10:00", **AGAIN)
    case.status(S.BAILED_PRECHARGE, "2027-09-03 18:00", bail_authority=B.CUSTODY)
    assert due(case) == "2027-11-14"


def test_an_arrest_for_something_else_begins_anew() -> None:
    case = bailed()
    case.status(S.ARRESTED, "2027-07-20 10:00")
    case.status(S.BAILED_PRECHARGE, "2027-07-20 18:00")
    assert due(case) == "2027-10-20"


def test_bail_is_not_given_after_its_time() -> None:
    case = bailed()
    case.status(S.OUTSTANDING, "2027-08-01 10:00")
    case.status(S.ARRESTED, "2027-09-01 10:00", **AGAIN)
    again = ChangeSuspectStatus(at=case.now, status=S.BAILED_PRECHARGE)
    assert refused(case, again) == "NOT_LONGER"
    case.by(again.model_copy(update={"bail_authority": B.INSPECTOR}))
    assert due(case) == "2027-11-14"


# --- moved ------------------------------------------------------------------------------------


def test_a_day_inside_what_a_rank_may_give_is_moved_by_who_gave_it() -> None:
    case = bailed(bail_until=date(2027, 6, 10), views_sought=ViewsSought.SOUGHT)
    case.on("2027-06-01 10:00")
    case.by(ExtendBail(at=case.now, authority=B.CUSTODY, until=date(2027, 7, 1)))
    assert due(case) == "2027-07-01"
    assert case.task("SEEK_BAIL_VIEWS") is None
    assert case.news()[-1] == ("BAIL_CHANGED", case.now)
    for until, code in ((date(2027, 8, 15), "BAIL_TOO_LONG"), (date(2027, 7, 1), "NOT_LONGER")):
        again = ExtendBail(at=case.now, authority=B.CUSTODY, until=until)
        assert refused(case, again) == code
    over = ExtendBail(at=case.now, authority=B.CUSTODY, until=date(2027, 5, 31))
    assert refused(case, over) == "NOT_LONGER"
    case.by(ExtendBail(at=case.now, authority=B.CUSTODY))
    assert due(case) == "2027-08-14"


def test_what_law_gives_a_rank_in_full_is_not_moved_by_it() -> None:
    case = bailed().on("2027-06-01 10:00")
    again = ExtendBail(at=case.now, authority=B.CUSTODY, until=date(2027, 8, 1))
    assert refused(case, again) == "OUT_OF_TURN"


# --- told -------------------------------------------------------------------------------------


def test_the_case_hears_of_bail_extended_and_of_bail_that_ran_out() -> None:
    case = bailed().on("2027-08-10 10:00")
    case.by(ExtendBail(at=case.now, authority=B.INSPECTOR), DI)
    case.on("2027-11-15 10:00")
    extended, ended = case.to_case("bail-changed")
    assert (extended["in_force"], extended["last_day"]) == (True, "2027-11-14")
    assert (ended["in_force"], ended["perpetrator_ref"]) == (False, "PER-0001")


@pytest.mark.parametrize(("reason", "told"), [("BREACH_BAIL", 1), ("SUBSTANTIVE_OFFENCE", 0)])
def test_the_case_hears_of_a_breach_that_only_an_arrest_tells_of(reason: str, told: int) -> None:
    case = bailed()
    case.status(S.ARRESTED, "2027-07-20 10:00", arrest_reason=ArrestReason(reason))
    breaches = case.to_case("order-breached")
    assert len(breaches) == told
    assert all((b["of"], b["criminal"]) == ("BAIL_CONDITIONS", False) for b in breaches)
