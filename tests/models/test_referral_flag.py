"""A MARAC referral beyond its hearing: transfers, and reports of a pair without a case
(docs/domain.md 5, 8.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from models.base import Refused
from models.commands import (
    ConfirmTransfer,
    DecideRepeat,
    TransferReferral,
)
from models.enums import (
    ClockType,
    RepeatDecision,
    Role,
    TransferAnswer,
)
from models.enums import ReferralState as S
from models.events import EffectKind
from models.instants import london_date
from models.messages import (
    CaseClosed,
    RepeatEvent,
)
from tests.models.conftest import at
from tests.models.play_marac import (
    COORDINATOR,
    MEETING,
    SENT,
    accepted,
    flagged,
    heard,
    listed,
    marac,
)
from tests.models.play_referral import SERGEANT, Play


def test_a_transfer_is_confirmed_in_a_working_day_and_the_actions_stay_until_accepted() -> None:
    play = accepted()
    listed(play)
    heard(play, actions=1)
    play.to(at("2027-04-09 10:00"))
    play.do(TransferReferral(at=play.now, to_area="Swale"), Role.DALO)
    assert london_date(play.due(ClockType.MARAC_TRANSFER)) == date(2027, 4, 12)
    with pytest.raises(Refused, match="TRANSFER_NOT_ACCEPTED"):
        play.move(S.TRANSFERRED_OUT)
    play.do(ConfirmTransfer(at=play.now, answer=TransferAnswer.RECEIVED))
    assert "MARAC_TRANSFER" in play.ended_clocks("met")
    assert (play.stands(), play.state.open_actions) == (S.ACTIONS_OPEN, 1)
    play.do(ConfirmTransfer(at=play.now, answer=TransferAnswer.ACCEPTED))
    assert play.stands() is S.TRANSFERRED_OUT
    assert play.open_clocks() == {"MARAC_REPEAT_WINDOW"}
    assert not play.open_tasks()
    tells = [e.payload for e in play.effects(EffectKind.TELL, MEETING)]
    assert [each["to_area"] for each in tells if each["kind"] == "transferred-out"] == ["Swale"]


def test_an_area_that_has_the_papers_and_says_nothing_is_chased_until_it_has_said_so() -> None:
    play = flagged()
    play.do(TransferReferral(at=play.now, to_area="Swale"))
    assert ("TRANSFER_OFFERED", "MARAC_COORDINATOR@Swale") in play.open_tasks()
    for _ in range(2):
        play.do(ConfirmTransfer(at=play.now, answer=TransferAnswer.RECEIVED))
    assert "REFERRAL_CHASE TRANSFER" in play.open_clocks()
    # Five working days after Thu 8 Apr 2027.
    play.to(at("2027-04-16 00:30"))
    assert ("BREACH", SERGEANT) in play.open_tasks()
    play.do(ConfirmTransfer(at=play.now, answer=TransferAnswer.REFUSED, reason="NOT_RESIDENT"))
    assert play.open_clocks() == {"MARAC_REPEAT_WINDOW"}
    assert play.open_tasks() == {("TRANSFER_REFUSED", COORDINATOR)}


def test_new_abuse_after_a_transfer_reaches_both_areas_until_the_flag_ends() -> None:
    play = flagged()
    play.do(TransferReferral(at=play.now, to_area="Swale"))
    play.do(ConfirmTransfer(at=play.now, answer=TransferAnswer.ACCEPTED))
    with pytest.raises(Refused, match="TRANSFERRED_ALREADY"):
        play.do(TransferReferral(at=play.now, to_area="Ashford"))
    repeat(play.to(at("2028-01-17 14:00")), "ANY_ABUSE/REFERRAL")
    assert play.open_tasks() == {
        ("REPEAT_WITHOUT_CASE", COORDINATOR),
        ("REPEAT_WITHOUT_CASE", SERGEANT),
        ("REPEAT_WITHOUT_CASE", "MARAC_COORDINATOR@Swale"),
    }
    decision = RepeatDecision.NEW_REFERRAL
    play.do(DecideRepeat(at=play.now, incident_ref="46/9/28", decision=decision))
    assert not play.open_tasks()
    play.to(at("2028-03-27 09:00"))
    assert play.state.closed
    assert (play.stands(), play.state.outcome) == (S.FLAG_EXPIRED, "TRANSFERRED_OUT")


def test_a_transfer_that_never_had_a_flag_ends_at_once() -> None:
    play = accepted(policy={"repeat_anchor": "HEARING"})
    play.do(TransferReferral(at=play.now, to_area="Swale"))
    play.do(ConfirmTransfer(at=play.now, answer=TransferAnswer.ACCEPTED))
    assert play.state.closed
    assert not play.state.clocks


def test_a_place_on_a_list_is_given_back_after_a_transfer() -> None:
    play = accepted()
    play.do(TransferReferral(at=play.now, to_area="Swale"))
    play.do(ConfirmTransfer(at=play.now, answer=TransferAnswer.ACCEPTED))
    listed(play)
    assert [e.payload["kind"] for e in play.effects(EffectKind.TELL, MEETING)] == ["withdrawn"]
    assert play.stands() is S.TRANSFERRED_OUT


def test_a_refused_transfer_leaves_everything_here() -> None:
    play = flagged()
    play.do(TransferReferral(at=play.now, to_area="Swale"))
    refuse = ConfirmTransfer(at=play.now, answer=TransferAnswer.REFUSED)
    with pytest.raises(Refused, match="REASON_NEEDED"):
        play.do(refuse)
    play.do(refuse.model_copy(update={"reason": "NOT_RESIDENT"}))
    assert play.stands() is S.FLAGGED_12M
    assert ("TRANSFER_REFUSED", COORDINATOR) in play.open_tasks()
    assert play.view().summary["details"]["transfer_to"] == ""
    play.do(TransferReferral(at=play.now, to_area="Maidstone"))
    assert ("TRANSFER_REFUSED", COORDINATOR) not in play.open_tasks()


def test_a_transfer_nobody_confirms_reaches_the_coordinator() -> None:
    play = flagged()
    play.do(TransferReferral(at=play.now, to_area="Swale"))
    play.to(at("2027-04-10 00:30"))
    assert ("BREACH", COORDINATOR) in play.open_tasks()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (TransferReferral(at=SENT, to_area="Medway"), "SAME_AREA"),
        (ConfirmTransfer(at=SENT, answer=TransferAnswer.RECEIVED), "NO_TRANSFER"),
    ],
)
def test_an_impossible_transfer_is_refused(command: Any, code: str) -> None:
    with pytest.raises(Refused) as caught:
        marac().do(command)
    assert caught.value.code == code


def test_transfers_are_one_at_a_time_in_order_and_of_what_was_sent() -> None:
    play = marac()
    play.to(SENT + timedelta(hours=2))
    play.do(TransferReferral(at=play.now, to_area="Swale"))
    with pytest.raises(Refused, match="TRANSFER_UNDER_WAY"):
        play.do(TransferReferral(at=play.now, to_area="Ashford"))
    with pytest.raises(Refused, match="BEFORE_LAST_STATE"):
        play.do(ConfirmTransfer(at=SENT, answer=TransferAnswer.RECEIVED))
    draft = marac(facts={"draft": True})
    with pytest.raises(Refused, match="NOT_SUBMITTED"):
        draft.do(TransferReferral(at=draft.now, to_area="Swale"))


# --- the flag outlives the case -------------------------------------------------------------------


def repeat(play: Play, *definitions: str) -> None:
    told = RepeatEvent(
        message_id=f"r-{play.now}",
        incident_ref="46/9/28",
        reported_at=play.now,
        criminal=False,
        district="Swale",
        definitions=definitions,
    )
    play.tell(told)


def test_a_report_of_a_flagged_pair_without_a_case_reaches_coordinator_and_supervisor() -> None:
    play = flagged()
    play.tell(CaseClosed(message_id="c", handed_to="PS 4002"))
    repeat(play.to(at("2028-01-17 14:00")), "ANY_ABUSE/REFERRAL")
    assert play.open_tasks() == {
        ("REPEAT_WITHOUT_CASE", COORDINATOR),
        ("REPEAT_WITHOUT_CASE", SERGEANT),
    }
    decide = DecideRepeat(at=play.now, incident_ref="46/9/28", decision=RepeatDecision.NEW_REFERRAL)
    with pytest.raises(Refused, match="NOT_YOUR_STEP"):
        play.do(decide, Role.DALO)
    play.do(decide, Role.SUPERVISOR)
    assert not play.open_tasks()


def test_what_policy_does_not_call_a_repeat_is_told_as_such() -> None:
    play = flagged(policy={"repeat_definition": "CRIMINAL_ONLY"})
    repeat(play.to(at("2028-01-17 14:00")), "ANY_ABUSE/REFERRAL")
    (event,) = play.events("referral:repeat:reported")
    assert event.data["counts"] is False
    assert all("no repeat" in task.why for task in play.state.tasks.values())


def test_a_report_that_waits_keeps_the_flagged_referral_open() -> None:
    play = flagged()
    repeat(play.to(at("2028-03-25 14:00")), "ANY_ABUSE/REFERRAL")
    play.to(at("2028-03-28 09:00"))
    assert play.stands() is S.FLAGGED_12M
    none = DecideRepeat(at=play.now, incident_ref="46/9/28", decision=RepeatDecision.NO_ACTION)
    with pytest.raises(Refused, match="REASON_NEEDED"):
        play.do(none)
    play.do(none.model_copy(update={"reason": "MALICIOUS_REPORT"}))
    assert play.stands() is S.FLAG_EXPIRED
    with pytest.raises(Refused, match="UNKNOWN_REPEAT"):
        other = flagged()
        other.do(none.model_copy(update={"at": other.now, "reason": "X"}))
