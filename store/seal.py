"""The sealer: gives events their gapless global position and chains blocks of them.

A block's root is SHA-256 over one line an event, `position stream seq hash`; its own hash is over
all else it says. The chain can be exported, so that a copy elsewhere shows what a later, complete
rewriting of the database would hide.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.base import Record
from models.instants import utc
from store.bulk import ROWS, insert_new, recordset
from store.tables import ledger_block, ledger_event, ledger_position, stream_head

_LOCK = 4_150_002
"""Advisory lock number: one sealer at a time."""
STREAMS_A_BLOCK = 10_000
_POSITION = ("position", "stream", "seq")


class Block(Record):
    """A sealed stretch of the order of events: `count` events from `first_position` on, and the
    last number and hash of each stream in it."""

    number: int
    first_position: int
    count: int
    root: str
    heads: dict[str, tuple[int, str]]
    prev_hash: str
    hash: str
    sealed_at: datetime


class Root:
    """The root hash of a block, line by line."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.count = 0

    def add(self, position: int, stream: str, seq: int, event_hash: str) -> None:
        """The next event in the order."""
        self._digest.update(f"{position} {stream} {seq} {event_hash}\n".encode())
        self.count += 1

    def hexdigest(self) -> str:
        """The root over all events so far."""
        return self._digest.hexdigest()


def block_hash(block: Block) -> str:
    """The hash that a block must have, over all its other fields."""
    body = block.model_dump(mode="json", exclude={"hash", "sealed_at"})
    body["sealed_at"] = utc(block.sealed_at).isoformat()
    data = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()


async def seal(engine: AsyncEngine, now: datetime) -> Block | None:
    """Seal what is not sealed yet, of at most 10,000 streams, as one block; None if nothing waits.

    Streams that are being written at this moment are left for the next block, so that sealer and
    recorders never wait for each other in a circle."""
    async with engine.begin() as conn:
        await conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        waiting = await _waiting(conn)
        if not waiting:
            return None
        last = await _last_block(conn)
        first = last.first_position + last.count if last else 1
        root, heads, positions = Root(), dict[str, tuple[int, str]](), []
        for position, row in enumerate(await _unsealed(conn, waiting), first):
            root.add(position, row.stream, row.seq, row.hash)
            heads[row.stream] = (row.seq, row.hash)
            positions.append({"position": position, "stream": row.stream, "seq": row.seq})
        if not positions:
            return None
        block = Block(
            number=last.number + 1 if last else 1,
            first_position=first,
            count=root.count,
            root=root.hexdigest(),
            heads=heads,
            prev_hash=last.hash if last else "",
            hash="",
            sealed_at=utc(now),
        )
        block = block.model_copy(update={"hash": block_hash(block)})
        await _store(conn, block, positions)
        return block


async def _waiting(conn: AsyncConnection) -> list[dict[str, Any]]:
    query = (
        select(stream_head.c.stream, stream_head.c.sealed_seq)
        .where(stream_head.c.seq > stream_head.c.sealed_seq)
        .order_by(stream_head.c.stream)
        .limit(STREAMS_A_BLOCK)
        .with_for_update(skip_locked=True)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def _unsealed(conn: AsyncConnection, waiting: list[dict[str, Any]]) -> list[Any]:
    """Unsealed events by recorded time, a stream's own order always kept."""
    given = recordset(stream_head, ("stream", "sealed_seq"))
    event = ledger_event.c
    not_before = func.max(event.recorded_at).over(partition_by=event.stream, order_by=event.seq)
    query = (
        select(event.stream, event.seq, event.hash)
        .join(given, event.stream == given.c.stream)
        .where(event.seq > given.c.sealed_seq)
        .order_by(not_before, event.stream, event.seq)
    )
    return list((await conn.execute(query, {ROWS: waiting})).all())


async def _store(conn: AsyncConnection, block: Block, positions: list[dict[str, Any]]) -> None:
    await conn.execute(insert_new(ledger_position, _POSITION), {ROWS: positions})
    await conn.execute(insert(ledger_block).values(**block.model_dump()))
    sealed = recordset(stream_head, ("stream", "sealed_seq"))
    await conn.execute(
        update(stream_head)
        .where(stream_head.c.stream == sealed.c.stream)
        .values(sealed_seq=sealed.c.sealed_seq),
        {ROWS: [{"stream": name, "sealed_seq": seq} for name, (seq, _) in block.heads.items()]},
    )


async def _last_block(conn: AsyncConnection) -> Block | None:
    query = select(ledger_block).order_by(ledger_block.c.number.desc()).limit(1)
    row = (await conn.execute(query)).mappings().one_or_none()
    return Block.model_validate(dict(row)) if row else None


async def blocks(conn: AsyncConnection, after: int = 0) -> AsyncIterator[Block]:
    """The blocks in order, those after number `after`, one in memory at a time."""
    while True:
        query = (
            select(ledger_block)
            .where(ledger_block.c.number > after)
            .order_by(ledger_block.c.number)
            .limit(1)
        )
        row = (await conn.execute(query)).mappings().one_or_none()
        if row is None:
            return
        block = Block.model_validate(dict(row))
        yield block
        after = block.number


async def export(engine: AsyncEngine, after: int = 0) -> AsyncIterator[str]:
    """The chain as lines of JSON, a block each, to be kept where the database's owner cannot
    write. References, numbers and hashes only."""
    async with engine.connect() as conn:
        async for block in blocks(conn, after):
            yield block.model_dump_json()


def read_export(lines: Iterable[str]) -> list[Block]:
    """Blocks from exported lines. Raises ValueError naming the line that is not a block."""
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(Block.model_validate_json(line))
            except ValueError:
                raise ValueError(f"line {number}: not an exported block") from None
    return found
