"""Servers that tests share: a throw-away PostgreSQL, and Temporal's time-skipping test server."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from casework.postgres import Postgres, temporary_postgres
from casework.temporal_server import TemporalServer, executable, register_search_attributes

if TYPE_CHECKING:
    from tests.site import Site

pytest_plugins = ("tests.spread", "tests.tried")
_TEMPLATE = "dalo_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _own_environment() -> Iterator[None]:
    """No test depends on how the person who runs it has configured the product or Temporal."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("DALO_", "TEMPORAL_")):
                patch.delenv(name)
        patch.setenv("TEMPORAL_CONFIG_FILE", os.devnull)
        patch.setenv("COLUMNS", "200")
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL for the session; not synced to disk, removed afterwards."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Postgres) -> str:
    """The URL of an empty database, shared by the session, that no migration has touched."""
    return postgres_server.create_database("dalo_empty")


@pytest.fixture(scope="session")
def database_template(postgres_server: Postgres) -> str:
    """The name of a migrated database that `database` copies and nobody else opens."""
    from store.migrate import upgrade

    upgrade(postgres_server.create_database(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def database(postgres_server: Postgres, database_template: str) -> Iterator[str]:
    """The URL of a migrated database of the test's own."""
    name = f"dalo_test_{next(_numbers)}"
    yield postgres_server.create_database(name, database_template)
    postgres_server.drop_database(name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """Temporal's test server, which skips waiting; its clock is global and only moves on."""
    from workflows.search_attributes import KEYS

    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=os.fspath(executable("temporal-test-server"))
    )
    await register_search_attributes(environment.client, KEYS)
    yield environment
    await environment.shutdown()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder for a one-machine service."""
    return tmp_path / "home"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    """A development server for the tests of one module."""
    from tests.site import a_server

    with a_server(tmp_path_factory.mktemp("engine")) as made:
        yield made


@pytest_asyncio.fixture
async def site(
    server: TemporalServer, database: str, request: pytest.FixtureRequest
) -> AsyncIterator[Site]:
    """A polling worker of the test's own, on that server."""
    from tests.site import a_site

    async with a_site(server, database, request.node.name) as made:
        yield made
