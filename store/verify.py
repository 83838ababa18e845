"""Verify the ledger: every stream's chain, the sealed order, and the running workflows' word.

Rows are read a page at a time. A finding names stream and number, never what an event says.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Text, and_, case, cast, column, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.ids import case_stream, incident_stream, is_workflow_stream
from store.ledger import PAGE, chain_hash, decode_event, pages
from store.seal import Block, Root, block_hash, blocks
from store.tables import (
    case_register,
    ledger_block,
    ledger_event,
    ledger_position,
    report,
    stream_head,
)


class FindingKind(StrEnum):
    """What is wrong."""

    ALTERED = "ALTERED"
    """An event, or a stream's head, is not what was hashed."""
    REORDERED = "REORDERED"
    """An event stands at another place than the one it was recorded at."""
    MISSING_EVENT = "MISSING_EVENT"
    """A number inside a stream has no event."""
    CUT_TAIL = "CUT_TAIL"
    """Events at the end of a stream are gone."""
    MISSING_STREAM = "MISSING_STREAM"
    """All events of a stream are gone."""
    BLOCK_BROKEN = "BLOCK_BROKEN"
    """The chain of sealed blocks, or a block's list of events, does not hold."""
    WORKFLOW_DIFFERS = "WORKFLOW_DIFFERS"
    """A running workflow remembers another event, or the ledger has events it never made."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong, from event `seq` of a stream on (or block `seq`, with `stream` empty)."""

    kind: FindingKind
    stream: str
    seq: int
    detail: str


@dataclass(frozen=True)
class RunningHead:
    """A running workflow's word: the last event it made, the last it knows recorded, its hash."""

    head_seq: int
    recorded_seq: int
    recorded_hash: str


Running = Callable[[str], Awaitable[RunningHead | None]]
"""Asks the workflow of a stream; None where none runs."""


class _Findings:
    """Findings by place, so that one fault seen twice is told once."""

    def __init__(self) -> None:
        self._found: dict[tuple[FindingKind, str, int], Finding] = {}

    def add(self, kind: FindingKind, stream: str, seq: int, detail: str) -> None:
        self._found.setdefault((kind, stream, seq), Finding(kind, stream, seq, detail))

    def all(self) -> list[Finding]:
        return list(self._found.values())


async def verify(
    engine: AsyncEngine,
    running: Running | None = None,
    exported: Sequence[Block] = (),
    progress: Callable[[int], None] | None = None,
) -> list[Finding]:
    """Everything that is wrong with the ledger; empty when it is whole.

    `exported` is a copy of the block chain kept elsewhere. The database is read in one snapshot;
    workflows are asked afterwards, and the ledger read again for what they answer."""
    findings = _Findings()
    async with engine.connect() as connection:
        conn = await connection.execution_options(isolation_level="REPEATABLE READ")
        await _streams(conn, findings, progress)
        await _heads(conn, findings)
        await _blocks(conn, findings, exported)
    if running is not None:
        await _workflows(engine, running, findings)
    return findings.all()


# --- streams ----------------------------------------------------------------------------------


async def _streams(
    conn: AsyncConnection, findings: _Findings, progress: Callable[[int], None] | None
) -> None:
    query = select(ledger_event)
    stream, seq, hash_, done = "", 0, "", 0
    async for row in pages(conn, query):
        if row.stream != stream:
            stream, seq, hash_ = row.stream, 0, ""
        _event(findings, row, seq, hash_)
        seq, hash_ = row.seq, row.hash
        done += 1
        if progress and done % PAGE == 0:
            progress(done)


def _event(findings: _Findings, row: Any, before: int, hash_before: str) -> None:
    stream, seq = row.stream, row.seq
    if seq != before + 1:
        gone = f"events {before + 1} to {seq - 1} are missing"
        findings.add(FindingKind.MISSING_EVENT, stream, before + 1, gone)
    elif _place(row.header) != (stream, seq):
        findings.add(FindingKind.REORDERED, stream, seq, "it was recorded at another place")
        return
    elif row.prev_hash != hash_before:
        findings.add(FindingKind.ALTERED, stream, seq, "it does not follow the event before it")
    if chain_hash(row.prev_hash, row.header.encode()) != row.hash or not _repeats(row):
        findings.add(FindingKind.ALTERED, stream, seq, "its content is not what was hashed")


