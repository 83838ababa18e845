"""What calls for a referral, and what must hold before it is made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from models.case.recommending import waiting
from models.case.referrals.rules import streams
from models.commands import (
    AskIdva,
    DeclineRecommendation,
    NoteReferral,
    Regrade,
    ReviewRecommendation,
    ScreenStalking,
)
from models.enums import (
    ClockType,
    ReferralStep,
    RiskGrade,
    Role,
    YesNoUnknown,
)
from models.ids import referral_stream
from models.messages import ReferralStart
from models.referral.handle import begin
from models.referral.state import new_state
from tests.models.conftest import at
from tests.models.play import DALO, OTHER_DALO, SERGEANT, Play
from tests.models.referring import (
    HOUR,
    OPENED,
    PERSON,
    clock,
    judged,
    no_clock,
    opened,
    refer,
    referral,
    refused,
    reported,
    starts,
    tasks,
)

# --- IDVA ----------------------------------------------------------------------------------------


def test_a_high_grade_owes_a_referral_to_an_idva_within_24_hours_of_the_grade() -> None:
    play = opened()
    play.until(at("2027-05-14 19:05"))
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="ARREST"))
    assert clock(play, ClockType.IDVA_REFERRAL).due_at == at("2027-05-15 19:05")
    made = waiting(play.state, "IDVA_REFERRAL")
    assert made is not None
    assert (made.recommends, made.inputs["why"]) == ("REFER_IDVA", "HIGH")
    assert made.policy_version == play.policy.version


def test_sending_it_meets_the_clock_answers_the_recommendation_and_starts_the_referral() -> None:
    play = opened(RiskGrade.HIGH)
    ref = refer(play)
    assert no_clock(play, ClockType.IDVA_REFERRAL)
    assert waiting(play.state, "IDVA_REFERRAL") is None
    decided = [e.data for e in play.events("recommendation:decided")]
    assert [(d["decision"], d["chose"]) for d in decided if d["rule"] == "IDVA_REFERRAL"] == [
        ("ACCEPTED", ref)
    ]
    (start,) = starts(play)
    assert start["referral_ref"] == ref
    assert start["case_ref"] == play.state.case_ref
    assert (start["asked_by"], start["dalo_id"]) == (DALO, DALO)
    assert (start["consent_status"], start["disclosure_basis"]) == ("GIVEN", "CONSENT_PRACTICE")
    assert streams(play.state) == [referral_stream(ref)]
    play.until(play.now + timedelta(days=3))
    assert no_clock(play, ClockType.IDVA_REFERRAL)


def test_a_victim_who_asks_is_referred_at_any_grade() -> None:
    play = opened(RiskGrade.STANDARD)
    assert no_clock(play, ClockType.IDVA_REFERRAL)
    play.do(AskIdva(at=play.now))
    assert clock(play, ClockType.IDVA_REFERRAL).started_at == play.now
    refer(play)
    assert no_clock(play, ClockType.IDVA_REFERRAL)
    assert refused(play, AskIdva(at=play.now)).code == "ALREADY_OPEN"


def test_a_lowered_grade_ends_the_duty_and_a_new_high_starts_it_again() -> None:
    play = opened(RiskGrade.HIGH)
    play.supervise(Regrade(at=play.now, grade=RiskGrade.MEDIUM, reason="REVIEWED"))
    assert no_clock(play, ClockType.IDVA_REFERRAL)
    assert waiting(play.state, "IDVA_REFERRAL") is None
    play.until(play.now + HOUR)
    play.do(Regrade(at=play.now, grade=RiskGrade.HIGH, reason="NEW_FACTS"))
    assert clock(play, ClockType.IDVA_REFERRAL).started_at == play.now


def test_a_breach_of_the_referral_reaches_the_sergeant() -> None:
    play = opened(RiskGrade.HIGH)
    breached = clock(play, ClockType.IDVA_REFERRAL)
    play.until(breached.due_at + HOUR)
    owed = [t for t in play.state.tasks.values() if t.subject == breached.clock_id]
    assert [t.owner for t in owed] == [SERGEANT]
    refer(play)
    assert not [t for t in play.state.tasks.values() if t.subject == breached.clock_id]


# --- consent -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "changes", "code"),
    [
        ("MEDIUM", {"consent_status": None}, "CONSENT_NOT_STATED"),
        ("MEDIUM", {"consent_status": "REFUSED"}, "CONSENT_OR_BASIS"),
        (
            "MEDIUM",
            {"consent_status": "REFUSED", "disclosure_basis": "CONSENT_PRACTICE", "reason": "R"},
            "CONSENT_OR_BASIS",
        ),
        (
            "MEDIUM",
            {
                "consent_status": "REFUSED",
                "disclosure_basis": "SERIOUS_HARM_HIGH_RISK",
                "reason": "R",
            },
            "BASIS_NEEDS_HIGH",
        ),
        (
            "STANDARD",
            {"consent_status": "UNABLE", "disclosure_basis": "SAFEGUARDING_ADULT"},
            "REASON_NEEDED",
        ),
        (
            "HIGH",
            {"consent_status": "REFUSED", "disclosure_basis": "SERIOUS_HARM_HIGH_RISK"},
            "REASON_NEEDED",
        ),
    ],
)
def test_an_idva_needs_consent_or_a_basis_with_a_reason(
    grade: str, changes: dict[str, Any], code: str
) -> None:
    play = opened(RiskGrade(grade))
    assert refused(play, referral(at=play.now, **changes)).code == code


@pytest.mark.parametrize(
    ("grade", "basis"), [("HIGH", "SERIOUS_HARM_HIGH_RISK"), ("MEDIUM", "SAFEGUARDING_CHILD")]
)
def test_without_consent_it_goes_on_a_basis_with_a_reason_and_the_victim_is_to_be_told(
    grade: str, basis: str
) -> None:
    play = opened(RiskGrade(grade))
    ref = refer(play, consent_status="REFUSED", disclosure_basis=basis, reason="SERIOUS_HARM")
    (start,) = starts(play)
    assert (start["consent_status"], start["disclosure_basis"]) == ("REFUSED", basis)
    assert start["facts"]["basis_reason"] == "SERIOUS_HARM"
    assert tasks(play, "REFERRAL_TELL_VICTIM") == [DALO]
    play.do(NoteReferral(at=play.now, referral=ref, step=ReferralStep.VICTIM_TOLD))
    assert tasks(play, "REFERRAL_TELL_VICTIM") == []


def test_marac_goes_without_consent_but_never_without_reason() -> None:
    play = opened()
    without: dict[str, Any] = {
        "consent_status": "REFUSED",
        "disclosure_basis": "SERIOUS_HARM_HIGH_RISK",
    }
    assert refused(play, referral("MARAC", at=play.now, **without)).code == "REASON_NEEDED"
    assert refer(play, "MARAC", **without, reason="SERIOUS_HARM")


# --- MARAC ---------------------------------------------------------------------------------------


def test_a_criterion_met_owes_the_submission_by_the_next_working_day() -> None:
    play = opened()
    play.until(at("2027-05-14 19:05"))
    judged(play)
    assert clock(play, ClockType.MARAC_SUBMIT).due_at == at("2027-05-17 23:59:59")
    made = waiting(play.state, "MARAC_REFERRAL")
    assert made is not None
    assert set(made.inputs["criteria"]) == {"PROFESSIONAL_JUDGEMENT"}
    assert made.inputs["thresholds"]["repeat_definition"] == "ANY_ABUSE"
    refer(play, "MARAC")
    assert no_clock(play, ClockType.MARAC_SUBMIT)
    assert waiting(play.state, "MARAC_REFERRAL") is None


def test_a_further_criterion_joins_the_recommendation_and_keeps_the_clock() -> None:
    play = opened()
    judged(play)
    first = clock(play, ClockType.MARAC_SUBMIT)
    for number in (2, 3):
        play.until(play.now + HOUR)
        reported(play, f"46/{number}/27", perpetrator_ref="")
    made = waiting(play.state, "MARAC_REFERRAL")
    assert made is not None
    assert set(made.inputs["criteria"]) == {"PROFESSIONAL_JUDGEMENT", "POTENTIAL_ESCALATION"}
    assert clock(play, ClockType.MARAC_SUBMIT).due_at == first.due_at
    decisions = [e.data["decision"] for e in play.events("recommendation:decided")]
    assert decisions == ["SUPERSEDED"]


def declined_judgement() -> tuple[Play, str]:
    """A judgement that recommended MARAC, and the officer who did not follow it."""
    play = opened()
    judged(play)
    made = waiting(play.state, "MARAC_REFERRAL")
    assert made is not None
    ref = made.recommendation_id
    play.do(DeclineRecommendation(at=play.now, recommendation_id=ref, reason="SUSPECT_ABROAD"))
    return play, ref


def test_a_declined_recommendation_ends_the_clock_and_comes_again_only_on_new_grounds() -> None:
    play, _ = declined_judgement()
    assert no_clock(play, ClockType.MARAC_SUBMIT)
    assert waiting(play.state, "MARAC_REFERRAL") is None
    assert play.events("clock:cancelled")[-1].data["clock"]["reason"] == "DECLINED"
    for number in (2, 3):
        assert waiting(play.state, "MARAC_REFERRAL") is None
        play.until(play.now + HOUR)
        reported(play, f"46/{number}/27", perpetrator_ref="")
    made = waiting(play.state, "MARAC_REFERRAL")
    assert made is not None
    assert set(made.inputs["criteria"]) == {"POTENTIAL_ESCALATION"}
    assert clock(play, ClockType.MARAC_SUBMIT).started_at == play.now


def test_a_supervisor_who_overrules_brings_the_obligation_back() -> None:
    play, ref = declined_judgement()
    first = play.events("clock:started")[-1].data["clock"]["due_at"]
    play.until(play.now + HOUR)
    play.supervise(
        ReviewRecommendation(
            at=play.now, recommendation_id=ref, decision="OVERRULE", reason="RISK_STANDS"
        )
    )
    assert clock(play, ClockType.MARAC_SUBMIT).due_at == datetime.fromisoformat(first)
    refer(play, "MARAC")
    assert no_clock(play, ClockType.MARAC_SUBMIT)
    assert waiting(play.state, "MARAC_REFERRAL") is None


@pytest.mark.parametrize(
    ("pathway", "changes", "code"),
    [
        ("MARAC", {"criteria": ()}, "CRITERION_NEEDED"),
        ("MARAC", {"criteria": ("REPEAT",)}, "NOT_A_REPEAT"),
        ("IDVA", {"criteria": ("REPEAT",)}, "MARAC_ONLY"),
        ("IDVA", {"emergency": True}, "MARAC_ONLY"),
        ("MASIP", {"facts": {}}, "NO_STALKING_GROUNDS"),
        ("MASIP", {"perpetrator_ref": None}, "PERPETRATOR_NEEDED"),
        ("MATAC", {"perpetrator_ref": None}, "PERPETRATOR_NEEDED"),
        ("MARAC", {"assigned_ref": ""}, "NO_REFERENCE"),
        ("MARAC", {"assigned_ref": "IDVA-2027-00001"}, "NO_REFERENCE"),
        ("MARAC", {"facts": {"shoe_size": "42"}}, "UNKNOWN_FIELD"),
        ("MARAC", {"facts": {"reason": "in words"}}, "FIELD_VALUE"),
    ],
)
def test_a_referral_that_lacks_its_grounds_is_refused(
    pathway: str, changes: dict[str, Any], code: str
) -> None:
    play = opened()
    assert refused(play, referral(pathway, at=play.now, **changes)).code == code


def test_self_harm_is_a_criterion_only_where_policy_has_it() -> None:
    play = opened()
    command = referral("MARAC", at=play.now, criteria=("SUICIDE_SELF_HARM",))
    national = play.policy.marac.model_copy(update={"suicide_self_harm": False})
    kent = play.policy
    play.policy = kent.model_copy(update={"marac": national})
    assert refused(play, command).code == "CRITERION_NOT_IN_POLICY"
    play.policy = kent
    assert play.do(command)


def test_only_the_case_s_own_officer_or_a_supervisor_refers_and_only_what_happened() -> None:
    play = opened()
    early = referral(at=OPENED - HOUR)
    late = referral(at=play.now + HOUR)
    now = referral(at=play.now)
    assert refused(play, now, OTHER_DALO).code == "NOT_YOUR_CASE"
    assert refused(play, now, "MC 1", Role.MARAC_COORDINATOR).code == "NOT_YOUR_CASE"
    assert refused(play, early).code == "BEFORE_CASE"
    assert refused(play, late).code == "IN_FUTURE"
    assert play.supervise(now)


def test_a_pathway_is_open_once_for_each_suspect() -> None:
    play = opened()
    refer(play)
    assert refused(play, referral(number=2, at=play.now)).code == "ALREADY_OPEN"
    refer(play, "MASIP")
    assert refused(play, referral("MASIP", 2, at=play.now)).code == "ALREADY_OPEN"
    assert refer(play, "MASIP", 2, perpetrator_ref="PER-0008")


# --- MASIP ---------------------------------------------------------------------------------------


def test_a_screen_of_four_times_yes_recommends_masip() -> None:
    play = opened()
    reported(play)
    yes = YesNoUnknown.YES
    play.do(
        ScreenStalking(
            at=play.now, fixated=yes, obsessive=yes, unwanted=yes, repeated=yes, unwanted_acts=44
        )
    )
    made = waiting(play.state, "MASIP_REFERRAL", PERSON)
    assert made is not None
    refer(play, "MASIP", facts={})
    assert waiting(play.state, "MASIP_REFERRAL", PERSON) is None


@pytest.mark.parametrize("pathway", ["IDVA", "MARAC", "MATAC", "MASIP"])
def test_what_the_case_starts_is_a_referral_that_begins_whole(pathway: str) -> None:
    play = opened(RiskGrade.HIGH)
    ref = refer(play, pathway, reason="STRANGULATION")
    start = ReferralStart.model_validate(starts(play)[-1])
    made = new_state(start, referral_stream(ref))
    begin(made, play.context(), start)
    (begun,) = [event for event in made.unrecorded if event.tag == "referral:begun"]
    assert begun.data["left_out"] == []
    assert made.facts["reason"] == "STRANGULATION"
    sent = {"MATAC": "NOMINATED", "MASIP": "REFERRED"}.get(pathway, "SUBMITTED")
    assert made.state.value == sent
