"""What an officer answers for: open clocks and tasks of theirs, of a role they hold, of whom they
cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from models.clocks import Clock
from models.ids import role_address
from models.stream import Task
from store import tables as t
from store.reads import clock_of, task_of

BREACH = "BREACH"
"""Kind of the tasks that a clock past its due time raises; their subject is the clock's id."""


class Owed(NamedTuple):
    """A clock or task with where it belongs and the risk grade of its case. A breach has both: the
    task, and the open clock that it is about, whoever owns that."""

    case_ref: str
    stream: str
    risk_grade: str
    owner: str
    clock: Clock | None = None
    task: Task | None = None


async def answers_for(conn: AsyncConnection, officer_id: str, now: datetime) -> list[str]:
    """Every owner that means this officer now: they themselves, their role in their area, and those
    they cover while absent."""
    absent = t.officer.alias("absent")
    away = and_(
        or_(absent.c.absent_from.is_(None), absent.c.absent_from <= now),
        or_(absent.c.absent_until.is_(None), absent.c.absent_until > now),
    )
    query = (
        select(t.officer.c.role, t.officer.c.area, absent.c.officer_id.label("covered"))
        .select_from(
            t.officer.outerjoin(absent, and_(absent.c.officer_id == t.officer.c.covers, away))
        )
        .where(t.officer.c.officer_id == officer_id)
    )
    row = (await conn.execute(query)).first()
    if row is None:
        return [officer_id]
    own = [officer_id]
    if row.area:
        own.append(role_address(row.role, row.area))
    return [*own, row.covered] if row.covered else own


async def owed(conn: AsyncConnection, owners: Sequence[str]) -> list[Owed]:
    """Every open clock and task of these owners, in no order."""
    clocks = await _rows(conn, t.clock, t.clock.c.status == "OPEN", owners)
    tasks = await _rows(conn, t.task, t.task.c.settled_at.is_(None), owners)
    late = await _clocks_of_breaches(conn, tasks)
    return [
        *(_owed(row)._replace(clock=clock_of(row)) for row in clocks),
        *(
            _owed(row)._replace(task=task_of(row), clock=late.get((row["stream"], row["subject"])))
            for row in tasks
        ),
    ]


async def _clocks_of_breaches(
    conn: AsyncConnection, tasks: Sequence[dict[str, Any]]
) -> dict[tuple[str, str], Clock]:
    """The open clocks that these breaches are about, by stream and id."""
    of = [(row["stream"], row["subject"]) for row in tasks if row["kind"] == BREACH]
    if not of:
        return {}
    query = select(t.clock).where(
        tuple_(t.clock.c.stream, t.clock.c.clock_id).in_(of), t.clock.c.status == "OPEN"
    )
    rows = (await conn.execute(query)).mappings()
    return {(row["stream"], row["clock_id"]): clock_of(dict(row)) for row in rows}


async def _rows(
    conn: AsyncConnection, table: Table, still_open: Any, owners: Sequence[str]
) -> list[dict[str, Any]]:
    query = (
        select(table, t.case.c.risk_grade)
        .select_from(table.outerjoin(t.case, t.case.c.case_ref == table.c.case_ref))
        .where(still_open, table.c.owner.in_(owners))
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


def _owed(row: dict[str, Any]) -> Owed:
    return Owed(row["case_ref"] or "", row["stream"], row["risk_grade"] or "", row["owner"] or "")
