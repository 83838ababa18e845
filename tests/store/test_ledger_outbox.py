"""The outbox: written once, taken by one relay at a time, oldest first."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from models.events import Effect, EffectKind
from store import outbox
from store.tables import outbox as table
from tests.store.stories import CASE, START


def effects(*names: str) -> list[Effect]:
    return [
        Effect(effect_id=name, kind=EffectKind.TELL, target="case/X", payload={"of": name})
        for name in names
    ]


async def put(engine: AsyncEngine, *names: str) -> None:
    async with engine.begin() as conn:
        await outbox.put(conn, CASE, effects(*names), START)


async def test_effects_leave_in_the_order_they_were_written(engine: AsyncEngine) -> None:
    await put(engine, "c", "a")
    await put(engine, "b", "a")
    async with engine.begin() as conn:
        found = await outbox.claim_pending(conn, 10, START)
        assert [row.effect_id for row in found] == ["c", "a", "b"]
        assert found[0].payload == {"of": "c"}
        assert found[0].kind is EffectKind.TELL
        assert await outbox.oldest_pending(conn) == START
        assert await outbox.count_pending(conn) == 3


async def test_two_relays_never_hold_the_same_effect(engine: AsyncEngine) -> None:
    await put(engine, "a", "b", "c")
    async with engine.begin() as one, engine.begin() as two:
        first = await outbox.claim_pending(one, 2, START)
        second = await outbox.claim_pending(two, 2, START)
    assert [row.effect_id for row in first] == ["a", "b"]
    assert [row.effect_id for row in second] == ["c"]


async def test_what_has_left_is_not_sent_or_written_again(engine: AsyncEngine) -> None:
    await put(engine, "a", "b")
    async with engine.begin() as conn:
        await outbox.mark_dispatched(conn, ["a"], START)
    await put(engine, "a")
    async with engine.begin() as conn:
        assert [row.effect_id for row in await outbox.claim_pending(conn, 10)] == ["b"]
        await outbox.mark_dispatched(conn, ["b"], START)
        assert await outbox.oldest_pending(conn) is None


async def test_a_failure_waits_longer_each_time_up_to_a_limit(engine: AsyncEngine) -> None:
    await put(engine, "a")
    now, waits = START, []
    for _ in range(8):
        async with engine.begin() as conn:
            rows = await outbox.claim_pending(conn, 10, now)
            await outbox.mark_failed(conn, rows, "UNAVAILABLE", now, timedelta(seconds=60))
            assert await outbox.claim_pending(conn, 10, now) == []
            row = (await conn.execute(select(table))).one()
        waits.append((row.next_attempt_at - now).total_seconds())
        now = row.next_attempt_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (row.attempts, row.last_error) == (8, "UNAVAILABLE")
