"""Messages to victims: at most once. A row is `SENDING`, and that is committed, before the call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import tell_effect
from models.ids import case_stream
from models.messages import VictimMessageDone
from store import outbox
from store.tables import case_register, victim_message

QUEUED, SENDING = "QUEUED", "SENDING"


async def queue(conn: AsyncConnection, payload: dict[str, Any], now: datetime) -> None:
    """Take a message that a case decided on; a second delivery changes nothing."""
    names = ("message_id", "case_ref", "channel", "route", "wording_ref")
    values = {name: payload[name] for name in names}
    statement = insert(victim_message).values(**values, state=QUEUED, created_at=now)
    await conn.execute(statement.on_conflict_do_nothing(index_elements=["message_id"]))


async def take_one(conn: AsyncConnection, now: datetime) -> Row[Any] | None:
    """The oldest message that waits, marked as being sent; the caller commits before it sends."""
    query = (
        select(victim_message, case_register.c.victim_ref)
        .join(case_register, case_register.c.case_ref == victim_message.c.case_ref)
        .where(victim_message.c.state == QUEUED)
        .order_by(victim_message.c.created_at)
        .limit(1)
        .with_for_update(of=victim_message, skip_locked=True)
    )
    row = (await conn.execute(query)).first()
    if row is not None:
        await conn.execute(
            update(victim_message)
            .where(victim_message.c.message_id == row.message_id)
            .values(state=SENDING, sending_at=now)
        )
    return row


async def abandoned(conn: AsyncConnection, before: datetime) -> list[Row[Any]]:
    """Messages whose sender died: marked as being sent before `before`, and nobody knows more."""
    query = (
        select(victim_message)
        .where(victim_message.c.state == SENDING, victim_message.c.sending_at < before)
        .with_for_update(skip_locked=True)
    )
    return list(await conn.execute(query))


async def finish(
    conn: AsyncConnection, row: Row[Any], outcome: str, reason_code: str, now: datetime
) -> None:
    """What became of a message, and in the same transaction the word of it to its case."""
    done = await conn.execute(
        update(victim_message)
        .where(
            victim_message.c.message_id == row.message_id,
            victim_message.c.finished_at.is_(None),
        )
        .values(state=outcome, reason_code=reason_code, finished_at=now)
    )
    if not done.rowcount:
        return
    told = VictimMessageDone.model_validate(
        {
            "message_id": f"victim-message:{row.message_id}",
            "victim_message_id": row.message_id,
            "outcome": outcome,
            "at": now,
            "reason_code": reason_code,
        }
    )
    stream = case_stream(row.case_ref)
    effect = tell_effect(f"victim-message:{row.message_id}:done", stream, told)
    await outbox.put(conn, stream, [effect], now)
