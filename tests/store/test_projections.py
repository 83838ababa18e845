"""Read models come out the same however their events were cut into batches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models.enums import ClockStatus
from models.events import Event
from store.projections import NewOwner, Upsert, apply, changes
from store.tables import (
    READ_MODELS,
    action,
    case,
    clock,
    contact,
    evidence_item,
    incident,
    task,
)
from tests.store import stories
from tests.store.stories import CASE, INCIDENT, START, event, write

REF = "CASE-2027-00001"
FIRST = (case, incident, clock, contact, evidence_item, action, task)
"""The tables that the two stories below write."""


def case_story() -> list[Event]:
    return [
        event(1, "case:changed", case_ref=REF, victim_ref="V1", state="ALLOCATED", dalo_id="D1"),
        event(2, "clock:started", clock=stories.clock("FC:1")),
        event(3, "clock:started", clock=stories.clock("FC:2")),
        event(4, "task:raised", task=stories.task("T:1", "D1")),
        event(5, "task:raised", task=stories.task("T:2", "D1")),
        event(6, "task:settled", task_id="T:1", kind="CALL"),
        event(7, "clock:met", clock=stories.clock("FC:1", status=ClockStatus.MET, ended_at=START)),
        event(8, "stream:owner:changed", old="D1", new="D2"),
        event(9, "case:changed", case_ref=REF, dalo_id="D2", over_capacity=True),
        event(
            10,
            "contact:attempt:recorded",
            case_ref=REF,
            at=START.isoformat(),
            channel="CALL",
            route="r1",
            result="NO_ANSWER",
            satisfied=False,
            safe=True,
            codes=["OUTSIDE_WINDOW"],
        ),
        event(11, "needs:action:added", action_id="A1", domain="HOUSING", action="LOCKS"),
        event(12, "needs:action:ended", action_id="A1", outcome="DONE"),
        event(13, "task:raised", task=stories.task("T:3", "D1")),
        event(14, "case:closed", case_ref=REF, reason="RISK_REDUCED"),
    ]


def incident_story() -> list[Event]:
    return [
        event(1, "clock:started", clock=stories.clock("GH:1")),
        event(2, "task:raised", task=stories.task("T:1", "D1")),
        event(3, "incident:changed", incident_ref="46-1-27", victim_ref="V1", case_ref=REF),
        event(4, "clock:started", clock=stories.clock("GH:2")),
        event(
            5,
            "evidence:item:required",
            item="RISK_ASSESSMENT",
            status="PENDING",
            due_at=START.isoformat(),
            golden=True,
        ),
        event(
            6,
            "evidence:item:recorded",
            item="RISK_ASSESSMENT",
            status="CAPTURED",
            at=START.isoformat(),
            by="D1",
            video={"offered": True},
        ),
        event(7, "incident:changed", golden_hour_result="PARTIAL", version=2),
    ]


async def rows(engine: AsyncEngine, table: Table) -> list[dict[str, Any]]:
    async with engine.connect() as conn:
        found = await conn.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]


async def play(engine: AsyncEngine, stream: str, story: list[Event], size: int) -> None:
    for start in range(0, len(story), size):
        part = story[start : start + size]
        await write(engine, stream, part, first_seq=part[0].seq)


@pytest.mark.parametrize("size", [1, 3, 50])
async def test_a_case_is_told_the_same_in_any_batches(engine: AsyncEngine, size: int) -> None:
    await play(engine, CASE, case_story(), size)
    (row,) = await rows(engine, case)
    assert (row["state"], row["dalo_id"], row["victim_ref"]) == ("CLOSED", "D2", "V1")
    assert row["over_capacity"] is True
    assert row["closed_at"] == START + timedelta(minutes=14)
    assert row["closure_reason"] == "RISK_REDUCED"
    clocks = {r["clock_id"]: r for r in await rows(engine, clock)}
    assert (clocks["FC:1"]["status"], clocks["FC:1"]["owner"]) == ("MET", "D1")
    assert (clocks["FC:2"]["status"], clocks["FC:2"]["owner"]) == ("OPEN", "D2")
    assert clocks["FC:2"]["limit"] == "E 24 h"
    assert clocks["FC:2"]["case_ref"] == REF
    assert clocks["FC:2"]["due_at"] == START + timedelta(hours=24)
    tasks = {r["task_id"]: (r["owner"], r["settled_at"]) for r in await rows(engine, task)}
    assert tasks == {
        "T:1": ("D1", START + timedelta(minutes=6)),
        "T:2": ("D2", None),
        "T:3": ("D1", None),
    }
    (attempt,) = await rows(engine, contact)
    assert (attempt["at"], attempt["codes"], attempt["seq"]) == (START, ["OUTSIDE_WINDOW"], 10)
    (done,) = await rows(engine, action)
    assert (done["domain"], done["outcome"]) == ("HOUSING", "DONE")
    assert done["ended_at"] - done["added_at"] == timedelta(minutes=1)


@pytest.mark.parametrize("size", [1, 3, 50])
async def test_what_an_incident_owns_carries_its_case(engine: AsyncEngine, size: int) -> None:
    await play(engine, INCIDENT, incident_story(), size)
    (row,) = await rows(engine, incident)
    assert (row["case_ref"], row["version"], row["golden_hour_result"]) == (REF, 2, "PARTIAL")
    owned = [*await rows(engine, clock), *await rows(engine, task)]
    assert [(r["case_ref"], r["incident_ref"], r["victim_ref"]) for r in owned] == [
        (REF, "46-1-27", "V1")
    ] * 3
    (item,) = await rows(engine, evidence_item)
    assert (item["status"], item["by"], item["due_at"]) == ("CAPTURED", "D1", START)
    assert item["details"] == {"golden": True, "video": {"offered": True}}


async def test_an_incident_reference_may_hold_slashes(engine: AsyncEngine) -> None:
    await write(
        engine,
        "incident/46/0012/27/V1",
        [event(1, "incident:changed", incident_ref="46/0012/27", victim_ref="V1")],
    )
    (row,) = await rows(engine, incident)
    assert (row["incident_ref"], row["victim_ref"]) == ("46/0012/27", "V1")


def test_unknown_tags_and_columns_change_nothing() -> None:
    assert changes(CASE, event(1, "some:later:thing", a=1)) == []
    (change,) = changes(CASE, event(1, "case:changed", case_ref=REF, colour="red", state="X"))
    assert change == Upsert("case", {"case_ref": REF, "state": "X"})
    assert changes(CASE, event(1, "stream:owner:changed", old="a", new="b")) == [
        NewOwner(CASE, "a", "b")
    ]


async def test_a_retry_of_a_batch_does_not_undo_what_came_after(engine: AsyncEngine) -> None:
    story = case_story()
    await play(engine, CASE, story, 50)
    before = [await rows(engine, table) for table in READ_MODELS]
    await write(engine, CASE, story[:5])
    assert [await rows(engine, table) for table in READ_MODELS] == before


async def test_rows_of_one_kind_travel_in_one_statement(engine: AsyncEngine) -> None:
    many = [Upsert("case", {"case_ref": f"C{n}", "state": "X"}) for n in range(500)]
    async with engine.begin() as conn:
        await apply(conn, many)
    assert len(await rows(engine, case)) == 500
