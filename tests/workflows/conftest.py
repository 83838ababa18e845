"""One world for the workflow tests: starting a worker a test would cost more than the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from casework.postgres import Postgres
from tests.workflows.world import World, a_world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(
    temporal_env: WorkflowEnvironment, postgres_server: Postgres, database_template: str
) -> AsyncIterator[World]:
    """Worker, database and test server, shared by the session."""
    url = postgres_server.create_database("dalo_world", database_template)
    async with a_world(temporal_env, url) as made:
        yield made
    postgres_server.drop_database("dalo_world")


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _cleared(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """No test lives with what the one before left running."""
    yield
    if "world" in request.fixturenames:
        made: World = request.getfixturevalue("world")
        await made.clear()
