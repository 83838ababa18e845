"""Referrals to a MATAC: scored, selected, reviewed every 28 days, discharged (docs/domain.md
8.2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import Refused
from models.commands import (
    CarryOutDisruption,
    PlanDisruption,
    RecordReferralAttempt,
    RescoreSubject,
    ReviewReferral,
    WithdrawReferral,
)
from models.enums import AttemptResult, ClockType, DischargeReason, ReferralPathway, Role
from models.enums import ReferralState as S
from models.events import EffectKind
from models.instants import london_date
from models.messages import ActionsSettled, Heard, Listed, ListRequest, RetaliationAnswer
from tests.models.conftest import at
from tests.models.play_referral import Play

COORDINATOR = "MATAC_COORDINATOR@Medway"
MEETING = "meeting/MATAC/Medway/2027-07-05/1"
RUN = at("2027-07-01 06:00")
CASES = ("CASE-2027-00004", "CASE-2027-00005", "CASE-2027-00006")
SCORES = {"score": 80.2, "rank": 3, "recency": 100, "frequency": 80, "gravity": 72, "victims": 75}


def matac(**changes: Any) -> Play:
    """Walk-through (iv): PER-0004 scored by the monthly run of 1 July 2027."""
    given = {
        "asked_by": "SYSTEM",
        "case_ref": "",
        "victim_ref": "",
        "dalo_id": "",
        "consent_status": None,
        "facts": {**SCORES, "cases": list(CASES)},
        **changes,
    }
    return Play(ReferralPathway.MATAC, RUN, **given)


def decided(play: Play, decision: str, when: datetime) -> None:
    play.to(when)
    told = Heard(message_id=f"h-{when}", meeting=MEETING, at=when, decision=decision)
    play.tell(told)


def active() -> Play:
    """Selected, profiled, and first met about on Mon 5 July 2027."""
    play = matac()
    play.move(S.NOMINATED)
    decided(play, "SELECTED", at("2027-07-01 12:00"))
    play.move(S.PROFILED, facts={"profile_ref": "PROFILE-4"})
    play.to(at("2027-07-05 10:00")).move(S.ACTIVE)
    return play


def review(play: Play, when: datetime) -> None:
    play.to(when).do(ReviewReferral(at=when))


def due_day(play: Play) -> date:
    return london_date(play.due(ClockType.MATAC_REVIEW))


def refused(play: Play, command: Any, role: Role | None = None) -> str:
    with pytest.raises(Refused) as caught:
        play.do(command, role)
    assert caught.value.remedy
    return caught.value.code


def test_a_run_scores_and_the_coordinator_nominates() -> None:
    play = matac()
    assert play.stands() is S.SCORED
    assert play.open_clocks() == {"REFERRAL_CHASE SCORED"}
    assert not play.effects(EffectKind.LIST)
    play.move(S.NOMINATED)
    (asked,) = play.effects(EffectKind.LIST)
    assert asked.target == "MATAC/Medway"
    assert ListRequest.model_validate(asked.payload).score == 80.2
    assert london_date(play.due(ClockType.MATAC_SELECTION)) == date(2027, 7, 29)


def test_a_persons_nomination_is_one_already() -> None:
    assert matac(asked_by="PC 5001").stands() is S.NOMINATED


def test_the_meeting_selects_defers_or_leaves() -> None:
    play = matac(asked_by="PC 5001")
    told = Listed(message_id="l", meeting=MEETING, starts_at=at("2027-07-05 10:00"), at=play.now)
    play.tell(told)
    assert (play.stands(), play.state.meeting) == (S.NOMINATED, MEETING)
    decided(play, "DEFERRED", at("2027-07-05 10:00"))
    assert play.stands() is S.DEFERRED
    assert len(play.effects(EffectKind.LIST)) == 2
    decided(play, "NOT_SELECTED", at("2027-08-02 10:00"))
    assert play.state.closed
    assert play.view().summary["outcome"] == "NOT_SELECTED"
    chosen = matac(asked_by="PC 5001")
    decided(chosen, "SELECTED", at("2027-07-05 10:00"))
    assert "MATAC_SELECTION" in chosen.ended_clocks("met")


def test_a_profile_comes_before_activity() -> None:
    play = matac(asked_by="PC 5001")
    play.move(S.SELECTED)
    with pytest.raises(Refused, match="FIELDS_NEEDED"):
        play.move(S.PROFILED)
    with pytest.raises(Refused, match="NO_SUCH_STEP"):
        play.move(S.ACTIVE)


def test_reviews_are_counted_from_the_first_meeting_over_a_bank_holiday() -> None:
    play = active()
    assert due_day(play) == date(2027, 8, 2)
    review(play, at("2027-08-02 10:00"))
    # Mon 30 August is a bank holiday.
    assert due_day(play) == date(2027, 8, 31)
    review(play, at("2027-08-31 10:00"))
    assert due_day(play) == date(2027, 9, 27)
    assert play.stands() is S.ACTIVE


@pytest.mark.parametrize(
    ("held", "next_due"),
    [
        ("2027-07-30 10:00", date(2027, 8, 31)),
        ("2027-08-20 10:00", date(2027, 8, 31)),
        ("2027-09-01 10:00", date(2027, 9, 27)),
    ],
)
def test_an_early_or_late_review_moves_none_of_the_others(held: str, next_due: date) -> None:
    play = active()
    review(play, at(held))
    assert due_day(play) == next_due


def test_a_review_that_is_not_held_reaches_the_coordinator() -> None:
    play = active()
    play.to(at("2027-08-03 00:30"))
    assert ("BREACH", COORDINATOR) in play.open_tasks()
    review(play, at("2027-08-04 10:00"))
    assert ("BREACH", COORDINATOR) not in play.open_tasks()


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_every_review_falls_on_a_day_of_the_series_or_the_next_working_day(
    gaps: list[int],
) -> None:
    play = active()
    for gap in gaps:
        review(play, play.now + timedelta(days=gap))
        due = due_day(play)
        series = [date(2027, 7, 5) + timedelta(days=28 * n) for n in range(1, 20)]
        assert due in {play.calendar.working_day_from(day) for day in series}
        assert due > london_date(play.now) - timedelta(days=1)


def test_a_lower_score_discharges_nobody_and_both_scores_are_kept() -> None:
    play = active()
    play.to(at("2028-01-17 10:00"))
    assert play.do(RescoreSubject(at=play.now, score=65.2)) == ()
    assert play.do(RescoreSubject(at=play.now, score=41.0)) == ("BELOW_THRESHOLD",)
    assert play.stands() is S.ACTIVE
    play.move(S.DISCHARGED, outcome="RISK_REDUCED")
    details = play.view().summary["details"]
    assert (details["entry_score"], details["exit_score"]) == (80.2, 41.0)
    assert play.state.closed


@pytest.mark.parametrize("reason", list(DischargeReason))
def test_every_reason_for_discharge(reason: DischargeReason) -> None:
    play = active()
    play.move(S.DISCHARGED, outcome=reason)
    assert play.view().summary["outcome"] == reason.value
    assert "MATAC_REVIEW" in play.ended_clocks("cancelled")


def test_an_older_score_is_refused() -> None:
    play = active()
    play.do(RescoreSubject(at=play.now, score=70))
    old = RescoreSubject(at=play.now - timedelta(days=1), score=10)
    assert refused(play, old) == "SCORE_OLDER"


# --- disruption ----------------------------------------------------------------------------------


def answer(play: Play, case_ref: str, *, safe: bool = True) -> None:
    told = RetaliationAnswer(
        message_id=f"{case_ref}-{play.now}-{safe}",
        referral_ref=play.state.referral_ref,
        case_ref=case_ref,
        safe=safe,
        at=play.now,
    )
    play.tell(told)


def planned(play: Play) -> CarryOutDisruption:
    (key,) = play.do(PlanDisruption(at=play.now, action="TENANCY_ACTION"))
    return CarryOutDisruption(at=play.now, disruption_id=key)


def test_a_disruption_waits_for_every_victims_dalo() -> None:
    play = active()
    carry_out = planned(play)
    for case_ref in CASES:
        assert play.told(case_ref)[0].codes == ("RETALIATION_CHECK",)
        assert refused(play, carry_out) == "RETALIATION_NOT_CHECKED"
        answer(play, case_ref)
    assert ("DISRUPTION_ANSWERED", COORDINATOR) in play.open_tasks()
    play.do(carry_out)
    assert ("DISRUPTION_ANSWERED", COORDINATOR) not in play.open_tasks()
    assert refused(play, carry_out) == "UNKNOWN_DISRUPTION"


def test_one_dalo_who_says_no_stops_it() -> None:
    play = active()
    carry_out = planned(play)
    answer(play, CASES[0])
    answer(play, CASES[1], safe=False)
    assert refused(play, carry_out) == "RETALIATION_RISK"
    # A later change of mind is a new plan.
    answer(play, CASES[1])
    answer(play, CASES[2])
    assert refused(play, carry_out) == "RETALIATION_RISK"


def test_an_answer_of_before_does_not_count_for_a_later_plan() -> None:
    play = active()
    planned(play)
    for case_ref in CASES:
        answer(play, case_ref)
    play.to(play.now + timedelta(hours=1))
    assert refused(play, planned(play)) == "RETALIATION_NOT_CHECKED"


def test_a_victims_cooperation_is_never_an_action() -> None:
    command = PlanDisruption(at=RUN, action="VICTIM_COOPERATION")
    play = active()
    assert refused(play, command) == "VICTIM_COOPERATION"


@pytest.mark.parametrize(
    ("play", "command", "code"),
    [
        (matac, PlanDisruption(at=RUN, action="X"), "NOT_TAKEN_ON"),
        (active, PlanDisruption(at=RUN, action="X", cases=("Smith",)), "NO_CASES"),
        (matac, ReviewReferral(at=RUN), "NOTHING_TO_REVIEW"),
        (active, ReviewReferral(at=RUN), "BEFORE_LAST_STATE"),
        (active, WithdrawReferral(at=at("2027-07-05 10:00"), reason="X"), "ALREADY_UNDER_WAY"),
        (active, RecordReferralAttempt(at=RUN, result=AttemptResult.REACHED), "OTHER_PATHWAY"),
    ],
)
def test_what_cannot_be_is_refused(play: Any, command: Any, code: str) -> None:
    assert refused(play(), command) == code


def test_a_disruption_is_not_carried_out_before_it_was_planned() -> None:
    play = active()
    carry_out = planned(play)
    for case_ref in CASES:
        answer(play, case_ref)
    early = carry_out.model_copy(update={"at": play.now - timedelta(hours=1)})
    assert refused(play, early) == "BEFORE_LAST_STATE"


def test_so_many_plans_at_once_are_too_many() -> None:
    play = active()
    for _ in range(20):
        planned(play)
    assert refused(play, PlanDisruption(at=play.now, action="X")) == "TOO_MANY_PLANNED"


def test_a_meetings_retaliation_check_goes_to_each_case_and_the_answer_back() -> None:
    play = matac(asked_by="PC 5001")
    play.tell(Listed(message_id="l", meeting=MEETING, starts_at=None, at=play.now))
    decided(play, "SELECTED", at("2027-07-05 10:00"))
    settled = ActionsSettled(
        message_id="a", meeting=MEETING, open_actions=1, at=play.now, codes=("RETALIATION_CHECK",)
    )
    play.tell(settled)
    assert [play.told(case_ref)[0].codes for case_ref in CASES] == [("RETALIATION_CHECK",)] * 3
    answer(play, CASES[0])
    (passed,) = play.effects(EffectKind.TELL, MEETING)
    assert (passed.payload["kind"], passed.payload["safe"]) == ("retaliation-answer", True)
