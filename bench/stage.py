"""Servers, workers and clients of one benchmark: floor and product on the same ones."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import ARRAY, Text, any_, literal, select, text
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from bench.floor import TABLE, Floor, FloorActivities
from casework.postgres import start_postgres
from casework.runtime import Runtime, open_runtime
from casework.service import PASSED_THROUGH, build_worker, ready
from casework.settings import Settings
from casework.temporal_server import start_temporal
from models.enums import Role
from store.migrate import upgrade
from store.roster import RosterEntry, load_roster
from store.tables import case_register, outbox, stream_head
from workflows.search_attributes import KEYS

DALO, SERGEANT = "PC-5001", "PS-4001"
MASTER = "YmVuY2htYXJrLW9ubHktbWFzdGVyLWtleS0zMmJ5dGU="
SKIPPING = (
    *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
    *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="1ms"'),
)
"""The development server with workflows whose time can be skipped."""
_POLL_SECONDS = 0.01


@dataclass
class Stage:
    """Both sides, ready to be measured."""

    runtime: Runtime
    plain: Client
    """The floor's client: no encryption."""
    floor_queue: str
    case_skipper: TimeSkipper = field(init=False)
    floor_skipper: TimeSkipper = field(init=False)

    def __post_init__(self) -> None:
        self.case_skipper = TimeSkipper(self.runtime.client)
        self.floor_skipper = TimeSkipper(self.plain)

    async def start_floor(
        self, wakes: list[float] | None = None, *, client: Client | None = None
    ) -> WorkflowHandle[Any, Any]:
        """Start one empty workflow."""
        return await (client or self.plain).start_workflow(
            Floor.run, wakes or [], id=f"floor/{uuid.uuid4()}", task_queue=self.floor_queue
        )

    async def floor_rows(self) -> int:
        """How many rows the floor has recorded."""
        async with self.runtime.engine.connect() as conn:
            found = await conn.execute(text("select count(*) from floor_event"))
            return int(found.scalar_one())

    async def until_floor_rows(self, rows: int) -> None:
        """Wait until the floor has recorded so many."""
        while await self.floor_rows() < rows:
            await asyncio.sleep(_POLL_SECONDS)

    async def until_recorded(self, heads: dict[str, int]) -> None:
        """Wait until the ledger has each stream up to a number."""
        wanted = {stream: seq for stream, seq in heads.items() if seq > 0}
        query = select(stream_head.c.stream, stream_head.c.seq)
        while True:
            async with self.runtime.engine.connect() as conn:
                found = dict((await conn.execute(query.where(_any(list(wanted))))).tuples().all())
            if all(found.get(stream, 0) >= seq for stream, seq in wanted.items()):
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def streams_of(self, victims: list[str]) -> list[str]:
        """The workflows that these victims' reports started."""
        query = select(outbox.c.target).where(
            outbox.c.kind == "START",
            outbox.c.stream.in_([f"victim/{victim}" for victim in victims]),
        )
        async with self.runtime.engine.connect() as conn:
            return list((await conn.execute(query)).scalars())

    async def case_of(self, victim: str) -> str:
        """The open case of a victim."""
        query = select(case_register.c.case_ref).where(case_register.c.victim_ref == victim)
        async with self.runtime.engine.connect() as conn:
            return str((await conn.execute(query)).scalar_one())


@asynccontextmanager
async def a_stage() -> AsyncIterator[Stage]:
    """Durable servers in a folder of their own, workers of both sides in this process."""
    with tempfile.TemporaryDirectory(prefix="dalo-bench-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        postgres = await asyncio.to_thread(start_postgres, home / "postgres")
        try:
            temporal = await asyncio.to_thread(
                start_temporal, home / "temporal", KEYS, extra_arguments=SKIPPING
            )
            try:
                await asyncio.to_thread(upgrade, postgres.url())
                settings = Settings(
                    home=home,
                    database_url=SecretStr(postgres.url()),
                    temporal_address=temporal.address,
                    temporal_namespace="default",
                    temporal_tls=False,
                    master_keys_text=SecretStr(MASTER),
                    task_queue="bench-product",
                )
                async with _workers(settings) as stage:
                    yield stage
            finally:
                await asyncio.to_thread(temporal.stop)
        finally:
            await asyncio.to_thread(postgres.stop)


@asynccontextmanager
async def _workers(settings: Settings) -> AsyncIterator[Stage]:
    async with open_runtime(settings, pool_size=10) as runtime:
        async with runtime.engine.begin() as conn:
            await conn.execute(text(TABLE))
            await load_roster(conn, _roster())
        await ready(runtime)
        plain = await Client.connect(str(settings.temporal_address))
        floor = Worker(
            plain,
            task_queue="bench-floor",
            workflows=[Floor],
            activities=[FloorActivities(runtime.engine).record],
            workflow_runner=SandboxedWorkflowRunner(
                restrictions=SandboxRestrictions.default.with_passthrough_modules(
                    *PASSED_THROUGH, "bench", "sqlalchemy"
                )
            ),
            max_cached_workflows=5_000,
            max_concurrent_workflow_tasks=8,
            graceful_shutdown_timeout=timedelta(seconds=5),
        )
        async with build_worker(runtime), floor:
            yield Stage(runtime, plain, "bench-floor")


def _any(streams: list[str]) -> Any:
    return stream_head.c.stream == any_(literal(streams, ARRAY(Text)))


def _roster() -> list[RosterEntry]:
    return [
        RosterEntry(officer_id=SERGEANT, role=Role.SUPERVISOR, area="Medway"),
        RosterEntry(
            officer_id=DALO,
            role=Role.DALO,
            area="Medway",
            capacity=1_000,
            supervisor_id=SERGEANT,
        ),
    ]
