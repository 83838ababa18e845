"""The relay: carries outbox messages to the workflows, at least once, in order a receiver.

A message that cannot be delivered waits with growing pauses; one for a workflow that has ended is
marked so. Receivers ignore what they already have, so a crash between delivery and mark is safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from casework.lists import Lists, NotYet
from models import registry
from models.events import EffectKind
from store import outbox, registering, victim_messages
from store.allocation import allocate
from store.keys import KeyFault, Keyring
from store.ledger import head_of
from store.outbox import Pending
from workflows.search_attributes import AT_START

log = structlog.get_logger(__name__)

BATCH = 200
AT_ONCE = 16
IDLE_SECONDS = 0.25
MOST_DOUBLINGS = 4
"""Of the pause, while the store does not answer: at most 4 s."""
LONGEST_PAUSE = timedelta(minutes=1)
ANSWER_WITHIN = timedelta(seconds=10)
"""The outbox rows are locked meanwhile, so an engine that hangs is not waited for without end."""
WORKFLOWS = {
    "case": "CaseWorkflow",
    "incident": "IncidentWorkflow",
    "referral": "ReferralWorkflow",
    "meeting": "MeetingWorkflow",
}


class Relay:
    """Delivers what waits in the outbox. Several may run: rows are taken under lock."""

    def __init__(
        self,
        engine: AsyncEngine,
        client: Client,
        task_queue: str,
        clock: Callable[[], datetime],
        *,
        keyring: Keyring | None = None,
        search_attributes: bool = True,
    ) -> None:
        self._engine = engine
        self._lists = Lists(engine, keyring, clock)
        self._client = client
        self._task_queue = task_queue
        self._clock = clock
        self._attributes = AT_START if search_attributes else None

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until told to stop; a database or engine that is down is waited for, with growing
        pauses and ever fewer log lines."""
        failed = 0
        while not stopping.is_set():
            try:
                done = await self.once()
                failed = 0
            except Exception as error:
                done = 0
                failed += 1
                # The first, second, fourth, eighth ... time: an hour's outage fills no log.
                if failed.bit_count() == 1:
                    log.warning("relay.waits", error=type(error).__name__, times=failed)
            if not done:
                pause = IDLE_SECONDS * 2 ** min(failed, MOST_DOUBLINGS)
                try:
                    await asyncio.wait_for(stopping.wait(), pause)
                except TimeoutError:
                    continue

    async def drain(self) -> int:
        """Deliver until nothing more can be delivered now; returns how many messages left."""
        total = 0
        while done := await self.once():
            total += done
        return total

    async def once(self) -> int:
        """One batch; returns how many messages left."""
        async with self._engine.begin() as conn:
            pending = await outbox.claim_pending(conn, BATCH, self._clock())
            groups: dict[tuple[str, str], list[Pending]] = {}
            for row in pending:
                groups.setdefault((_lane(row), row.target), []).append(row)
            gate = asyncio.Semaphore(AT_ONCE)
            results = await asyncio.gather(*(self._deliver(gate, rows) for rows in groups.values()))
            now = self._clock()
            done = [
                row.effect_id
                for rows, error in zip(groups.values(), results, strict=True)
                if error is None
                for row in rows
            ]
            await outbox.mark_dispatched(conn, done, now)
            for rows, error in zip(groups.values(), results, strict=True):
                if error is not None:
                    await outbox.mark_failed(conn, rows, error, now, LONGEST_PAUSE)
        return len(done)

    async def _deliver(self, gate: asyncio.Semaphore, rows: list[Pending]) -> str | None:
        """Deliver one receiver's messages in order; returns an error code or None."""
        async with gate:
            try:
                match rows[0].kind:
                    case EffectKind.FREE_PLACE:
                        await self._allocate(rows[0].target)
                    case EffectKind.LIST:
                        await self._lists.place(rows)
                    case EffectKind.REGISTER:
                        await self._register(rows)
                    case EffectKind.VICTIM_MESSAGE:
                        await self._queue_messages(rows)
                    case _:
                        await self._send(rows)
            except NotYet as reason:
                return str(reason)
            except RPCError as error:
                return error.status.name
            except KeyFault as error:
                # One stream's missing key must not hold up everybody else's messages.
                return type(error).__name__
        return None

    async def _send(self, rows: Sequence[Pending]) -> None:
        target = rows[0].target
        tells = [row.payload for row in rows if row.kind is EffectKind.TELL]
        start = next((row for row in rows if row.kind is EffectKind.START), None)
        if start is not None and await self._start(target, start.payload, tells):
            return
        if tells:
            await self._tell(target, tells)

    async def _start(self, target: str, start: dict[str, Any], tells: list[Any]) -> bool:
        """Start with everything that already waits; False when it was started before, or where a
        closed case begins again, which is told by signals."""
        if "state" in start:
            await self._begin_again(target, start)
            return False
        messages = [*start.get("messages", []), *tells]
        try:
            await self._client.start_workflow(
                WORKFLOWS[target.partition("/")[0]],
                {"start": {**start, "messages": messages}},
                id=target,
                task_queue=self._task_queue,
                rpc_timeout=ANSWER_WITHIN,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                request_eager_start=True,
                search_attributes=self._attributes,
            )
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def _begin_again(self, target: str, start: dict[str, Any]) -> None:
        """A new run of a closed case, from the state that waits. The id may be used again here
        only; a second delivery finds the run, or in the ledger what it has recorded."""
        first = start["state"]["unrecorded"][0]["seq"]
        async with self._engine.connect() as conn:
            if (await head_of(conn, target)).seq >= first:
                return
        with suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                WORKFLOWS[target.partition("/")[0]],
                {"state": start["state"]},
                id=target,
                task_queue=self._task_queue,
                rpc_timeout=ANSWER_WITHIN,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=self._attributes,
            )

    async def _tell(self, target: str, tells: list[Any]) -> None:
        try:
            handle = self._client.get_workflow_handle(target)
            await handle.signal("tell", tells, rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            if await self._never_started(target):
                raise NotYet("NOT_STARTED") from None
            await self._lists.not_there(target, tells)
            log.info("relay.receiver_ended", stream=target, messages=len(tells))

    async def _never_started(self, target: str) -> bool:
        async with self._engine.connect() as conn:
            found = await conn.execute(
                text(
                    "select 1 from outbox where target = :target and kind = 'START'"
                    " and dispatched_at is null limit 1"
                ),
                {"target": target},
            )
            return found.first() is not None

    async def _register(self, rows: Sequence[Pending]) -> None:
        """The register follows what the workflow decided; a freed place is filled."""
        if rows[0].target.startswith("meeting/"):
            await self._lists.ended(rows)
            return
        async with self._engine.begin() as conn:
            for row in rows:
                await registering.follow(conn, row.target, row.payload)
        for area in sorted({row.payload["district"] for row in rows}):
            await self._allocate(area)

    async def _queue_messages(self, rows: Sequence[Pending]) -> None:
        """Messages to victims wait for their own sender, which asks the case before each."""
        async with self._engine.begin() as conn:
            for row in rows:
                await victim_messages.queue(conn, row.payload, self._clock())

    async def _allocate(self, area: str) -> None:
        await allocate(self._engine, area, self._clock(), registry.current_policy())


def _lane(row: Pending) -> str:
    return "workflow" if row.kind in (EffectKind.START, EffectKind.TELL) else row.kind.value
