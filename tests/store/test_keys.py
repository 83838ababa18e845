"""Data keys: made once, wrapped, rotated, destroyed."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import make_engine
from store.keys import (
    SHARED_SCOPE,
    KeyDestroyed,
    Keyring,
    KeyUnavailable,
    UnknownScope,
)
from store.tables import case_key
from tests.store.stories import NEW, OLD, ring

SCOPE = "case/CASE-2026-00001"


async def make(engine: AsyncEngine, scope: str = SCOPE) -> Keyring:
    keyring = ring(engine)
    async with engine.begin() as conn:
        await keyring.make(conn, scope)
    return keyring


async def test_making_a_key_again_keeps_the_first(engine: AsyncEngine) -> None:
    await make(engine)
    first = await ring(engine).get(SCOPE)
    await make(engine)
    assert await ring(engine).get(SCOPE) == first


async def test_two_that_make_one_key_at_once_agree(engine: AsyncEngine) -> None:
    async def one() -> str:
        keyring = ring(engine)
        async with engine.begin() as conn:
            return (await keyring.make(conn, SCOPE)).key_id

    assert len(set(await asyncio.gather(*(one() for _ in range(5))))) == 1


async def test_a_rolled_back_key_is_never_used(engine: AsyncEngine) -> None:
    keyring = ring(engine)
    async with engine.connect() as conn:
        await keyring.make(conn, SCOPE)
        await conn.rollback()
    with pytest.raises(UnknownScope):
        await keyring.get(SCOPE)


async def test_many_keys_are_made_in_one_go(engine: AsyncEngine) -> None:
    keyring = ring(engine)
    scopes = [f"victim/VIC-{number}" for number in range(4_500)]
    async with engine.begin() as conn:
        made = await keyring.make_many(conn, [*scopes, scopes[0]])
    async with engine.connect() as conn:
        stored = (await conn.execute(select(func.count()).select_from(case_key))).scalar_one()
    assert stored == len(made) == len({key.key_id for key in made.values()}) == 4_500


async def test_a_key_is_stored_wrapped_and_bound_to_its_scope(engine: AsyncEngine) -> None:
    keyring = await make(engine)
    await make(engine, "case/CASE-2026-00002")
    key = await keyring.get(SCOPE)
    async with engine.begin() as conn:
        row = (await conn.execute(select(case_key).where(case_key.c.scope == SCOPE))).one()
        assert key.secret not in row.wrapped
        other = case_key.c.scope == "case/CASE-2026-00002"
        await conn.execute(update(case_key).where(other).values(wrapped=row.wrapped))
    with pytest.raises(KeyUnavailable, match="altered"):
        await ring(engine).get("case/CASE-2026-00002")


async def test_after_rotation_the_old_master_key_is_not_needed(engine: AsyncEngine) -> None:
    await make(engine)
    before = await ring(engine).get(SCOPE)
    assert await ring(engine, NEW, OLD).rotate_master() == 1
    assert await ring(engine, NEW, OLD).rotate_master() == 0
    assert await ring(engine, NEW).get(SCOPE) == before
    with pytest.raises(KeyUnavailable, match="DALO_MASTER_KEYS"):
        await ring(engine, OLD).get(SCOPE)


async def test_a_destroyed_key_is_gone_for_good(engine: AsyncEngine) -> None:
    keyring, elsewhere = await make(engine), ring(engine)
    key = await elsewhere.get(SCOPE)
    await keyring.destroy(SCOPE)
    with pytest.raises(KeyDestroyed):
        await keyring.get(SCOPE)
    with pytest.raises(KeyDestroyed):
        await keyring.by_key_id(key.key_id)
    with pytest.raises(KeyDestroyed):
        await make(engine)
    await elsewhere.forget_destroyed()
    with pytest.raises(KeyDestroyed):
        await elsewhere.get(SCOPE)


async def test_a_cached_key_outlives_the_store(database: str) -> None:
    engine = make_engine(database)
    await make(engine)
    await make(engine, "victim/VIC-1")
    keyring = ring(engine)
    assert await keyring.preload() == 1
    await engine.dispose()
    lost = make_engine("postgresql://nobody:x@127.0.0.1:1/none")
    keyring._engine = lost
    assert (await keyring.get(SCOPE)).scope == SCOPE
    with pytest.raises(KeyUnavailable):
        await keyring.get("victim/VIC-1")
    with pytest.raises(KeyUnavailable):
        await keyring.ensure(SHARED_SCOPE)
    await lost.dispose()


async def test_a_key_never_shows_its_secret(engine: AsyncEngine) -> None:
    key = await (await make(engine)).get(SCOPE)
    assert repr(key.secret) not in repr(key)
