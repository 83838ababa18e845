"""`CaseWorkflow` on the time-skipping server, with the real record."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from models.case.view import CaseView
from models.commands import RecordAttempt, ReviewCase
from models.enums import Channel, ContactResult, RiskGrade
from tests.models.play import OTHER_DALO
from tests.workflows.world import World


def refused_as(error: WorkflowUpdateFailedError) -> str | None:
    """The code of a refusal."""
    assert isinstance(error.cause, ApplicationError)
    return error.cause.type


async def attempt(world: World, result: ContactResult) -> RecordAttempt:
    """A call made now."""
    return RecordAttempt(at=await world.now(), channel=Channel.CALL, result=result, route="m")


async def test_what_the_case_decides_is_in_the_ledger_in_order(world: World) -> None:
    handle = await world.open_case(RiskGrade.HIGH)
    await world.do(handle, await attempt(world, ContactResult.SUCCESSFUL_TWO_WAY))
    head = await world.settled(handle.id)
    tags = await world.ledger(handle.id)
    assert len(tags) == head["recorded_seq"]
    assert tags[0] == "case:started"
    assert tags.index("case:allocated") < tags.index("contact:attempt:recorded")
    assert "case:changed" in tags
    await world.replays(handle.id)


async def test_a_contact_clock_fires_with_nobody_near(world: World) -> None:
    handle = await world.open_case(RiskGrade.HIGH)
    await world.sleep(hours=25)
    view: CaseView = await handle.query("view", result_type=CaseView)
    assert view.summary["ladder_step"] == "L1"
    await world.settled(handle.id)
    assert "clock:breached" in await world.ledger(handle.id)
    await world.replays(handle.id)


async def test_a_repeated_command_gets_its_old_answer_and_does_nothing(world: World) -> None:
    handle = await world.open_case()
    command = await attempt(world, ContactResult.NO_ANSWER)
    first = await world.do(handle, command, command_id="once")
    again = await world.do(handle, command, command_id="once")
    assert again == first
    await world.settled(handle.id)
    assert (await world.ledger(handle.id)).count("contact:attempt:recorded") == 1
    with pytest.raises(WorkflowUpdateFailedError) as other:
        await world.do(handle, ReviewCase(at=command.at), command_id="once")
    assert refused_as(other.value) == "COMMAND_ID_REUSED"
    await world.replays(handle.id)


async def test_a_refused_command_says_why_and_changes_nothing(world: World) -> None:
    handle = await world.open_case()
    before = await world.settled(handle.id)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.do(handle, await attempt(world, ContactResult.NO_ANSWER), actor=OTHER_DALO)
    assert refused_as(refused.value) == "NOT_YOUR_CASE"
    assert await world.settled(handle.id) == before
    await world.replays(handle.id)


async def test_the_safe_contact_query_says_no_without_a_plan(world: World) -> None:
    handle = await world.open_case()
    now = await world.now()
    decision = await handle.query("safe_contact", args=["CALL", "m", now])
    assert decision["allowed"] is False
    await world.replays(handle.id)
