"""The sample extract, a migrated database, and an intake with a fixed clock."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.master_key import parse_master_keys
from intake.run import Intake, IntakeOptions, IntakeSummary
from models import registry
from models.policy import Policy
from store.engine import make_engine
from store.keys import Keyring, MasterKeys

MEDWAY = Path(__file__).parents[2] / "examples" / "medway"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MASTER = "bWFzdGVyLWtleS1mb3ItdGVzdHMtb25seS0zMmJ5dGU="


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Kent's policy as shipped."""
    return registry.load_shipped()[0]


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """What the sample must come to."""
    found: dict[str, Any] = json.loads((MEDWAY / "expected.json").read_text())
    return found


@pytest_asyncio.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a migrated database of the test's own."""
    made = make_engine(database)
    yield made
    await made.dispose()


@pytest.fixture
def intake(engine: AsyncEngine, policy: Policy) -> Intake:
    """An intake whose clock stands still."""
    return make_intake(engine, policy)


def make_intake(engine: AsyncEngine, policy: Policy) -> Intake:
    """As the fixture, for another database."""
    calendar = registry.current_calendar().version
    return Intake(engine, keyring_of(engine), policy, calendar, lambda: NOW)


def keyring_of(engine: AsyncEngine) -> Keyring:
    """The keys of a database."""
    return Keyring(engine, MasterKeys(parse_master_keys(MASTER, "test")), lambda: NOW)


async def read(intake: Intake, name: str, **options: Any) -> IntakeSummary:
    """Read one of the sample's files."""
    path = MEDWAY / name
    with path.open("rb") as stream:
        return await intake.run(stream, name, IntakeOptions(actor="tests", **options))
