"""The watchdog finds what stands still, and keeps quiet when all is well."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from casework.telemetry import METRICS
from casework.temporal_server import TemporalServer
from casework.watchdog import Difference, Finding, check, round_of
from casework.watching import engine
from models.events import Effect, EffectKind
from store import outbox
from store.tables import case_register, clock, run_mark, task, victim_message
from tests.site import Site


async def started(site: Site, hour_ends_in: timedelta = timedelta(hours=1)) -> tuple[str, str]:
    """A case and its incident, running and recorded."""
    case, incident = await site.open(hour_ends_in)
    await site.runtime.relay_once()
    await site.settled(case, incident)
    return case, incident


def told(findings: list[Finding]) -> set[tuple[Difference, str]]:
    return {(finding.kind, finding.subject) for finding in findings}


async def listed(site: Site, *streams: str) -> None:
    """Wait until the engine's list, which runs a little behind, has these."""
    for _ in range(100):
        found = {
            w.id async for w in site.runtime.client.list_workflows("ExecutionStatus='Running'")
        }
        if found >= set(streams):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the engine's list does not come up to date")


def counted(kind: Difference) -> float | None:
    labels = {"kind": kind.value}
    return METRICS.registry.get_sample_value("dalo_watchdog_findings", labels)


async def mark(site: Site) -> list[dict[str, str]]:
    query = select(run_mark.c.value).where(run_mark.c.name == "watchdog")
    async with site.runtime.engine.connect() as conn:
        value: str = (await conn.execute(query)).scalar_one()
    found: list[dict[str, str]] = json.loads(value)
    return found


async def test_nothing_is_found_when_all_is_well(site: Site) -> None:
    await started(site)
    await started(site)
    assert await round_of(site.runtime) == []
    assert await check(site.runtime, share=1.0) == []
    assert await mark(site) == []
    assert {counted(kind) for kind in Difference} == {0.0}


async def test_a_stopped_workflow_is_found_counted_and_put_on_the_board(site: Site) -> None:
    case, incident = await started(site)
    await started(site)
    await site.handle(case).terminate()
    while (Difference.CASE_WITHOUT_WORKFLOW, case) not in told(await round_of(site.runtime)):
        await asyncio.sleep(0.05)
    assert told(await check(site.runtime)) == {(Difference.CASE_WITHOUT_WORKFLOW, case)}
    assert counted(Difference.CASE_WITHOUT_WORKFLOW) == 1.0
    assert [(f["kind"], f["subject"]) for f in await mark(site)] == [
        ("CASE_WITHOUT_WORKFLOW", case)
    ]
    assert incident


async def test_a_stopped_incident_of_an_open_case_is_found(site: Site) -> None:
    _, incident = await started(site)
    await site.handle(incident).terminate()
    found = await check(site.runtime, share=1.0)
    assert told(found) == {(Difference.INCIDENT_WITHOUT_WORKFLOW, incident)}


async def test_a_workflow_whose_case_is_closed_in_the_register_is_found(site: Site) -> None:
    case, _ = await started(site)
    await listed(site, case)
    closed_at = site.now() - timedelta(hours=1)
    async with site.runtime.engine.begin() as conn:
        await conn.execute(update(case_register).values(closed_at=closed_at))
    assert told(await check(site.runtime)) == {(Difference.WORKFLOW_WITHOUT_CASE, case)}


