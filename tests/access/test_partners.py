"""Partners at the gate: their own pathway in their own area, and the case while it is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from access.gate import Gate
from models.base import Refused
from models.enums import Role
from store.engine import make_engine
from store.tables import access_log, case_register, officer, referral, referral_register

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
CASE, OTHER = "CASE-2026-00001", "CASE-2026-00002"
IDVA, MARAC, MATAC, MASIP = (
    f"{pathway}-2026-00001" for pathway in ("IDVA", "MARAC", "MATAC", "MASIP")
)


def _officer(officer_id: str, role: Role, area: str = "Medway") -> dict[str, Any]:
    blank = dict.fromkeys(("supervisor_id", "absent_from", "absent_until", "covers"))
    return {"officer_id": officer_id, "role": role, "area": area, "active": True, **blank}


ROSTER = [
    _officer("PC 1", Role.DALO),
    _officer("PS 1", Role.SUPERVISOR),
    _officer("IDVA 1", Role.IDVA_PARTNER),
    _officer("IDVA 2", Role.IDVA_PARTNER, "Swale"),
    _officer("ISVA 1", Role.ISVA_PARTNER),
    _officer("MC 1", Role.MARAC_COORDINATOR),
    _officer("MC 2", Role.MARAC_COORDINATOR, "Swale"),
    _officer("TC 1", Role.MATAC_COORDINATOR),
    _officer("SL 1", Role.MASIP_LEAD),
]


def _case(case_ref: str, victim_ref: str) -> dict[str, Any]:
    return {
        "case_ref": case_ref,
        "victim_ref": victim_ref,
        "area": "Medway",
        "state": "ALLOCATED",
        "priority_score": 1,
        "risk_grade": "HIGH",
        "opened_at": NOW,
        "dalo_id": "PC 1",
        "supervisor_id": "PS 1",
    }


def _registered(ref: str, case_ref: str | None) -> dict[str, Any]:
    return {
        "referral_ref": ref,
        "pathway": ref.partition("-")[0],
        "case_ref": case_ref,
        "area": "Medway",
        "asked_by": ref,
        "created_at": NOW,
    }


def _read(ref: str, case_ref: str | None, state: str) -> dict[str, Any]:
    return {
        "referral_ref": ref,
        "stream": f"referral/{ref}",
        "pathway": ref.partition("-")[0],
        "case_ref": case_ref,
        "area": "Medway",
        "state": state,
    }


@pytest_asyncio.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database)
    referrals = [
        (IDVA, CASE, "SUBMITTED"),
        (MARAC, CASE, "ACCEPTED"),
        (MATAC, None, "NOMINATED"),
        (MASIP, CASE, "REFERRED"),
    ]
    async with made.begin() as conn:
        await conn.execute(insert(officer), ROSTER)
        await conn.execute(insert(case_register), [_case(CASE, "VIC-1"), _case(OTHER, "VIC-2")])
        await conn.execute(insert(referral_register), [_registered(r, c) for r, c, _ in referrals])
        await conn.execute(insert(referral), [_read(*each) for each in referrals])
    yield made
    await made.dispose()


@pytest.fixture
def gate(engine: AsyncEngine) -> Gate:
    return Gate(engine, lambda: NOW)


async def _answer(gate: Gate, actor: str, action: str, ref: str) -> str:
    """`""` where the gate lets the actor in, else the refusal's code."""
    try:
        grant = await gate.authorise(actor, action, ref)
    except Refused as refused:
        return refused.code
    assert not grant.break_glass
    return ""


@pytest.mark.parametrize(
    ("actor", "ref", "code"),
    [
        ("IDVA 1", IDVA, ""),
        ("ISVA 1", IDVA, ""),
        ("MC 1", MARAC, ""),
        ("TC 1", MATAC, ""),
        ("SL 1", MASIP, ""),
        ("PC 1", IDVA, ""),
        ("PS 1", MARAC, ""),
        ("IDVA 2", IDVA, "NOT_YOUR_CASE"),
        ("IDVA 1", MARAC, "NOT_YOUR_CASE"),
        ("MC 1", IDVA, "NOT_YOUR_CASE"),
        ("MC 2", MARAC, "NOT_YOUR_CASE"),
        ("SL 1", MATAC, "NOT_YOUR_CASE"),
    ],
)
async def test_a_partner_has_the_own_pathway_in_the_own_area(
    gate: Gate, actor: str, ref: str, code: str
) -> None:
    assert await _answer(gate, actor, "move-referral", ref) == code
    assert await _answer(gate, actor, "view-referral", ref) == code


