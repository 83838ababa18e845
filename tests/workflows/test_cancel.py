"""Nobody ends a case by a cancel in the engine, at whatever moment it comes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker._workflow_instance import _WorkflowLogicFlag

from models.enums import RiskGrade
from models.messages import Allocated
from tests.models.play import DALO, SERGEANT
from tests.workflows.world import World, a_worker


async def test_a_cancel_in_the_engine_ends_no_case(world: World) -> None:
    handle = await world.open_case(RiskGrade.HIGH)
    await handle.cancel()
    await world.sleep(hours=25)
    await world.settled(handle.id)
    assert "clock:breached" in await world.ledger(handle.id)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await world.replays(handle.id)


@asynccontextmanager
async def working(world: World, at_once: bool) -> AsyncIterator[None]:
    """A worker for a while. `at_once`: all that a task brings is applied before anything runs, as
    the next releases of the SDK do."""
    worker = a_worker(world.runtime, world.task_queue, cached=0)
    if at_once:
        assert worker._workflow_worker is not None
        worker._workflow_worker._set_default_workflow_logic_flag(
            _WorkflowLogicFlag.PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH, enabled=True
        )
    async with worker:
        yield


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_cancel_that_comes_with_other_news_stops_no_strand(
    world: World, at_once: bool
) -> None:
    here = replace(world, task_queue=f"cancel-{uuid.uuid4()}")
    async with working(here, at_once):
        handle = await here.open_case(RiskGrade.HIGH, allocated=False)
        await here.settled(handle.id)
    now = await here.now()
    news = Allocated(message_id="a1", dalo_id=DALO, supervisor_id=SERGEANT, allocated_at=now)
    await handle.signal("tell", [news.model_dump(mode="json")])
    await handle.cancel()
    async with working(here, at_once):
        await here.settled(handle.id)
        assert "case:allocated" in await here.ledger(handle.id)
        await here.sleep(hours=25)
        await here.settled(handle.id)
        assert "clock:breached" in await here.ledger(handle.id)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await here.replays(handle.id)
        await here.clear()
