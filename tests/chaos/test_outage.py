"""PostgreSQL is stopped under load (promise 6; docs/operations.md)."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from casework.runtime import Runtime
from models.base import Refused
from tests.chaos import people
from tests.chaos.outage import outage
from tests.chaos.plant import ROOT, Plant

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SECONDS = 6.0


async def test_work_goes_on_without_the_database_and_the_ledger_catches_up(
    plant: Plant, runtime: Runtime
) -> None:
    found = await outage(plant, runtime, SECONDS)
    assert found.commands > 20
    assert found.silent_clocks == []
    assert found.without_verdict == []
    # The recording is tried again and again, of which the engine's history holds nothing.
    assert found.idle_growth == 0
    # Workflow task scheduled, started, completed; update accepted and completed; clocks beside.
    assert found.events_a_command <= 8
    assert found.most_batches <= 3
    assert found.differences == []
    assert found.verifier == []


async def test_without_the_database_no_look_is_answered_and_no_worker_starts(
    plant: Plant, runtime: Runtime
) -> None:
    await asyncio.to_thread(plant.stop_database)
    try:
        started = await asyncio.to_thread(_start_a_worker, plant)
        assert started.returncode == 1
        assert started.stderr.decode().splitlines()[-1].startswith("error: The database does not")
        assert b"Traceback" not in started.stderr
        with pytest.raises(Refused) as refused:
            await runtime.gate.authorise(people.DALO, "view-worklist")
        assert refused.value.code == "ACCESS_LOG_UNAVAILABLE"
    finally:
        await asyncio.to_thread(plant.start_database)
    await runtime.gate.authorise(people.DALO, "view-worklist")


def _start_a_worker(plant: Plant) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "worker.py"],
        cwd=ROOT,
        env=plant.environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
