"""An outcome code alone, in a report, does not leave the victim without word of the decision."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.commands.victims_code import RecordDecision, RecordDecisionTold
from models.enums import Channel, SuspectStatus
from models.enums.victims_code import DecidedBy, DecisionTold
from models.stream import Task
from tests.models.play_incident import OIC, REPORTED, Play, arrived, report
from tests.models.telling_steps import OIC_GRANT, S, clock_of, played, status


def told_by_report(outcome_code: int | None, version: int = 2, play: Play | None = None) -> Play:
    """A later report with that outcome, two days on."""
    play = play or played()
    play.to(play.now + timedelta(days=2))
    later = report(
        REPORTED,
        oic_id=OIC,
        perpetrator_ref="PER-0001",
        version=version,
        outcome_code=outcome_code,
    )
    play.tell(arrived(later, play.now))
    return play


def asked(play: Play) -> list[Task]:
    """The tasks to record a decision."""
    return [t for t in play.state.tasks.values() if t.kind == "RECORD_DECISION"]


@pytest.mark.parametrize(
    ("code", "decision"),
    [
        (2, "OUT_OF_COURT_DISPOSAL"),
        (8, "OUT_OF_COURT_DISPOSAL"),
        (14, "NO_CHARGE"),
        (15, "NO_CHARGE"),
        (16, "NO_CHARGE"),
        (18, "NO_CHARGE"),
        (22, "OUT_OF_COURT_DISPOSAL"),
    ],
)
def test_an_outcome_that_ends_the_case_asks_the_oic_for_the_decision(
    code: int, decision: str
) -> None:
    (task,) = asked(told_by_report(code))
    assert task.owner == OIC
    assert f"record-decision --decision {decision}" in task.command
    assert str(code) in task.why


@pytest.mark.parametrize("code", [None, 1, 4])
def test_a_charge_and_no_outcome_ask_for_none(code: int | None) -> None:
    assert asked(told_by_report(code)) == []


def test_the_decision_recorded_settles_it_and_is_owed_to_the_victim() -> None:
    play = told_by_report(15)
    decision, police = DecisionTold.NO_CHARGE, DecidedBy.POLICE
    play.do(RecordDecision(at=play.now, decision=decision, decided_by=police), OIC_GRANT)
    assert asked(play) == []
    assert clock_of(play) is not None
    assert asked(told_by_report(16, 3, play)) == []


def test_a_decision_told_at_once_settles_it() -> None:
    play = told_by_report(16)
    told = RecordDecisionTold(
        at=play.now,
        decision=DecisionTold.NO_CHARGE,
        decided_by=DecidedBy.POLICE,
        reasons_given=True,
        channel=Channel.CALL,
        decision_code="SAFE",
    )
    play.do(told, OIC_GRANT)
    assert asked(play) == []


def test_a_release_without_charge_says_it_already() -> None:
    play = played()
    arrest = status(play.now, S.ARRESTED, arrest_reason="SUBSTANTIVE_OFFENCE")
    play.do(arrest, OIC_GRANT)
    play.to(play.now + timedelta(hours=9))
    play.do(status(play.now, SuspectStatus.NFA), OIC_GRANT)
    assert asked(told_by_report(15, play=play)) == []


def test_a_report_corrected_to_no_outcome_takes_the_task_back() -> None:
    play = told_by_report(15)
    assert len(asked(play)) == 1
    assert asked(told_by_report(None, 3, play)) == []
