"""One plant for the chaos tests: each leaves it running and whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from casework.runtime import Runtime, open_runtime
from tests.chaos.plant import Plant, a_plant


@pytest.fixture(scope="package")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """Database, engine and worker as processes."""
    with a_plant(tmp_path_factory.mktemp("plant")) as made:
        yield made


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def runtime(plant: Plant) -> AsyncIterator[Runtime]:
    """A command's side of the same servers."""
    async with open_runtime(plant.settings) as made:
        yield made
