"""Merging two references: who may keep what, aliases, a child without a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models import registry
from models.base import Refused
from models.report import Report, ReportSecrets
from store.child_tasks import sent
from store.intake import IntakeStore, RowResult
from store.intake_plan import Stamp
from store.merging import Merge, Merged, merge
from store.rebuild import compare
from store.registering import follow
from store.secrets import SecretStore
from store.tables import case, identity, outbox, report, task, victim_alias
from tests.models.play import a_report
from tests.store.stories import ring

NOW = datetime(2027, 5, 11, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    report: Report
    secrets: ReportSecrets


async def take(engine: AsyncEngine, incident: str, victim: str, **changes: Any) -> RowResult:
    """One row; a victim who had reported before gets a case."""
    registry.load_shipped()
    at = changes.pop("reported_at", NOW - timedelta(hours=1))
    given = a_report(at, incident_ref=incident, victim_ref=victim, **changes)
    stamp = Stamp(
        now=NOW,
        policy=registry.current_policy(),
        calendar_version=registry.current_calendar().version,
        actor="SVC-INTAKE",
        role="SYSTEM",
    )
    row = Row(given, ReportSecrets(victim_name="Fictional Person", victim_phone="07700 900000"))
    async with engine.begin() as conn:
        return (await IntakeStore(ring(engine)).take_rows(conn, [row], stamp, history=False))[0]


async def opened(engine: AsyncEngine, victim: str) -> str:
    number = victim[-1]
    before = NOW - timedelta(days=20)
    await take(engine, f"46/{number}0/27", victim, reported_at=before)
    taken = await take(engine, f"46/{number}1/27", victim)
    return taken.case_ref


async def merged(engine: AsyncEngine, kept: str, gone: str) -> Merged:
    asked = Merge(
        kept=kept, merged=gone, reason="SAME_PERSON", decided_by="PS 1", role="SUPERVISOR", at=NOW
    )
    async with engine.begin() as conn:
        return await merge(conn, ring(engine), asked, registry.current_policy())


async def code(engine: AsyncEngine, kept: str, gone: str) -> str:
    with pytest.raises(Refused) as refused:
        await merged(engine, kept, gone)
    return refused.value.code


async def rows(engine: AsyncEngine, table: Any) -> list[Any]:
    async with engine.connect() as conn:
        return list(await conn.execute(select(table)))


async def test_refusals_change_nothing(engine: AsyncEngine) -> None:
    case_ref = await opened(engine, "VIC-1")
    assert case_ref
    await take(engine, "46/20/27", "VIC-2")
    assert await code(engine, "VIC-1", "VIC-1") == "SAME_REFERENCE"
    assert await code(engine, "VIC-1", "VIC-9") == "UNKNOWN_REFERENCE"
    assert await code(engine, "VIC-2", "VIC-1") == "KEEP_THE_OPEN_CASE"
    assert await rows(engine, victim_alias) == []
    await merged(engine, "VIC-1", "VIC-2")
    assert await code(engine, "VIC-1", "VIC-2") == "ALREADY_MERGED"


async def test_a_case_of_the_first_release_is_renewed_before_it_is_merged(
    engine: AsyncEngine,
) -> None:
    case_ref = await opened(engine, "VIC-1")
    await opened(engine, "VIC-2")
    first = next(v for v in registry.policy_versions() if v.startswith("kent-1@"))
    async with engine.begin() as conn:
        values = {"case_ref": case_ref, "victim_ref": "VIC-1", "state": "ALLOCATED"}
        await conn.execute(insert(case).values(**values, policy_version=first, opened_at=NOW))
    assert await code(engine, "VIC-1", "VIC-2") == "NOT_RENEWED"


async def test_later_reports_under_the_old_reference_join_the_kept_case(
    engine: AsyncEngine,
) -> None:
    kept = await opened(engine, "VIC-1")
    await take(engine, "46/20/27", "VIC-2")
    found = await merged(engine, "VIC-1", "VIC-2")
    assert (found.kept_case, found.closing_case) == (kept, "")
    later = await take(engine, "46/29/27", "VIC-2")
    assert (later.victim_ref, later.outcome) == ("VIC-1", "LINKED_TO_OPEN_CASE")


async def test_reports_of_both_references_count_towards_one_persons_repeats(
    engine: AsyncEngine,
) -> None:
    before = NOW - timedelta(days=20)
    await take(engine, "46/10/27", "VIC-1", reported_at=before)
    await take(engine, "46/20/27", "VIC-2", reported_at=before)
    await merged(engine, "VIC-1", "VIC-2")
    taken = await take(engine, "46/30/27", "VIC-1")
    assert taken.outcome == "CASE_OPENED"


async def test_a_merge_of_merged_references_leads_to_the_last_one(engine: AsyncEngine) -> None:
    for number in (1, 2, 3):
        await take(engine, f"46/{number}0/27", f"VIC-{number}")
    await merged(engine, "VIC-2", "VIC-3")
    await merged(engine, "VIC-1", "VIC-2")
    assert {row.merged_ref: row.kept_ref for row in await rows(engine, victim_alias)} == {
        "VIC-3": "VIC-1",
        "VIC-2": "VIC-1",
    }


async def test_a_name_that_only_the_other_reference_had_is_kept_under_the_kept_ones_key(
    engine: AsyncEngine,
) -> None:
    secrets = SecretStore(ring(engine))
    for number in (1, 2, 3):
        await take(engine, f"46/{number}0/27", f"VIC-{number}")
    async with engine.begin() as conn:
        await conn.execute(delete(identity).where(identity.c.victim_ref == "VIC-1"))
        await secrets.save_route(conn, "VIC-1", "r1", "safe@home.example", NOW)
        await secrets.save_route(conn, "VIC-2", "r2", "other@home.example", NOW)
    await merged(engine, "VIC-1", "VIC-2")
    await ring(engine).destroy("victim/VIC-2")
    reading = SecretStore(ring(engine))
    async with engine.begin() as conn:
        assert await reading.read_identity(conn, "VIC-1") == ("Fictional Person", "07700 900000")
        assert await reading.read_routes(conn, "VIC-1") == {"r1": "safe@home.example"}
        assert "VIC-1" in await reading.find(conn, name="Fictional Person")


async def test_a_name_that_the_kept_reference_has_is_not_replaced(engine: AsyncEngine) -> None:
    secrets = SecretStore(ring(engine))
    for number in (1, 2):
        await take(engine, f"46/{number}0/27", f"VIC-{number}")
    async with engine.begin() as conn:
        said = ReportSecrets(victim_name="Invented Other")
        await secrets.save_report_secrets(conn, "VIC-2", "46/20/27", 2, said, NOW)
    await merged(engine, "VIC-1", "VIC-2")
    async with engine.begin() as conn:
        assert await secrets.read_identity(conn, "VIC-1") == ("Fictional Person", "07700 900000")


async def test_two_open_cases_are_told_and_their_reports_are_one_cases(engine: AsyncEngine) -> None:
    kept, gone = await opened(engine, "VIC-1"), await opened(engine, "VIC-2")
    found = await merged(engine, "VIC-1", "VIC-2")
    assert (found.kept_case, found.closing_case) == (kept, gone)
    assert {row.case_ref for row in await rows(engine, report) if row.case_ref} == {kept}
    told = [row.target for row in await rows(engine, outbox) if row.effect_id.startswith("merge:")]
    assert told == [f"case/{gone}"]


async def test_the_locks_on_the_person_go_with_a_merge(engine: AsyncEngine) -> None:
    kept = await opened(engine, "VIC-1")
    gone = await opened(engine, "VIC-2")
    conflict = {
        "officer_id": "PC 7",
        "reason_code": "RELATIVE",
        "declared_at": NOW.isoformat(),
        "declared_by": "PC 7",
    }
    async with engine.begin() as conn:
        await follow(conn, gone, {"conflict": conflict, "restricted": True})
    await merged(engine, "VIC-1", "VIC-2")
    (told,) = [row for row in await rows(engine, outbox) if row.effect_id.startswith("merge:")]
    assert told.payload["kept_case_ref"] == kept
    assert (told.payload["conflicts"], told.payload["restricted"]) == (["PC 7"], True)


async def test_a_child_without_a_case_is_a_task_of_the_districts_supervisors(
    engine: AsyncEngine,
) -> None:
    await take(engine, "46/40/27", "VIC-4", victim_age=14)
    (made,) = await rows(engine, task)
    assert (made.kind, made.owner) == ("UNDER_16", "SUPERVISOR@Medway")
    assert made.command == "dalo child-referral-sent 46/40/27/VIC-4"
    assert made.due_at == NOW + timedelta(hours=24)
    for at, expected in (
        (NOW + timedelta(hours=2), "IN_FUTURE"),
        (NOW - timedelta(hours=2), "BEFORE_OCCURRENCE"),
    ):
        with pytest.raises(Refused) as refused:
            async with engine.begin() as conn:
                later = NOW + timedelta(hours=1)
                await sent(conn, "46/40/27", "VIC-4", at, later, "PS 1", "SUPERVISOR")
        assert refused.value.code == expected
    async with engine.begin() as conn:
        await sent(conn, "46/40/27", "VIC-4", NOW, NOW, "PS 1", "SUPERVISOR")
    (settled,) = await rows(engine, task)
    assert settled.settled_at == NOW
    assert await compare(engine) == []
    with pytest.raises(Refused) as again:
        async with engine.begin() as conn:
            await sent(conn, "46/40/27", "VIC-4", NOW, NOW, "PS 1", "SUPERVISOR")
    assert again.value.code == "NO_CHILD_TASK"
