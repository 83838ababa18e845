"""Five hundred cases that no worker has in memory, on a machine with other things to do."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import multiprocessing
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from casework.runtime import Runtime, open_runtime
from casework.service import build_worker, ready
from casework.settings import Settings
from casework.temporal_server import start_temporal
from models import registry
from models.enums import RiskGrade
from models.ids import case_stream
from models.messages import Allocated, CaseStart, ReportArrived
from tests.models.play import DALO, SERGEANT, a_report
from workflows.search_attributes import KEYS

CASES = 500
BUSY_SECONDS = 60.0
MASTER = "Y29sZCByZXN0YXJ0IG1hc3RlciBrZXkgMzIgYnl0ZXM="


def _burn(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(10_000))


@contextmanager
def busy_machine(cores: int = 2) -> Iterator[None]:
    """Processes that keep the cores busy, for the length of the block or a minute; tests that run
    beside this one keep some busy already."""
    spawn = multiprocessing.get_context("spawn")
    beside = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) - 1
    burners = [
        spawn.Process(target=_burn, args=(BUSY_SECONDS,), daemon=True)
        for _ in range(cores - beside)
    ]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.terminate()
            burner.join()


@pytest.fixture(autouse=True)
def _small_heap() -> Iterator[None]:
    """The worker runs in this process: what thousands of tests before left in memory is none of
    its, and would be walked by the garbage collector in the middle of a workflow task."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest_asyncio.fixture
async def runtime(database: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    """The real server and the production runtime; unencrypted, as keys are not at issue."""
    server = await asyncio.to_thread(start_temporal, tmp_path / "temporal", KEYS)
    try:
        settings = Settings(
            home=tmp_path,
            database_url=SecretStr(database),
            temporal_address=server.address,
            temporal_namespace="default",
            temporal_tls=False,
            master_keys_text=SecretStr(MASTER),
            task_queue="cold",
        )
        async with open_runtime(settings, pool_size=10) as made:
            config = made.client.config()
            config["data_converter"] = pydantic_data_converter
            yield dataclasses.replace(made, connected=Client(**config))
    finally:
        await asyncio.to_thread(server.stop)


async def start_cases(runtime: Runtime, opened_at: datetime) -> list[str]:
    """Start the cases, some at a time."""
    gate = asyncio.Semaphore(16)

    async def start(number: int) -> str:
        report = a_report(opened_at, incident_ref=f"46/{number}/27", victim_ref=f"VIC-{number}")
        allocated = Allocated(
            message_id="a", dalo_id=DALO, supervisor_id=SERGEANT, allocated_at=opened_at
        )
        arrived = ReportArrived(
            message_id="r", report=report, received_at=opened_at, grade=RiskGrade.HIGH
        )
        begin = CaseStart(
            case_ref=f"CASE-2027-{number:05d}",
            victim_ref=report.victim_ref,
            opened_at=opened_at,
            pilot_area="Medway",
            allocation_arm="PILOT",
            policy_version=registry.current_policy().version,
            calendar_version=registry.current_calendar().version,
            messages=(arrived, allocated),
        )
        async with gate:
            await runtime.client.start_workflow(
                "CaseWorkflow",
                {"start": begin.model_dump(mode="json")},
                id=case_stream(begin.case_ref),
                task_queue=runtime.settings.task_queue,
            )
        return case_stream(begin.case_ref)

    return list(await asyncio.gather(*(start(number) for number in range(CASES))))


async def recorded(runtime: Runtime, streams: list[str]) -> int:
    """Ask every case for its ledger head; how many have recorded all they decided. A busy machine
    may answer late, and is asked again."""
    gate = asyncio.Semaphore(16)

    async def ask(stream: str) -> bool:
        handle = runtime.client.get_workflow_handle(stream)
        async with gate:
            for _ in range(3):
                with suppress(RPCError):
                    head = await handle.query("ledger_head", rpc_timeout=timedelta(seconds=60))
                    return bool(head["recorded_seq"] == head["head_seq"])
        return False

    return sum(await asyncio.gather(*(ask(stream) for stream in streams)))


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_restart_with_500_cold_cases_on_a_busy_machine_fails_no_workflow_task(
    runtime: Runtime,
) -> None:
    await ready(runtime)
    async with build_worker(runtime):
        streams = await start_cases(runtime, datetime.now(UTC))
        while await recorded(runtime, streams) < CASES:
            await asyncio.sleep(0.5)
    with busy_machine():
        await ready(runtime)
        async with build_worker(runtime):
            assert await recorded(runtime, streams) == CASES
    failed = [
        (stream, event.workflow_task_failed_event_attributes.failure.message)
        for stream in streams
        async for event in runtime.client.get_workflow_handle(stream).fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
    assert not failed
