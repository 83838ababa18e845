"""A case closes when two people agree and nothing is left, each blocker named with its command."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from models.base import Refused
from models.case import closure
from models.case.closure import blockers
from models.commands import (
    AddNeedAction,
    AskClosure,
    CloseCase,
    CompleteNeedAction,
    HandOver,
    NeedActionEntry,
    RecordAttempt,
    RefuseClosure,
    ReopenCase,
    SetSafeContactPlan,
)
from models.enums import (
    CaseState,
    Channel,
    ClosureReason,
    ContactResult,
    NeedDomain,
    OrderType,
    RiskGrade,
    Role,
)
from models.events import EffectKind
from models.instants import LONDON
from models.messages import OrderChanged, ReportArrived
from models.safe_contact import Route, SafeContactPlan, SafeWindow
from tests.models.play import DALO, SERGEANT, Play, a_report
from tests.models.test_handover import INSPECTOR, code_of

OPENED = datetime(2027, 1, 4, 9, tzinfo=LONDON)


@pytest.fixture
def play() -> Play:
    """A case in good contact, 57 days old, for which its DALO asks closure."""
    made = Play(OPENED, RiskGrade.MEDIUM)
    made.allocate()
    made.do(SetSafeContactPlan(at=made.now, plan=always_safe()))
    for day in range(1, 57, 7):
        made.until(OPENED + timedelta(days=day))
        made.do(
            RecordAttempt(
                at=made.now,
                channel=Channel.CALL,
                result=ContactResult.SUCCESSFUL_TWO_WAY,
                route="m",
            )
        )
    made.until(OPENED + timedelta(days=57))
    return made


def always_safe() -> SafeContactPlan:
    return SafeContactPlan(
        routes=(Route(route_id="m", channel=Channel.CALL, verified_at=OPENED),),
        safe_windows=(
            SafeWindow(weekdays=tuple(range(7)), opens=time(), closes=time(), bank_holidays=True),
        ),
        plan_reviewed_at=OPENED,
    )


def ask(play: Play) -> AskClosure:
    return AskClosure(at=play.now, reason=ClosureReason.RISK_REDUCED, victim_told=True)


def close(play: Play, **changes: object) -> CloseCase:
    facts = {"at": play.now, "reason": ClosureReason.RISK_REDUCED, "victim_told": True}
    return CloseCase.model_validate({**facts, **changes})


def blocked(play: Play, **changes: object) -> str:
    with pytest.raises(Refused) as refused:
        play.supervise(close(play, **changes))
    assert refused.value.code == "CLOSURE_BLOCKED"
    return refused.value.message


def other_blockers(play: Play) -> list[str]:
    """What duties beside this one still wait for."""
    return blockers(play.state, play.context(), close(play))


def test_one_asks_and_another_agrees(play: Play) -> None:
    assert code_of(play, close(play), SERGEANT, Role.SUPERVISOR) == "NOT_ASKED"
    play.do(ask(play))
    asked = [t.owner for t in play.state.tasks.values() if t.kind == "DECIDE_CLOSURE"]
    assert asked == [SERGEANT]
    assert code_of(play, ask(play), DALO, Role.DALO) == "ALREADY_ASKED"
    assert other_blockers(play) == []
    play.supervise(close(play))
    assert play.state.closing is not None
    assert play.events("case:closure:agreed")[0].data["asked_by"] == DALO


def test_who_asked_cannot_agree(play: Play) -> None:
    play.supervise(ask(play))
    assert code_of(play, close(play), SERGEANT, Role.SUPERVISOR) == "FOUR_EYES"


def test_a_refused_closure_can_be_asked_again(play: Play) -> None:
    refuse = RefuseClosure(at=play.now, reason="TOO_EARLY")
    assert code_of(play, refuse, SERGEANT, Role.SUPERVISOR) == "NOT_ASKED"
    play.do(ask(play))
    assert code_of(play, refuse, DALO, Role.DALO) == "SUPERVISOR_ONLY"
    play.supervise(refuse)
    assert not any(t.kind == "DECIDE_CLOSURE" for t in play.state.tasks.values())
    play.do(ask(play))


def test_an_open_need_action_blocks_and_its_command_is_named(play: Play) -> None:
    entry = NeedActionEntry(
        domain=NeedDomain.SAFETY, action="LOCKS", owner=DALO, due_at=play.now + timedelta(days=3)
    )
    play.do(AddNeedAction(at=play.now, action=entry))
    assert play.do(ask(play)) == ("BLOCKED",)
    assert "complete-need-action --action-id ACT-001" in blocked(play)
    play.do(CompleteNeedAction(at=play.now, action_id="ACT-001", outcome="DONE"))
    play.supervise(close(play))


@pytest.mark.parametrize("version", [1, 3])
@pytest.mark.parametrize(("days", "stable"), [(55, False), (56, True)])
def test_the_risk_must_have_been_stable_for_56_days_since_the_last_incident(
    play: Play, days: int, stable: bool, version: int
) -> None:
    play.tell(
        ReportArrived(
            message_id="r2",
            report=a_report(play.now, incident_ref="46/2/27", version=version),
            received_at=play.now,
            grade=RiskGrade.MEDIUM,
        )
    )
    play.until(play.now + timedelta(days=days))
    assert any("not been stable" in found for found in other_blockers(play)) is not stable


def test_a_rise_of_the_grade_begins_the_56_days_again(play: Play) -> None:
    play.tell(
        ReportArrived(
            message_id="r1b",
            report=a_report(OPENED, version=2),
            received_at=play.now,
            grade=RiskGrade.HIGH,
        )
    )
    assert any("not been stable" in found for found in other_blockers(play))


def test_an_order_in_force_needs_a_name_for_its_end(play: Play) -> None:
    order = OrderChanged(
        message_id="o1",
        incident_ref="46/1/27",
        perpetrator_ref="PER-1",
        order_id="ORD-1",
        order_type=OrderType.NON_MOLESTATION,
        in_force=True,
        last_day="2027-12-31",
        at=play.now,
    )
    play.tell(order)
    play.do(ask(play))
    assert "ORD-1 of incident 46/1/27 is in force until 2027-12-31" in blocked(play)
    named = close(play, hand_to=SERGEANT)
    assert not any("ORD-1" in found for found in blockers(play.state, play.context(), named))
    play.tell(order.model_copy(update={"message_id": "o2", "in_force": False}))
    assert not any("ORD-1" in found for found in other_blockers(play))


def test_the_victim_is_told_or_it_is_on_record_why_not(play: Play) -> None:
    play.do(ask(play))
    assert "has not been told" in blocked(play, victim_told=False)
    play.supervise(close(play, victim_told=False, not_told_reason="NOT_SAFE"))


def test_an_inspector_may_close_although_something_is_open_and_it_is_on_record(play: Play) -> None:
    play.do(ask(play))
    over = close(play, victim_told=False, override_reason="PILOT_ENDS")
    assert code_of(play, over, SERGEANT, Role.SUPERVISOR) == "INSPECTOR_ONLY"
    play.do(over, INSPECTOR, Role.INSPECTOR)
    (agreed,) = play.events("case:closure:agreed")
    assert len(agreed.data["overridden"]) == 1


def test_transfer_and_merge_are_no_reasons_to_type(play: Play) -> None:
    play.do(ask(play))
    assert "offer-transfer --out-of-force" in blocked(play, reason="TRANSFERRED")
    assert "dalo merge" in blocked(play, reason="DUPLICATE")


def test_a_handover_that_waits_blocks_closure(play: Play) -> None:
    play.supervise(HandOver(at=play.now, dalo_id="PC 5002", reason="R"))
    play.do(ask(play), "PC 5002")
    assert "accept-handover" in blocked(play)


def test_a_running_case_is_not_reopened(play: Play) -> None:
    again = ReopenCase(at=play.now, reason="NEW_FACTS")
    assert code_of(play, again, SERGEANT, Role.SUPERVISOR) == "NOT_CLOSED"
    assert play.state.state is not CaseState.CLOSED


def test_somebody_is_told_that_a_joining_incident_keeps_the_case_open(play: Play) -> None:
    play.do(ask(play))
    play.supervise(close(play))
    request = closure.request(play.state, play.context())
    closure.joining(play.state, play.context(), request.event)
    play.settle()
    (task,) = [t for t in play.state.tasks.values() if t.kind == "CLOSURE_REFUSED"]
    assert (task.owner, task.due_at) == (SERGEANT, play.now + timedelta(days=1))
    assert "ask-closure --reason RISK_REDUCED" in task.command
    play.do(ask(play))
    assert not any(t.kind == "CLOSURE_REFUSED" for t in play.state.tasks.values())


def test_a_case_that_is_being_closed_or_was_takes_no_command(play: Play) -> None:
    play.do(ask(play))
    play.supervise(close(play))
    assert code_of(play, ask(play), DALO, Role.DALO) == "CASE_CLOSING"
    request = closure.request(play.state, play.context())
    closure.confirmed(play.state, play.context(), request.event)
    assert code_of(play, ask(play), DALO, Role.DALO) == "CASE_CLOSED"


def test_the_register_confirms_and_the_named_heir_answers_for_the_incidents(play: Play) -> None:
    play.do(ask(play))
    play.supervise(close(play, hand_to="OIC 1"))
    request = closure.request(play.state, play.context())
    closure.confirmed(play.state, play.context(), request.event)
    told = [
        e.payload
        for e in play.state.effects
        if e.kind is EffectKind.TELL and e.payload["kind"] == "case-closed"
    ]
    assert [each["handed_to"] for each in told] == ["OIC 1"]
    assert play.state.clocks == {}
