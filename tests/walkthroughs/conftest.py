"""A database of each story's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from tests.walkthroughs.stage import Stage, a_stage

Opened = Callable[[str], AbstractAsyncContextManager[Stage]]


@pytest.fixture
def opened(database: str) -> Opened:
    """Open the stage at a London time."""

    @asynccontextmanager
    async def open_at(opening: str) -> AsyncIterator[Stage]:
        async with a_stage(database, opening) as stage:
            yield stage

    return open_at
