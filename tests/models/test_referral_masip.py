"""Referrals to the stalking programme (docs/domain.md 8.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.base import Refused
from models.commands import AmendReferral, ReviewReferral
from models.enums import ClockType, ReferralPathway, Role
from models.enums import ReferralState as S
from models.instants import london_date
from tests.models.conftest import at
from tests.models.play_referral import DALO, Play

LEAD = "MASIP_LEAD@Medway"
FORM = {
    "relationship": "EX_PARTNER",
    "behaviours": "GIFTS,LOITERING",
    "channels": "MESSAGES,IN_PERSON",
    "duration_days": "35",
    "contacts": "45",
    "threats": "NO",
    "breaches": "NO",
    "investigation_stage": "ACTIVE",
}
UNDERSTOOD = {"motive": "REJECTED", "risk_tool": "SST"}


def masip(**changes: Any) -> Play:
    """Walk-through (iii): referred Mon 7 June 2027 16:00."""
    return Play(ReferralPathway.MASIP, at("2027-06-07 16:00"), **{"facts": FORM, **changes})


def managed() -> Play:
    play = masip()
    play.to(at("2027-06-11 10:00")).move(S.TRIAGED)
    play.move(S.ACCEPTED)
    play.to(at("2027-06-25 10:00")).move(S.FORMULATION, facts=UNDERSTOOD)
    play.move(S.MANAGEMENT)
    return play


def test_triage_in_five_working_days_and_formulation_in_ten() -> None:
    play = masip()
    assert london_date(play.due(ClockType.MASIP_TRIAGE)) == date(2027, 6, 14)
    play.to(at("2027-06-11 10:00")).move(S.TRIAGED)
    play.move(S.ACCEPTED)
    assert london_date(play.due(ClockType.MASIP_FORMULATION)) == date(2027, 6, 25)
    play.to(at("2027-06-25 10:00")).move(S.FORMULATION, facts=UNDERSTOOD)
    assert {"MASIP_TRIAGE", "MASIP_FORMULATION"} <= play.ended_clocks("met")


def test_triage_that_is_late_is_chased() -> None:
    play = masip()
    play.to(at("2027-06-15 00:30"))
    assert {("CHASE_REFERRAL", DALO), ("BREACH", LEAD)} <= play.open_tasks()


@pytest.mark.parametrize("to", [S.CONSULTATION_ONLY, S.NOT_SUITABLE])
def test_what_is_not_taken_on_goes_back_with_a_reason(to: S) -> None:
    play = masip()
    play.move(S.TRIAGED)
    with pytest.raises(Refused, match="REASON_NEEDED"):
        play.move(to)
    play.move(to, reason="ADVICE_GIVEN")
    assert (play.told()[-1].outcome, play.told()[-1].ended) == (to.value, True)
    assert play.state.closed


@pytest.mark.parametrize("field", sorted(FORM))
def test_nothing_is_taken_on_without_its_form(field: str) -> None:
    play = masip(facts={name: value for name, value in FORM.items() if name != field})
    play.move(S.TRIAGED)
    with pytest.raises(Refused, match="FORM_INCOMPLETE"):
        play.move(S.ACCEPTED)
    play.move(S.ACCEPTED, facts={field: FORM[field]})


def test_a_formulation_names_motive_and_tool() -> None:
    play = masip()
    play.move(S.TRIAGED)
    play.move(S.ACCEPTED)
    with pytest.raises(Refused, match="FIELDS_NEEDED"):
        play.move(S.FORMULATION, facts={"motive": "REJECTED"})
    with pytest.raises(Refused, match="FIELD_VALUE"):
        play.move(S.FORMULATION, facts={"motive": "OTHER", "risk_tool": "SST"})


def test_no_direct_work_with_somebody_under_investigation() -> None:
    play = managed()
    with pytest.raises(Refused, match="UNDER_INVESTIGATION"):
        play.move(S.INTERVENTION)
    play.move(S.INTERVENTION, facts={"investigation_stage": "CONVICTED"})
    assert play.stands() is S.INTERVENTION


def test_direct_work_ends_where_the_subject_comes_under_investigation() -> None:
    play = managed()
    play.move(S.INTERVENTION, facts={"investigation_stage": "CONVICTED"})
    assert ("STOP_DIRECT_WORK", LEAD) not in play.open_tasks()
    play.do(AmendReferral(at=play.now, facts={"investigation_stage": "ACTIVE"}))
    assert ("STOP_DIRECT_WORK", LEAD) in play.open_tasks()
    play.move(S.MANAGEMENT)
    assert ("STOP_DIRECT_WORK", LEAD) not in play.open_tasks()
    assert "MASIP_REVIEW" in play.open_clocks()
    with pytest.raises(Refused, match="UNDER_INVESTIGATION"):
        play.move(S.INTERVENTION)


def test_reviews_are_every_28_days_from_the_last_and_go_back_to_where_it_stood() -> None:
    play = managed()
    assert london_date(play.due(ClockType.MASIP_REVIEW)) == date(2027, 7, 23)
    play.to(at("2027-07-20 10:00")).do(ReviewReferral(at=at("2027-07-20 10:00")))
    assert play.stands() is S.MANAGEMENT
    assert london_date(play.due(ClockType.MASIP_REVIEW)) == date(2027, 8, 17)
    play.to(at("2027-08-02 10:00")).move(S.REVIEW)
    play.do(ReviewReferral(at=play.now))
    assert play.stands() is S.MANAGEMENT
    # Mon 30 August is a bank holiday.
    assert london_date(play.due(ClockType.MASIP_REVIEW)) == date(2027, 8, 31)


def test_it_closes_with_an_outcome_by_the_lead_alone() -> None:
    play = managed()
    with pytest.raises(Refused, match="OUTCOME_NEEDED"):
        play.move(S.CLOSED)
    with pytest.raises(Refused, match="NOT_YOUR_STEP"):
        play.move(S.CLOSED, Role.DALO, outcome="RISK_REDUCED")
    play.move(S.CLOSED, outcome="RISK_REDUCED")
    assert play.state.closed
    assert not play.state.clocks
