"""Verification tells what somebody with every right over the database did to the ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models.events import Event
from store.ledger import chain_hash, encode_event, lock_stream
from store.seal import Block, block_hash, export, read_export, seal
from store.tables import case_register, ledger_block, ledger_event, ledger_position, stream_head
from store.verify import Finding, FindingKind, RunningHead, verify
from tests.store.stories import CASE, INCIDENT, START, events, write

OTHER = "case/CASE-2027-00002"


async def tamper(engine: AsyncEngine, *statements: str) -> None:
    """What a superuser can do: the trigger is off for the session."""
    async with engine.begin() as conn:
        for statement in ("SET LOCAL session_replication_role = replica", *statements):
            await conn.exec_driver_sql(statement)


async def three_streams(engine: AsyncEngine, *, sealed: bool) -> Block | None:
    for stream in (CASE, OTHER, INCIDENT):
        await write(engine, stream, events(5))
    return await seal(engine, START) if sealed else None


def places(found: list[Finding]) -> set[tuple[str, str, int]]:
    return {(f.kind.value, f.stream, f.seq) for f in found}


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_whole_ledger_has_no_findings(engine: AsyncEngine, sealed: bool) -> None:
    await three_streams(engine, sealed=sealed)
    async with engine.begin() as conn:
        await lock_stream(conn, "victim/V9")
    assert await verify(engine) == []


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        """header = replace(header, '"n":3', '"n":4')""",
        "actor = 'somebody else'",
        "recorded_at = recorded_at - interval '1 hour'",
        "header = '{}'",
    ],
)
async def test_an_altered_event_is_found(engine: AsyncEngine, sealed: bool, change: str) -> None:
    await three_streams(engine, sealed=sealed)
    await tamper(engine, f"UPDATE ledger_event SET {change} WHERE stream = '{CASE}' AND seq = 3")
    found = await verify(engine)
    assert [(f.stream, f.seq) for f in found] == [(CASE, 3)]
    assert found[0].kind in {FindingKind.ALTERED, FindingKind.REORDERED}


async def test_a_stream_rewritten_with_all_its_hashes_is_found_behind_the_seal(
    engine: AsyncEngine,
) -> None:
    await three_streams(engine, sealed=True)
    await forge(engine, CASE, events(5, note="forged"))
    assert ("BLOCK_BROKEN", "", 1) in places(await verify(engine))


async def forge(engine: AsyncEngine, stream: str, what: list[Event]) -> None:
    """Rewrite a stream so that its own chain and its head row hold."""
    prev = ""
    statements = []
    for event in what:
        header = encode_event(stream, event)
        now = chain_hash(prev, header)
        statements.append(
            f"UPDATE ledger_event SET header = $q${header.decode()}$q$, prev_hash = '{prev}', "
            f"hash = '{now}' WHERE stream = '{stream}' AND seq = {event.seq}"
        )
        prev = now
    statements.append(f"UPDATE stream_head SET hash = '{prev}' WHERE stream = '{stream}'")
    await tamper(engine, *statements)


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_missing_event_is_found(engine: AsyncEngine, sealed: bool) -> None:
    await three_streams(engine, sealed=sealed)
    await tamper(engine, f"DELETE FROM ledger_event WHERE stream = '{CASE}' AND seq = 3")
    assert places(await verify(engine)) == {("MISSING_EVENT", CASE, 3)}


@pytest.mark.parametrize("sealed", [False, True])
async def test_reordered_events_are_found(engine: AsyncEngine, sealed: bool) -> None:
    await three_streams(engine, sealed=sealed)
    await tamper(
        engine,
        f"UPDATE ledger_event SET seq = 90 WHERE stream = '{CASE}' AND seq = 2",
        f"UPDATE ledger_event SET seq = 2 WHERE stream = '{CASE}' AND seq = 3",
        f"UPDATE ledger_event SET seq = 3 WHERE stream = '{CASE}' AND seq = 90",
    )
    found = places(await verify(engine))
    assert {("REORDERED", CASE, 2), ("REORDERED", CASE, 3)} <= found


@pytest.mark.parametrize("head_too", [False, True])
async def test_a_cut_tail_is_found_behind_the_seal_even_if_the_head_was_cut_too(
    engine: AsyncEngine, head_too: bool
) -> None:
    await three_streams(engine, sealed=True)
    await tamper(engine, *cut(CASE, 4, head_too=head_too))
    assert ("CUT_TAIL", CASE, 4) in places(await verify(engine))


def cut(stream: str, first: int, *, head_too: bool) -> list[str]:
    """Delete a stream's events from `first` on, and what points at them."""
    statements = [f"DELETE FROM ledger_event WHERE stream = '{stream}' AND seq >= {first}"]
    if head_too and first == 1:
        statements.append(f"DELETE FROM stream_head WHERE stream = '{stream}'")
    elif head_too:
        last = f"SELECT hash FROM ledger_event WHERE stream = '{stream}' AND seq = {first - 1}"
        values = f"seq = {first - 1}, sealed_seq = least(sealed_seq, {first - 1})"
        statements.append(
            f"UPDATE stream_head SET {values}, hash = ({last}) WHERE stream = '{stream}'"
        )
    return statements


@pytest.mark.parametrize("head_too", [False, True])
async def test_a_missing_stream_is_found_behind_the_seal_even_without_its_head(
    engine: AsyncEngine, head_too: bool
) -> None:
    await three_streams(engine, sealed=True)
    await tamper(engine, *cut(CASE, 1, head_too=head_too))
    assert places(await verify(engine)) == {("MISSING_STREAM", CASE, 1)}


