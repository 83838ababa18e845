"""Closure and intake meet at the victim's register lock."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.ledger import LedgerActivities
from models.events import CloseRequest, CloseResult
from models.ids import victim_stream
from store.closing import close_case, final_state_place
from store.ledger import LedgerDiverged, events_of, lock_stream
from store.tables import case, case_register, report
from tests.store.stories import CASE, START, event, events, ring, write

REF = CASE.removeprefix("case/")


async def register(conn: AsyncConnection, ref: str = REF) -> None:
    await conn.execute(
        insert(case_register).values(
            case_ref=ref,
            victim_ref="V1",
            area="Medway",
            state="ALLOCATED",
            priority_score=1,
            risk_grade="HIGH",
            opened_at=START,
        )
    )


async def link(conn: AsyncConnection, incident_ref: str) -> None:
    await conn.execute(
        insert(report).values(
            incident_ref=incident_ref,
            victim_ref="V1",
            version=1,
            reported_at=START,
            district="Medway",
            outcome="LINKED_TO_OPEN_CASE",
            standing="LINKED_TO_OPEN_CASE",
            received_at=START,
            eligible_but_for_area=True,
            eligibility_reason="REPEAT",
            allocation_arm="PILOT",
            policy_version="p@1",
            case_ref=REF,
            facts={},
        )
    )


async def opened(engine: AsyncEngine) -> None:
    await write(engine, CASE, events(2))
    async with engine.begin() as conn:
        await register(conn)
        await link(conn, "I-1")


def request(seen: list[str], seq: int = 3) -> CloseRequest:
    return CloseRequest(
        case_ref=REF,
        victim_ref="V1",
        event=event(seq, "case:closed", case_ref=REF, reason="RISK_REDUCED"),
        seen_incidents=seen,
        final_state={"next_seq": 4},
    )


async def close(engine: AsyncEngine, what: CloseRequest) -> CloseResult:
    async with engine.begin() as conn:
        return await close_case(conn, ring(engine), what)


async def row_of(engine: AsyncEngine, table: Any) -> Any:
    async with engine.connect() as conn:
        return (await conn.execute(select(table))).one()


async def test_closure_writes_register_ledger_and_read_model_together(
    engine: AsyncEngine,
) -> None:
    await opened(engine)
    result = await close(engine, request(["I-1", "I-0"]))
    assert (result.closed, result.head_seq) == (True, 3)
    row = await row_of(engine, case_register)
    assert (row.state, row.closed_at) == ("CLOSED", request([]).event.recorded_at)
    key = await ring(engine).get(CASE)
    assert b"next_seq" not in row.final_state
    assert key.decrypt(row.final_state, final_state_place(REF)) == b'{"next_seq": 4}'
    assert (await row_of(engine, case)).closure_reason == "RISK_REDUCED"
    assert await close(engine, request(["I-1", "I-0"])) == result


async def test_an_incident_not_seen_keeps_the_case_open(engine: AsyncEngine) -> None:
    await opened(engine)
    async with engine.begin() as conn:
        await link(conn, "I-2")
    result = await close(engine, request(["I-1"]))
    assert (result.closed, result.head_seq) == (False, 2)
    assert (await row_of(engine, case_register)).closed_at is None
    async with engine.connect() as conn:
        assert len(await events_of(conn, CASE)) == 2


async def test_closure_waits_for_an_intake_that_links_an_incident(engine: AsyncEngine) -> None:
    await opened(engine)
    async with engine.connect() as intake:
        await lock_stream(intake, victim_stream("V1"))
        closing = asyncio.create_task(close(engine, request(["I-1"])))
        await link(intake, "I-2")
        await asyncio.sleep(0.05)
        assert not closing.done()
        await intake.commit()
    assert not (await closing).closed


async def test_a_closed_case_is_not_closed_by_another_event(engine: AsyncEngine) -> None:
    await opened(engine)
    await close(engine, request(["I-1"]))
    other = request(["I-1"])
    changed = other.model_copy(update={"event": event(3, "case:closed", reason="DIED")})
    with pytest.raises(LedgerDiverged):
        await close(engine, changed)


async def test_an_unknown_case_fails_with_its_code(engine: AsyncEngine) -> None:
    with pytest.raises(ApplicationError) as refused:
        await ActivityEnvironment().run(
            LedgerActivities(engine, ring(engine)).close_case, request([])
        )
    assert refused.value.type == "UNKNOWN_CASE"


async def test_a_victim_has_one_open_case(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await register(conn)
    with pytest.raises(IntegrityError):
        async with engine.begin() as conn:
            await register(conn, "CASE-2027-00002")
    async with engine.begin() as conn:
        await conn.execute(update(case_register).values(closed_at=START))
        await register(conn, "CASE-2027-00002")
