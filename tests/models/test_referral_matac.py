"""Referrals to a MATAC: scored, selected, reviewed every 28 days, discharged (docs/domain.md
8.2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.base import Refused
from models.commands import (
    PlanDisruption,
    RecordReferralAttempt,
    RescoreSubject,
    ReviewReferral,
    WithdrawReferral,
)
from models.enums import (
    AttemptResult,
    ClockType,
    DischargeReason,
)
from models.enums import ReferralState as S
from models.events import EffectKind
from models.instants import london_date
from models.messages import (
    Listed,
    ListRequest,
    SubjectScored,
)
from tests.models.conftest import at
from tests.models.play_matac import (
    CASES,
    COORDINATOR,
    MEETING,
    PARTS,
    RUN,
    active,
    decided,
    matac,
    refused,
    review,
)
from tests.models.play_referral import Play


def due_day(play: Play) -> date:
    return london_date(play.due(ClockType.MATAC_REVIEW))


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
        ("2027-07-10 10:00", date(2027, 8, 2)),
        ("2027-07-30 10:00", date(2027, 8, 31)),
        ("2027-08-20 10:00", date(2027, 8, 31)),
        ("2027-09-01 10:00", date(2027, 9, 27)),
    ],
)
def test_an_early_or_late_review_moves_none_of_the_others(held: str, next_due: date) -> None:
    play = active()
    review(play, at(held))
    assert due_day(play) == next_due


def test_a_second_review_of_a_period_skips_none_that_is_due() -> None:
    play = active()
    review(play, at("2027-08-02 10:00"))
    for when in ("2027-08-02 10:00", "2027-07-20 10:00"):
        assert refused(play, ReviewReferral(at=at(when))) == "BEFORE_LAST_STATE"
    again = ReviewReferral(at=at("2027-08-02 11:00"))
    play.to(at("2027-08-05 10:00"))
    assert play.do(again) == ("ACTIVE", "EXTRA_REVIEW")
    assert play.do(ReviewReferral(at=play.now)) == ("ACTIVE", "EXTRA_REVIEW")
    # Mon 30 August is a bank holiday.
    assert due_day(play) == date(2027, 8, 31)
    assert [event.data["extra"] for event in play.events("referral:reviewed")] == [
        *(False, True, True),
    ]
    review(play, at("2027-08-20 10:00"))
    assert due_day(play) == date(2027, 9, 27)


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


def rescored(when: datetime, score: float) -> RescoreSubject:
    """A score worked out by hand, with all that it came from."""
    return RescoreSubject(at=when, score=score, weights_version="kent-rfgv-1", **PARTS)


def a_run(when: datetime, score: float, **changes: Any) -> SubjectScored:
    """What a later month's run found."""
    return SubjectScored.model_validate(
        {
            "message_id": f"run-{when}-{score}",
            "score": score,
            **PARTS,
            "weights_version": "kent-rfgv-1",
            "rank": 7,
            "run": "matac/Medway/2028-01",
            "cases": CASES[:1],
            "at": when,
            **changes,
        }
    )


def test_a_later_run_gives_its_score_with_inputs_and_weights() -> None:
    play = active()
    play.to(at("2028-01-04 06:00")).tell(a_run(play.now, 65.2))
    details = play.view().summary["details"]
    assert (details["entry_score"], details["score"]) == (80.2, 65.2)
    (told,) = play.events("referral:rescored")
    kept = ("recency", "frequency", "gravity", "victims", "weights_version", "rank", "run")
    assert [told.data[name] for name in kept] == [
        *(25, 80, 72, 75, "kent-rfgv-1", 7),
        "matac/Medway/2028-01",
    ]
    play.move(S.DISCHARGED, outcome="RISK_REDUCED")
    assert play.view().summary["details"]["exit_score"] == 65.2


def test_a_run_that_comes_late_replaces_no_later_score() -> None:
    play = active()
    play.to(at("2028-01-17 10:00")).do(rescored(play.now, 41.0))
    play.tell(a_run(at("2028-01-04 06:00"), 65.2))
    assert play.state.score == 41.0
    assert len(play.events("referral:rescored")) == 1


def test_a_nomination_without_a_score_enters_with_its_first() -> None:
    play = matac(asked_by="PC 5001", facts={})
    play.tell(a_run(play.now, 65.2))
    assert play.state.entry_score == 65.2


def test_a_lower_score_discharges_nobody_and_both_scores_are_kept() -> None:
    play = active()
    play.to(at("2028-01-17 10:00"))
    assert play.do(rescored(play.now, 65.2)) == ()
    assert play.do(rescored(play.now, 41.0)) == ("BELOW_THRESHOLD",)
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
    play.do(rescored(play.now, 70))
    old = rescored(play.now - timedelta(days=1), 10)
    assert refused(play, old) == "SCORE_OLDER"
    with pytest.raises(ValidationError, match="weights_version"):
        RescoreSubject(at=play.now, score=70, **PARTS)


@pytest.mark.parametrize(
    ("play", "command", "code"),
    [
        (matac, PlanDisruption(at=RUN, action="X"), "NOT_TAKEN_ON"),
        (active, PlanDisruption(at=RUN, action="X", cases=("Smith",), asked_of={}), "NO_CASES"),
        (matac, ReviewReferral(at=RUN), "NOTHING_TO_REVIEW"),
        (active, ReviewReferral(at=RUN), "BEFORE_LAST_STATE"),
        (active, WithdrawReferral(at=at("2027-07-05 10:00"), reason="X"), "ALREADY_UNDER_WAY"),
        (active, RecordReferralAttempt(at=RUN, result=AttemptResult.REACHED), "OTHER_PATHWAY"),
    ],
)
def test_what_cannot_be_is_refused(play: Any, command: Any, code: str) -> None:
    assert refused(play(), command) == code


@pytest.mark.parametrize("state", [S.SELECTED, S.PROFILED])
def test_a_subject_who_dies_before_the_first_review_is_discharged(state: S) -> None:
    play = matac(asked_by="PC 5001")
    play.move(S.SELECTED)
    if state is S.PROFILED:
        play.move(S.PROFILED, facts={"profile_ref": "PROFILE-4"})
    play.move(S.DISCHARGED, outcome="DIED")
    assert play.state.closed
    assert play.state.exit_score == 80.2


def test_one_deferred_before_the_meeting_asks_for_a_later_one_and_leaves_each_list_once() -> None:
    play = matac(asked_by="PC 5001")
    starts = at("2027-07-05 10:00")
    play.tell(Listed(message_id="l1", meeting=MEETING, starts_at=starts, at=play.now))
    play.move(S.DEFERRED, reason="PROFILE_NOT_READY")
    assert play.effects(EffectKind.LIST)[-1].payload["after"] == starts.isoformat()
    later = "meeting/MATAC/Medway/2027-08-02/1"
    play.tell(Listed(message_id="l2", meeting=later, starts_at=None, at=play.now))
    play.move(S.NOT_SELECTED, reason="IN_PRISON")
    left = [
        e for e in play.effects(EffectKind.TELL, "meeting/") if e.payload["kind"] == "withdrawn"
    ]
    assert [effect.target for effect in left] == [MEETING, later]
    assert len({effect.effect_id for effect in left}) == 2
