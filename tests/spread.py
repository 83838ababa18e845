"""How the tests are spread over the cores (pytest-xdist, `--dist loadgroup`).

Tests that start and wait for processes of the product stay together on one core, one after another,
so that none waits for a machine that another has filled. Any other file may go anywhere, whole.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name the group of every test."""
    for item in items:
        path = item.path.relative_to(TESTS)
        group = "processes" if path.parts[0] in PROCESSES else path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
