"""Notices to officers and partners on their way: claimed, sent at least once, answered or not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.notices import NoticeState
from store import tables as t
from store.notices_due import is_open

LONGEST_PAUSE = timedelta(minutes=30)
NOBODY_ABOVE = "NOBODY_ABOVE"
"""In the place of an error: nobody acknowledged, and nobody is left to be told."""


async def claim(conn: AsyncConnection, now: datetime, limit: int) -> list[Row[Any]]:
    """Notices that may leave now, locked until the caller's transaction ends; those another
    notifier holds are left out. One that found no address is tried again like any other."""
    n = t.notice.c
    query = (
        select(t.notice)
        .where(
            n.state.in_([NoticeState.WAITING.value, NoticeState.NO_ADDRESS.value]),
            or_(n.not_before.is_(None), n.not_before <= now),
            or_(n.next_attempt_at.is_(None), n.next_attempt_at <= now),
        )
        .order_by(n.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await conn.execute(query))


async def sent(
    conn: AsyncConnection,
    row: Row[Any],
    reached: Collection[str],
    now: datetime,
    acknowledge_by: datetime | None,
) -> None:
    """The server took it for everybody."""
    await _set(
        conn,
        row.notice_id,
        state=NoticeState.SENT.value,
        sent_at=now,
        reached=sorted(reached),
        acknowledge_by=row.acknowledge_by or acknowledge_by,
        last_error=None,
    )


async def overtaken(conn: AsyncConnection, notice_id: str) -> None:
    """What it was about was settled, or became somebody else's, before it could leave."""
    await _set(conn, notice_id, state=NoticeState.OVERTAKEN.value, last_error=None)


async def put_off(
    conn: AsyncConnection,
    row: Row[Any],
    state: NoticeState,
    error: str,
    now: datetime,
    reached: Collection[str] = (),
    acknowledge_by: datetime | None = None,
) -> None:
    """A notice could not leave, or not to everybody: it waits 30 s, 1, 2, 4 ... minutes, at most
    half an hour. `error` is a code."""
    pause = min(timedelta(seconds=30 * 2 ** min(row.attempts, 8)), LONGEST_PAUSE)
    await _set(
        conn,
        row.notice_id,
        state=state.value,
        attempts=row.attempts + 1,
        last_error=error,
        next_attempt_at=now + pause,
        reached=sorted({*row.reached, *reached}),
        acknowledge_by=row.acknowledge_by or acknowledge_by,
    )


async def _set(conn: AsyncConnection, notice_id: str, **values: Any) -> None:
    await conn.execute(update(t.notice).where(t.notice.c.notice_id == notice_id).values(**values))


def _chain(other: Any) -> ColumnElement[bool]:
    """Whether another row is of this one's chain: the first notice and all that escalated it."""
    root = func.coalesce(t.notice.c.escalates, t.notice.c.notice_id)
    return func.coalesce(other.c.escalates, other.c.notice_id) == root


def _unanswered(now: datetime) -> ColumnElement[bool]:
    """Urgent, past its time, and nobody of its chain has acknowledged it, while what it is about is
    open and still its owner's."""
    n, other, newer = t.notice.c, t.notice.alias("other"), t.notice.alias("newer")
    return and_(
        n.acknowledge_by <= now,
        ~exists().where(_chain(other), other.c.acknowledged_at.is_not(None)),
        ~exists().where(
            newer.c.stream == n.stream, newer.c.about == n.about, newer.c.turn > n.turn
        ),
        is_open(),
    )


async def unanswered(conn: AsyncConnection, now: datetime, limit: int) -> list[Row[Any]]:
    """Urgent notices past the time by which somebody should have acknowledged them, not yet
    escalated."""
    query = (
        select(t.notice)
        .where(_unanswered(now), t.notice.c.escalated_at.is_(None))
        .order_by(t.notice.c.acknowledge_by)
        .limit(limit)
        .with_for_update(of=t.notice, skip_locked=True)
    )
    return list(await conn.execute(query))


async def told(conn: AsyncConnection, row: Row[Any]) -> set[str]:
    """Everybody to whom a notice or its escalations were addressed or went."""
    n = t.notice.c
    root = row.escalates or row.notice_id
    query = select(n.recipient, n.reached).where(or_(n.notice_id == root, n.escalates == root))
    rows = (await conn.execute(query)).all()
    return {person for each in rows for person in (each.recipient, *each.reached)}


async def mark_escalated(
    conn: AsyncConnection, notice_id: str, now: datetime, *, nobody: bool
) -> None:
    """Somebody above was written to; or `nobody` is left who could be."""
    error = {"last_error": NOBODY_ABOVE} if nobody else {}
    await _set(conn, notice_id, escalated_at=now, **error)


def _to(officer: str, recipients: Sequence[str]) -> ColumnElement[bool]:
    """Whether a notice is addressed to one of these, or went to the officer all the same."""
    return or_(t.notice.c.recipient.in_(recipients), t.notice.c.reached.has_key(officer))


async def acknowledge(
    conn: AsyncConnection,
    officer: str,
    recipients: Sequence[str],
    ids: Sequence[str] | None,
    now: datetime,
) -> int:
    """An officer has seen notices to them or to whom they answer for (all of them where `ids` is
    None); returns how many nobody had acknowledged before."""
    query = update(t.notice).where(_to(officer, recipients), t.notice.c.acknowledged_at.is_(None))
    if ids is not None:
        query = query.where(t.notice.c.notice_id.in_(ids))
    done = await conn.execute(query.values(acknowledged_at=now, acknowledged_by=officer))
    return done.rowcount


async def of_recipient(
    conn: AsyncConnection,
    officer: str,
    recipients: Sequence[str],
    *,
    all_of_them: bool,
    limit: int,
) -> list[Row[Any]]:
    """Notices to an officer or to whom they answer for, the newest first; those not yet
    acknowledged unless all are asked for."""
    query = select(t.notice).where(_to(officer, recipients))
    if not all_of_them:
        query = query.where(t.notice.c.acknowledged_at.is_(None))
    return list(await conn.execute(query.order_by(t.notice.c.created_at.desc()).limit(limit)))


async def waiting_too_long(
    conn: AsyncConnection, now: datetime, before: datetime
) -> dict[str, int]:
    """How many notices could not leave since `before`, and how many nobody acknowledges though
    everybody above was told, by state; for the watchdog."""
    n = t.notice.c
    state = case(
        (n.last_error == NOBODY_ABOVE, "UNANSWERED"),
        (n.state == NoticeState.NO_ADDRESS.value, "NO_ADDRESS"),
        else_="WAITING",
    )
    unsent = and_(
        n.sent_at.is_(None),
        n.state.in_([NoticeState.WAITING.value, NoticeState.NO_ADDRESS.value]),
        func.coalesce(n.not_before, n.created_at) < before,
    )
    query = (
        select(state.label("state"), func.count().label("number"))
        .where(or_(unsent, and_(n.last_error == NOBODY_ABOVE, _unanswered(now))))
        .group_by(state)
    )
    return {row.state: row.number for row in await conn.execute(query)}
