from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.force import Force
from tests.site import Site

_numbers = itertools.count(7001)


@pytest_asyncio.fixture
async def force(site: Site) -> AsyncIterator[Force]:
    """A force whose one case was just opened and allocated."""
    made = Force(site)
    await made.employ()
    await made.report(str(next(_numbers)))
    yield made
