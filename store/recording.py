"""Record a batch of one stream: ledger, read models and outbox in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import Effect, Event, RecordResult
from store import outbox
from store.ledger import append_events
from store.projections import apply, changes


async def record(
    conn: AsyncConnection,
    stream: str,
    first_seq: int | None,
    events: Sequence[Event],
    effects: Sequence[Effect],
    now: datetime,
) -> RecordResult:
    """Append events, bring the read models up to them and write the effects. Doing it again with
    the same content changes nothing. `now` dates the outbox rows. `first_seq` and what is raised
    are as `append_events` has them."""
    appended = await append_events(conn, stream, first_seq, events)
    await apply(conn, [change for event in appended.fresh for change in changes(stream, event)])
    await outbox.put(conn, stream, effects, now)
    return RecordResult(head_seq=appended.head_seq, head_hash=appended.head_hash)