@pytest.mark.parametrize(("actor", "code"), [("PS 1", ""), ("TC 1", ""), ("MC 1", "NOT_YOUR_CASE")])
async def test_a_supervisor_of_the_area_may_answer_on_a_subjects_referral_of_no_case(
    gate: Gate, actor: str, code: str
) -> None:
    assert await _answer(gate, actor, "answer-for-victims", MATAC) == code


@pytest.mark.parametrize(
    ("actor", "action", "code"),
    [
        ("IDVA 1", "view-case", ""),
        ("IDVA 1", "view-identity", ""),
        ("IDVA 2", "view-case", "NOT_YOUR_CASE"),
        ("MC 1", "view-case", ""),
        ("MC 1", "view-identity", ""),
        ("MC 2", "view-identity", "NOT_YOUR_CASE"),
        ("SL 1", "view-case", ""),
        ("SL 1", "view-identity", "ROLE_NOT_PERMITTED"),
        # A nomination is of a perpetrator: it opens no victim's case.
        ("TC 1", "view-clocks", "ROLE_NOT_PERMITTED"),
    ],
)
@pytest.mark.parametrize("ref", [CASE, "VIC-1"])
async def test_a_referred_case_is_open_to_its_service_as_far_as_the_matrix_goes(
    gate: Gate, actor: str, action: str, code: str, ref: str
) -> None:
    assert await _answer(gate, actor, action, ref) == code


@pytest.mark.parametrize("actor", ["IDVA 1", "MC 1", "SL 1"])
async def test_nobodys_referral_opens_another_case(gate: Gate, actor: str) -> None:
    assert await _answer(gate, actor, "view-case", OTHER) == "NOT_YOUR_CASE"


async def test_access_to_the_case_ends_with_the_referral(gate: Gate, engine: AsyncEngine) -> None:
    ended = update(referral).where(referral.c.referral_ref == IDVA)
    async with engine.begin() as conn:
        await conn.execute(ended.values(ended_at=NOW, state="CLOSED"))
    assert await _answer(gate, "IDVA 1", "view-case", CASE) == "NOT_YOUR_CASE"
    assert await _answer(gate, "IDVA 1", "view-referral", IDVA) == ""


async def test_a_draft_that_was_not_sent_shares_nothing(gate: Gate, engine: AsyncEngine) -> None:
    draft = update(referral).where(referral.c.referral_ref == IDVA).values(state="DRAFT")
    async with engine.begin() as conn:
        await conn.execute(draft)
    assert await _answer(gate, "IDVA 1", "view-case", CASE) == "NOT_YOUR_CASE"
    assert await _answer(gate, "IDVA 1", "move-referral", IDVA) == "NOT_YOUR_CASE"
    assert await _answer(gate, "PC 1", "move-referral", IDVA) == ""


async def test_what_a_partner_looked_at_is_logged_with_its_ground(
    gate: Gate, engine: AsyncEngine
) -> None:
    await gate.authorise("IDVA 1", "view-case", CASE)
    await gate.authorise("MC 1", "view-case", CASE)
    async with engine.connect() as conn:
        rows = list(await conn.execute(select(access_log)))
    assert {(row.actor, row.reason_code) for row in rows} == {
        ("IDVA 1", "REFERRED"),
        ("MC 1", "LISTED"),
    }


async def test_a_marac_referral_on_its_way_is_the_new_area_s_coordinator_s_too(
    gate: Gate, engine: AsyncEngine
) -> None:
    assert await _answer(gate, "MC 2", "confirm-transfer", MARAC) == "NOT_YOUR_CASE"
    for area, code in (("Swale", ""), ("", "NOT_YOUR_CASE")):
        change = update(referral).where(referral.c.referral_ref == MARAC)
        async with engine.begin() as conn:
            await conn.execute(change.values(details={"transfer_to": area}))
        assert await _answer(gate, "MC 2", "confirm-transfer", MARAC) == code