def _place(header: str) -> tuple[str, int] | None:
    try:
        body = json.loads(header)
        return (body["stream"], body["seq"])
    except (ValueError, KeyError, TypeError):
        return None


def _repeats(row: Any) -> bool:
    """Whether the columns beside the header say what it says."""
    try:
        event = decode_event(row.header)
    except ValueError:
        return False
    return (
        row.tag == event.tag
        and row.actor == event.actor
        and row.recorded_at == event.recorded_at
        and row.occurred_at == event.occurred_at
        and (row.command_id or "") == event.command_id
    )


def _last_events() -> Any:
    event = ledger_event.c
    return select(event.stream, func.max(event.seq).label("seq")).group_by(event.stream).subquery()


async def _heads(conn: AsyncConnection, findings: _Findings) -> None:
    """Each stream's last event against its head row."""
    last = _last_events()
    hash_of_last = (
        select(ledger_event.c.hash)
        .where(ledger_event.c.stream == last.c.stream, ledger_event.c.seq == last.c.seq)
        .scalar_subquery()
    )
    query = (
        select(
            func.coalesce(stream_head.c.stream, last.c.stream).label("stream"),
            stream_head.c.seq.label("head"),
            last.c.seq.label("last"),
        )
        .select_from(stream_head.outerjoin(last, last.c.stream == stream_head.c.stream, full=True))
        .where(
            or_(
                stream_head.c.seq.is_distinct_from(func.coalesce(last.c.seq, 0)),
                and_(stream_head.c.seq > 0, stream_head.c.hash.is_distinct_from(hash_of_last)),
            )
        )
    )
    for row in (await conn.execute(query)).all():
        if row.head is None or row.head == (row.last or 0):
            findings.add(FindingKind.ALTERED, row.stream, row.last, "its head row does not fit")
        elif row.head < (row.last or 0):
            findings.add(
                FindingKind.ALTERED, row.stream, row.head + 1, "events follow the recorded head"
            )
        else:
            _gone(findings, row.stream, row.last, row.head)


def _gone(findings: _Findings, stream: str, last: int | None, known: int) -> None:
    """Events up to `known` are known to have been there, and `last` is the last that is."""
    if not last:
        findings.add(FindingKind.MISSING_STREAM, stream, 1, f"it had {known} events")
    else:
        detail = f"it had {known} events; the last there is {last}"
        findings.add(FindingKind.CUT_TAIL, stream, last + 1, detail)


# --- blocks -----------------------------------------------------------------------------------


async def _blocks(conn: AsyncConnection, findings: _Findings, exported: Sequence[Block]) -> None:
    copies = {block.number: block for block in exported}
    number, hash_, position = 0, "", 1
    async for block in blocks(conn):
        if (
            block.number != number + 1
            or block.prev_hash != hash_
            or block.first_position != position
            or block_hash(block) != block.hash
        ):
            findings.add(FindingKind.BLOCK_BROKEN, "", block.number, "its chain does not hold")
        copy = copies.pop(block.number, None)
        if copy is not None and copy.hash != block.hash:
            findings.add(FindingKind.BLOCK_BROKEN, "", block.number, "the exported copy differs")
        await _positions(conn, findings, block)
        number, hash_ = block.number, block.hash
        position = block.first_position + block.count
    for missing in sorted(copies):
        findings.add(FindingKind.BLOCK_BROKEN, "", missing, "the exported block is gone")
    await _sealed_heads(conn, findings)


async def _positions(conn: AsyncConnection, findings: _Findings, block: Block) -> None:
    """The events of a block against its root. Events that are gone are told as such."""
    root, whole = Root(), True
    async for row in _page_positions(conn, block.first_position, block.count):
        if row.hash is None:
            whole = False
        else:
            root.add(row.position, row.stream, row.seq, row.hash)
    if whole and (root.count != block.count or root.hexdigest() != block.root):
        findings.add(FindingKind.BLOCK_BROKEN, "", block.number, "its events are not those sealed")


async def _page_positions(conn: AsyncConnection, first: int, count: int) -> AsyncIterator[Any]:
    at, event = ledger_position.c, ledger_event.c
    joined = ledger_position.outerjoin(
        ledger_event, and_(event.stream == at.stream, event.seq == at.seq)
    )
    for start in range(first, first + count, PAGE):
        query = (
            select(at.position, at.stream, at.seq, event.hash)
            .select_from(joined)
            .where(at.position >= start, at.position < min(start + PAGE, first + count))
            .order_by(at.position)
        )
        for row in (await conn.execute(query)).all():
            yield row


