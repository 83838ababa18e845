"""Run a worker: workflows, recording, relay and sealer (`python worker.py`)."""

from __future__ import annotations

import asyncio
import sys

from casework.errors import ServerError
from casework.logs import configure_logs
from casework.runtime import open_runtime
from casework.service import run_worker
from casework.settings import load_settings
from casework.stopping import leave, until_signalled
from casework.telemetry import METRICS, sdk_runtime


async def work() -> None:
    """Work until SIGINT or SIGTERM."""
    settings = load_settings()
    configure_logs(settings.log_format, settings.log_level)
    stopping = until_signalled()
    with METRICS.serving(settings.metrics_bind):
        async with open_runtime(
            settings, pool_size=10, sdk=sdk_runtime(settings), service="dalo-worker"
        ) as runtime:
            await run_worker(runtime, stopping)


def main() -> int:
    """Exit code 0 after a clean stop, 1 with one line of explanation otherwise."""
    try:
        asyncio.run(work())
    except ServerError as error:
        print(f"error: {error.message} {error.remedy}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    leave(main())
