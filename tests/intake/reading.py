"""Reads one file of the sample into a database, as a process of its own that a test may kill."""

from __future__ import annotations

import asyncio
import sys

from models import registry
from store.engine import make_engine
from tests.intake.conftest import make_intake, read


async def main(url: str, name: str) -> None:
    """Read the file."""
    policy, _ = registry.load_shipped()
    engine = make_engine(url)
    await read(make_intake(engine, policy), name)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
