"""The service scores each area that has a MATAC once a month, from its first working day on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.matac import run, run_due
from models import registry
from models.matac_run import due_from
from store.engine import make_engine
from store.tables import report
from tests.models.conftest import at
from tests.store.test_matac_run import runtime_at, starts, store, walk_through


@pytest_asyncio.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """The test's own database."""
    registry.load_shipped()
    made = make_engine(database)
    yield made
    await made.dispose()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2027-07-20 12:00", "2027-07-01 06:00"),
        # 1 August 2027 is a Sunday, 1 January a bank holiday before a weekend, 3 May one too.
        ("2027-08-01 09:00", "2027-08-02 06:00"),
        ("2027-01-01 09:00", "2027-01-04 06:00"),
        ("2027-05-01 00:00", "2027-05-04 06:00"),
        # 00:30 in London on 1 July is still June in UTC.
        ("2027-07-01 00:30", "2027-07-01 06:00"),
    ],
)
def test_a_month_is_due_from_its_first_working_day(now: str, due: str) -> None:
    policy, calendar = registry.load_shipped()
    opens = policy.of_duties.meetings.opens_at
    assert due_from(at(now), calendar, opens) == at(due)


async def scored(engine: AsyncEngine, now: datetime) -> list[str]:
    return [made.month for made in await run_due(runtime_at(engine, now))]


async def test_each_month_is_scored_once_and_a_missed_day_is_made_up_for(
    engine: AsyncEngine,
) -> None:
    await store(engine, *walk_through())
    assert await scored(engine, at("2027-07-01 05:59")) == []
    assert await scored(engine, at("2027-07-01 06:00")) == ["2027-07"]
    assert await scored(engine, at("2027-07-01 07:00")) == []
    assert len(await starts(engine)) == 1
    assert await scored(engine, at("2027-08-19 03:00")) == ["2027-08"]


async def test_what_a_person_has_scored_is_left(engine: AsyncEngine) -> None:
    await store(engine, *walk_through())
    await run(runtime_at(engine, at("2027-07-01 05:00")), "Medway")
    assert await scored(engine, at("2027-07-01 06:00")) == []


async def test_an_area_is_left_until_its_history_is_in(engine: AsyncEngine) -> None:
    assert await scored(engine, at("2027-07-01 06:00")) == []
    # The first report came this morning; the rest of its history may be on its way.
    await store(engine, walk_through()[0])
    async with engine.begin() as conn:
        await conn.execute(update(report).values(received_at=at("2027-07-01 06:30")))
    assert await scored(engine, at("2027-07-01 07:00")) == []
    assert await scored(engine, at("2027-07-02 07:00")) == ["2027-07"]
