"""The outbox: effects written in the transaction that decided them, dispatched by the relay.

A row stays after dispatch, so that the same effect never leaves by a second row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import Effect, EffectKind, Json
from store.bulk import ROWS, insert_new, recordset
from store.tables import outbox

_COLUMNS = ("effect_id", "stream", "kind", "target", "payload", "created_at")


@dataclass(frozen=True)
class Pending:
    """An effect that has not left yet. `attempts` counts the failures so far."""

    effect_id: str
    stream: str
    kind: EffectKind
    target: str
    payload: Json
    created_at: datetime
    attempts: int


async def put(conn: AsyncConnection, stream: str, effects: Sequence[Effect], now: datetime) -> None:
    """Write effects of `stream`, in order; one that is there already, sent or not, stays."""
    if not effects:
        return
    rows = [
        {
            **effect.model_dump(mode="json", include={"effect_id", "kind", "target", "payload"}),
            "stream": stream,
            "created_at": now.isoformat(),
        }
        for effect in effects
    ]
    await conn.execute(insert_new(outbox, _COLUMNS), {ROWS: rows})


async def claim_pending(
    conn: AsyncConnection, limit: int, now: datetime | None = None
) -> list[Pending]:
    """The oldest effects that wait, locked until the caller's transaction ends; those another
    relay holds are left out. With `now`, effects that wait out a failure are left out too."""
    query = (
        select(*(outbox.c[name] for name in (*_COLUMNS, "attempts")))
        .where(outbox.c.dispatched_at.is_(None))
        .order_by(outbox.c.sequence)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if now is not None:
        wait = outbox.c.next_attempt_at
        query = query.where(or_(wait.is_(None), wait <= now))
    rows = (await conn.execute(query)).mappings()
    return [Pending(**{**row, "kind": EffectKind(row["kind"])}) for row in rows]


async def mark_dispatched(conn: AsyncConnection, effect_ids: Iterable[str], now: datetime) -> None:
    """These effects have left."""
    await conn.execute(
        update(outbox)
        .where(outbox.c.effect_id.in_(list(effect_ids)), outbox.c.dispatched_at.is_(None))
        .values(dispatched_at=now, last_error=None, next_attempt_at=None)
    )


async def mark_failed(
    conn: AsyncConnection,
    failed: Sequence[Pending],
    error_code: str,
    now: datetime,
    longest: timedelta = timedelta(seconds=60),
) -> None:
    """These effects could not leave; each waits 1, 2, 4 ... seconds, at most `longest`.
    `error_code` is a code, never the text of a message."""
    rows = [
        {
            "effect_id": row.effect_id,
            "attempts": row.attempts + 1,
            "next_attempt_at": (
                now + min(timedelta(seconds=2 ** min(row.attempts, 16)), longest)
            ).isoformat(),
        }
        for row in failed
    ]
    given = recordset(outbox, ("effect_id", "attempts", "next_attempt_at"))
    statement = (
        update(outbox)
        .where(outbox.c.effect_id == given.c.effect_id)
        .values(
            attempts=given.c.attempts,
            next_attempt_at=given.c.next_attempt_at,
            last_error=error_code,
        )
    )
    await conn.execute(statement, {ROWS: rows})


async def oldest_pending(conn: AsyncConnection) -> datetime | None:
    """When the oldest effect that still waits was written; None if none waits."""
    found: datetime | None = await conn.scalar(
        select(func.min(outbox.c.created_at)).where(outbox.c.dispatched_at.is_(None))
    )
    return found


async def count_pending(conn: AsyncConnection) -> int:
    """How many effects wait."""
    found = await conn.scalar(
        select(func.count()).select_from(outbox).where(outbox.c.dispatched_at.is_(None))
    )
    return int(found or 0)
