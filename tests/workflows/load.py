"""Load on one workflow until it goes on in a new run, and what must not be lost on the way."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from models.clocks import Clock
from models.commands import ENVELOPES, Answer, Command, Grant, target_of
from models.events import Event
from store.ledger import events_of
from store.verify import verify
from tests.workflows.world import World

TOGETHER = 8
"""Commands in flight at a time."""
MOST = 900
Given = tuple[Command, Grant]
Make = Callable[[int, datetime], Given]
"""The command of a number, at an instant."""


@dataclass
class Load:
    """What was sent to a workflow, and what it answered."""

    world: World
    handle: WorkflowHandle[Any, Any]
    envelopes: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)

    async def send(self, command_id: str) -> Answer:
        """Send a command; where the engine was between two runs, the same command again."""
        for _ in range(20):
            try:
                answer: Answer = await self.handle.execute_update(
                    "command", self.envelopes[command_id], result_type=Answer
                )
                return answer
            except RPCError:
                await asyncio.sleep(0.1)
        raise AssertionError(f"{command_id} was never answered")

    async def give(self, *given: Given) -> list[str]:
        """Commands side by side; returns their ids."""
        ids = []
        for command, grant in given:
            ids.append(str(uuid.uuid4()))
            self.envelopes[ids[-1]] = ENVELOPES[target_of(command)].model_validate(
                {"command_id": ids[-1], "grant": grant, "command": command}
            )
        answers = await asyncio.gather(*(self.send(each) for each in ids))
        self.answers |= dict(zip(ids, answers, strict=True))
        return ids

    async def run_id(self) -> str:
        """The run that is there now."""
        return str((await self.handle.describe()).run_id)

    async def until_new_run(self, make: Make, **apart: float) -> str:
        """Commands, with time between them in which clocks speak; returns the run that ended."""
        first, number = await self.run_id(), 0
        while await self.run_id() == first:
            assert number < MOST, "it never went on in a new run"
            at = await self.world.now()
            await self.give(*(make(number + n, at) for n in range(TOGETHER)))
            number += TOGETHER
            await self.world.sleep(**apart)
        return first

    async def handed_over(self, run_id: str) -> dict[str, Any]:
        """The state that a run gave to the next."""
        ended = self.world.client.get_workflow_handle(self.handle.id, run_id=run_id)
        last = (await ended.fetch_history()).events[-1]
        given = last.workflow_execution_continued_as_new_event_attributes
        assert given.new_execution_run_id, "the run did not end by going on in a new one"
        (found,) = await self.world.client.data_converter.decode(given.input.payloads)
        state: dict[str, Any] = found["state"]
        return state

    async def events(self) -> list[Event]:
        """What the ledger holds."""
        await self.world.settled(self.handle.id)
        async with self.world.runtime.engine.connect() as conn:
            return await events_of(conn, self.handle.id)

    async def clocks(self) -> dict[str, Clock]:
        """The open clocks."""
        found = await self.handle.query("clocks", result_type=list[Clock])
        return {clock.clock_id: clock for clock in found}


async def nothing_lost(load: Load, ended: str, *answered_by: str, **later: float) -> None:
    """Clocks, answers and ledger are whole across the two runs: each clock that the ended run left
    open is there as it was and speaks once; each command was done once; a repeat of an old command
    gets its old answer; the ledger has no gap. `answered_by` are the events of the commands."""
    state = await load.handed_over(ended)
    assert not state["unrecorded"]
    assert not state["effects"]
    assert state["clocks"], "no clock to lose"
    was = {key: Clock.model_validate(clock) for key, clock in state["clocks"].items()}
    now = await load.clocks()
    assert {key: now[key].due_at for key in was} == {key: c.due_at for key, c in was.items()}

    given = list(load.answers)
    for command_id in (given[0], given[len(given) // 2], given[-1]):
        assert await load.send(command_id) == load.answers[command_id]

    await load.world.sleep(**later)
    at = await load.world.now()
    events = await load.events()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    done = Counter(event.command_id for event in events if event.tag in answered_by)
    assert done == Counter(given)
    breaches = Counter(e.data["clock"]["clock_id"] for e in events if e.tag == "clock:breached")
    due = [key for key, clock in was.items() if clock.due_at <= at - timedelta(minutes=1)]
    assert due, "no clock came due"
    ended_early = {
        event.data["clock"]["clock_id"]
        for event in events
        if event.tag in ("clock:met", "clock:cancelled")
    }
    for key in due:
        assert breaches[key] == 1 or (key in ended_early and breaches[key] == 0), key
    assert max(breaches.values()) == 1
    found = await verify(load.world.runtime.engine)
    assert [each for each in found if each.stream == load.handle.id] == []
    await load.world.replays(load.handle.id)
