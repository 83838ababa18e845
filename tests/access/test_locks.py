"""Locks that no reason opens, and who is near a case that changes hands."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from access.gate import Gate
from models.enums import Role
from store.allocation import allocate
from store.locks import hidden_cases
from store.registering import follow
from store.tables import access_log, case_register, officer, referral_register, victim_alias
from tests.access.test_gate import (
    CASE,
    NOW,
    OTHER,
    WHY,
    _case,
    _code,
    _officer,
    empty,
    engine,
    gate,
)

__all__ = ["empty", "engine", "gate"]

CONFLICT = {
    "officer_id": "PC 1",
    "reason_code": "RELATIVE",
    "declared_at": NOW.isoformat(),
    "declared_by": "PC 1",
}


async def _follow(engine: AsyncEngine, **payload: Any) -> None:
    async with engine.begin() as conn:
        await follow(conn, CASE, payload)


@pytest.mark.parametrize("ref", [CASE, "VIC-1", "46/1/26", "46/1/26/VIC-1", "MARAC-2026-00001"])
async def test_a_conflict_shuts_case_victim_incident_and_referral_even_with_a_reason(
    gate: Gate, engine: AsyncEngine, ref: str
) -> None:
    async with engine.begin() as conn:
        row = {
            "referral_ref": "MARAC-2026-00001",
            "pathway": "MARAC",
            "case_ref": CASE,
            "victim_ref": "VIC-1",
            "area": "Medway",
            "asked_by": "c1",
            "created_at": NOW,
        }
        await conn.execute(insert(referral_register), row)
    await gate.authorise("PC 1", "view-case", ref, reason=WHY)
    await _follow(engine, conflict=CONFLICT)
    await _follow(engine, conflict=CONFLICT)
    assert await _code(gate, "PC 1", "view-case", ref, reason=WHY) == "CONFLICT_OF_INTEREST"
    assert not (await gate.authorise("PS 1", "view-case", CASE)).break_glass
    await _follow(engine, lifted="PC 1")
    await gate.authorise("PC 1", "view-case", ref, reason=WHY)


async def test_a_conflict_holds_for_the_next_case_of_the_person_and_for_a_merged_reference(
    gate: Gate, engine: AsyncEngine
) -> None:
    await _follow(engine, conflict=CONFLICT)
    async with engine.begin() as conn:
        await conn.execute(update(case_register).values(closed_at=NOW))
        later = _case("CASE-2026-00003", "VIC-1", "PC 2")
        await conn.execute(insert(case_register), later)
        alias = {
            "merged_ref": "VIC-2",
            "kept_ref": "VIC-1",
            "merged_at": NOW,
            "merged_by": "PS 1",
            "reason_code": "R",
        }
        await conn.execute(insert(victim_alias), alias)
    for ref in ("CASE-2026-00003", OTHER):
        assert await _code(gate, "PC 1", "view-case", ref, reason=WHY) == "CONFLICT_OF_INTEREST"


async def test_allocation_never_gives_a_case_to_somebody_in_conflict(engine: AsyncEngine) -> None:
    from models import registry

    registry.load_shipped()
    await _follow(engine, conflict=CONFLICT)
    async with engine.begin() as conn:
        await conn.execute(
            update(officer).where(officer.c.officer_id != "PC 1").values(active=False)
        )
        await conn.execute(update(officer).values(capacity=9))
        await conn.execute(update(case_register).values(dalo_id=None))
    await allocate(engine, "Medway", NOW, registry.current_policy())
    async with engine.connect() as conn:
        rows = await conn.execute(select(case_register.c.case_ref, case_register.c.dalo_id))
        assert dict(tuple(row) for row in rows) == {CASE: None, OTHER: "PC 1"}


async def test_a_restricted_record_opens_to_its_own_people_only(
    gate: Gate, engine: AsyncEngine
) -> None:
    await _follow(engine, restricted=True)
    for actor in ("PC 1", "PS 1", "DI 1"):
        await gate.authorise(actor, "view-case", CASE, reason=WHY)
    for actor in ("PC 2", "PS 2", "DI 2", "PC 9"):
        assert await _code(gate, actor, "view-case", CASE, reason=WHY) == "RESTRICTED"
    async with engine.connect() as conn:
        rows = list(await conn.execute(select(access_log).where(~access_log.c.allowed)))
        assert {row.reason_code for row in rows} == {"RESTRICTED"}
        assert await hidden_cases(conn, "PS 2") == {CASE}
        assert await hidden_cases(conn, "PC 1") == set()
        assert await hidden_cases(conn, "DI 1") == set()
    await _follow(engine, restricted=False)
    await gate.authorise("PS 2", "view-case", CASE, reason=WHY)


async def _alias(engine: AsyncEngine) -> None:
    """OTHER's victim proves to be CASE's."""
    alias = {
        "merged_ref": "VIC-2",
        "kept_ref": "VIC-1",
        "merged_at": NOW,
        "merged_by": "PS 1",
        "reason_code": "R",
    }
    async with engine.begin() as conn:
        await conn.execute(insert(victim_alias), alias)


async def test_lists_hide_what_a_lock_shuts_under_whichever_reference(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        await follow(conn, OTHER, {"conflict": {**CONFLICT, "officer_id": "PC 9"}})
        assert await hidden_cases(conn, "PC 9") == {OTHER}
    await _alias(engine)
    async with engine.begin() as conn:
        assert await hidden_cases(conn, "PC 9") == {CASE, OTHER}
        assert await hidden_cases(conn, "PS 2") == set()
        await follow(conn, OTHER, {"restricted": True})
        assert await hidden_cases(conn, "PS 9") == {CASE, OTHER}


async def test_a_lock_that_is_lifted_is_lifted_under_every_reference(
    gate: Gate, engine: AsyncEngine
) -> None:
    async with engine.begin() as conn:
        await follow(conn, OTHER, {"conflict": CONFLICT, "restricted": True})
    await _alias(engine)
    assert await _code(gate, "PC 1", "view-case", CASE, reason=WHY) == "CONFLICT_OF_INTEREST"
    await _follow(engine, lifted="PC 1")
    await _follow(engine, restricted=False)
    async with engine.connect() as conn:
        assert await hidden_cases(conn, "PC 1") == set()
    for ref in (CASE, OTHER):
        await gate.authorise("PC 1", "view-case", ref, reason=WHY)


async def test_who_hands_a_case_over_stays_near_it_until_it_is_accepted(
    gate: Gate, engine: AsyncEngine
) -> None:
    await _follow(engine, dalo_id="PC 2", outgoing_dalo_id="PC 1")
    assert not (await gate.authorise("PC 1", "record-attempt", CASE)).break_glass
    await _follow(engine, outgoing_dalo_id=None)
    assert await _code(gate, "PC 1", "record-attempt", CASE) == "REASON_NEEDED"


async def test_a_case_on_offer_is_near_to_the_supervisors_of_that_area_alone(
    gate: Gate, engine: AsyncEngine
) -> None:
    people = [
        _officer("PS 8", Role.SUPERVISOR, area="Swale"),
        _officer("PC 8", Role.DALO, area="Swale"),
    ]
    async with engine.begin() as conn:
        await conn.execute(insert(officer), people)
    assert await _code(gate, "PS 8", "accept-transfer", CASE) == "REASON_NEEDED"
    await _follow(engine, offered_area="Swale")
    assert not (await gate.authorise("PS 8", "accept-transfer", CASE)).break_glass
    assert await _code(gate, "PC 8", "record-attempt", CASE) == "REASON_NEEDED"
