"""An IDVA's attempts: counted, told to the DALO, unsafe ones, and consent that is withdrawn
(docs/domain.md 6, 9.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from models.base import Refused
from models.commands import (
    AmendReferral,
    RecordReferralAttempt,
)
from models.enums import (
    AttemptResult,
    Channel,
    ClockType,
    ConsentStatus,
    DisclosureBasis,
    RiskGrade,
    Role,
)
from models.enums import ReferralState as S
from tests.models.conftest import at
from tests.models.play_idva import SENT, SERVICE, attempt, idva
from tests.models.play_referral import DALO, SERGEANT


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
