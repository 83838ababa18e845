"""Recording: numbered, chained, once, together with effects, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event as listen
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.ledger import LedgerActivities
from models.events import Effect, EffectKind
from store.ledger import (
    LedgerDiverged,
    append_events,
    encode_event,
    events_of,
    events_of_command,
    events_tagged,
)
from store.tables import ledger_event, outbox, stream_head
from tests.store.stories import CASE, INCIDENT, batch, clock, event, events, ring, task, write

EFFECT = Effect(effect_id="told/1", kind=EffectKind.TELL, target=INCIDENT, payload={"a": 1})


async def count(engine: AsyncEngine, table: Any) -> int:
    async with engine.connect() as conn:
        return int(await conn.scalar(select(func.count()).select_from(table)) or 0)


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    listen.listen(engine.sync_engine, "before_cursor_execute", note)
    yield sent
    listen.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_events_come_back_as_they_were_written_and_chain(engine: AsyncEngine) -> None:
    written = events(3, note="x\u0000é\u2028")
    result = await write(engine, CASE, written)
    async with engine.connect() as conn:
        assert await events_of(conn, CASE) == written
        rows = (await conn.execute(select(ledger_event).order_by(ledger_event.c.seq))).all()
    prev = ""
    for row, was in zip(rows, written, strict=True):
        assert row.header.encode() == encode_event(CASE, was)
        assert row.prev_hash == prev
        prev = hashlib.sha256(prev.encode() + row.header.encode()).hexdigest()
        assert row.hash == prev
    assert (result.head_seq, result.head_hash) == (3, prev)


async def test_a_retry_changes_nothing_and_gives_the_same_head(engine: AsyncEngine) -> None:
    first = await write(engine, CASE, events(3), effects=[EFFECT])
    again = await write(engine, CASE, events(3), effects=[EFFECT])
    assert again == first
    assert await count(engine, ledger_event) == 3
    assert await count(engine, outbox) == 1


async def test_a_batch_that_overlaps_what_is_stored_adds_only_the_rest(
    engine: AsyncEngine,
) -> None:
    await write(engine, CASE, events(3))
    result = await write(engine, CASE, events(4, first=2), first_seq=2)
    assert result.head_seq == 5
    async with engine.connect() as conn:
        assert await events_of(conn, CASE) == events(5)


@pytest.mark.parametrize(
    ("what", "first_seq"),
    [
        (events(3, note="other"), 1),
        (events(2, first=3, note="other"), 3),
        (events(1, first=5), 5),
        (events(1, first=4), 3),
    ],
    ids=["other first", "other last", "gap", "wrong number"],
)
async def test_divergence_is_refused_and_writes_nothing(
    engine: AsyncEngine, what: list[Any], first_seq: int
) -> None:
    before = await write(engine, CASE, events(3))
    with pytest.raises(LedgerDiverged):
        await write(engine, CASE, what, first_seq=first_seq, effects=[EFFECT])
    assert await write(engine, CASE, events(3)) == before
    assert await count(engine, ledger_event) == 3
    assert await count(engine, outbox) == 0


async def test_the_activity_raises_the_alarm_where_the_ledger_diverged(
    engine: AsyncEngine,
) -> None:
    activities = LedgerActivities(engine, ring(engine))
    run = ActivityEnvironment().run
    done = await run(activities.record, batch(CASE, events(2), [EFFECT]))
    assert done.head_seq == 2
    with pytest.raises(ApplicationError) as refused:
        await run(activities.record, batch(CASE, events(2, note="other")))
    assert refused.value.type == "LEDGER_DIVERGED"
    async with engine.connect() as conn:
        assert await events_of(conn, CASE) == events(2)


async def test_unnumbered_events_follow_the_head(engine: AsyncEngine) -> None:
    await write(engine, "victim/V1", events(2), first_seq=None)
    result = await write(engine, "victim/V1", events(2), first_seq=None)
    assert result.head_seq == 4


async def test_writers_of_one_stream_take_turns(engine: AsyncEngine) -> None:
    await asyncio.gather(*(write(engine, "victim/V1", events(1), first_seq=None) for _ in range(8)))
    async with engine.connect() as conn:
        stored = await events_of(conn, "victim/V1")
    assert [e.seq for e in stored] == list(range(1, 9))


async def test_events_and_head_vanish_with_their_transaction(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        await append_events(conn, CASE, 1, events(2))
        await conn.rollback()
    assert await count(engine, ledger_event) == 0
    assert await count(engine, stream_head) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_event SET actor = 'X'",
        "DELETE FROM ledger_event",
        "TRUNCATE ledger_event",
        "DELETE FROM ledger_position",
        "TRUNCATE ledger_block",
        "UPDATE access_log SET reason = ''",
        "DELETE FROM access_log",
    ],
)
async def test_ledger_and_access_log_refuse_everything_but_inserts(
    engine: AsyncEngine, statement: str
) -> None:
    await write(engine, CASE, events(2))
    with pytest.raises(ProgrammingError, match="append-only"):
        async with engine.begin() as conn:
            await conn.execute(text(statement))
    assert await count(engine, ledger_event) == 2


async def test_an_ordinary_command_takes_at_most_six_statements(engine: AsyncEngine) -> None:
    await write(engine, CASE, events(1))
    what = [
        event(2, "contact:attempt:recorded", channel="CALL", result="NO_ANSWER"),
        event(3, "clock:started", clock=clock("LADDER_STEP:1")),
        event(4, "case:changed", case_ref="CASE-2027-00001", ladder_step="L1"),
    ]
    with statements(engine) as sent:
        await write(engine, CASE, what, first_seq=2, effects=[EFFECT])
    assert len(sent) <= 6, sent
    with statements(engine) as sent:
        await write(engine, CASE, [event(5, "task:raised", task=task("T:1", "D1"))], first_seq=5)
    assert len(sent) <= 3, sent


async def test_bytes_do_not_depend_on_zone_or_on_fields_left_empty() -> None:
    plain = event(1, "a:b:c", n=1)
    local = plain.model_validate_json(
        plain.model_dump_json().replace("2027-03-01T09:31:00Z", "2027-03-01T10:31:00+01:00")
    )
    assert local.recorded_at.utcoffset() != plain.recorded_at.utcoffset()
    assert encode_event(CASE, local) == encode_event(CASE, plain)
    assert b"command_id" not in encode_event(CASE, plain)
    assert encode_event(INCIDENT, plain) != encode_event(CASE, plain)


async def test_events_are_found_by_command_and_by_tag(engine: AsyncEngine) -> None:
    ours = event(1, "a:b:c").model_copy(update={"command_id": "cmd-1"})
    await write(engine, CASE, [ours, event(2, "a:b:d")])
    await write(engine, INCIDENT, [event(1, "a:b:c")])
    async with engine.connect() as conn:
        assert await events_of_command(conn, CASE, "cmd-1") == [ours]
        assert await events_of_command(conn, INCIDENT, "cmd-1") == []
        found = [(s, e.seq) async for s, e in events_tagged(conn, ["a:b:c"])]
        late = [s async for s, _ in events_tagged(conn, ["a:b:d"], since=ours.recorded_at)]
        none = [s async for s, _ in events_tagged(conn, ["a:b:c"], until=ours.recorded_at)]
    assert found == [(CASE, 1), (INCIDENT, 1)]
    assert late == [CASE]
    assert none == []
