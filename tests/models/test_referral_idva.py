"""Referrals to an IDVA: answered, tried, chased, and brought back (docs/domain.md 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.base import Refused
from models.commands import (
    AmendReferral,
    ChaseReferral,
    GiveMaracFeedback,
    RecordReferralAttempt,
    WithdrawReferral,
)
from models.enums import (
    AttemptResult,
    ClockType,
    ConsentStatus,
    DisclosureBasis,
    ReferralPathway,
    RiskGrade,
    Role,
)
from models.enums import ReferralState as S
from models.instants import end_of_day, london_date
from models.messages import CaseClosed, Heard, OwnerChanged, Reopened
from models.referral.consent import consent_refusal
from tests.models.conftest import at
from tests.models.play_idva import SENT, SERVICE, idva
from tests.models.play_referral import CASE, DALO, SERGEANT, Play


def refused(play: Play, command: Any, role: Role | None = None) -> str:
    with pytest.raises(Refused) as caught:
        play.do(command, role)
    assert caught.value.remedy
    return caught.value.code


def test_a_referral_before_easter_is_acknowledged_and_tried_after_it() -> None:
    # Fri 26 and Mon 29 Mar 2027 are holidays.
    play = idva(submitted_at=at("2027-03-26 11:00"))
    assert london_date(play.due(ClockType.IDVA_ACK)) == at("2027-03-30 00:00").date()
    assert play.due(ClockType.IDVA_FIRST_ATTEMPT) == end_of_day(at("2027-03-31 00:00").date())
    # 168 elapsed hours, over the change of clocks on 28 March.
    assert play.due(ClockType.IDVA_ATTEMPTS) == at("2027-04-02 12:00")


def test_acknowledging_meets_its_clock_and_the_case_hears_of_it() -> None:
    play = idva()
    play.to(SENT + timedelta(hours=3)).move(S.ACKNOWLEDGED)
    assert play.ended_clocks("met") == {"IDVA_ACK"}
    assert play.open_clocks() == {"IDVA_FIRST_ATTEMPT", "IDVA_ATTEMPTS"}
    assert [told.state for told in play.told()] == [S.SUBMITTED, S.ACKNOWLEDGED]
    assert play.view().summary["acknowledged_at"] == play.now.isoformat()


def test_silence_is_chased_and_then_put_to_the_service_lead_and_the_supervisor() -> None:
    play = idva()
    play.to(at("2027-05-06 00:30"))
    assert ("CHASE_REFERRAL", DALO) in play.open_tasks()
    assert ("BREACH", SERVICE) in play.open_tasks()
    assert "REFERRAL_CHASE IDVA_ACK" in play.open_clocks()
    play.do(ChaseReferral(at=play.now), Role.DALO)
    assert ("CHASE_REFERRAL", DALO) not in play.open_tasks()
    # Two working days after Wed 5 May.
    assert london_date(play.due(ClockType.REFERRAL_CHASE)) == at("2027-05-07 00:00").date()
    play.to(at("2027-05-08 09:00"))
    assert {("REFERRAL_UNANSWERED", SERVICE), ("BREACH", SERGEANT)} <= play.open_tasks()
    play.move(S.ACKNOWLEDGED)
    assert not {kind for kind, _ in play.open_tasks()} & {"CHASE_REFERRAL", "REFERRAL_UNANSWERED"}
    assert "REFERRAL_CHASE IDVA_ACK" not in play.open_clocks()


def test_an_answer_in_time_is_not_chased() -> None:
    play = idva()
    assert refused(play, ChaseReferral(at=play.now), Role.DALO) == "NOTHING_TO_CHASE"
    play.move(S.ACKNOWLEDGED)
    play.to(at("2027-05-06 00:30"))
    assert not [task for task in play.state.tasks.values() if task.kind == "CHASE_REFERRAL"]


def test_a_waiting_list_is_shown_and_not_forgotten() -> None:
    play = idva()
    play.move(S.ACKNOWLEDGED)
    play.move(S.WAITLISTED)
    assert play.view().summary["outcome"] == "WAITLISTED"
    assert play.ended_clocks("cancelled") == {"IDVA_FIRST_ATTEMPT", "IDVA_ATTEMPTS"}
    assert play.open_clocks() == {"REFERRAL_CHASE WAITLISTED"}
    play.to(at("2027-05-12 00:30"))
    assert ("BREACH", SERGEANT) in play.open_tasks()
    play.move(S.ACKNOWLEDGED)
    # The days to try begin when there is room.
    assert play.due(ClockType.IDVA_ATTEMPTS) == play.now + timedelta(days=7)


@pytest.mark.parametrize("outcome", ["CLOSED_PLANNED", "CLOSED_UNPLANNED", "TRANSFERRED"])
def test_work_that_was_done_ends_with_its_outcome(outcome: str) -> None:
    play = idva()
    play.move(S.ENGAGED)
    play.move(S.CLOSED, outcome=outcome)
    assert play.view().summary["outcome"] == outcome
    assert play.state.closed


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": S.CLOSED}, "OUTCOME_NEEDED"),
        ({"to": S.CLOSED, "outcome": "CLOSED_PLANNED"}, "OUTCOME_NEEDED"),
        ({"to": S.ACKNOWLEDGED, "outcome": "DECLINED"}, "NO_OUTCOME_HERE"),
        ({"to": S.HEARD}, "NO_SUCH_STEP"),
        ({"to": S.ACKNOWLEDGED, "facts": {"telephone": "1"}}, "UNKNOWN_FIELD"),
        ({"to": S.ACKNOWLEDGED, "facts": {"reason": "she said so"}}, "FIELD_VALUE"),
        ({"to": S.ACKNOWLEDGED, "facts": {"post_type": "SPARE"}}, "FIELD_VALUE"),
        ({"to": S.ACKNOWLEDGED, "at": SENT - timedelta(hours=1)}, "BEFORE_REFERRAL"),
        ({"to": S.ACKNOWLEDGED, "at": SENT + timedelta(days=9)}, "IN_FUTURE"),
    ],
)
def test_an_impossible_step_is_refused(given: dict[str, Any], code: str) -> None:
    play = idva()
    before = play.state.next_seq
    with pytest.raises(Refused) as caught:
        play.move(**given)
    assert caught.value.code == code
    assert play.state.next_seq == before


def test_a_refusal_never_repeats_what_was_typed() -> None:
    play = idva()
    with pytest.raises(Refused) as caught:
        play.move(S.ACKNOWLEDGED, facts={"reason": "Ann Stephens 07700 900576"})
    assert "Ann" not in f"{caught.value.message} {caught.value.remedy}"


def test_a_step_is_not_earlier_than_the_one_before() -> None:
    play = idva()
    play.to(SENT + timedelta(hours=5)).move(S.ACKNOWLEDGED)
    with pytest.raises(Refused, match="BEFORE_LAST_STATE"):
        play.move(S.ENGAGED, at=SENT + timedelta(hours=4))


@pytest.mark.parametrize("role", [Role.DALO, Role.SUPERVISOR, Role.MARAC_COORDINATOR])
def test_the_services_steps_are_the_services_alone(role: Role) -> None:
    with pytest.raises(Refused, match="NOT_YOUR_STEP"):
        idva().move(S.ACKNOWLEDGED, role)


def test_an_isva_may_act_on_it_and_another_dalo_may_not() -> None:
    play = idva(dalo_id="PC 6")
    play.move(S.ACKNOWLEDGED, Role.ISVA_PARTNER)
    assert refused(play, WithdrawReferral(at=play.now, reason="X"), Role.DALO) == "NOT_YOUR_CASE"


@pytest.mark.parametrize(
    ("grade", "consent", "basis", "reason", "code"),
    [
        ("STANDARD", "GIVEN", None, "", ""),
        ("STANDARD", "REFUSED", None, "", "CONSENT_OR_BASIS"),
        ("MEDIUM", None, None, "X", "CONSENT_OR_BASIS"),
        ("MEDIUM", "REFUSED", "CONSENT_PRACTICE", "X", "CONSENT_OR_BASIS"),
        ("MEDIUM", "REFUSED", "SERIOUS_HARM_HIGH_RISK", "X", "BASIS_NEEDS_HIGH"),
        ("MEDIUM", "REFUSED", "SAFEGUARDING_CHILD", "", "REASON_NEEDED"),
        ("MEDIUM", "REFUSED", "SAFEGUARDING_CHILD", "CHILD_AT_RISK", ""),
        ("HIGH", "NOT_ASKED_UNSAFE", "SERIOUS_HARM_HIGH_RISK", "UNSAFE_TO_ASK", ""),
        ("HIGH", "REFUSED", None, "X", "CONSENT_OR_BASIS"),
        ("HIGH", "WITHDRAWN", "SERIOUS_HARM_HIGH_RISK", "", "REASON_NEEDED"),
    ],
)
def test_consent_and_basis_are_kept_apart(
    grade: str, consent: str | None, basis: str | None, reason: str, code: str
) -> None:
    found = consent_refusal(
        ReferralPathway.IDVA,
        RiskGrade(grade),
        ConsentStatus(consent) if consent else None,
        DisclosureBasis(basis) if basis else None,
        reason,
    )
    assert (found.code if found else "") == code


def test_without_consent_nothing_leaves_until_the_basis_is_on_record() -> None:
    play = idva(consent_status=ConsentStatus.REFUSED)
    assert play.stands() is S.DRAFT
    assert play.state.submitted_at is None
    assert play.open_clocks() == {"REFERRAL_CHASE DRAFT"}
    assert ("CONSENT_NEEDED", DALO) in play.open_tasks()
    with pytest.raises(Refused, match="CONSENT_OR_BASIS"):
        play.move(S.SUBMITTED, Role.DALO)
    play.do(
        AmendReferral(
            at=play.now,
            disclosure_basis=DisclosureBasis.SERIOUS_HARM_HIGH_RISK,
            reason="THREATS_TO_KILL",
        ),
        Role.DALO,
    )
    assert {kind for kind, _ in play.open_tasks()} == {"SUBMIT_REFERRAL"}
    play.move(S.SUBMITTED, Role.DALO)
    assert play.view().summary["consent_status"] == "REFUSED"
    assert "IDVA_ACK" in play.open_clocks()


def test_consent_is_the_dalos_to_record() -> None:
    play = idva()
    command = AmendReferral(at=play.now, consent_status=ConsentStatus.WITHDRAWN)
    assert refused(play, command) == "NOT_YOUR_STEP"
    assert refused(play, AmendReferral(at=play.now), Role.DALO) == "NOTHING_GIVEN"


def test_what_the_marac_decided_is_told_to_the_victim_in_two_working_days() -> None:
    play = idva()
    play.move(S.ENGAGED)
    play.to(at("2027-05-27 12:00"))
    play.tell(Heard(message_id="h", meeting="meeting/M", at=play.now, decision="ACTIONS_AGREED"))
    # Fri 28 May, then Tue 1 June: Monday is a holiday.
    assert london_date(play.due(ClockType.IDVA_MARAC_FEEDBACK)) == at("2027-06-01 00:00").date()
    play.do(GiveMaracFeedback(at=play.now))
    assert "IDVA_MARAC_FEEDBACK" in play.ended_clocks("met")
    assert refused(play, GiveMaracFeedback(at=play.now)) == "NO_FEEDBACK_DUE"


def test_feedback_that_is_not_given_is_the_marac_coordinators_to_know() -> None:
    play = idva()
    play.move(S.ENGAGED)
    play.tell(Heard(message_id="h", meeting="meeting/M", at=play.now, decision="ACTIONS_AGREED"))
    play.to(play.now + timedelta(days=5))
    assert ("BREACH", "MARAC_COORDINATOR@Medway") in play.open_tasks()


def test_obligations_follow_the_officer_and_outlive_the_case() -> None:
    play = idva()
    play.to(at("2027-05-06 00:30"))
    play.tell(OwnerChanged(message_id="o", dalo_id="PC 9", supervisor_id=SERGEANT))
    assert ("CHASE_REFERRAL", "PC 9") in play.open_tasks()
    play.tell(CaseClosed(message_id="c", handed_to=SERGEANT))
    assert ("CHASE_REFERRAL", SERGEANT) in play.open_tasks()
    assert play.due(ClockType.REFERRAL_CHASE)
    assert play.view().lead == SERGEANT


def test_after_a_merge_the_other_case_hears_of_it() -> None:
    play = idva()
    other = "CASE-2027-00009"
    play.tell(OwnerChanged(message_id="o", dalo_id=DALO, supervisor_id=SERGEANT, case_ref=other))
    play.move(S.ACKNOWLEDGED)
    assert [told.state for told in play.told(other)] == [S.ACKNOWLEDGED]
    assert play.view().summary["case_ref"] == other


def test_a_reopened_case_has_its_referral_back() -> None:
    play = idva()
    play.tell(CaseClosed(message_id="c", handed_to=SERGEANT))
    play.tell(Reopened(message_id="r", dalo_id="PC 9", supervisor_id=SERGEANT))
    assert (play.view().lead, play.state.case_closed) == ("PC 9", False)


def test_a_referral_in_error_is_taken_back_only_before_work_has_begun() -> None:
    play = idva()
    play.do(WithdrawReferral(at=play.now, reason="WRONG_VICTIM"), Role.DALO)
    assert play.state.closed
    assert play.view().summary["outcome"] == "WITHDRAWN_IN_ERROR"
    assert "IDVA_ACK" in play.ended_clocks("cancelled")
    assert refused(play, ChaseReferral(at=play.now), Role.DALO) == "REFERRAL_ENDED"
    engaged = idva()
    engaged.move(S.ENGAGED)
    withdraw = WithdrawReferral(at=engaged.now, reason="X")
    assert refused(engaged, withdraw, Role.DALO) == "ALREADY_UNDER_WAY"


def test_attempts_belong_to_a_referral_that_is_being_tried() -> None:
    play = idva()
    play.move(S.ENGAGED)
    command = RecordReferralAttempt(at=play.now, result=AttemptResult.NO_ANSWER)
    assert refused(play, command) == "NOT_ATTEMPTING"


def test_a_referral_without_a_case_tells_no_case() -> None:
    play = idva(case_ref="")
    play.move(S.ENGAGED)
    assert play.told(CASE) == []


def test_a_draft_is_sent_when_consent_or_a_basis_is_on_record_and_the_victim_told() -> None:
    play = idva(facts={"draft": True}, consent_status=None)
    assert play.stands() is S.DRAFT
    assert ("CONSENT_NEEDED", DALO) in play.open_tasks()
    basis = DisclosureBasis.SERIOUS_HARM_HIGH_RISK
    given = AmendReferral(at=play.now, disclosure_basis=basis, reason="THREATS_TO_KILL")
    play.do(given, Role.DALO)
    assert ("SUBMIT_REFERRAL", DALO) in play.open_tasks()
    play.move(S.SUBMITTED, Role.DALO)
    assert play.told()[-1].codes == ("TELL_VICTIM",)
