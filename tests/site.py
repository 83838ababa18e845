"""A real engine and the product's own worker on a database of the test's own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import insert
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker

from casework.runtime import Runtime, open_runtime
from casework.service import build_worker
from casework.settings import Settings
from casework.temporal_server import TemporalServer, find_running, start_temporal
from models import registry
from models.enums import RiskGrade
from models.ids import case_stream, incident_stream
from models.instants import london
from store.allocation import allocate
from store.tables import counter
from tests.models.play import a_report
from tests.opening import AREA, open_case, staff
from workflows.search_attributes import KEYS

MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DALO, SERGEANT = "PC-4011", "PS-4001"
_numbers = itertools.count(1)
_thousands = itertools.count(1)


@dataclass
class Site:
    """What a test works with. The worker may be stopped and started; the relay is the test's."""

    runtime: Runtime
    worker: Worker | None = None
    polling: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The machine's time, which is the engine's."""
        return datetime.now(UTC)

    def later(self, **length: float) -> Runtime:
        """The product as it will be then."""
        return replace(self.runtime, clock=lambda: datetime.now(UTC) + timedelta(**length))

    async def start_worker(self) -> None:
        """Poll."""
        self.worker = build_worker(self.runtime)
        self.polling = asyncio.create_task(self.worker.run())

    async def stop_worker(self) -> None:
        """Poll no more."""
        if self.worker is not None and self.polling is not None:
            await self.worker.shutdown()
            await self.polling
            self.worker = None

    async def open(self, hour_ends_in: timedelta = timedelta(hours=1)) -> tuple[str, str]:
        """Streams of an allocated case and its incident; not yet started: that is the relay's."""
        number = next(_numbers)
        report = a_report(
            self.now() + hour_ends_in - timedelta(hours=1),
            incident_ref=f"46/{number}/27",
            victim_ref=f"VIC-{number:04d}",
            risk_grade=RiskGrade.MEDIUM,
        )
        taken_at = self.now() - timedelta(minutes=1)
        ref = await open_case(self.runtime, report, taken_at)
        await allocate(self.runtime.engine, AREA, taken_at, registry.current_policy())
        return case_stream(ref), incident_stream(report.incident_ref, report.victim_ref)

    def handle(self, stream: str) -> WorkflowHandle[object, object]:
        """The workflow of a stream."""
        return self.runtime.client.get_workflow_handle(stream)

    async def settled(self, *streams: str) -> None:
        """Wait until nothing of these workflows is unrecorded."""
        for stream in streams:
            for _ in range(200):
                head = await self.handle(stream).query("ledger_head")
                if not head["unrecorded"]:
                    break
                await asyncio.sleep(0.05)
            else:
                raise AssertionError(f"{stream} never got recorded")

    async def clear(self) -> None:
        """End every workflow that still runs."""
        async for found in self.runtime.client.list_workflows("ExecutionStatus = 'Running'"):
            try:
                await self.handle(found.id).terminate()
            except RPCError:
                continue


@asynccontextmanager
async def a_site(server: TemporalServer, database_url: str, name: str) -> AsyncIterator[Site]:
    """A site with one DALO and a polling worker; at the end no workflow of it runs."""
    settings = Settings(
        database_url=SecretStr(database_url),
        temporal_address=server.address,
        temporal_namespace="default",
        master_keys_text=SecretStr(MASTER),
        task_queue=name,
    )
    async with open_runtime(settings) as runtime:
        await staff(runtime, DALO, SERGEANT, capacity=900)
        # One server has the workflows of many databases: no case reference comes twice.
        first = {"name": f"case/{london(datetime.now(UTC)).year}", "value": next(_thousands) * 1000}
        async with runtime.engine.begin() as conn:
            await conn.execute(insert(counter).values(**first))
        site = Site(runtime)
        await site.start_worker()
        try:
            yield site
        finally:
            await site.stop_worker()
            await site.clear()


@contextmanager
def a_server(folder: Path) -> Iterator[TemporalServer]:
    """A development server on this folder; a test may stop it and start another there."""
    server = start_temporal(folder, KEYS)
    try:
        yield server
    finally:
        (find_running(folder) or server).stop()
