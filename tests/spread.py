"""How the tests are spread over the cores when pytest-xdist runs them.

Tests that start and wait for processes of the product stay together on one core, one after another,
so that none waits for a machine that others have filled. Any other file may go anywhere, whole.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

PROCESSES = {
    "chaos",
    "cli",
    "guards",
    "integration",
    "privacy",
    "test_compose.py",
    "test_demo.py",
    "test_observability.py",
    "test_relay.py",
    "test_schedules.py",
    "test_servers.py",
    "test_verify_running.py",
    "test_watchdog.py",
}


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out whole files, and all the files of processes as one."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return "processes" if path.parts[1] in PROCESSES else str(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Called once, where xdist runs."""
    return ByFile(config, log)
