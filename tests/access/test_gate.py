"""The gate against a real store: who gets in, and that every knock is logged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from access.gate import Gate
from access.log import break_glass_alerts, entries
from models.base import Refused
from models.commands import Grant
from models.enums import Role
from store.engine import make_engine
from store.tables import access_log, case_register, officer, report

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
CASE, OTHER = "CASE-2026-00001", "CASE-2026-00002"
WHY = "victim rang the front desk"


def _officer(officer_id: str, role: Role, **more: Any) -> dict[str, Any]:
    row = {"officer_id": officer_id, "role": role, "area": "Medway", "active": True}
    blank = dict.fromkeys(("supervisor_id", "absent_from", "absent_until", "covers"))
    return row | blank | more


def _case(case_ref: str, victim_ref: str, dalo_id: str | None) -> dict[str, Any]:
    return {
        "case_ref": case_ref,
        "victim_ref": victim_ref,
        "area": "Medway",
        "state": "ALLOCATED",
        "priority_score": 1,
        "risk_grade": "HIGH",
        "opened_at": NOW,
        "dalo_id": dalo_id,
        "supervisor_id": "PS 1" if dalo_id else None,
    }


def _report(victim_ref: str, case_ref: str | None, oic: str) -> dict[str, Any]:
    return {
        "incident_ref": "46/1/26",
        "victim_ref": victim_ref,
        "version": 1,
        "reported_at": NOW,
        "district": "Medway",
        "outcome": "CASE_OPENED",
        "standing": "CASE_OPENED",
        "received_at": NOW,
        "eligible_but_for_area": True,
        "eligibility_reason": "X",
        "allocation_arm": "X",
        "policy_version": "X",
        "case_ref": case_ref,
        "facts": {"oic_id": oic},
    }


ROSTER = [
    _officer("PC 1", Role.DALO, supervisor_id="PS 1"),
    _officer("PC 2", Role.DALO, supervisor_id="PS 1", covers="PC 3"),
    _officer("PC 3", Role.DALO, supervisor_id="PS 1"),
    _officer("PC 4", Role.DALO, active=False),
    _officer("PC 9", Role.OIC),
    _officer("PS 1", Role.SUPERVISOR),
    _officer("PS 2", Role.SUPERVISOR),
    _officer("DI 1", Role.INSPECTOR),
    _officer("DI 2", Role.INSPECTOR, area="Swale"),
    _officer("AUD 1", Role.AUDITOR, area=None),
    _officer("EV 1", Role.EVALUATOR, area=None),
]


@pytest_asyncio.fixture
async def empty(database: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def engine(empty: AsyncEngine) -> AsyncEngine:
    async with empty.begin() as conn:
        await conn.execute(insert(officer), ROSTER)
        cases = [_case(CASE, "VIC-1", "PC 1"), _case(OTHER, "VIC-2", "PC 3")]
        await conn.execute(insert(case_register), cases)
        reports = [_report("VIC-1", CASE, "PC 9"), _report("VIC-2", OTHER, "")]
        await conn.execute(insert(report), reports)
    return empty


@pytest.fixture
def gate(engine: AsyncEngine) -> Gate:
    return Gate(engine, lambda: NOW)


async def _log(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as conn:
        return list(await conn.execute(select(access_log)))


async def _code(gate: Gate, *asked: Any, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        await gate.authorise(*asked, **more)
    assert caught.value.remedy
    return caught.value.code


async def test_the_own_case_opens_and_is_logged(gate: Gate, engine: AsyncEngine) -> None:
    grant = await gate.authorise("PC 1", "view-case", CASE)
    assert (grant.actor, grant.role, grant.break_glass) == ("PC 1", Role.DALO, False)
    (row,) = await _log(engine)
    assert (row.id, row.at, row.subject, row.allowed) == (grant.access_log_id, NOW, CASE, True)
    assert (row.action, row.reason_code) == ("view-case", "OWN")


async def test_an_oic_opens_what_an_extract_says_is_theirs(gate: Gate, engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await conn.execute(
            insert(officer), _officer("OIC 5", Role.OIC, area="Swale", known_as="DC 7005")
        )
        await conn.execute(update(report).values(facts={"oic_id": "DC 7005"}))
    for ref in (CASE, "46/1/26/VIC-1"):
        grant = await gate.authorise("OIC 5", "view-case", ref)
        assert (grant.actor, grant.known_as, grant.break_glass) == ("OIC 5", "DC 7005", False)
    assert (await gate.authorise("PC 1", "view-case", CASE)).known_as == ""


@pytest.mark.parametrize("ref", [CASE, f"case/{CASE}", "VIC-1", "46/1/26/VIC-1"])
async def test_a_case_is_found_by_each_kind_of_reference(
    gate: Gate, engine: AsyncEngine, ref: str
) -> None:
    await gate.authorise("PC 1", "view-case", ref)
    assert [row.subject for row in await _log(engine)] == [CASE]


async def test_an_incident_of_two_victims_needs_access_to_both(gate: Gate) -> None:
    assert await _code(gate, "PC 1", "view-case", "46/1/26") == "REASON_NEEDED"
    assert not (await gate.authorise("PS 1", "view-case", "46/1/26")).break_glass


async def test_anothers_case_opens_with_a_reason_and_alerts_its_supervisor(
    gate: Gate, engine: AsyncEngine
) -> None:
    assert await _code(gate, "PC 1", "view-case", OTHER) == "REASON_NEEDED"
    assert await _code(gate, "PC 1", "view-case", OTHER, reason=" x \x00 ") == "REASON_NEEDED"
    grant = await gate.authorise("PC 1", "view-case", OTHER, reason=WHY)
    assert grant.break_glass
    async with engine.connect() as conn:
        (alert,) = await break_glass_alerts(conn, "PS 1", NOW)
        assert (alert.actor, alert.subject, alert.reason) == ("PC 1", OTHER, WHY)
        assert await break_glass_alerts(conn, "PS 2", NOW) == []


async def test_the_officer_in_the_case_records_evidence_without_a_reason(gate: Gate) -> None:
    grant = await gate.authorise("PC 9", "record-evidence", "46/1/26/VIC-1")
    assert not grant.break_glass
    assert await _code(gate, "PC 9", "record-attempt", CASE) == "ROLE_NOT_PERMITTED"


@pytest.mark.parametrize(
    ("since", "until", "covers"),
    [
        (None, None, True),
        (NOW - timedelta(days=1), NOW + timedelta(days=1), True),
        (NOW - timedelta(days=2), NOW, False),
        (NOW + timedelta(days=1), None, False),
    ],
)
async def test_cover_lasts_as_long_as_the_absence(
    gate: Gate, engine: AsyncEngine, since: datetime | None, until: datetime | None, covers: bool
) -> None:
    away = update(officer).where(officer.c.officer_id == "PC 3")
    async with engine.begin() as conn:
        await conn.execute(away.values(absent_from=since, absent_until=until))
    grant = await gate.authorise("PC 2", "record-attempt", OTHER, reason=WHY)
    assert (grant.covering, grant.break_glass) == (("PC 3", False) if covers else ("", True))


async def test_supervision_and_area(gate: Gate, engine: AsyncEngine) -> None:
    assert not (await gate.authorise("PS 1", "reassign", CASE)).break_glass
    assert await _code(gate, "PS 2", "reassign", CASE) == "REASON_NEEDED"
    assert not (await gate.authorise("DI 1", "reassign", CASE)).break_glass
    assert await _code(gate, "DI 2", "reassign", CASE) == "REASON_NEEDED"
    async with engine.begin() as conn:
        await conn.execute(update(case_register).values(dalo_id=None, supervisor_id=None))
    assert not (await gate.authorise("PS 2", "reassign", CASE)).break_glass


async def test_worklists(gate: Gate) -> None:
    assert not (await gate.authorise("PC 1", "view-worklist")).break_glass
    assert not (await gate.authorise("PS 1", "view-worklist", "PC 1")).break_glass
    assert await _code(gate, "PC 1", "view-worklist", "PC 3") == "REASON_NEEDED"
    assert await _code(gate, "PC 1", "view-worklist", "PC 77") == "UNKNOWN_REFERENCE"


@pytest.mark.parametrize(
    ("actor", "action", "ref", "code"),
    [
        ("", "view-case", CASE, "UNKNOWN_ACTOR"),
        ("PC 77", "view-case", CASE, "UNKNOWN_ACTOR"),
        ("PC 4", "view-case", CASE, "ACCOUNT_INACTIVE"),
        ("PC 1", "view-case", "CASE-2026-99999", "UNKNOWN_REFERENCE"),
        ("PC 1", "view-case", "", "UNKNOWN_REFERENCE"),
        ("PC 1", "view-case", "\x00", "UNKNOWN_REFERENCE"),
        ("PC 1", "fly", CASE, "UNKNOWN_ACTION"),
        ("PC 1", "roster", None, "ROLE_NOT_PERMITTED"),
        ("PC 1", "view-board", None, "ROLE_NOT_PERMITTED"),
        ("EV 1", "view-case", CASE, "ROLE_NOT_PERMITTED"),
        ("SVC-INTAKE", "view-case", CASE, "ROLE_NOT_PERMITTED"),
        ("SVC-INTAKE", "decode-payloads", None, "ROLE_NOT_PERMITTED"),
    ],
)
async def test_refusals_are_answered_with_a_code_and_logged(
    gate: Gate, engine: AsyncEngine, actor: str, action: str, ref: str | None, code: str
) -> None:
    assert await _code(gate, actor, action, ref) == code
    (row,) = await _log(engine)
    assert (row.allowed, row.reason_code) == (False, code)


async def test_what_is_no_reference_and_no_account_leaves_no_trace_of_its_text(
    gate: Gate, engine: AsyncEngine
) -> None:
    await _code(gate, "Ann Stephens", "view-case", "07700 900576", reason="Ann Stephens rang")
    await _code(gate, "PC 1", "view-case", "Ann Stephens")
    logged = str(await _log(engine))
    assert "Ann" not in logged
    assert "900576" not in logged


async def test_services_have_built_in_accounts(gate: Gate) -> None:
    for action in ("intake", "allocate", "watchdog", "ledger-seal"):
        assert (await gate.authorise("SVC-INTAKE", action)).role is Role.SYSTEM


async def test_only_the_first_roster_may_come_from_anyone(
    empty: AsyncEngine, gate_on_empty: Gate
) -> None:
    assert await _code(gate_on_empty, "PS 1", "view-board") == "UNKNOWN_ACTOR"
    await gate_on_empty.authorise("PS 1", "roster")
    async with empty.begin() as conn:
        await conn.execute(insert(officer), ROSTER)
    assert await _code(gate_on_empty, "PS 8", "roster") == "UNKNOWN_ACTOR"
    await gate_on_empty.authorise("PS 1", "roster")
    assert [row.allowed for row in await _log(empty)].count(True) == 2


@pytest.fixture
def gate_on_empty(empty: AsyncEngine) -> Gate:
    return Gate(empty, lambda: NOW)


async def test_what_cannot_be_logged_is_not_answered(gate: Gate, engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await conn.execute(text("ALTER TABLE access_log ADD CHECK (subject = 'nothing')"))
    assert await _code(gate, "PC 1", "view-case", CASE) == "ACCESS_LOG_UNAVAILABLE"
    gone = make_engine("postgresql://nobody:x@127.0.0.1:1/none")
    assert await _code(Gate(gone, lambda: NOW), "PC 1", "view-case") == "ACCESS_LOG_UNAVAILABLE"
    await gone.dispose()


async def test_who_sees_which_part_of_the_log(gate: Gate, engine: AsyncEngine) -> None:
    for actor in ("PC 1", "PS 1", "DI 1"):
        await gate.authorise(actor, "view-case", CASE)
    await _code(gate, "PC 1", "fly")

    async def seen(role: Role, actor: str, **only: Any) -> list[str]:
        grant = Grant(actor=actor, role=role, access_log_id="x")
        async with engine.connect() as conn:
            return sorted(entry.actor for entry in await entries(conn, grant, **only))

    assert await seen(Role.AUDITOR, "AUD 1") == ["DI 1", "PC 1", "PC 1", "PS 1"]
    assert await seen(Role.AUDITOR, "AUD 1", refused_only=True) == ["PC 1"]
    assert await seen(Role.AUDITOR, "AUD 1", subject=CASE, since=NOW) == ["DI 1", "PC 1", "PS 1"]
    assert await seen(Role.AUDITOR, "AUD 1", until=NOW) == []
    assert await seen(Role.SUPERVISOR, "PS 1") == ["PC 1", "PC 1", "PS 1"]
    assert await seen(Role.DALO, "PC 3") == []


async def test_an_empty_store_says_to_load_a_roster(gate: Gate, engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await conn.execute(delete(officer))
    with pytest.raises(Refused) as caught:
        await gate.authorise("PC 1", "view-case", CASE)
    assert "roster" in caught.value.remedy
