"""What somebody should be written to about: found in the read models, written once for each owner
that it comes to have.

Nothing is added to the recording of a case for notices: what should be told is a task or a warned
clock whose present owner has no notice yet. So a notifier that was down catches up, and says
nothing twice; and after a handover the new owner is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, Table, and_, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import Json
from models.notices import NoticeKind
from store import tables as t
from store.bulk import ROWS, insert_new
from store.worklist import area_of, still_open

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
    "about",
    "turn",
    "reached",
)


class Due(NamedTuple):
    """Something that somebody should be written to about. `what` is a task's or clock's kind;
    `about` and `turn` are as in the table of notices."""

    notice_id: str
    kind: NoticeKind
    stream: str
    about: str
    turn: int
    owner: str
    what: str
    subject: str
    due_at: datetime | None
    case_ref: str
    risk_grade: str
    command: str


class Standing(NamedTuple):
    """Who has an open task or clock now, and who is in charge of its case."""

    owner: str
    supervisor: str
    area: str


async def to_be_told(
    conn: AsyncConnection, now: datetime, remind_before: timedelta, limit: int
) -> list[Due]:
    """Tasks, reminders and warnings whose present owner has not been written to, oldest first."""
    found = []
    for kind, query in (
        (NoticeKind.TASK, _tasks()),
        (NoticeKind.REMINDER, _reminders(now, remind_before)),
        (NoticeKind.WARNING, _warnings()),
    ):
        for row in await conn.execute(query.limit(limit)):
            found.append(_due(kind, row))
    return found


def _tasks() -> Select[Any]:
    kind = NoticeKind.TASK
    latest = _told(kind, t.task).with_only_columns(t.notice.c.recipient)
    latest = latest.order_by(t.notice.c.turn.desc()).limit(1)
    turn = _turn(kind, t.task) + 1
    return _rows(t.task, turn).where(latest.scalar_subquery().is_distinct_from(_owner(t.task)))


def _reminders(now: datetime, remind_before: timedelta) -> Select[Any]:
    """Of what is due soon, and was told its owner when it was not yet."""
    due_at, n = t.task.c.due_at, t.notice.c
    turn = _turn(NoticeKind.TASK, t.task)
    told = _told(NoticeKind.TASK, t.task).where(
        n.recipient == _owner(t.task), n.turn == turn, due_at - n.created_at > remind_before
    )
    reminded = _told(NoticeKind.REMINDER, t.task).where(n.turn == turn)
    return _rows(t.task, turn).where(
        and_(due_at > now, due_at <= now + remind_before), told.exists(), ~reminded.exists()
    )


def _warnings() -> Select[Any]:
    kind, c = NoticeKind.WARNING, t.clock.c
    latest = _told(kind, t.clock).with_only_columns(t.notice.c.recipient)
    latest = latest.order_by(t.notice.c.turn.desc()).limit(1)
    return _rows(t.clock, _turn(kind, t.clock) + 1).where(
        c.warned_at.is_not(None),
        c.breached_at.is_(None),
        latest.scalar_subquery().is_distinct_from(_owner(t.clock)),
    )


def _told(kind: NoticeKind, of: Table) -> Select[Any]:
    """The notices of a kind about this row, to whomever."""
    n = t.notice.c
    query = select(n.notice_id).where(
        n.kind == kind.value, n.stream == of.c.stream, n.about == _about(of)
    )
    return query.correlate(of)


def _turn(kind: NoticeKind, of: Table) -> Any:
    """How many owners have been told in this way."""
    query = _told(kind, of).with_only_columns(func.coalesce(func.max(t.notice.c.turn), 0))
    return query.scalar_subquery()


def _about(of: Table) -> Any:
    return literal("task/") + of.c.task_id if of is t.task else literal("clock/") + of.c.clock_id


def _owner(of: Table) -> Any:
    return func.coalesce(of.c.owner, "")


def _rows(of: Table, turn: Any) -> Select[Any]:
    """Open rows, each with the turn that a notice about it would have."""
    is_task = of is t.task
    return (
        select(
            of.c.stream,
            _about(of).label("about"),
            turn.label("turn"),
            _owner(of).label("owner"),
            (of.c.kind if is_task else of.c.clock_type).label("what"),
            of.c.subject,
            of.c.due_at,
            of.c.case_ref,
            t.case.c.risk_grade,
            (of.c.command if is_task else literal("")).label("command"),
        )
        .select_from(of.outerjoin(t.case, t.case.c.case_ref == of.c.case_ref))
        .where(still_open(of))
        .order_by(of.c.raised_at if is_task else of.c.due_at)
    )


def _due(kind: NoticeKind, row: Row[Any]) -> Due:
    again = f"#{row.turn}" if row.turn > 1 else ""
    return Due(
        f"{kind.value}/{row.stream}/{row.about.partition('/')[2]}{again}",
        kind,
        row.stream,
        row.about,
        row.turn,
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


async def standing(conn: AsyncConnection, stream: str, about: str) -> Standing | None:
    """Who has what a notice is about now; None once it is settled."""
    kind, _, key = about.partition("/")
    of = t.task if kind == "task" else t.clock
    own_id = of.c.task_id if of is t.task else of.c.clock_id
    r = t.case_register.c
    query = (
        select(
            _owner(of).label("owner"),
            func.coalesce(r.supervisor_id, "").label("supervisor"),
            area_of(of).label("area"),
        )
        .select_from(of.outerjoin(t.case_register, r.case_ref == of.c.case_ref))
        .where(of.c.stream == stream, own_id == key, still_open(of))
    )
    row = (await conn.execute(query)).one_or_none()
    return Standing(row.owner, row.supervisor, row.area) if row is not None else None


def is_open() -> Any:
    """Whether what a row of the table of notices is about is still open."""
    n = t.notice.c
    return exists().where(
        t.task.c.stream == n.stream, _about(t.task) == n.about, still_open(t.task)
    ) | exists().where(
        t.clock.c.stream == n.stream, _about(t.clock) == n.about, still_open(t.clock)
    )
