"""How a process that runs on is asked to stop, and how any process that met the engine ends."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn


def until_signalled() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


def leave(code: int) -> NoReturn:
    """End this process with an exit code, its exit handlers run and its output written.

    The engine's client has threads of its own, and an interpreter that is taken down under them
    now and then aborts with a signal in place of the exit code (temporalio/sdk-python, issue 300).
    """
    with suppress(OSError):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
