"""A meeting's life: list, cut-off, research, hearing, actions, minutes, end (docs/domain.md 8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.base import Refused
from models.commands.meeting import (
    CancelAction,
    CancelMeeting,
    CompleteAction,
    DeferReferral,
    FreezeList,
    ListReferral,
    RecordAttendance,
    RequestResearch,
    ReturnResearch,
)
from models.enums import (
    Agency,
    AgendaState,
    ClockType,
    DisruptionStanding,
    Forum,
    HearingDecision,
    Intervention,
    MeetingState,
    ResearchResult,
)
from models.events import EffectKind
from models.messages import DisruptionChecked, Withdrawn
from tests.models.conftest import at
from tests.models.play_meeting import CHAIR, THURSDAY, Play


def test_the_list_closes_by_itself_five_working_days_before_and_says_so() -> None:
    play = Play()
    ref = play.ask(1)
    assert play.clock(ClockType.MARAC_CUTOFF).due_at == at("2027-04-01 23:59:59")
    play.to(at("2027-04-01 09:00"))
    assert play.tasks()["FREEZE_LIST"].owner == "MARAC_COORDINATOR@Medway"
    play.to(at("2027-04-01 23:59:59"))
    assert play.stage() is MeetingState.FROZEN
    assert play.state.frozen_at == at("2027-04-01 23:59:59")
    assert [told["kind"] for told in play.told(ref)] == ["listed", "list-frozen"]
    assert "BREACH" not in play.tasks()
    assert "FREEZE_LIST" not in play.tasks()


def test_the_easter_holidays_move_the_closing_of_the_list() -> None:
    play = Play(at("2027-04-01 09:30"), at("2027-03-18 06:00"))
    # Not Fri 26 and Mon 29 March: Wed 31, Tue 30, Thu 25, Wed 24, Tue 23.
    assert play.clock(ClockType.MARAC_CUTOFF).due_at == at("2027-03-23 23:59:59")


def test_every_agency_is_asked_and_answers_two_working_days_before() -> None:
    play = Play()
    play.ask(1)
    play.ask(2)
    play.freeze()
    assert play.tasks()["SEND_AGENDA"].due_at == at("2027-03-25 23:59:59")
    asked = [c for c in play.state.clocks.values() if c.clock_type is ClockType.MARAC_RESEARCH]
    assert {c.subject for c in asked} == {agency.value for agency in Agency}
    assert {c.due_at for c in asked} == {at("2027-04-06 23:59:59")}
    play.do(RequestResearch(at=play.now))
    assert "SEND_AGENDA" not in play.tasks()


def test_an_agency_is_done_when_it_has_answered_on_every_referral() -> None:
    play = Play()
    first, second = play.ask(1), play.ask(2)
    play.freeze()
    housing = ReturnResearch(
        at=play.now,
        agency=Agency.HOUSING,
        result=ResearchResult.HELD,
        note_ref="NOTE/1",
        referral_ref=first,
    )
    play.do(housing)
    assert play.clock(ClockType.MARAC_RESEARCH, "HOUSING")
    play.do(housing.model_copy(update={"referral_ref": second}))
    with pytest.raises(StopIteration):
        play.clock(ClockType.MARAC_RESEARCH, "HOUSING")
    nothing = ResearchResult.NOTHING_HELD
    play.do(ReturnResearch(at=play.now, agency=Agency.IDVA, result=nothing))
    assert all(Agency.IDVA in item.research for item in play.state.listed)


def test_silence_of_an_agency_is_chased_with_the_coordinator() -> None:
    play = Play()
    play.ask(1)
    play.to(at("2027-04-07 00:00"))
    breaches = [task for task in play.state.tasks.values() if task.kind == "BREACH"]
    assert len(breaches) == len(Agency)
    assert {task.owner for task in breaches} == {"MARAC_COORDINATOR@Medway"}
    play.to(THURSDAY)
    play.do(RecordAttendance(at=play.now, present={"DI-2001": Agency.POLICE}))
    assert not [task for task in play.state.tasks.values() if task.kind == "BREACH"]


def test_the_whole_life_of_a_meeting_with_one_action() -> None:
    play = Play()
    ref = play.ask(1)
    play.hold()
    assert play.clock(ClockType.MARAC_ACTIONS_ISSUED).due_at == at("2027-04-09 23:59:59")
    assert play.clock(ClockType.MARAC_MINUTES).due_at == at("2027-04-15 23:59:59")
    action = play.add(ref)
    play.hear(ref)
    assert play.told(ref)[-1]["actions"] == 1
    play.issue()
    assert play.clock(ClockType.MARAC_ACTION, action).due_at == at("2027-04-22 23:59:59")
    assert play.tasks()["MEETING_ACTION"].owner == "HSG-1"
    play.minutes()
    assert play.stage() is MeetingState.HELD
    play.to(at("2027-04-20 10:00"))
    play.do(CompleteAction(at=play.now, action_id=action))
    assert play.stage() is MeetingState.ENDED
    assert play.told(ref)[-1]["open_actions"] == 0
    assert not play.state.clocks
    assert not play.state.tasks
    register = [e for e in play.state.effects if e.kind is EffectKind.REGISTER]
    assert [e.payload["ended_at"] for e in register] == [play.now.isoformat()]


def test_an_overdue_action_is_chased_with_its_owner_then_escalated_to_coordinator_and_chair() -> (
    None
):
    play = Play()
    ref = play.ask(1)
    play.hold()
    action = play.add(ref)
    play.hear(ref)
    play.issue()
    play.to(at("2027-04-23 00:00"))
    assert play.tasks()["CHASE_ACTION"].owner == "HSG-1"
    assert "ACTION_ESCALATED" not in play.tasks()
    assert play.events("action:overdue")[0].data["status"] == "OVERDUE"
    play.minutes()
    play.to(at("2027-04-29 23:59:59"))
    owners = {(t.kind, t.owner) for t in play.state.tasks.values()}
    assert ("ACTION_ESCALATED", "INSPECTOR@Medway") in owners
    assert ("BREACH", "MARAC_COORDINATOR@Medway") in owners
    assert play.do(CompleteAction(at=play.now, action_id=action)) == ("DONE_LATE",)
    assert play.stage() is MeetingState.ENDED


def test_an_immediate_action_starts_when_it_is_agreed_and_runs_a_day() -> None:
    play = Play()
    ref = play.ask(1)
    play.hold()
    action = play.add(ref, immediate=True)
    assert play.clock(ClockType.MARAC_ACTION, action).due_at == at("2027-04-09 09:30")


def test_an_action_added_after_hearing_is_counted_for_its_referral() -> None:
    play = Play()
    ref = play.ask(1)
    play.hold()
    play.hear(ref, HearingDecision.NO_FURTHER_ACTION)
    play.add(ref, asks_visit=True)
    assert play.told(ref)[-1]["open_actions"] == 1
    play.issue()
    assert play.told(ref)[-1]["codes"] == ["VISIT_ASKED"]


def test_what_was_not_heard_goes_to_the_next_meeting() -> None:
    play = Play()
    heard, missed = play.ask(1), play.ask(2, repeat=True)
    play.hold()
    play.hear(heard, HearingDecision.NO_FURTHER_ACTION)
    assert play.issue() == ("CARRIED_OVER",)
    assert play.state.agenda[missed].state is AgendaState.CARRIED
    (passed,) = play.passed_on()
    assert (passed["referral_ref"], passed["repeat"]) == (missed, True)
    assert passed["after"] == THURSDAY.isoformat()
    assert play.told(missed)[-1]["meeting"] == ""


def test_a_request_after_the_closing_goes_on_to_the_next_meeting() -> None:
    play = Play()
    play.ask(1)
    play.freeze()
    late = play.ask(2)
    assert late not in play.state.agenda
    assert [passed["referral_ref"] for passed in play.passed_on()] == [late]


def test_the_chair_takes_a_late_item_and_its_agencies_are_asked() -> None:
    play = Play()
    play.ask(1)
    play.freeze()
    nothing = ResearchResult.NOTHING_HELD
    play.do(ReturnResearch(at=play.now, agency=Agency.HEALTH, result=nothing))
    late = ListReferral(
        at=play.now, referral_ref="MARAC-2027-00009", chair_reason="THREAT_SINCE_CUT_OFF"
    )
    assert play.do(late, CHAIR) == ("LATE_ITEM",)
    assert play.clock(ClockType.MARAC_RESEARCH, "HEALTH")
    assert play.events("agenda:listed")[-1].data["details"]["late_reason"] == late.chair_reason


def test_a_cancelled_meeting_passes_its_whole_list_on_and_ends() -> None:
    play = Play()
    refs = [play.ask(1), play.ask(2)]
    assert play.do(CancelMeeting(at=play.now, reason="ROOM_LOST")) == ("CARRIED_OVER",)
    assert [passed["referral_ref"] for passed in play.passed_on()] == refs
    assert play.stage() is MeetingState.CANCELLED
    assert not play.state.clocks
    assert not play.state.tasks


def test_a_meeting_with_nothing_listed_is_called_off_at_the_end_of_its_day() -> None:
    play = Play()
    play.to(THURSDAY + timedelta(days=1))
    assert play.stage() is MeetingState.CANCELLED
    assert play.events("meeting:cancelled")[0].data["reason"] == "NOTHING_LISTED"


def test_a_meeting_that_nobody_held_is_a_breach() -> None:
    play = Play()
    play.ask(1)
    play.to(THURSDAY + timedelta(days=1))
    assert play.stage() is MeetingState.FROZEN
    said = [task.why for task in play.state.tasks.values() if task.kind == "BREACH"]
    assert "MARAC_HEARING passed its due time" in said


def test_a_deferred_referral_asks_for_the_meeting_after_this_one() -> None:
    play = Play()
    ref = play.ask(1)
    play.do(DeferReferral(at=play.now, referral_ref=ref, reason="IDVA_ABSENT"))
    assert play.state.agenda[ref].state is AgendaState.DEFERRED
    assert play.passed_on()[0]["after"] == THURSDAY.isoformat()


def test_a_withdrawn_referral_leaves_the_list_and_a_second_request_brings_it_back() -> None:
    play = Play()
    ref = play.ask(1)
    play.tell(Withdrawn(message_id="w", referral_ref=ref, reason="IN_ERROR", at=play.now))
    assert play.state.listed == []
    play.now += timedelta(hours=1)
    play.ask(1)
    assert [item.referral_ref for item in play.state.listed] == [ref]


def test_the_same_message_twice_lists_once() -> None:
    play = Play()
    play.ask(1)
    before = play.state.next_seq
    play.ask(1)
    assert play.state.next_seq == before


def test_an_emergency_list_is_open_until_the_meeting_begins() -> None:
    play = Play(at("2027-03-26 14:00"), at("2027-03-25 10:00"), emergency=True)
    first = play.ask(1, emergency=True)
    play.freeze()
    assert play.clock(ClockType.MARAC_RESEARCH, "HEALTH").due_at == at("2027-03-26 14:00")
    second = play.ask(2, emergency=True)
    assert [item.referral_ref for item in play.state.listed] == [first, second]


def stands(play: Play, ref: str, disruption_id: str, standing: DisruptionStanding) -> None:
    """The referral says how a planned disruption stands."""
    play.tell(
        DisruptionChecked(
            message_id=f"{disruption_id}-{standing}",
            referral_ref=ref,
            disruption_id=disruption_id,
            standing=standing,
            at=play.now,
        )
    )


def a_matac() -> tuple[Play, str]:
    """A MATAC that is held, with one subject on its list."""
    play = Play(at("2027-07-05 10:00"), at("2027-06-07 06:00"), forum=Forum.MATAC)
    ref = play.ask(1, score=80.2)
    play.hold()
    return play, ref


def disruption(number: int) -> dict[str, Any]:
    return {
        "intervention": Intervention.DISRUPTION,
        "action": "LICENCE_RECALL",
        "disruption_id": f"DIS-{number:03d}",
    }


def test_each_disruption_waits_until_it_was_itself_found_safe() -> None:
    play, ref = a_matac()
    with pytest.raises(Refused, match="DISRUPTION_NEEDED"):
        play.add(ref, **{**disruption(1), "disruption_id": ""})
    with pytest.raises(Refused, match="RETALIATION_NOT_CHECKED"):
        play.add(ref, **disruption(1))
    stands(play, ref, "DIS-001", DisruptionStanding.NOT_SAFE)
    stands(play, ref, "DIS-002", DisruptionStanding.SAFE)
    with pytest.raises(Refused, match="RETALIATION_RISK"):
        play.add(ref, **disruption(1))
    with pytest.raises(Refused, match="RETALIATION_NOT_CHECKED"):
        play.add(ref, **disruption(3))
    # Called something else it is still the disruption that was found unsafe.
    with pytest.raises(Refused, match="RETALIATION_RISK"):
        play.add(ref, **{**disruption(1), "intervention": Intervention.ENFORCEMENT})
    play.add(ref, **disruption(2))
    play.hear(ref, HearingDecision.SELECTED)
    assert play.told(ref)[-1]["decision"] == "SELECTED"


def test_an_agreed_disruption_that_is_dropped_is_to_be_cancelled() -> None:
    play, ref = a_matac()
    stands(play, ref, "DIS-001", DisruptionStanding.SAFE)
    action = play.add(ref, **disruption(1))
    stands(play, ref, "DIS-001", DisruptionStanding.DROPPED)
    assert play.tasks()["CANCEL_DISRUPTION"].owner == "MATAC_COORDINATOR@Medway"
    with pytest.raises(Refused, match="RETALIATION_NOT_CHECKED"):
        play.add(ref, **disruption(1))
    play.do(CancelAction(at=play.now, action_id=action, reason="RETALIATION_RISK"))
    assert "CANCEL_DISRUPTION" not in play.tasks()


def test_a_disruption_that_was_carried_out_cancels_nothing() -> None:
    play, ref = a_matac()
    stands(play, ref, "DIS-001", DisruptionStanding.SAFE)
    play.add(ref, **disruption(1))
    stands(play, ref, "DIS-001", DisruptionStanding.CARRIED_OUT)
    assert "CANCEL_DISRUPTION" not in play.tasks()


def test_a_cancelled_action_settles_like_a_done_one() -> None:
    play = Play()
    ref = play.ask(1)
    play.hold()
    action = play.add(ref)
    play.hear(ref)
    play.issue()
    play.minutes()
    play.do(CancelAction(at=play.now, action_id=action, reason="MOVED_AWAY"))
    assert play.stage() is MeetingState.ENDED
    assert play.events("action:ended")[0].data["status"] == "CANCELLED"


@settings(max_examples=40, deadline=None)
@given(
    listed=st.integers(0, 4),
    heard=st.integers(0, 4),
    early=st.booleans(),
    days=st.integers(0, 40),
)
def test_no_referral_is_ever_left_on_a_list_that_is_over(
    listed: int, heard: int, early: bool, days: int
) -> None:
    """Whatever happens, each referral was heard, waits for this meeting, or asks for the next."""
    play = Play()
    refs = [play.ask(number) for number in range(1, listed + 1)]
    if early:
        play.do(FreezeList(at=play.now))
    if refs:
        play.hold()
        for ref in refs[:heard]:
            play.hear(ref, HearingDecision.NO_FURTHER_ACTION)
        if days % 2:
            play.issue()
    play.to(THURSDAY + timedelta(days=days))
    passed = {each["referral_ref"] for each in play.passed_on()}
    waiting = {item.referral_ref for item in play.state.listed}
    done = {r for r, item in play.state.agenda.items() if item.state is AgendaState.HEARD}
    assert passed | waiting | done == set(refs)
    assert play.state.clocks or play.state.ended_at is not None
