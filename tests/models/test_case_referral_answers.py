"""What comes back of a case's referrals, and what the officer says to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.case.referrals.rules import blockers, streams
from models.commands import (
    AnswerRetaliationCheck,
    CloseCase,
    NoteReferral,
)
from models.enums import (
    ClockType,
    ClosureReason,
    ReferralStep,
    RetaliationRisk,
    RiskGrade,
)
from models.ids import referral_stream
from tests.models.conftest import at
from tests.models.play import DALO, SERGEANT
from tests.models.referring import (
    changed,
    no_clock,
    opened,
    refer,
    referral,
    refused,
    reported,
    starts,
    tasks,
)

# --- what comes back -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pathway", "state", "outcome", "kind"),
    [
        ("MARAC", "NOT_MET", "", "REFERRAL_NOT_MET"),
        ("MASIP", "NOT_SUITABLE", "", "REFERRAL_NOT_SUITABLE"),
        ("MASIP", "CONSULTATION_ONLY", "", "REFERRAL_CONSULTATION_ONLY"),
        ("IDVA", "CLOSED", "UNABLE_TO_CONTACT", "REFERRAL_UNABLE_TO_CONTACT"),
        ("IDVA", "CLOSED", "INAPPROPRIATE", "REFERRAL_INAPPROPRIATE"),
        ("IDVA", "CLOSED", "DECLINED", "REFERRAL_DECLINED"),
    ],
)
def test_what_came_to_nothing_is_the_dalo_s_to_read_and_to_say_what_follows(
    pathway: str, state: str, outcome: str, kind: str
) -> None:
    play = opened()
    ref = refer(play, pathway)
    changed(play, ref, state, outcome=outcome, ended=True)
    assert tasks(play, kind) == [DALO]
    bare = NoteReferral(at=play.now, referral=ref, step=ReferralStep.NO_FURTHER_REFERRAL)
    assert refused(play, bare).code == "REASON_NEEDED"
    play.do(bare.model_copy(update={"reason": "VICTIM_SAFE_ELSEWHERE"}))
    assert tasks(play, kind) == []
    assert refused(play, bare).code == "NOTHING_TO_NOTE"
    assert play.state.reticent is (outcome == "DECLINED")


@pytest.mark.parametrize("code", ["WRONG_PERSON", "UNSAFE_ENDED"])
def test_an_unsafe_attempt_of_the_service_suspends_the_route_and_asks_the_supervisor(
    code: str,
) -> None:
    play = opened()
    ref = refer(play)
    changed(play, ref, "ATTEMPTING", codes=(code,), channel="CALL", route="route-2")
    assert play.state.suspended == ["CALL:route-2"]
    assert tasks(play, code) == [SERGEANT]
    changed(play, ref, "ATTEMPTING", codes=(code,))
    # Without a route the whole channel is out of use.
    assert play.state.suspended == ["CALL:route-2", "CALL"]


def test_what_is_returned_waits_until_it_is_sent_again() -> None:
    play = opened()
    ref = refer(play, "MARAC")
    changed(play, ref, "RETURNED")
    assert tasks(play, "REFERRAL_RETURNED") == [DALO]
    changed(play, ref, "SUBMITTED")
    assert tasks(play, "REFERRAL_RETURNED") == []


def test_nothing_is_disrupted_before_the_dalo_says_whether_the_victim_is_safe() -> None:
    play = opened()
    changed(play, "MATAC-2027-00004", "ACTIVE", codes=("RETALIATION_CHECK",))
    assert tasks(play, "RETALIATION_CHECK") == [DALO]
    answer = AnswerRetaliationCheck(
        at=play.now, referral="MATAC-2027-00004", answer=RetaliationRisk.NOT_SAFE
    )
    assert refused(play, answer).code == "REASON_NEEDED"
    other = answer.model_copy(update={"referral": "MATAC-2027-00005"})
    assert refused(play, other).code == "NOT_ASKED"
    play.do(answer.model_copy(update={"reason": "SUSPECT_BLAMES_VICTIM"}))
    (told,) = [e for e in play.state.effects if e.payload.get("kind") == "retaliation-answer"]
    assert told.target == referral_stream("MATAC-2027-00004")
    assert told.payload["safe"] is False
    assert told.payload["case_ref"] == play.state.case_ref
    assert tasks(play, "RETALIATION_CHECK") == []


def test_a_check_of_a_disruption_that_was_dropped_is_asked_no_more() -> None:
    play = opened()
    for code, disruption in (
        ("RETALIATION_CHECK", "DIS-001"),
        ("RETALIATION_CHECK", "DIS-002"),
        ("DISRUPTION_DROPPED", "DIS-001"),
    ):
        changed(play, "MATAC-2027-00004", "ACTIVE", codes=(code,), disruption_id=disruption)
    left = [t.subject for t in play.state.tasks.values() if t.kind == "RETALIATION_CHECK"]
    assert left == ["MATAC-2027-00004/DIS-002"]


def test_a_flagged_referral_runs_on_and_is_forgotten_when_its_window_is_over() -> None:
    play = opened()
    reported(play)
    ref = refer(play, "MARAC")
    changed(play, ref, "FLAGGED_12M", heard_at=play.now, ended=True)
    assert streams(play.state) == [referral_stream(ref)]
    play.until(at("2028-05-09 12:00"))
    assert ref in play.state.referrals.made
    changed(play, ref, "FLAG_EXPIRED", ended=True)
    assert streams(play.state) == []
    play.until(at("2028-05-12 12:00"))
    play.settle()
    assert ref not in play.state.referrals.made


def test_what_nobody_has_taken_on_keeps_the_case_open() -> None:
    play = opened(RiskGrade.HIGH)
    close = CloseCase(at=play.now, reason=ClosureReason.RISK_REDUCED, victim_told=True)
    assert blockers(play.state, close) == []
    ref = refer(play)
    changed(play, "MATAC-2027-00004", "ACTIVE", codes=("RETALIATION_CHECK",))
    assert blockers(play.state, close) == [
        f"referral {ref} is SUBMITTED: nobody has taken it on",
        "the retaliation check of MATAC-2027-00004 is not answered",
    ]
    changed(play, ref, "ENGAGED")
    answer = AnswerRetaliationCheck(
        at=play.now, referral="MATAC-2027-00004", answer=RetaliationRisk.SAFE
    )
    play.do(answer)
    assert blockers(play.state, close) == []


# --- drafts ---------------------------------------------------------------------------------------


def test_a_draft_answers_nothing_until_it_is_sent() -> None:
    play = opened(RiskGrade.HIGH)
    ref = refer(play, draft=True, consent_status=None)
    assert starts(play)[-1]["facts"] == {"draft": True}
    assert not no_clock(play, ClockType.IDVA_REFERRAL)
    assert "IDVA_REFERRAL" in {found.rule for found in play.state.recommendations.values()}
    assert tasks(play, "REFERRAL_TELL_VICTIM") == []
    close = CloseCase(at=play.now, reason=ClosureReason.RISK_REDUCED)
    assert any(ref in found for found in blockers(play.state, close))
    changed(play, ref, "DRAFT")
    assert not no_clock(play, ClockType.IDVA_REFERRAL)
    changed(play, ref, "SUBMITTED", submitted_at=play.now, codes=("TELL_VICTIM",))
    assert no_clock(play, ClockType.IDVA_REFERRAL)
    assert "IDVA_REFERRAL" not in {found.rule for found in play.state.recommendations.values()}
    assert tasks(play, "REFERRAL_TELL_VICTIM") == [DALO]


def test_a_drafted_marac_referral_starts_no_window() -> None:
    play = opened()
    ref = refer(play, "MARAC", draft=True)
    assert play.state.referrals.made[ref].pair is None
    later = play.now + timedelta(hours=30)
    play.until(later)
    changed(play, ref, "SUBMITTED", submitted_at=later)
    pair = play.state.referrals.made[ref].pair
    assert pair is not None
    assert pair.submitted_at == later


def test_only_what_is_about_the_victim_is_drafted() -> None:
    play = opened()
    assert refused(play, referral("MATAC", at=play.now, draft=True)).code == "NO_DRAFT_HERE"
