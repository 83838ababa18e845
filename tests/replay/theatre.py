"""Where stories are played: production worker, real record, a test server at a fixed date.

Payloads are left unencrypted, so that a stored history needs no key: every reference is fictional.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from casework.runtime import Runtime, open_runtime
from casework.service import build_worker, workflow_runner
from casework.settings import Settings
from casework.temporal_server import executable, register_search_attributes
from models.commands import ENVELOPES, Answer, Command, Grant, target_of
from models.enums import Role
from models.messages import Renewed
from store.roster import RosterEntry, load_roster
from store.tables import case_register
from tests.story_time import StoryTime
from workflows.search_attributes import KEYS

OPENING = datetime(2028, 6, 5, 8, 0, tzinfo=UTC)
"""A Monday in the calendar's middle: stories count days from here, whatever day it is today."""
MASTER = "c3RvcmllcyBhcmUgcGxheWVkIHVuZGVyIHRoaXMga2U="


@dataclass
class Theatre:
    """One server, one database, one worker; the clock is the server's and only moves on."""

    env: WorkflowEnvironment
    product: Runtime
    ahead: timedelta
    """How far the story's time is ahead of the server's."""
    story_now: list[datetime]
    """What the product's clock outside workflows shows: the instant that the story has come to."""
    given: int = 0

    @property
    def client(self) -> Client:
        """What the product talks to the server with."""
        return self.product.client

    async def register(self, **values: Any) -> None:
        """Put a case into the register, as intake does."""
        async with self.product.engine.begin() as conn:
            await conn.execute(case_register.insert().values(**values))

    async def staff(self, *people: RosterEntry) -> None:
        """Give people accounts."""
        async with self.product.engine.begin() as conn:
            await load_roster(conn, people)

    async def until(self, **since: float) -> datetime:
        """Let time pass up to an instant of the story; returns it. The server goes a second beyond,
        so that every timer of that instant has fired."""
        wanted = OPENING + timedelta(**since)
        now = await self.env.get_current_time() + self.ahead
        if wanted > now:
            await self.env.sleep(wanted - now + timedelta(seconds=1))
        self.story_now[0] = wanted
        return wanted

    async def start(
        self, workflow: str, stream: str, start: dict[str, Any]
    ) -> WorkflowHandle[Any, Any]:
        """Start a workflow as the relay does."""
        handle: WorkflowHandle[Any, Any] = await self.client.start_workflow(
            workflow,
            {"start": start},
            id=stream,
            task_queue=self.product.settings.task_queue,
            execution_timeout=timedelta(days=4_000),
        )
        await self.settled(handle)
        return handle

    async def begin(self, workflow: str, workflow_id: str, given: Any) -> WorkflowHandle[Any, Any]:
        """Start a workflow that is no stream, as a schedule does."""
        handle: WorkflowHandle[Any, Any] = await self.client.start_workflow(
            workflow, given, id=workflow_id, task_queue=self.product.settings.task_queue
        )
        return handle

    async def now(self) -> datetime:
        """The story's time, to the second."""
        return (await self.env.get_current_time() + self.ahead).replace(microsecond=0)

    async def next_run(self, handle: WorkflowHandle[Any, Any], first: str | None) -> None:
        """Wait, in real time, until the workflow goes on in another run than this one."""
        for _ in range(400):
            if (await handle.describe()).run_id != first:
                await self.settled(handle)
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{handle.id} never went on in a new run")

    async def tell(self, handle: WorkflowHandle[Any, Any], *messages: Any) -> None:
        """Deliver messages as the relay does."""
        await self._signal(handle, *messages)
        await self.settled(handle)

    async def renew(self, handle: WorkflowHandle[Any, Any], message: Renewed) -> None:
        """Tell a workflow to go on in a new run, and wait until it does."""
        first = (await handle.describe()).run_id
        await self._signal(handle, message)
        await self.next_run(handle, first)

    async def _signal(self, handle: WorkflowHandle[Any, Any], *messages: Any) -> None:
        await handle.signal("tell", [m.model_dump(mode="json") for m in messages])

    async def do(
        self,
        handle: WorkflowHandle[Any, Any],
        command: Command,
        actor: str,
        role: Role = Role.DALO,
        *,
        settle: bool = True,
    ) -> Answer:
        """Give a command under an id of its own, the same at every playing."""
        self.given += 1
        grant = Grant(actor=actor, role=role, access_log_id="story")
        given = {"command_id": f"story-{self.given}", "grant": grant, "command": command}
        envelope = ENVELOPES[target_of(command)].model_validate(given)
        answer: Answer = await handle.execute_update(
            "command", envelope, id=envelope.command_id, result_type=Answer
        )
        if settle:
            await self.settled(handle)
        return answer

    async def settled(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait, in real time, until the workflow has dealt with everything and nothing is
        unrecorded: the story's order never varies. On this server a query may overtake a signal or
        a timer, so the history says it."""
        for _ in range(400):
            kinds = [event.event_type async for event in handle.fetch_history_events()]
            if _at_rest(kinds):
                head = await handle.query("ledger_head")
                if head["recorded_seq"] == head["head_seq"]:
                    return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{handle.id} never got recorded")

    async def ended(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait, in real time, until the workflow is over: to wait for its result would skip."""
        for _ in range(400):
            if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{handle.id} never ended")

    async def history(self, workflow_id: str, run_id: str | None = None) -> WorkflowHistory:
        """The history of a run; the latest where none is named."""
        return await self.client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()


_WAKING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_TIMER_FIRED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
}


def _at_rest(kinds: list[EventType.ValueType]) -> bool:
    """Whether a history owes the workflow nothing: no task, and no activity's result."""
    done = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    last = next((kind for kind in reversed(kinds) if kind in _WAKING or kind == done), None)
    began = kinds.count(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    return last == done and began == kinds.count(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)


@asynccontextmanager
async def a_theatre(database_url: str, *, to_be_stored: bool = False) -> AsyncIterator[Theatre]:
    """A server of its own, at the opening date. A history that is to be stored needs a server that
    is really there; for any other the workflows are told so, on whatever date."""
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=os.fspath(executable("temporal-test-server")),
        data_converter=pydantic_data_converter,
    )
    try:
        await register_search_attributes(env.client, KEYS)
        settings = Settings(
            database_url=SecretStr(database_url),
            temporal_address=env.client.service_client.config.target_host,
            temporal_namespace="default",
            master_keys_text=SecretStr(MASTER),
            task_queue="stories",
        )
        ahead = OPENING - await env.get_current_time()
        if to_be_stored:
            await env.sleep(ahead)
            ahead = timedelta(0)
        story_now = [OPENING]
        async with open_runtime(settings, clock=lambda: story_now[0]) as runtime:
            config = env.client.config()
            config["data_converter"] = pydantic_data_converter
            product = dataclasses.replace(runtime, connected=Client(**config))
            async with build_worker(product, StoryTime(workflow_runner(), ahead)):
                yield Theatre(env, product, ahead, story_now)
    finally:
        await env.shutdown()
