"""Notices to officers and partners: found in the read models, written once, sent at least once.

Nothing is added to the recording of a case for them: what should be told is a task or a warned
clock that has no notice yet. So a notifier that was down catches up, and says nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import Json
from models.notices import NoticeKind, NoticeState
from store import tables as t
from store.bulk import ROWS, insert_new

_COLUMNS = (
    "notice_id",
    "stream",
    "kind",
    "recipient",
    "template",
    "facts",
    "urgency",
    "state",
    "message_id",
    "created_at",
    "not_before",
    "escalates",
)
LONGEST_PAUSE = timedelta(minutes=30)


class Due(NamedTuple):
    """Something that somebody should be written to about. `what` is a task's or clock's kind."""

    notice_id: str
    kind: NoticeKind
    stream: str
    owner: str
    what: str
    subject: str
    due_at: datetime | None
    case_ref: str
    risk_grade: str
    command: str


def _task_rows(kind: NoticeKind, where: Any) -> Any:
    key = literal(f"{kind.value}/") + t.task.c.stream + "/" + t.task.c.task_id
    return (
        select(
            key.label("notice_id"),
            t.task.c.stream,
            t.task.c.owner,
            t.task.c.kind.label("what"),
            t.task.c.subject,
            t.task.c.due_at,
            t.task.c.case_ref,
            t.case.c.risk_grade,
            t.task.c.command,
        )
        .select_from(t.task.outerjoin(t.case, t.case.c.case_ref == t.task.c.case_ref))
        .where(
            t.task.c.settled_at.is_(None),
            t.task.c.owner.is_not(None),
            t.task.c.owner != "",
            where,
            ~exists().where(t.notice.c.notice_id == key),
        )
        .order_by(t.task.c.raised_at)
    )


def _warnings() -> Any:
    kind = NoticeKind.WARNING
    key = literal(f"{kind.value}/") + t.clock.c.stream + "/" + t.clock.c.clock_id
    return (
        select(
            key.label("notice_id"),
            t.clock.c.stream,
            t.clock.c.owner,
            t.clock.c.clock_type.label("what"),
            t.clock.c.subject,
            t.clock.c.due_at,
            t.clock.c.case_ref,
            t.case.c.risk_grade,
            literal("").label("command"),
        )
        .select_from(t.clock.outerjoin(t.case, t.case.c.case_ref == t.clock.c.case_ref))
        .where(
            t.clock.c.status == "OPEN",
            t.clock.c.warned_at.is_not(None),
            t.clock.c.breached_at.is_(None),
            t.clock.c.owner.is_not(None),
            t.clock.c.owner != "",
            ~exists().where(t.notice.c.notice_id == key),
        )
    )


async def to_be_told(
    conn: AsyncConnection, now: datetime, remind_before: timedelta, limit: int
) -> list[Due]:
    """Tasks, reminders and warnings that nobody has been written to about, oldest first."""
    soon = and_(
        t.task.c.due_at.is_not(None),
        t.task.c.due_at > now,
        t.task.c.due_at <= now + remind_before,
        # What was raised within the reminder's own span has just been told.
        t.task.c.due_at - t.task.c.raised_at > remind_before,
    )
    found = []
    for kind, query in (
        (NoticeKind.TASK, _task_rows(NoticeKind.TASK, literal(True))),
        (NoticeKind.REMINDER, _task_rows(NoticeKind.REMINDER, soon)),
        (NoticeKind.WARNING, _warnings()),
    ):
        for row in await conn.execute(query.limit(limit)):
            found.append(_due(kind, row))
    return found


def _due(kind: NoticeKind, row: Row[Any]) -> Due:
    return Due(
        row.notice_id,
        kind,
        row.stream,
        row.owner,
        row.what,
        row.subject or "",
        row.due_at,
        row.case_ref or "",
        row.risk_grade or "",
        row.command or "",
    )


async def write(conn: AsyncConnection, rows: Sequence[Json]) -> None:
    """Write notices; one that is there already stays as it was."""
    if rows:
        await conn.execute(insert_new(t.notice, _COLUMNS), {ROWS: list(rows)})


async def claim(conn: AsyncConnection, now: datetime, limit: int) -> list[Row[Any]]:
    """Notices that may leave now, locked until the caller's transaction ends; those another
    notifier holds are left out."""
    query = (
        select(t.notice)
        .where(
            t.notice.c.state == NoticeState.WAITING.value,
            or_(t.notice.c.not_before.is_(None), t.notice.c.not_before <= now),
            or_(t.notice.c.next_attempt_at.is_(None), t.notice.c.next_attempt_at <= now),
        )
        .order_by(t.notice.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await conn.execute(query))


async def finish(
    conn: AsyncConnection,
    notice_id: str,
    state: NoticeState,
    now: datetime,
    acknowledge_by: datetime | None = None,
) -> None:
    """A notice left, was overtaken, or has no address."""
    sent = {"sent_at": now} if state is NoticeState.SENT else {}
    await conn.execute(
        update(t.notice)
        .where(t.notice.c.notice_id == notice_id)
        .values(state=state.value, acknowledge_by=acknowledge_by, last_error=None, **sent)
    )


async def put_off(
    conn: AsyncConnection, notice_id: str, attempts: int, error: str, now: datetime
) -> None:
    """A notice could not leave: it waits 30 s, 1, 2, 4 ... minutes, at most half an hour.
    `error` is a code."""
    pause = min(timedelta(seconds=30 * 2 ** min(attempts, 8)), LONGEST_PAUSE)
    await conn.execute(
        update(t.notice)
        .where(t.notice.c.notice_id == notice_id)
        .values(attempts=attempts + 1, last_error=error, next_attempt_at=now + pause)
    )


async def is_settled(conn: AsyncConnection, notice_id: str) -> bool:
    """Whether what a task's notice is about was settled, or its clock ended, meanwhile."""
    kind, _, rest = notice_id.partition("/")
    if kind == NoticeKind.ESCALATION.value:
        return False
    of = t.clock if kind == NoticeKind.WARNING.value else t.task
    open_still = of.c.status == "OPEN" if of is t.clock else of.c.settled_at.is_(None)
    key = of.c.clock_id if of is t.clock else of.c.task_id
    found = exists().where(of.c.stream + "/" + key == rest, open_still)
    return not (await conn.execute(select(found))).scalar_one()


