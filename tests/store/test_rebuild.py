"""Read models can be remade from the ledger alone; the comparison tells where they differ."""

from __future__ import annotations

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from store.rebuild import Difference, compare, rebuild
from store.tables import READ_MODELS, case, clock, outbox, task
from tests.store.stories import CASE, INCIDENT
from tests.store.test_projections import FIRST, case_story, incident_story, play, rows


async def story(engine: AsyncEngine) -> None:
    await play(engine, CASE, case_story(), 4)
    await play(engine, INCIDENT, incident_story(), 2)


async def test_a_rebuild_gives_what_recording_gave(engine: AsyncEngine) -> None:
    await story(engine)
    before = {table.name: await rows(engine, table) for table in READ_MODELS}
    assert all(before[table.name] for table in FIRST)
    async with engine.begin() as conn:
        for table in READ_MODELS:
            await conn.execute(delete(table))
    seen: list[tuple[int, int]] = []
    assert await rebuild(engine, lambda done, total: seen.append((done, total))) == 21
    assert {table.name: await rows(engine, table) for table in READ_MODELS} == before
    assert seen[-1] == (21, 21)


async def test_comparison_finds_nothing_where_all_is_well(engine: AsyncEngine) -> None:
    await story(engine)
    assert await compare(engine) == []


async def test_comparison_names_rows_and_columns_and_repairs_nothing(
    engine: AsyncEngine,
) -> None:
    await story(engine)
    async with engine.begin() as conn:
        await conn.execute(update(case).values(state="ALLOCATED", risk_grade="LOW"))
        await conn.execute(delete(clock).where(clock.c.clock_id == "GH:1"))
        await conn.execute(
            task.insert().values(stream=CASE, task_id="T:99", kind="CALL", owner="D9")
        )
    expected = {
        Difference("case", ("CASE-2027-00001",), "DIFFERS", ("state", "risk_grade")),
        Difference("clock", (INCIDENT, "GH:1"), "MISSING"),
        Difference("task", (CASE, "T:99"), "SURPLUS"),
    }
    assert set(await compare(engine)) == expected
    assert set(await compare(engine)) == expected
    await rebuild(engine)
    assert await compare(engine) == []


async def test_a_rebuild_leaves_the_write_models(engine: AsyncEngine) -> None:
    await story(engine)
    async with engine.begin() as conn:
        await conn.execute(
            text(
                "INSERT INTO outbox (effect_id, stream, kind, target, payload, created_at)"
                " VALUES ('e', 's', 'TELL', 't', '{}', '2027-01-01T00:00:00Z')"
            )
        )
    await rebuild(engine)
    async with engine.connect() as conn:
        assert await conn.scalar(select(func.count()).select_from(outbox)) == 1
