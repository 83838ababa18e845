"""Any process may be killed at any moment (promises 1, 6 and 10)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from casework.runtime import Runtime
from models.events import Event
from tests.chaos import people, truth
from tests.chaos.gate_at_commit import held_commits
from tests.chaos.people import Opened
from tests.chaos.plant import Plant

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SEED = 20_261_123
KILLS = 5
DUE_IN = timedelta(seconds=8)


async def test_killed_between_the_commit_and_its_completion_nothing_is_doubled_or_lost(
    plant: Plant, runtime: Runtime
) -> None:
    [opened] = await people.open_cases(runtime, [people.now() + timedelta(hours=1)], 500)
    with held_commits(plant.postgres) as commits:
        await people.tell(runtime, opened.case, people.attempt(), "before-the-kill")
        await asyncio.to_thread(commits.until_one_waits)
        # The engine hears nothing from now on, then the commit happens, then both are gone.
        plant.freeze_engine()
        await asyncio.to_thread(commits.let_go_until_stored, "before-the-kill")
        plant.kill_worker()
        plant.kill_engine()
    await asyncio.to_thread(plant.start_engine)
    # The engine has the decision but not that it was recorded.
    history = await runtime.client.get_workflow_handle(opened.case).fetch_history()
    scheduled, completed = _recordings(history.events)
    assert scheduled == completed + 1
    await asyncio.to_thread(plant.start_worker)
    again = await people.insist(runtime, opened.case, people.attempt(), "after-the-kill")
    await people.until_recorded(runtime, people.streams([opened]))
    assert await truth.differences(runtime, people.streams([opened])) == []
    assert await truth.verified(runtime) == []
    attempts = await truth.recorded(runtime, opened.case, "contact:attempt:recorded")
    assert [event.command_id for event in attempts] == ["before-the-kill", "after-the-kill"]
    assert attempts[-1].seq <= again.seq


def _recordings(events: object) -> tuple[int, int]:
    kinds = Counter(event.WhichOneof("attributes") for event in events)  # type: ignore[attr-defined]
    return (
        kinds["activity_task_scheduled_event_attributes"],
        kinds["activity_task_completed_event_attributes"],
    )


async def test_whatever_is_killed_every_obligation_comes_due_once_and_every_command_counts_once(
    plant: Plant, runtime: Runtime
) -> None:
    chance = random.Random(SEED)
    ends = [people.now() + timedelta(seconds=5 + 2 * n) for n in range(4)]
    opened = await people.open_cases(runtime, ends, 600)
    working = [asyncio.create_task(_officer(runtime, each, n)) for n, each in enumerate(opened)]
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        await asyncio.to_thread(chance.choice([_worker, _engine, _database, _both]), plant)
    sent = [command_id for ids in await asyncio.gather(*working) for command_id in ids]
    await people.until_recorded(runtime, people.streams(opened), 90)
    assert await truth.differences(runtime, people.streams(opened)) == []
    assert await truth.verified(runtime) == []
    attempts = await truth.commands_recorded(runtime, "contact:attempt:recorded")
    promises = await truth.commands_recorded(runtime, "needs:action:added")
    counted = attempts + promises
    assert {command_id: counted[command_id] for command_id in sent} == dict.fromkeys(sent, 1)
    for each in opened:
        due = await truth.recorded(runtime, each.case, "clock:breached")
        assert _by_type(due, "NEED_ACTION") == 3
        over = await truth.recorded(runtime, each.incident, "clock:breached")
        assert _by_type(over, "GOLDEN_HOUR") == 1
        assert len(await truth.recorded(runtime, each.incident, "golden_hour:verdict")) == 1


async def _officer(runtime: Runtime, opened: Opened, number: int) -> list[str]:
    """Three promises that fall due soon and nine calls, each under one id until answered; returns
    the ids that were accepted, once everything promised is due."""
    sent = []
    for turn in range(12):
        command_id = f"kill-{number}-{turn}"
        if turn % 4 == 0:
            sent.append(await _promise(runtime, opened, command_id))
        else:
            await people.insist(runtime, opened.case, people.attempt(), command_id)
            sent.append(command_id)
        await asyncio.sleep(0.3)
    await asyncio.sleep(DUE_IN.total_seconds() + 1)
    return sent


async def _promise(runtime: Runtime, opened: Opened, command_id: str) -> str:
    """Refused as past its time, it was never accepted, however often it was sent: promise anew."""
    for again in range(5):
        name = f"{command_id}-{again}"
        command = people.promise(people.now() + DUE_IN)
        try:
            await people.insist(runtime, opened.case, command, name)
        except WorkflowUpdateFailedError:
            continue
        return name
    raise AssertionError(f"{command_id} was refused again and again")


def _by_type(breaches: list[Event], clock_type: str) -> int:
    """How many clocks of a type came due; one that did so twice counts as an error."""
    ids = [
        e.data["clock"]["clock_id"] for e in breaches if e.data["clock"]["clock_type"] == clock_type
    ]
    assert len(ids) == len(set(ids))
    return len(ids)


def _worker(plant: Plant) -> None:
    plant.kill_worker()
    plant.start_worker()


def _engine(plant: Plant) -> None:
    plant.kill_engine()
    plant.start_engine()


def _database(plant: Plant) -> None:
    plant.kill_database()
    plant.start_database()


def _both(plant: Plant) -> None:
    plant.kill_worker()
    plant.kill_engine()
    plant.start_engine()
    plant.start_worker()