async def unanswered(conn: AsyncConnection, now: datetime, limit: int) -> list[Row[Any]]:
    """Urgent notices past the time by which somebody should have acknowledged them, not yet
    escalated, with the recipient's supervisor; what was settled meanwhile needs no answer."""
    settled = exists().where(
        and_(
            t.task.c.stream == t.notice.c.stream,
            literal("TASK/") + t.task.c.stream + "/" + t.task.c.task_id == t.notice.c.notice_id,
            t.task.c.settled_at.is_not(None),
        )
    )
    query = (
        select(t.notice, t.officer.c.supervisor_id)
        .select_from(t.notice.outerjoin(t.officer, t.officer.c.officer_id == t.notice.c.recipient))
        .where(
            t.notice.c.acknowledge_by <= now,
            t.notice.c.acknowledged_at.is_(None),
            t.notice.c.escalated_at.is_(None),
            ~settled,
        )
        .limit(limit)
        .with_for_update(of=t.notice, skip_locked=True)
    )
    return list(await conn.execute(query))


async def mark_escalated(conn: AsyncConnection, notice_id: str, now: datetime) -> None:
    """Somebody above was written to."""
    await conn.execute(
        update(t.notice).where(t.notice.c.notice_id == notice_id).values(escalated_at=now)
    )


async def acknowledge(
    conn: AsyncConnection,
    officer: str,
    recipients: Sequence[str],
    ids: Sequence[str] | None,
    now: datetime,
) -> int:
    """An officer has seen notices to them or to a role they hold (all of them where `ids` is
    None); returns how many nobody had acknowledged before."""
    query = update(t.notice).where(
        t.notice.c.recipient.in_(recipients), t.notice.c.acknowledged_at.is_(None)
    )
    if ids is not None:
        query = query.where(t.notice.c.notice_id.in_(ids))
    done = await conn.execute(query.values(acknowledged_at=now, acknowledged_by=officer))
    return done.rowcount


async def of_recipient(
    conn: AsyncConnection, recipients: Sequence[str], *, all_of_them: bool, limit: int
) -> list[Row[Any]]:
    """Notices to an officer or to a role they hold, the newest first; those not yet acknowledged
    unless all are asked for."""
    query = select(t.notice).where(t.notice.c.recipient.in_(recipients))
    if not all_of_them:
        query = query.where(t.notice.c.acknowledged_at.is_(None))
    return list(await conn.execute(query.order_by(t.notice.c.created_at.desc()).limit(limit)))


async def addresses(conn: AsyncConnection, recipients: Sequence[str]) -> dict[str, str]:
    """E-mail addresses of these people, by id; a role in an area (`INSPECTOR@Medway`) stands for
    the active people who hold it there (those of no area serve all)."""
    wanted: list[ColumnElement[bool]] = [t.officer.c.officer_id.in_(recipients)]
    for role, sign, area in (each.partition("@") for each in recipients):
        if sign:
            of_area = or_(t.officer.c.area == area, t.officer.c.area.is_(None))
            wanted.append(and_(t.officer.c.role == role, of_area))
    query = select(t.officer.c.officer_id, t.officer.c.email).where(
        or_(*wanted), t.officer.c.active, t.officer.c.email.is_not(None)
    )
    rows = await conn.execute(query.order_by(t.officer.c.officer_id))
    return {row.officer_id: row.email for row in rows}


async def waiting_too_long(conn: AsyncConnection, before: datetime) -> dict[str, int]:
    """How many notices could not leave since `before`, by state; for the watchdog."""
    state = case((t.notice.c.state == NoticeState.NO_ADDRESS.value, "NO_ADDRESS"), else_="WAITING")
    query = (
        select(state.label("state"), func.count().label("number"))
        .where(
            t.notice.c.sent_at.is_(None),
            t.notice.c.state.in_([NoticeState.WAITING.value, NoticeState.NO_ADDRESS.value]),
            func.coalesce(t.notice.c.not_before, t.notice.c.created_at) < before,
        )
        .group_by(state)
    )
    return {row.state: row.number for row in await conn.execute(query)}
