"""The ledger: append-only events, numbered and hash-chained a stream.

The chain runs over the bytes stored in `ledger_event.header`. An event's hash is
SHA-256(previous hash in hexadecimal + header); the first event follows the empty string.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import Event, Json, RecordResult
from models.instants import utc
from store.bulk import ROWS, recordset
from store.tables import ledger_event, stream_head

PAGE = 5_000
EVENT_COLUMNS = (
    "stream",
    "seq",
    "tag",
    "header",
    "prev_hash",
    "hash",
    "recorded_at",
    "occurred_at",
    "actor",
    "command_id",
)


class LedgerDiverged(Exception):
    """What is to be recorded contradicts the ledger. Nothing was written. Never skipped: a person
    must find out which of the two is wrong."""

    def __init__(self, stream: str, seq: int, why: str) -> None:
        super().__init__(
            f"LEDGER_DIVERGED: {stream} at {seq}: {why}. Run dalo ledger verify and compare."
        )
        self.stream = stream
        self.seq = seq


@dataclass(frozen=True)
class Head:
    """The last event of a stream; `seq` 0 and an empty hash before the first."""

    seq: int
    hash: str


class Appended(RecordResult):
    """The head after appending, and the events that were not there before, as numbered."""

    fresh: tuple[Event, ...] = ()


def encode_event(stream: str, event: Event) -> bytes:
    """The bytes that are stored and hashed: JSON in ASCII, keys sorted, no spaces, instants in UTC.

    Empty values of the event itself are left out, so that a field added later leaves the bytes of
    older events, and of retries across an upgrade, as they were."""
    fields = event.model_dump(mode="json")
    body = {name: value for name, value in fields.items() if value not in (None, "", {}, [])}
    body |= {
        "stream": stream,
        "occurred_at": utc(event.occurred_at).isoformat(),
        "recorded_at": utc(event.recorded_at).isoformat(),
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def decode_event(header: str) -> Event:
    """The event that a stored header says."""
    return Event.model_validate_json(header)


def chain_hash(prev_hash: str, header: bytes) -> str:
    """The hash of an event that follows the event with `prev_hash`."""
    return hashlib.sha256(prev_hash.encode("ascii") + header).hexdigest()


async def lock_stream(conn: AsyncConnection, stream: str) -> Head:
    """Lock a stream until the transaction ends, making it where it is new, and tell its head."""
    columns = (stream_head.c.seq, stream_head.c.hash)
    query = select(*columns).where(stream_head.c.stream == stream).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        # Setting the key to itself locks the row where another transaction was first to make it.
        made = insert(stream_head).values(stream=stream, seq=0, hash="")
        same = made.on_conflict_do_update(
            index_elements=[stream_head.c.stream], set_={"stream": made.excluded.stream}
        )
        row = (await conn.execute(same.returning(*columns))).one()
    return Head(row.seq, row.hash)


async def head_of(conn: AsyncConnection, stream: str) -> Head:
    """The head of a stream, without locking it."""
    query = select(stream_head.c.seq, stream_head.c.hash).where(stream_head.c.stream == stream)
    row = (await conn.execute(query)).one_or_none()
    return Head(0, "") if row is None else Head(row.seq, row.hash)


async def append_events(
    conn: AsyncConnection, stream: str, first_seq: int | None, events: Sequence[Event]
) -> Appended:
    """Append events to a stream under its lock.

    With `first_seq` the events are numbered already, and those that are stored must have the very
    same hash; only the others are written. With None they are numbered here, after the head.
    Raises `LedgerDiverged`, having written nothing.
    """
    head = await lock_stream(conn, stream)
    start = head.seq + 1 if first_seq is None else first_seq
    numbered = _numbered(stream, start, events, renumber=first_seq is None)
    if start > head.seq + 1:
        raise LedgerDiverged(stream, start, f"the ledger ends at {head.seq}")
    stored = await _stored_hashes(conn, stream, start, head) if start <= head.seq else {}
    prev = stored.get(start - 1, "") if start <= head.seq else head.hash
    rows: list[Json] = []
    fresh: list[Event] = []
    for event in numbered:
        row = event_row(stream, event, prev)
        prev = row["hash"]
        if event.seq > head.seq:
            rows.append(row)
            fresh.append(event)
        elif stored.get(event.seq) != prev:
            raise LedgerDiverged(stream, event.seq, "another event is recorded there")
    if rows:
        head = Head(rows[-1]["seq"], prev)
        await conn.execute(
            _append(), {ROWS: rows, "of": stream, "to_seq": head.seq, "to_hash": head.hash}
        )
    return Appended(head_seq=head.seq, head_hash=head.hash, fresh=tuple(fresh))


def _numbered(
    stream: str, start: int, events: Sequence[Event], *, renumber: bool
) -> Sequence[Event]:
    if renumber:
        return [e.model_copy(update={"seq": n}) for n, e in enumerate(events, start)]
    for seq, event in enumerate(events, start):
        if event.seq != seq:
            raise LedgerDiverged(stream, seq, f"the batch has number {event.seq} there")
    return events


async def _stored_hashes(
    conn: AsyncConnection, stream: str, start: int, head: Head
) -> dict[int, str]:
    query = select(ledger_event.c.seq, ledger_event.c.hash).where(
        ledger_event.c.stream == stream, ledger_event.c.seq.between(start - 1, head.seq)
    )
    return {row.seq: row.hash for row in await conn.execute(query)}


def event_row(stream: str, event: Event, prev_hash: str) -> Json:
    """The `ledger_event` row of an event that follows the event with `prev_hash`."""
    header = encode_event(stream, event)
    return {
        "stream": stream,
        "seq": event.seq,
        "tag": event.tag,
        "header": header.decode("ascii"),
        "prev_hash": prev_hash,
        "hash": chain_hash(prev_hash, header),
        "recorded_at": event.recorded_at.isoformat(),
        "occurred_at": event.occurred_at.isoformat(),
        "actor": event.actor,
        "command_id": event.command_id or None,
    }


@cache
def _append() -> Update:
    """Events and head in one statement."""
    rows = recordset(ledger_event, EVENT_COLUMNS)
    chosen = select(*(rows.c[name] for name in EVENT_COLUMNS))
    events = insert(ledger_event).from_select(list(EVENT_COLUMNS), chosen).cte("appended")
    return (
        update(stream_head)
        .where(stream_head.c.stream == bindparam("of"))
        .values(seq=bindparam("to_seq"), hash=bindparam("to_hash"))
        .add_cte(events)
    )


async def events_of(conn: AsyncConnection, stream: str, after: int = 0) -> list[Event]:
    """The events of one stream in order, those after number `after`."""
    query = (
        select(ledger_event.c.header)
        .where(ledger_event.c.stream == stream, ledger_event.c.seq > after)
        .order_by(ledger_event.c.seq)
    )
    return [decode_event(header) for header in (await conn.execute(query)).scalars()]


async def events_of_command(conn: AsyncConnection, stream: str, command_id: str) -> list[Event]:
    """The events that one command appended to a stream; empty if the ledger does not know it."""
    query = (
        select(ledger_event.c.header)
        .where(ledger_event.c.command_id == command_id, ledger_event.c.stream == stream)
        .order_by(ledger_event.c.seq)
    )
    return [decode_event(header) for header in (await conn.execute(query)).scalars()]


async def events_tagged(
    conn: AsyncConnection,
    tags: Sequence[str],
    since: datetime | None = None,
    until: datetime | None = None,
) -> AsyncIterator[tuple[str, Event]]:
    """Stream and event for every event with one of the tags, a stream after the other in order;
    `since` (included) and `until` (not included) bound when it was recorded."""
    query = select(ledger_event.c.stream, ledger_event.c.seq, ledger_event.c.header).where(
        ledger_event.c.tag.in_(list(tags))
    )
    if since is not None:
        query = query.where(ledger_event.c.recorded_at >= since)
    if until is not None:
        query = query.where(ledger_event.c.recorded_at < until)
    async for row in pages(conn, query):
        yield row.stream, decode_event(row.header)


async def pages(conn: AsyncConnection, query: Any, page: int = PAGE) -> AsyncIterator[Any]:
    """The rows of a query over `ledger_event`, by stream and number, a page at a time in memory;
    the query must select both."""
    key = tuple_(ledger_event.c.stream, ledger_event.c.seq)
    ordered = query.order_by(ledger_event.c.stream, ledger_event.c.seq).limit(page)
    last: tuple[str, int] | None = None
    while True:
        bounded = ordered if last is None else ordered.where(key > last)
        rows = (await conn.execute(bounded)).all()
        for row in rows:
            yield row
        if len(rows) < page:
            return
        last = (rows[-1].stream, rows[-1].seq)
