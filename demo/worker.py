"""The product's worker in a process of its own (`python -m demo.worker`), so that the demonstration
uses two cores. Relay and sealer stay with the driver, which knows the virtual time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.logs import configure_logs
from casework.runtime import open_runtime
from casework.service import build_worker, ready
from casework.settings import LogLevel, Settings, load_settings
from casework.stopping import leave
from casework.telemetry import sdk_runtime

ROOT = Path(__file__).resolve().parent.parent
STOP_WITHIN = 20.0
"""Seconds for a clean stop."""
LOOK_EVERY = 0.5
"""Seconds between looks at a worker that should be there."""


async def work() -> None:
    """Poll until SIGTERM."""
    settings = load_settings()
    configure_logs(settings.log_format, LogLevel.ERROR)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with open_runtime(settings, pool_size=10, sdk=sdk_runtime(settings)) as runtime:
        await ready(runtime)
        async with build_worker(runtime):
            await stopping.wait()


@contextmanager
def a_worker(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process for these servers, for the length of the block."""
    secrets = {
        "DALO_DATABASE_URL": settings.database_url,
        "DALO_MASTER_KEYS": settings.master_keys_text,
    }
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DALO_")},
        **{name: value.get_secret_value() for name, value in secrets.items() if value},
        "DALO_HOME": str(settings.home),
        "DALO_TEMPORAL_ADDRESS": str(settings.temporal_address),
        "DALO_TEMPORAL_NAMESPACE": str(settings.temporal_namespace),
    }
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "demo.worker"], env=environment, stderr=file, cwd=ROOT
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait(STOP_WITHIN)


async def gone(process: subprocess.Popen[bytes]) -> None:
    """Returns when the worker has ended before its time: nothing would move any more."""
    while process.poll() is None:
        await asyncio.sleep(LOOK_EVERY)


if __name__ == "__main__":
    asyncio.run(work())
    leave(0)
