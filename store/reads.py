"""What the read models answer: references, one case, lists of clocks and tasks.

Nothing here decides who may ask: callers have passed the gate. Rows hold references and codes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.clocks import CalendarKind, Clock, Limit
from models.events import Event, Json
from models.ids import CASE_REF, VICTIM_REF
from models.limits import parse_limit
from models.stream import Task
from store import tables as t
from store.ledger import decode_event

_OPEN_TASK = t.task.c.settled_at.is_(None)
_OPEN_CLOCK = t.clock.c.status == "OPEN"


class Incident(NamedTuple):
    """One victim's part of an incident."""

    incident_ref: str
    victim_ref: str


class Reference(NamedTuple):
    """What a reference means: a case (empty for a report that has none) and, where the reference
    names a case or victim, all its incidents; where it names an incident, that one alone."""

    case_ref: str
    incidents: tuple[Incident, ...]
    named_incident: bool


async def resolve(conn: AsyncConnection, ref: str) -> list[Reference]:
    """The things behind a reference; one incident of two victims is two, an unknown one none."""
    plain = re.sub(r"^(case|incident|victim)/", "", ref.strip())
    if CASE_REF.match(plain):
        return await _of_cases(conn, t.case_register.c.case_ref == plain)
    if VICTIM_REF.match(plain):
        return await _of_cases(conn, t.case_register.c.victim_ref == plain)
    incident_ref, _, victim_ref = plain.rpartition("/")
    if VICTIM_REF.match(victim_ref):
        where = and_(t.report.c.incident_ref == incident_ref, t.report.c.victim_ref == victim_ref)
    else:
        where = t.report.c.incident_ref == plain
    query = select(t.report.c.incident_ref, t.report.c.victim_ref, t.report.c.case_ref)
    rows = await conn.execute(query.where(where).order_by(t.report.c.victim_ref))
    return [
        Reference(row.case_ref or "", (Incident(row.incident_ref, row.victim_ref),), True)
        for row in rows
    ]


async def _of_cases(conn: AsyncConnection, where: ColumnElement[bool]) -> list[Reference]:
    """The open case, else the newest."""
    query = (
        select(t.case_register.c.case_ref)
        .where(where)
        .order_by(t.case_register.c.closed_at.is_not(None), t.case_register.c.opened_at.desc())
        .limit(1)
    )
    case_ref = (await conn.execute(query)).scalar_one_or_none()
    if case_ref is None:
        return []
    joined = (
        select(t.report.c.incident_ref, t.report.c.victim_ref)
        .where(t.report.c.case_ref == case_ref)
        .order_by(t.report.c.reported_at, t.report.c.incident_ref)
    )
    incidents = tuple(Incident(*row) for row in await conn.execute(joined))
    return [Reference(case_ref, incidents, False)]


# --- one case -----------------------------------------------------------------------------------


async def register_row(conn: AsyncConnection, case_ref: str) -> Json | None:
    """The case's row in the register, which exists from the moment of opening."""
    columns = [c for c in t.case_register.c if c.name != "final_state"]
    query = select(*columns).where(t.case_register.c.case_ref == case_ref)
    return _one(await conn.execute(query))


async def case_row(conn: AsyncConnection, case_ref: str) -> Json | None:
    """The case's row in the read model; None before its first events are recorded."""
    return _one(await conn.execute(select(t.case).where(t.case.c.case_ref == case_ref)))