async def _sealed_heads(conn: AsyncConnection, findings: _Findings) -> None:
    """The last sealed event of every stream against the stream and its head row."""
    pairs = func.jsonb_each(ledger_block.c.heads)
    head = pairs.table_valued(column("key", Text), column("value", JSONB)).lateral("h")
    sealed = (
        select(
            head.c.key.label("stream"),
            func.max(cast(head.c.value[0].astext, BigInteger)).label("seq"),
        )
        .select_from(ledger_block.join(head, literal_column("true")))
        .group_by(head.c.key)
        .subquery()
    )
    last = _last_events()
    query = (
        select(
            func.coalesce(sealed.c.stream, stream_head.c.stream).label("stream"),
            func.coalesce(sealed.c.seq, 0).label("sealed"),
            func.coalesce(last.c.seq, 0).label("last"),
            case((stream_head.c.stream.is_(None), True), else_=False).label("no_head"),
        )
        .select_from(
            sealed.outerjoin(
                stream_head, stream_head.c.stream == sealed.c.stream, full=True
            ).outerjoin(last, last.c.stream == func.coalesce(sealed.c.stream, stream_head.c.stream))
        )
        .where(
            or_(
                func.coalesce(sealed.c.seq, 0) > func.coalesce(last.c.seq, 0),
                stream_head.c.sealed_seq.is_distinct_from(func.coalesce(sealed.c.seq, 0)),
            )
        )
    )
    for row in (await conn.execute(query)).all():
        if row.sealed > row.last:
            _gone(findings, row.stream, row.last, row.sealed)
        else:
            findings.add(
                FindingKind.ALTERED, row.stream, row.last, "its head row does not fit the seal"
            )


# --- running workflows ------------------------------------------------------------------------


async def _workflows(engine: AsyncEngine, running: Running, findings: _Findings) -> None:
    for stream in await _streams_to_ask(engine):
        answer = await running(stream)
        if answer is None:
            continue
        async with engine.connect() as conn:
            head = await conn.scalar(
                select(func.max(ledger_event.c.seq)).where(ledger_event.c.stream == stream)
            )
            known = await conn.scalar(
                select(ledger_event.c.hash).where(
                    ledger_event.c.stream == stream, ledger_event.c.seq == answer.recorded_seq
                )
            )
        last = int(head or 0)
        if last < answer.recorded_seq:
            _gone(findings, stream, last, answer.recorded_seq)
        elif answer.recorded_seq and known != answer.recorded_hash:
            findings.add(
                FindingKind.WORKFLOW_DIFFERS,
                stream,
                answer.recorded_seq,
                "its workflow remembers another event",
            )
        elif last > answer.head_seq:
            await _surplus(running, findings, stream, last)


async def _surplus(running: Running, findings: _Findings, stream: str, last: int) -> None:
    """The ledger may only seem ahead because the workflow went on since it answered: ask again."""
    again = await running(stream)
    if again is not None and last > again.head_seq:
        findings.add(
            FindingKind.WORKFLOW_DIFFERS,
            stream,
            again.head_seq + 1,
            "its workflow never made this event",
        )


async def _streams_to_ask(engine: AsyncEngine) -> list[str]:
    """Streams with unsealed events, and those of cases that the register holds open."""
    async with engine.connect() as conn:
        unsealed = await conn.scalars(
            select(stream_head.c.stream).where(stream_head.c.seq > stream_head.c.sealed_seq)
        )
        asked = {stream for stream in unsealed if is_workflow_stream(stream)}
        is_open = case_register.c.closed_at.is_(None)
        cases = await conn.scalars(select(case_register.c.case_ref).where(is_open))
        asked |= {case_stream(ref) for ref in cases}
        incidents = await conn.execute(
            select(report.c.incident_ref, report.c.victim_ref)
            .join(case_register, case_register.c.case_ref == report.c.case_ref)
            .where(is_open)
        )
        asked |= {incident_stream(row.incident_ref, row.victim_ref) for row in incidents}
    return sorted(asked)
