"""Open clocks and tasks as worklists need them: with the case's grade and who is in charge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from models.clocks import Clock
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
    supervisor: str = ""
    area: str = ""
    left: str = ""
    """Why it stands on the list of somebody who does not answer for its owner."""


async def owed(conn: AsyncConnection, owners: Sequence[str]) -> list[Owed]:
    """Every open clock and task of these owners, in no order."""
    return await owed_where(conn, lambda table: table.c.owner.in_(owners))


async def owed_where(
    conn: AsyncConnection, wanted: Callable[[Table], ColumnElement[bool]]
) -> list[Owed]:
    """The open clocks and tasks that are `wanted`, in no order; a condition may be on the
    register's row of the case too."""
    clocks = await _rows(conn, t.clock, still_open(t.clock), wanted(t.clock))
    tasks = await _rows(conn, t.task, still_open(t.task), wanted(t.task))
    late = await _clocks_of_breaches(conn, tasks)
    return [
        *(_owed(row)._replace(clock=clock_of(row)) for row in clocks),
        *(
            _owed(row)._replace(task=task_of(row), clock=late.get((row["stream"], row["subject"])))
            for row in tasks
        ),
    ]


def still_open(table: Table) -> ColumnElement[bool]:
    """Whether a row of `clock` or `task` still asks for something."""
    return table.c.status == "OPEN" if table is t.clock else table.c.settled_at.is_(None)


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
    conn: AsyncConnection, table: Table, *conditions: ColumnElement[bool]
) -> list[dict[str, Any]]:
    query = (
        select(
            table,
            t.case.c.risk_grade,
            t.case_register.c.supervisor_id.label("in_charge"),
            area_of(table).label("charge_area"),
        )
        .select_from(
            table.outerjoin(t.case, t.case.c.case_ref == table.c.case_ref).outerjoin(
                t.case_register, t.case_register.c.case_ref == table.c.case_ref
            )
        )
        .where(*conditions)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


def area_of(table: Table) -> ColumnElement[str]:
    """The area of the case, else that of the role which owns it; empty where neither says."""
    return func.coalesce(t.case_register.c.area, func.split_part(table.c.owner, "@", 2), "")


def _owed(row: dict[str, Any]) -> Owed:
    return Owed(
        row["case_ref"] or "",
        row["stream"],
        row["risk_grade"] or "",
        row["owner"] or "",
        supervisor=row["in_charge"] or "",
        area=row["charge_area"],
    )