async def incident_rows(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """The incidents of a case, the newest first."""
    query = select(t.incident).where(t.incident.c.case_ref == case_ref)
    return _all(await conn.execute(query.order_by(t.incident.c.reported_at.desc())))


async def contact_rows(conn: AsyncConnection, case_ref: str, limit: int = 20) -> list[Json]:
    """The case's contact attempts, the newest first."""
    query = select(t.contact).where(t.contact.c.case_ref == case_ref)
    return _all(await conn.execute(query.order_by(t.contact.c.at.desc()).limit(limit)))


async def action_rows(conn: AsyncConnection, case_ref: str) -> list[Json]:
    """The case's open need actions, the first due first."""
    query = select(t.action).where(t.action.c.case_ref == case_ref, t.action.c.ended_at.is_(None))
    return _all(await conn.execute(query.order_by(t.action.c.due_at)))


async def clocks_of(
    conn: AsyncConnection, case_ref: str, *, ended: bool = False
) -> list[tuple[str, Clock]]:
    """Stream and clock of a case and its incidents, the first due first; open ones only unless
    `ended`."""
    where = t.clock.c.case_ref == case_ref
    query = select(t.clock).where(where if ended else and_(where, _OPEN_CLOCK))
    return await _clocks(conn, query)


async def tasks_of(conn: AsyncConnection, case_ref: str) -> list[tuple[str, Task]]:
    """Stream and task of a case's open tasks, the first due first."""
    return await _tasks(conn, and_(t.task.c.case_ref == case_ref, _OPEN_TASK))


async def timeline(
    conn: AsyncConnection, streams: Sequence[str], limit: int
) -> list[tuple[str, Event]]:
    """The newest events of some streams, the newest first; the read-model rows that go with them
    (`...:changed`) are left out."""
    e = t.ledger_event
    query = (
        select(e.c.stream, e.c.header)
        .where(e.c.stream.in_(streams), e.c.tag.not_in(("case:changed", "incident:changed")))
        .order_by(e.c.recorded_at.desc(), e.c.stream, e.c.seq.desc())
        .limit(limit)
    )
    return [(row.stream, decode_event(row.header)) for row in await conn.execute(query)]


async def last_event(conn: AsyncConnection, stream: str, tags: Sequence[str]) -> Event | None:
    """The newest event of a stream with one of the tags."""
    e = t.ledger_event
    query = select(e.c.header).where(e.c.stream == stream, e.c.tag.in_(tags))
    header = (await conn.execute(query.order_by(e.c.seq.desc()).limit(1))).scalar_one_or_none()
    return decode_event(header) if header else None


# --- the services --------------------------------------------------------------------------------


async def mark(conn: AsyncConnection, name: str) -> tuple[str, datetime | None] | None:
    """What a service last said of itself, and when."""
    query = select(t.run_mark.c.value, t.run_mark.c.at).where(t.run_mark.c.name == name)
    row = (await conn.execute(query)).one_or_none()
    return (row.value or "", row.at) if row else None


# --- rows ---------------------------------------------------------------------------------------


async def _clocks(conn: AsyncConnection, query: Select[Any]) -> list[tuple[str, Clock]]:
    rows = _all(await conn.execute(query.order_by(t.clock.c.due_at, t.clock.c.clock_id)))
    return [(row["stream"], clock_of(row)) for row in rows]


async def _tasks(conn: AsyncConnection, where: ColumnElement[bool]) -> list[tuple[str, Task]]:
    query = select(t.task).where(where).order_by(t.task.c.due_at, t.task.c.raised_at)
    return [(row["stream"], task_of(row)) for row in _all(await conn.execute(query))]


def clock_of(row: Json) -> Clock:
    """A clock from its row."""
    known = {key: value for key, value in row.items() if value is not None}
    return Clock.model_validate({**known, "limit": _limit(row["limit"])})


def _limit(text: str) -> Limit:
    # An agreed instant has no amount, which the text form shows as nought.
    if text.startswith(CalendarKind.FIXED.value):
        return Limit(kind=CalendarKind.FIXED)
    return Limit.model_validate(parse_limit(text))


def task_of(row: Json) -> Task:
    """A task from its row."""
    return Task.model_validate({key: value for key, value in row.items() if value is not None})


def _one(result: Any) -> Json | None:
    row = result.mappings().one_or_none()
    return dict(row) if row is not None else None


def _all(result: Any) -> list[Json]:
    return [dict(row) for row in result.mappings()]
