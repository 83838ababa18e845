"""The sample extract on a real PostgreSQL: row by row what it must come to, in any order, twice,
killed on the way, and rehearsed."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from casework.postgres import Postgres
from intake.run import Intake, IntakeSummary
from models.policy import Policy
from store.engine import make_engine
from tests.intake.conftest import MEDWAY, make_intake, read

CONTENT = {
    "report": "*",
    "case_register": "*",
    "counter": "*",
    "stream_head": "stream, seq, hash",
    "ledger_event": "*",
    "outbox": "effect_id, stream, kind, target, payload, created_at",
    "identity": "victim_ref, phone_hash",
    "narrative": "narrative_ref, scope, kind",
    "case_key": "scope",
}
"""Tables that intake writes, and those of their columns that every run makes alike."""
SEED = 46
"""Of the points at which a reading is killed."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def history_template(
    postgres_server: Postgres, database_template: str, policy: Policy
) -> AsyncIterator[str]:
    """A database that holds the history, for tests to copy."""
    name = "intake_history"
    url = postgres_server.create_database(name, database_template)
    engine = make_engine(url)
    summary = await read(make_intake(engine, policy), "history.csv.gz", history=True)
    await engine.dispose()
    assert summary.outcomes == {"HISTORY": 9178}
    assert (summary.allocated, summary.waiting, summary.effects_case_opened) == (0, 0, 0)
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def database(postgres_server: Postgres, history_template: str) -> Iterator[str]:
    """A database of the test's own that holds the history."""
    name = "intake_sample"
    yield postgres_server.create_database(name, history_template)
    postgres_server.drop_database(name)


def rows_of(summary: IntakeSummary) -> list[list[Any]]:
    return sorted(
        [r.incident_ref, r.victim_ref, r.version, r.outcome.value, r.effect]
        for r in summary.results
    )


async def victims_with_case(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as conn:
        found = await conn.execute(text("SELECT victim_ref FROM case_register ORDER BY 1"))
        return list(found.scalars())


def fingerprint(url: str) -> dict[str, str]:
    """A checksum of each table's content."""
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain) as conn:
        return {
            table: conn.execute(
                f"SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), ''))"
                f" FROM (SELECT {columns} FROM {table}) t"
            ).fetchone()[0]  # type: ignore[index]
            for table, columns in CONTENT.items()
        }


async def test_the_sample_comes_to_exactly_what_is_expected(
    intake: Intake, engine: AsyncEngine, expected: dict[str, Any]
) -> None:
    for name, key in (("feed.csv", "feed"), ("feed-late.csv", "feed_late")):
        summary = await read(intake, name)
        wanted = expected[key]
        assert rows_of(summary) == sorted(wanted["rows"])
        assert [[r.line, r.reason.value, r.column] for r in summary.rejects] == wanted["rejected"]
        assert summary.outcomes == wanted["outcomes"]
        assert summary.effects_case_opened == wanted["effects_case_opened"]
    assert await victims_with_case(engine) == sorted(expected["victims_with_case"])


async def test_the_files_in_the_other_order_give_the_same_victims(
    intake: Intake, engine: AsyncEngine, expected: dict[str, Any]
) -> None:
    for name in ("feed-late.csv", "feed.csv"):
        await read(intake, name)
    assert await victims_with_case(engine) == sorted(expected["victims_with_case"])


async def test_two_files_read_at_once_give_the_same_victims(
    database: str, policy: Policy, expected: dict[str, Any]
) -> None:
    engines = [make_engine(database), make_engine(database)]
    names = ("feed.csv", "feed-late.csv")
    try:
        summaries = await asyncio.gather(
            *(read(make_intake(e, policy), n) for e, n in zip(engines, names, strict=True))
        )
        assert sum(len(summary.results) for summary in summaries) == 539
        assert await victims_with_case(engines[0]) == sorted(expected["victims_with_case"])
    finally:
        for engine in engines:
            await engine.dispose()


async def test_the_same_file_again_changes_nothing(intake: Intake, database: str) -> None:
    await read(intake, "feed.csv")
    once = fingerprint(database)
    again = await read(intake, "feed.csv")
    assert set(again.outcomes) <= {"DUPLICATE", "STALE"} | {
        name for name in again.outcomes if name.startswith("REJECTED:")
    }
    assert fingerprint(database) == once


@pytest.mark.slow
async def test_killed_at_random_points_and_run_again_it_ends_the_same(
    postgres_server: Postgres, history_template: str, database: str, intake: Intake
) -> None:
    await read(intake, "feed.csv")
    wanted = fingerprint(database)
    url = postgres_server.create_database("intake_killed", history_template)
    try:
        points = sorted(random.Random(SEED).sample(range(1, 420), 3))
        kills = [_kill_after(url, rows) for rows in points]
        assert kills == [True] * len(points), points
        partial = fingerprint(url)
        assert partial != wanted
        subprocess.run(_command(url), check=True, cwd=MEDWAY.parents[1])
        assert fingerprint(url) == wanted
    finally:
        postgres_server.drop_database("intake_killed")


def _command(url: str) -> list[str]:
    return [sys.executable, "-m", "tests.intake.reading", url, "feed.csv"]


def _kill_after(url: str, rows: int) -> bool:
    """Start a reading and kill it outright once so many rows of the feed are in. Whether it was
    still reading then."""
    plain = url.replace("postgresql+psycopg", "postgresql")
    process = subprocess.Popen(_command(url), cwd=MEDWAY.parents[1])
    try:
        with psycopg.connect(plain, autocommit=True) as conn:
            while process.poll() is None:
                done = conn.execute("SELECT count(*) FROM report WHERE NOT history").fetchone()
                if done is not None and done[0] >= rows:
                    break
                time.sleep(0.005)
        running = process.poll() is None
    finally:
        process.kill()
        process.wait()
    return running


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    intake: Intake, database: str, expected: dict[str, Any]
) -> None:
    before = fingerprint(database)
    summary = await read(intake, "feed.csv", dry_run=True)
    assert summary.outcomes == expected["feed"]["outcomes"]
    assert summary.waiting == 97
    assert fingerprint(database) == before


async def test_history_read_last_gives_the_same_victims(
    postgres_server: Postgres,
    database_template: str,
    policy: Policy,
    expected: dict[str, Any],
) -> None:
    engine = make_engine(postgres_server.create_database("intake_last", database_template))
    try:
        intake = make_intake(engine, policy)
        for name in ("feed.csv", "feed-late.csv"):
            await read(intake, name)
        summary = await read(intake, "history.csv.gz", history=True)
        assert summary.outcomes == {"HISTORY": 9178}
        assert await victims_with_case(engine) == sorted(expected["victims_with_case"])
    finally:
        await engine.dispose()
        postgres_server.drop_database("intake_last")


async def test_names_numbers_and_stories_are_in_no_table_in_clear(
    intake: Intake, database: str
) -> None:
    await read(intake, "feed.csv")
    plain = database.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain) as conn:
        tables = conn.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            found = conn.execute(
                f'SELECT count(*) FROM "{table}" t'
                " WHERE t::text ~ 'Fictional|Rowan11|07700 9|doorbell|shouting'"
            ).fetchone()
            assert found == (0,), table


def test_the_history_is_packed_the_same_way_every_time(tmp_path: Path) -> None:
    packed = (MEDWAY / "history.csv.gz").read_bytes()
    assert packed[4:8] == bytes(4), "no time of packing inside"
