"""The floor: what any durable design on this engine must pay, in an empty workflow.

One start a workflow, one update an officer command, one timer armed at a time, one recording
activity (one row) per activation that changes something. No rules, no encryption, no state.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity, workflow

WAITS_LONG = timedelta(days=3650)
TABLE = "create table if not exists floor_event (stream text, seq int, primary key (stream, seq))"


class FloorActivities:
    """One row a call."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn(name="floor_record")
    async def record(self, stream: str, seq: int) -> None:
        """Insert the row; a repeat changes nothing."""
        async with self._engine.begin() as conn:
            await conn.execute(
                text("insert into floor_event values (:stream, :seq) on conflict do nothing"),
                {"stream": stream, "seq": seq},
            )


@workflow.defn(name="Floor")
class Floor:
    """Wakes at given instants, takes commands, records each change."""

    def __init__(self) -> None:
        self.changes = 1
        self.recorded = 0

    @workflow.run
    async def run(self, wakes: list[float]) -> None:
        """`wakes` are seconds after the start."""
        started = workflow.now()
        recorder = asyncio.create_task(self._record())
        for seconds in wakes:
            await self._until(started + timedelta(seconds=seconds))
            self.changes += 1
        await workflow.sleep(WAITS_LONG)
        recorder.cancel()

    async def _until(self, instant: datetime) -> None:
        await workflow.sleep(instant - workflow.now())

    async def _record(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self.changes != self.recorded)
            self.recorded = self.changes
            await workflow.execute_activity(
                "floor_record",
                args=[workflow.info().workflow_id, self.recorded],
                start_to_close_timeout=timedelta(seconds=10),
            )

    @workflow.update(name="command")
    def command(self, number: int) -> int:
        """Count a command."""
        self.changes += 1
        return number