async def test_a_cut_position_is_found(engine: AsyncEngine) -> None:
    await three_streams(engine, sealed=True)
    await tamper(engine, "DELETE FROM ledger_position WHERE position = 15")
    assert places(await verify(engine)) == {("BLOCK_BROKEN", "", 1)}


async def test_a_broken_chain_of_blocks_is_found(engine: AsyncEngine) -> None:
    await three_streams(engine, sealed=True)
    await write(engine, CASE, events(1, first=6), first_seq=6)
    await seal(engine, START + timedelta(minutes=1))
    await tamper(engine, "UPDATE ledger_block SET sealed_at = sealed_at - interval '1 day'")
    assert places(await verify(engine)) == {("BLOCK_BROKEN", "", 1), ("BLOCK_BROKEN", "", 2)}


async def test_an_exported_chain_shows_a_deleted_last_block(engine: AsyncEngine) -> None:
    await three_streams(engine, sealed=True)
    copy = read_export([line async for line in export(engine)])
    assert await verify(engine, exported=copy) == []
    await tamper(
        engine,
        "DELETE FROM ledger_block",
        "DELETE FROM ledger_position",
        "UPDATE stream_head SET sealed_seq = 0",
    )
    assert await verify(engine) == []
    assert places(await verify(engine, exported=copy)) == {("BLOCK_BROKEN", "", 1)}


async def head(engine: AsyncEngine, stream: str, seq: int) -> str:
    async with engine.connect() as conn:
        found = await conn.scalar(
            select(ledger_event.c.hash).where(
                ledger_event.c.stream == stream, ledger_event.c.seq == seq
            )
        )
    return str(found)


async def test_a_running_workflow_shows_what_was_done_to_events_not_sealed_yet(
    engine: AsyncEngine,
) -> None:
    await three_streams(engine, sealed=False)
    heads = {
        stream: RunningHead(6, 5, await head(engine, stream, 5))
        for stream in (CASE, OTHER, INCIDENT)
    }

    async def running(stream: str) -> RunningHead | None:
        return heads.get(stream)

    assert await verify(engine, running) == []
    await tamper(engine, *cut(CASE, 5, head_too=True))
    await forge(engine, OTHER, events(5, note="forged"))
    assert await verify(engine) == []
    assert places(await verify(engine, running)) == {
        ("CUT_TAIL", CASE, 5),
        ("WORKFLOW_DIFFERS", OTHER, 5),
    }


async def test_an_open_case_whose_whole_stream_is_gone_is_found(engine: AsyncEngine) -> None:
    await write(engine, CASE, events(5))
    async with engine.begin() as conn:
        await conn.execute(
            insert(case_register).values(
                case_ref=CASE.removeprefix("case/"),
                victim_ref="V1",
                area="Medway",
                state="ALLOCATED",
                priority_score=1,
                risk_grade="HIGH",
                opened_at=START,
            )
        )
    known = await head(engine, CASE, 5)
    await tamper(engine, *cut(CASE, 1, head_too=True))

    async def running(_stream: str) -> RunningHead | None:
        return RunningHead(5, 5, known)

    assert places(await verify(engine, running)) == {("MISSING_STREAM", CASE, 1)}


async def test_events_that_a_running_workflow_never_made_are_found(engine: AsyncEngine) -> None:
    await write(engine, CASE, events(5))

    async def running(_stream: str) -> RunningHead | None:
        return RunningHead(4, 4, await head(engine, CASE, 4))

    assert places(await verify(engine, running)) == {("WORKFLOW_DIFFERS", CASE, 5)}


async def test_positions_are_gapless_and_keep_each_streams_order(engine: AsyncEngine) -> None:
    await three_streams(engine, sealed=True)
    for stream in (INCIDENT, CASE):
        await write(engine, stream, events(3, first=6), first_seq=6)
    second = await seal(engine, START)
    assert second is not None
    assert (second.number, second.first_position, second.count) == (2, 16, 6)
    assert block_hash(second) == second.hash
    assert await seal(engine, START) is None
    async with engine.connect() as conn:
        rows = (await conn.execute(select(ledger_position).order_by(ledger_position.c[0]))).all()
        number_of_blocks = len((await conn.execute(select(ledger_block.c.number))).all())
    assert [row.position for row in rows] == list(range(1, 22))
    assert number_of_blocks == 2
    for stream, last in ((CASE, 8), (OTHER, 5), (INCIDENT, 8)):
        assert [r.seq for r in rows if r.stream == stream] == list(range(1, last + 1))


async def test_a_stream_being_written_waits_for_the_next_block(engine: AsyncEngine) -> None:
    await three_streams(engine, sealed=False)
    async with engine.begin() as conn:
        await lock_stream(conn, CASE)
        first = await seal(engine, START)
    second = await seal(engine, START)
    assert first is not None
    assert second is not None
    assert set(first.heads) == {OTHER, INCIDENT}
    assert set(second.heads) == {CASE}
    assert await verify(engine) == []
    async with engine.connect() as conn:
        unsealed = select(stream_head).where(stream_head.c.seq > stream_head.c.sealed_seq)
        assert (await conn.execute(unsealed)).all() == []


async def test_an_export_that_was_damaged_names_its_line() -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_export(["", "{}"])
