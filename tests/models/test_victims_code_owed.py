"""What the victim is owed and from when: reported events, decisions, reviews, support withdrawn
(docs/domain.md 4.3, 9.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.commands import (
    ConfirmInWriting,
    NotificationOptOut,
    RecordDecision,
    RecordDecisionTold,
    RequestReview,
    ReviewWithdrawal,
)
from models.enums import ArrestReason, Channel, ClockType, RecordingType
from models.enums.victims_code import ConfirmationOutcome, NotificationOutcome, UpdateFrequency
from models.instants import show
from models.stream import open_clock
from tests.models.conftest import at
from tests.models.play_incident import MY_GRANT, OIC, Play, report
from tests.models.telling_steps import (
    OIC_GRANT,
    SERGEANT_GRANT,
    S,
    clock_of,
    happens,
    played,
    status,
    telling,
    wishes,
)
from tests.models.test_victims_code_offers import refused

# --- from when --------------------------------------------------------------------------------


def test_what_a_report_told_is_owed_from_its_true_time_once_an_officer_gave_it() -> None:
    play = Play(
        report(
            at("2027-03-24 20:00"),
            oic_id=OIC,
            perpetrator_ref="PER-0001",
            suspect_status=S.ARRESTED,
        ),
        received_at=at("2027-03-25 00:30"),
    )
    clock = clock_of(play)
    assert clock is not None
    assert show(clock.due_at) == "Tue 30 Mar 2027 23:59"
    arrested = at("2027-03-24 22:00")
    substantive = ArrestReason.SUBSTANTIVE_OFFENCE
    play.do(status(arrested, S.ARRESTED, arrest_reason=substantive), OIC_GRANT)
    clock = clock_of(play)
    assert clock is not None
    assert (clock.started_at, show(clock.due_at)) == (arrested, "Thu 25 Mar 2027 23:59")
    assert [o.event_at for o in play.state.code.owed.values()] == [arrested]
    refused(play, telling(at("2027-03-24 21:00")), "BEFORE_EVENT")


def test_a_telling_before_a_report_was_received_is_taken_as_it_was() -> None:
    play = Play(
        report(at("2027-03-24 20:00"), oic_id=OIC, suspect_status=S.ARRESTED),
        received_at=at("2027-03-25 00:30"),
    )
    play.do(telling(at("2027-03-24 22:30"), channel=Channel.IN_PERSON))
    (event,) = play.events("notification:told")
    assert event.data["notified_at"] == event.data["event_at"]
    assert clock_of(play) is None


@pytest.mark.parametrize("outcome", list(NotificationOutcome))
def test_the_case_hears_of_every_telling_whatever_came_of_it(outcome: NotificationOutcome) -> None:
    play = played()
    happens(play, "CHARGED", play.now)
    play.do(telling(play.now, outcome=outcome))
    (told,) = [e.payload for e in play.state.effects if e.payload.get("kind") == "victim-told"]
    assert (told["outcome"], told["incident_ref"]) == (outcome.value, play.state.incident_ref)


def test_a_written_confirmation_that_was_given_is_an_approach_to_the_victim() -> None:
    play = played()
    given = ConfirmInWriting(
        at=play.now,
        outcome=ConfirmationOutcome.GIVEN,
        channel=Channel.IN_PERSON,
        update_channel=Channel.CALL,
        update_frequency=UpdateFrequency.WEEKLY,
        decision_code="SAFE",
    )
    play.do(given)
    play.do(given.model_copy(update={"outcome": ConfirmationOutcome.NOT_SAFE_IN_WRITING}))
    (told,) = [e.payload for e in play.state.effects if e.payload.get("kind") == "victim-told"]
    assert told["outcome"] == "GIVEN"


# --- decisions --------------------------------------------------------------------------------


def decided(play: Play, decision: str, **more: Any) -> RecordDecision:
    facts = {"at": play.now, "decision": decision, "decided_by": "POLICE", **more}
    return RecordDecision.model_validate(facts)


def decision_told(play: Play, decision: str, **more: Any) -> RecordDecisionTold:
    facts = {
        "at": play.now,
        "decision": decision,
        "decided_by": "CPS",
        "reasons_given": True,
        "channel": "CALL",
        "decision_code": "SAFE",
        **more,
    }
    return RecordDecisionTold.model_validate(facts)


@pytest.mark.parametrize("decision", ["NOT_INVESTIGATED", "PROCEEDINGS_STOPPED"])
def test_a_decision_is_owed_from_when_it_was_made_until_it_is_told(decision: str) -> None:
    play = played()
    play.do(decided(play, decision), OIC_GRANT)
    clock = clock_of(play)
    assert clock is not None
    assert show(clock.due_at) == "Tue 30 Mar 2027 23:59"
    refused(play, decided(play, decision), "DECISION_OWED_ALREADY")
    play.to(at("2027-03-26 10:00")).do(decision_told(play, decision))
    assert play.state.code.owed == {}
    assert open_clock(play.state, ClockType.RIGHT_TO_REVIEW) is not None
    refused(play, decided(play, decision, at=play.now + timedelta(minutes=1)), "IN_FUTURE")


@pytest.mark.parametrize("way", [(S.CHARGED_BAIL,), (S.ARRESTED, S.REMANDED)])
@pytest.mark.parametrize("decision", ["PROCEEDINGS_STOPPED", "NO_FURTHER_ACTION"])
def test_proceedings_that_stopped_are_settled_by_telling_so(
    way: tuple[S, ...], decision: str
) -> None:
    play = played()
    for each in (*way, S.NFA):
        play.to(play.now + timedelta(hours=1))
        reason = {"arrest_reason": ArrestReason.SUBSTANTIVE_OFFENCE} if each is S.ARRESTED else {}
        play.do(status(play.now, each, **reason), OIC_GRANT)
    stopped = [o for o in play.state.code.owed.values() if "PROCEEDINGS_STOPPED" in o.event_kind]
    assert len(stopped) == 1
    play.do(decision_told(play, decision))
    assert stopped[0].notification_id not in play.state.code.owed


# --- reviews ----------------------------------------------------------------------------------


def task_kinds(play: Play) -> set[str]:
    return {task.kind for task in play.state.tasks.values()}


def test_a_review_that_overturned_the_decision_is_told_and_opens_no_other() -> None:
    play = played()
    play.to(at("2027-03-26 10:00")).do(decision_told(play, "NO_CHARGE"))
    refused(play, decision_told(play, "OVERTURNED"), "NO_REVIEW_ASKED")
    refused(play, decided(play, "OVERTURNED"), "NO_REVIEW_ASKED")
    play.do(RequestReview(at=play.now))
    play.to(at("2027-04-20 10:00")).do(decided(play, "OVERTURNED", decided_by="CPS"))
    assert [o.event_kind for o in play.state.code.owed.values()] == ["DECISION_OVERTURNED"]
    assert "ARRANGE_REVIEW" in task_kinds(play)
    play.do(decision_told(play, "OVERTURNED"))
    assert "ARRANGE_REVIEW" not in task_kinds(play)
    assert open_clock(play.state, ClockType.RIGHT_TO_REVIEW) is None
    assert play.state.code.owed == {}


def test_a_review_asked_for_in_time_may_be_recorded_some_weeks_late() -> None:
    play = played()
    play.to(at("2027-03-26 10:00")).do(decision_told(play, "NO_CHARGE"))
    play.to(at("2027-07-05 09:00"))
    assert open_clock(play.state, ClockType.RIGHT_TO_REVIEW) is None
    asked = at("2027-06-25 10:00")
    refused(play, RequestReview(at=at("2027-06-27 10:00")), "NO_REVIEW_PERIOD")
    play.do(RequestReview(at=asked))
    assert "ARRANGE_REVIEW" in task_kinds(play)
    refused(play, RequestReview(at=asked), "NO_REVIEW_PERIOD")


def test_a_period_that_ended_long_ago_is_forgotten() -> None:
    play = played()
    play.to(at("2027-03-26 10:00")).do(decision_told(play, "NO_CHARGE"))
    play.to(at("2027-07-25 09:00"))
    refused(play, RequestReview(at=at("2027-06-25 10:00")), "NO_REVIEW_PERIOD")


# --- support withdrawn ------------------------------------------------------------------------


def withdrawn(play: Play) -> None:
    message = wishes(play.now, NotificationOptOut.NONE)
    play.tell(message.model_copy(update={"support_withdrawn_at": play.now}))


def looked_at(play: Play, **more: Any) -> ReviewWithdrawal:
    facts = {"at": play.now, "decision": "EVIDENCE_LED", "pressure": "NONE_FOUND", **more}
    return ReviewWithdrawal.model_validate(facts)


def test_the_oic_looks_at_what_a_withdrawal_of_support_means() -> None:
    play = played()
    refused(play, looked_at(play), "NOT_WITHDRAWN", OIC_GRANT)
    withdrawn(play)
    assert ("REVIEW_WITHDRAWAL", OIC) in play.open_tasks()
    refused(play, looked_at(play, pressure="NOT_CHECKED"), "NO_RESULT", OIC_GRANT)
    refused(play, looked_at(play), "NOT_YOURS_TO_RECORD", MY_GRANT)
    assert play.do(looked_at(play, pressure="SUSPECTED"), OIC_GRANT) == ("RECORD_PRESSURE",)
    assert "REVIEW_WITHDRAWAL" not in task_kinds(play)
    # What the case says again is no second withdrawal.
    withdrawn(play)
    assert "REVIEW_WITHDRAWAL" not in task_kinds(play)


def test_a_supervisor_may_look_at_it_and_a_non_crime_has_nothing_to_look_at() -> None:
    play = played()
    withdrawn(play)
    play.do(looked_at(play), SERGEANT_GRANT)
    assert "REVIEW_WITHDRAWAL" not in task_kinds(play)
    other = played(recording_type=RecordingType.NON_CRIME_DA)
    withdrawn(other)
    assert "REVIEW_WITHDRAWAL" not in task_kinds(other)
