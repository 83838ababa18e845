"""Data keys: made once, wrapped, rotated, destroyed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from models.base import Refused
from store.engine import make_engine
from store.keys import (
    SHARED_SCOPE,
    KeyDestroyed,
    Keyring,
    KeyUnavailable,
    UnknownScope,
)
from store.tables import (
    agenda_item,
    case,
    case_key,
    case_register,
    referral_register,
    report,
    victim_alias,
)
from tests.store.stories import NEW, OLD, ring

SCOPE = "case/CASE-2026-00001"
NOW = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)


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


async def put(engine: AsyncEngine, table: Any, **values: Any) -> None:
    async with engine.begin() as conn:
        await conn.execute(insert(table).values(**values))


async def a_person_with_two_references(engine: AsyncEngine) -> None:
    """VIC-2 was merged into VIC-1, whose case is under legal hold, with referrals and a meeting."""
    ref, other = "CASE-2026-00001", "CASE-2026-00002"
    common: dict[str, Any] = {"area": "Medway", "state": "ALLOCATED", "priority_score": 0}
    common |= {"risk_grade": "HIGH", "opened_at": NOW}
    await put(engine, case_register, case_ref=ref, victim_ref="VIC-1", **common)
    await put(engine, case_register, case_ref=other, victim_ref="VIC-3", **common)
    await put(engine, case, case_ref=ref, flags={"legal_hold": True})
    await put(engine, case, case_ref=other, flags={"legal_hold": False})
    await put(
        engine,
        victim_alias,
        merged_ref="VIC-2",
        kept_ref="VIC-1",
        merged_at=NOW,
        merged_by="PS 1",
        reason_code="SAME_PERSON",
    )
    given: dict[str, Any] = {"area": "Medway", "created_at": NOW}
    await put(
        engine,
        referral_register,
        referral_ref="MARAC-2027-00001",
        pathway="MARAC",
        victim_ref="VIC-2",
        asked_by="1",
        **given,
    )
    await put(
        engine,
        referral_register,
        referral_ref="MATAC-2027-00001",
        pathway="MATAC",
        perpetrator_ref="PER-1",
        asked_by="2",
        **given,
    )
    await put(
        engine,
        report,
        incident_ref="46/1/27",
        victim_ref="VIC-2",
        version=1,
        perpetrator_ref="PER-1",
        reported_at=NOW,
        district="Medway",
        outcome="CASE_OPENED",
        standing="CASE_OPENED",
        received_at=NOW,
        eligible_but_for_area=True,
        eligibility_reason="REPEAT",
        allocation_arm="PILOT",
        policy_version="x",
        facts={},
    )
    listed = {"stream": "meeting/MARAC/Medway/2027-05-13/1", "referral_ref": "MARAC-2027-00001"}
    await put(engine, agenda_item, **listed)


@pytest.mark.parametrize(
    "scope",
    [
        "case/CASE-2026-00001",
        "victim/VIC-1",
        "victim/VIC-2",
        "incident/46/1/27/VIC-2",
        "referral/MARAC-2027-00001",
        "referral/MATAC-2027-00001",
        "meeting/MARAC/Medway/2027-05-13/1",
    ],
)
async def test_under_a_legal_hold_no_key_of_the_person_is_destroyed(
    engine: AsyncEngine, scope: str
) -> None:
    await a_person_with_two_references(engine)
    keyring = await make(engine, scope)
    with pytest.raises(Refused) as refused:
        await keyring.destroy(scope)
    assert refused.value.code == "LEGAL_HOLD"
    assert await ring(engine).get(scope) == await keyring.get(scope)
    async with engine.begin() as conn:
        await conn.execute(update(case).values(flags={"legal_hold": False}))
    await keyring.destroy(scope)
    with pytest.raises(KeyDestroyed):
        await keyring.get(scope)


async def test_somebody_elses_hold_keeps_no_key(engine: AsyncEngine) -> None:
    await a_person_with_two_references(engine)
    keyring = await make(engine, "victim/VIC-3")
    await keyring.destroy("victim/VIC-3")
    with pytest.raises(KeyDestroyed):
        await keyring.get("victim/VIC-3")


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