async def test_a_clock_that_did_not_fire_is_found_until_it_has(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, incident = await started(site, timedelta(seconds=3))
    await site.stop_worker()
    due = await _golden_hour(site, incident)
    assert due > site.now()
    await asyncio.sleep((due - site.now()).total_seconds() + 0.5)
    # Within the grace that a restart may take nothing is said.
    assert await check(site.runtime, share=0) == []
    found = await check(site.later(minutes=3), share=0)
    assert (Difference.CLOCK_NOT_FIRED, incident) in told(found)
    assert due in {finding.since for finding in found}
    monkeypatch.setattr(engine, "ANSWER_WITHIN", timedelta(seconds=1))
    silent = await check(site.runtime, share=1.0)
    assert {kind for kind, _ in told(silent)} == {Difference.NO_ANSWER}
    await site.start_worker()
    while await check(site.later(minutes=3), share=0):
        await asyncio.sleep(0.1)


async def _golden_hour(site: Site, incident: str) -> datetime:
    query = select(clock.c.due_at).where(
        clock.c.stream == incident, clock.c.clock_type == "GOLDEN_HOUR"
    )
    async with site.runtime.engine.connect() as conn:
        found: datetime = (await conn.execute(query)).scalar_one()
    return found


async def test_clocks_that_differ_are_found_and_named(site: Site) -> None:
    case, _ = await started(site)
    change = update(clock).where(clock.c.stream == case, clock.c.clock_type == "CASE_REVIEW")
    async with site.runtime.engine.begin() as conn:
        await conn.execute(change.values(due_at=clock.c.due_at + timedelta(hours=1)))
    found = await check(site.runtime, share=1.0)
    assert told(found) == {(Difference.CLOCKS_DIFFER, case)}
    assert "CASE_REVIEW:1" in found[0].detail


async def test_an_incident_is_compared_after_its_case_has_closed(site: Site) -> None:
    case, incident = await started(site)
    ref = case.partition("/")[2]
    change = update(clock).where(clock.c.stream == incident, clock.c.clock_type == "GOLDEN_HOUR")
    async with site.runtime.engine.begin() as conn:
        closed = update(case_register).where(case_register.c.case_ref == ref)
        await conn.execute(closed.values(closed_at=site.now()))
        await conn.execute(change.values(due_at=clock.c.due_at + timedelta(hours=1)))
    assert told(await check(site.runtime, share=1.0)) == {(Difference.CLOCKS_DIFFER, incident)}


@pytest.mark.parametrize("state", ["QUEUED", "SENDING"])
async def test_a_message_to_a_victim_whose_end_nobody_knows_is_found(
    site: Site, state: str
) -> None:
    values = {
        "message_id": "VM-1",
        "case_ref": "CASE-2027-00001",
        "channel": "SMS",
        "route": "r1",
        "wording_ref": "NEUTRAL_RING",
    }
    made = insert(victim_message).values(**values, state=state, created_at=site.now())
    async with site.runtime.engine.begin() as conn:
        await conn.execute(made)
    assert await check(site.later(minutes=14)) == []
    found = await check(site.later(minutes=16))
    assert told(found) == {(Difference.VICTIM_MESSAGE_OLD, "case/CASE-2027-00001")}
    async with site.runtime.engine.begin() as conn:
        await conn.execute(update(victim_message).values(state="SENT", finished_at=site.now()))
    assert await check(site.later(minutes=16)) == []


async def test_what_nobody_answers_for_is_found_and_no_person_named(site: Site) -> None:
    common = {"case_ref": "CASE-2027-00001", "command": "", "why": "", "raised_at": site.now()}
    owners = ("PC 7001", "PC 7002", "PC 7002", "", "IDVA_PARTNER@Medway", "SUPERVISOR@Medway")
    rows = [
        {"stream": "case/CASE-2027-00001", "task_id": f"X:{n}", "kind": "X", "owner": who, **common}
        for n, who in enumerate(owners)
    ]
    async with site.runtime.engine.begin() as conn:
        await conn.execute(insert(task), rows)
    found = await check(site.runtime)
    assert told(found) == {
        (Difference.NOBODY_ANSWERS, "people"),
        (Difference.NOBODY_ANSWERS, "IDVA_PARTNER@Medway"),
    }
    (people,) = (each for each in found if each.subject == "people")
    assert people.detail.startswith("4 open tasks and clocks have owners without an account: 3")
    assert "7001" not in str(people)
    async with site.runtime.engine.begin() as conn:
        await conn.execute(update(task).values(settled_at=site.now()))
    assert await check(site.runtime) == []


async def test_an_old_message_is_found_and_a_young_one_is_not(site: Site) -> None:
    effects = [Effect(effect_id="free:1", kind=EffectKind.FREE_PLACE, target="Medway")]
    async with site.runtime.engine.begin() as conn:
        await outbox.put(conn, "case/CASE-2027-00001", effects, site.now())
    assert await check(site.runtime) == []
    assert told(await round_of(site.later(minutes=3))) == {(Difference.OUTBOX_OLD, "Medway")}
    assert METRICS.registry.get_sample_value("dalo_outbox_waiting") == 1.0
    age = METRICS.registry.get_sample_value("dalo_outbox_oldest_seconds")
    assert age is not None
    assert age >= 180.0


async def test_an_engine_that_does_not_answer_is_a_finding_beside_the_others(
    site: Site, server: TemporalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ANSWER_WITHIN", timedelta(seconds=1))
    await site.open()
    os.kill(server.record.pid, signal.SIGSTOP)
    try:
        found = await check(site.later(minutes=3))
    finally:
        os.kill(server.record.pid, signal.SIGCONT)
    assert (Difference.NO_ANSWER, "engine") in told(found)
    assert Difference.OUTBOX_OLD in {finding.kind for finding in found}
