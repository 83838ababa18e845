"""After reading the sample, its names and numbers are nowhere in plain text."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.master_key import MasterKey
from casework.postgres import Postgres
from intake.run import Intake, IntakeOptions
from models import registry
from store.engine import make_engine
from store.keys import Keyring, MasterKeys
from store.secrets import SecretStore
from store.tables import identity, narrative
from tests.privacy.needles import Scanner, needles

MEDWAY = Path(__file__).parents[2] / "examples" / "medway"
FEED = MEDWAY / "feed.csv"
PLANTED = "planted-needle"
"""Shows that the table scan finds something; in no extract, so that files are not spoilt."""
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(needles(FEED) | {PLANTED.encode()})


@pytest_asyncio.fixture
async def private_engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database)
    yield engine
    await engine.dispose()


def test_the_scanner_finds_what_it_looks_for(scanner: Scanner, tmp_path: Path) -> None:
    assert len(needles(FEED)) > 500
    assert scanner.count(FEED.read_bytes()) > 500
    planted = tmp_path / "deep" / "log.txt"
    planted.parent.mkdir()
    for spelling in ("+447700900576", "07700900576", "7700 900 576", "FICTIONAL04479 ROWAN11"):
        planted.write_text(f"called {spelling} today")
        assert scanner.files(tmp_path) == {str(planted): 1}
    planted.write_text("VIC-1104479 46/1109172/26")
    assert scanner.files(tmp_path) == {}


async def test_intake_leaves_no_name_and_no_number_in_plain_text(
    scanner: Scanner,
    private_engine: AsyncEngine,
    postgres_server: Postgres,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    policy = registry.load_shipped()[0]
    keyring = Keyring(private_engine, MasterKeys([MasterKey("m", bytes(32))]), lambda: NOW)
    calendar = registry.current_calendar().version
    intake = Intake(private_engine, keyring, policy, calendar, lambda: NOW)
    rejects = tmp_path / "rejects.csv"
    with FEED.open("rb") as stream:
        await intake.run(stream, FEED.name, IntakeOptions(actor="SVC-INTAKE", rejects=rejects))
    async with private_engine.connect() as conn:
        people = (await conn.execute(select(func.count()).select_from(identity))).scalar_one()
        stories = (await conn.execute(select(func.count()).select_from(narrative))).scalar_one()
        one = await SecretStore(keyring).read_identity(conn, "VIC-1104479")
        assert await scanner.tables(conn) == {}
        await conn.execute(text(f"CREATE TABLE plant AS SELECT '{PLANTED}' AS t"))
        assert await scanner.tables(conn) == {"plant": 1}
        await conn.rollback()
    # It was read and is kept: only not readable without the key.
    assert people > 100
    assert stories > 100
    assert one == ("Fictional04479 Rowan11", "07700 900576")
    assert rejects.stat().st_size > 0
    assert scanner.files(rejects) == {}
    assert scanner.count(caplog.text.encode()) == 0
    with postgres_server.connect() as plain:
        plain.execute("CHECKPOINT")
    assert Scanner(needles(FEED)).files(postgres_server.folder) == {}
