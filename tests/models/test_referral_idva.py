"""Referrals to an IDVA: answered, tried, chased, and brought back (docs/domain.md 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

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
    Channel,
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
from tests.models.play_referral import CASE, DALO, SERGEANT, Play

SERVICE = "IDVA_PARTNER@Medway"
SENT = at("2027-05-04 11:00")


def idva(**changes: Any) -> Play:
    """A referral sent on Tue 4 May 2027 11:00."""
    return Play(ReferralPathway.IDVA, changes.pop("submitted_at", SENT), **changes)


def attempt(play: Play, when: str, result: AttemptResult = AttemptResult.NO_ANSWER) -> None:
    play.to(at(when)).do(RecordReferralAttempt(at=at(when), result=result))


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


def test_three_attempts_on_different_days_allow_unable_to_contact() -> None:
    play = idva()
    attempt(play, "2027-05-05 10:00")
    assert play.stands() is S.ATTEMPTING
    assert {"IDVA_ACK", "IDVA_FIRST_ATTEMPT"} == play.ended_clocks("met")
    attempt(play, "2027-05-05 10:30")
    attempt(play, "2027-05-06 10:00")
    with pytest.raises(Refused, match="TOO_FEW_ATTEMPTS"):
        play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")
    attempt(play, "2027-05-07 10:00")
    play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")
    assert play.told()[-1].codes == ("UNABLE_TO_CONTACT",)
    assert play.told()[-1].ended
    assert not play.state.clocks
    assert not play.state.tasks


def test_the_third_miss_meets_the_clock_and_tells_the_dalo_at_once() -> None:
    play = idva()
    for when in ("2027-05-04 15:00", "2027-05-05 10:00"):
        attempt(play, when)
    assert "UNABLE_TO_CONTACT" not in {kind for kind, _ in play.open_tasks()}
    attempt(play, "2027-05-05 15:00")
    assert "IDVA_ATTEMPTS" in play.ended_clocks("met")
    assert play.told()[-1].codes == ("UNABLE_TO_CONTACT",)
    assert ("UNABLE_TO_CONTACT", DALO) in play.open_tasks()
    # What becomes of it is the service's to say.
    assert "REFERRAL_CHASE ATTEMPTED" in play.open_clocks()
    attempt(play, "2027-05-07 15:00")
    assert [told.codes for told in play.told()].count(("UNABLE_TO_CONTACT",)) == 1
    play.to(at("2027-05-13 09:00"))
    assert not [e for e in play.events("clock:breached") if "IDVA_ATTEMPTS" in str(e.data)]
    assert ("BREACH", SERGEANT) in play.open_tasks()
    play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")


def test_who_was_reached_meets_the_clock_and_nobody_is_told_otherwise() -> None:
    play = idva()
    attempt(play, "2027-05-05 10:00", AttemptResult.REACHED)
    assert "IDVA_ATTEMPTS" in play.ended_clocks("met")
    play.to(SENT + timedelta(days=8))
    assert ("UNABLE_TO_CONTACT",) not in [told.codes for told in play.told()]
    assert "REFERRAL_CHASE ATTEMPTED" in play.open_clocks()
    for when in ("2027-05-13 10:00", "2027-05-14 10:00"):
        attempt(play, when)
    with pytest.raises(Refused, match="TOO_FEW_ATTEMPTS"):
        play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")
    attempt(play, "2027-05-15 10:00")
    play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")


def test_days_that_are_over_make_no_attempts() -> None:
    play = idva()
    play.to(SENT + timedelta(days=7, minutes=1))
    with pytest.raises(Refused, match="TOO_FEW_ATTEMPTS"):
        play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")
    (task,) = [t for t in play.state.tasks.values() if t.kind == "UNABLE_TO_CONTACT"]
    assert "has not made its attempts" in task.why


def test_attempts_before_a_waiting_list_count_no_longer() -> None:
    play = idva()
    for when in ("2027-05-04 15:00", "2027-05-05 10:00", "2027-05-05 15:00"):
        attempt(play, when)
    play.move(S.WAITLISTED)
    assert play.open_clocks() == {"REFERRAL_CHASE WAITLISTED"}
    play.to(at("2027-05-06 09:00")).move(S.ACKNOWLEDGED)
    assert play.due(ClockType.IDVA_ATTEMPTS) == play.now + timedelta(days=7)
    with pytest.raises(Refused, match="TOO_FEW_ATTEMPTS"):
        play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")


@pytest.mark.parametrize("result", [AttemptResult.WRONG_PERSON, AttemptResult.UNSAFE_ENDED])
def test_an_unsafe_attempt_reaches_the_case_and_the_service_leaves_the_route(
    result: AttemptResult,
) -> None:
    play = idva()
    now = at("2027-05-05 10:00")
    play.to(now)
    made = RecordReferralAttempt(at=now, result=result, channel=Channel.CALL, route="route-2")
    assert play.do(made) == ("ATTEMPTS_1", result.value)
    (told,) = [told for told in play.told() if told.codes]
    assert (told.codes, told.channel, told.route) == ((result.value,), Channel.CALL, "route-2")
    assert ("ROUTE_NOT_SAFE", SERVICE) in play.open_tasks()
    play.do(AmendReferral(at=play.now, facts={"safe_contact_ref": "PLAN-8"}), Role.DALO)
    assert ("ROUTE_NOT_SAFE", SERVICE) not in play.open_tasks()


def test_a_route_is_named_by_its_id_and_never_by_its_number() -> None:
    with pytest.raises(ValidationError):
        RecordReferralAttempt(at=SENT, result=AttemptResult.NO_ANSWER, route="07700 900123")


def test_withdrawn_consent_stops_the_service_and_tells_both() -> None:
    play = idva(risk_grade=RiskGrade.MEDIUM, disclosure_basis=DisclosureBasis.CONSENT_PRACTICE)
    play.to(SENT + timedelta(hours=2)).move(S.ACKNOWLEDGED)
    withdrawn = AmendReferral(at=play.now, consent_status=ConsentStatus.WITHDRAWN)
    play.do(withdrawn, Role.DALO)
    assert play.state.disclosure_basis is None
    assert {("CONSENT_WITHDRAWN", SERVICE), ("CONSENT_WITHDRAWN", DALO)} <= play.open_tasks()
    assert play.open_clocks() == {"REFERRAL_CHASE CONSENT"}
    # Nobody answers: the supervisor hears of it, and the service is not pressed meanwhile.
    play.to(SENT + timedelta(days=9))
    assert ("BREACH", SERGEANT) in play.open_tasks()
    assert ("UNABLE_TO_CONTACT",) not in [told.codes for told in play.told()]
    play.do(AmendReferral(at=play.now, consent_status=ConsentStatus.GIVEN), Role.DALO)
    assert not play.open_tasks()
    assert play.due(ClockType.IDVA_ATTEMPTS) == play.now + timedelta(days=7)


def test_where_another_basis_stands_the_service_knows_that_the_victim_no_longer_agrees() -> None:
    play = idva(
        disclosure_basis=DisclosureBasis.SERIOUS_HARM_HIGH_RISK,
        facts={"basis_reason": "THREATS_TO_KILL"},
    )
    play.do(AmendReferral(at=play.now, consent_status=ConsentStatus.WITHDRAWN), Role.DALO)
    assert ("CONSENT_CHANGED", SERVICE) in play.open_tasks()
    assert "IDVA_ATTEMPTS" in play.open_clocks()
    attempt(play, "2027-05-05 10:00")
    assert ("CONSENT_CHANGED", SERVICE) not in play.open_tasks()


def test_attempts_on_one_day_count_apart_only_hours_apart() -> None:
    play = idva()
    for when in ("2027-05-05 09:00", "2027-05-05 10:59", "2027-05-05 11:00"):
        attempt(play, when)
    counted = [event.data["distinct"] for event in play.events("referral:attempt:recorded")]
    assert counted == [1, 1, 2]


def test_who_was_reached_is_not_unable_to_be_contacted() -> None:
    play = idva()
    attempt(play, "2027-05-05 10:00")
    attempt(play, "2027-05-06 10:00", AttemptResult.REACHED)
    attempt(play, "2027-05-07 10:00")
    with pytest.raises(Refused, match="TOO_FEW_ATTEMPTS"):
        play.move(S.CLOSED, outcome="UNABLE_TO_CONTACT")


def test_seven_days_without_engagement_go_back_to_the_dalo_once() -> None:
    play = idva()
    attempt(play, "2027-05-05 10:00")
    play.to(SENT + timedelta(days=7, minutes=1))
    codes = [told.codes for told in play.told()]
    assert codes.count(("UNABLE_TO_CONTACT",)) == 1
    assert ("UNABLE_TO_CONTACT", DALO) in play.open_tasks()
    assert not play.told()[-1].ended
    play.to(play.now + timedelta(days=3))
    assert [told.codes for told in play.told()].count(("UNABLE_TO_CONTACT",)) == 1
    play.move(S.ENGAGED)
    assert ("UNABLE_TO_CONTACT", DALO) not in play.open_tasks()
    assert play.view().summary["outcome"] == "ENGAGED"


def test_another_safe_route_settles_what_came_back() -> None:
    play = idva()
    play.to(SENT + timedelta(days=7, minutes=1))
    play.do(AmendReferral(at=play.now, facts={"safe_contact_ref": "PLAN-8"}), Role.DALO)
    play.to(play.now + timedelta(hours=1))
    assert ("UNABLE_TO_CONTACT", DALO) not in play.open_tasks()


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
