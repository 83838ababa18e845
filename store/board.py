"""The supervisor's board: every case with what is overdue, and how loaded each officer is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Record
from models.enums import CaseState
from store import tables as t


class BoardFilter(Record):
    """What a board is narrowed to; empty narrows nothing. Closed cases show only where `state`
    asks for them."""

    overdue: bool = False
    district: str = ""
    officer: str = ""
    risk: str = ""
    state: str = ""


class BoardRow(Record):
    """One case on the board. `overdue` counts open clocks past their due instant."""

    case_ref: str
    state: str
    risk_grade: str
    grade_pending_review: bool = False
    dalo_id: str = ""
    supervisor_id: str = ""
    district: str = ""
    engagement_status: str = ""
    ladder_step: str = ""
    over_capacity: bool = False
    opened_at: datetime
    last_contact_at: datetime | None = None
    next_contact_due_adjusted: datetime | None = None
    next_due_at: datetime | None = None
    overdue: int = 0
    tasks: int = 0
    incident_count: int = 0
    closed_at: datetime | None = None
    flags: dict[str, bool] = Field(default_factory=dict)
    """What stands above its duties: threat to life, freeze, legal hold, allegations by both."""
    urgent: tuple[str, ...] = ()
    """What is open on it that comes before due times (`store.overview.case_flags`)."""


class OfficerLoad(Record):
    """How many open cases an officer has, for how much room."""

    officer_id: str
    area: str = ""
    capacity: int | None = None
    cases: int = 0
    high: int = 0
    overdue: int = 0
    absent: bool = False


async def board(conn: AsyncConnection, chosen: BoardFilter, now: datetime) -> list[BoardRow]:
    """The cases on the board: overdue first, then the next due. What the read model does not have
    yet comes from the register, so that a case counts from the moment of opening."""
    r, c = t.case_register.c, t.case.c
    clocks, tasks = _clock_counts(now), _task_counts()
    risk = func.coalesce(c.risk_grade, r.risk_grade)
    state = case((r.closed_at.is_not(None), CaseState.CLOSED.value), else_=c.state)
    officer = func.coalesce(c.dalo_id, r.dalo_id, "")
    district = func.coalesce(func.nullif(c.district, ""), r.area)
    late = func.coalesce(clocks.c.overdue, 0)
    query = select(
        r.case_ref,
        func.coalesce(state, r.state).label("state"),
        risk.label("risk_grade"),
        func.coalesce(c.grade_pending_review, False).label("grade_pending_review"),
        officer.label("dalo_id"),
        func.coalesce(c.supervisor_id, r.supervisor_id, "").label("supervisor_id"),
        district.label("district"),
        func.coalesce(c.engagement_status, "").label("engagement_status"),
        func.coalesce(c.ladder_step, "").label("ladder_step"),
        func.coalesce(c.over_capacity, r.over_capacity).label("over_capacity"),
        r.opened_at,
        c.last_contact_at,
        c.next_contact_due_adjusted,
        clocks.c.next_due_at,
        late.label("overdue"),
        func.coalesce(tasks.c.open, 0).label("tasks"),
        func.coalesce(c.incident_count, 0).label("incident_count"),
        r.closed_at,
        func.coalesce(c.flags, func.jsonb_build_object()).label("flags"),
    ).select_from(
        t.case_register.outerjoin(t.case, c.case_ref == r.case_ref)
        .outerjoin(clocks, clocks.c.case_ref == r.case_ref)
        .outerjoin(tasks, tasks.c.case_ref == r.case_ref)
    )
    wanted = [
        true() if chosen.state == CaseState.CLOSED else r.closed_at.is_(None),
        _same(district, chosen.district),
        _same(officer, chosen.officer),
        _same(risk, chosen.risk),
        _same(func.coalesce(state, r.state), chosen.state),
        late > 0 if chosen.overdue else true(),
    ]
    ordered = query.where(*wanted).order_by(
        (late > 0).desc(), clocks.c.next_due_at.nulls_last(), r.case_ref
    )
    return [BoardRow.model_validate(row) for row in (await conn.execute(ordered)).mappings()]


def redacted(rows: list[BoardRow], hidden: set[str]) -> list[BoardRow]:
    """The rows; of a case that is hidden from the reader nothing but its reference."""
    return [
        BoardRow(case_ref=row.case_ref, state="RESTRICTED", risk_grade="", opened_at=row.opened_at)
        if row.case_ref in hidden
        else row
        for row in rows
    ]


async def loads(conn: AsyncConnection, now: datetime) -> list[OfficerLoad]:
    """Every active DALO with open cases and room."""
    o, r = t.officer.c, t.case_register.c
    clocks = _clock_counts(now)
    mine = (
        select(
            r.dalo_id,
            func.count().label("cases"),
            func.count().filter(r.risk_grade == "HIGH").label("high"),
            func.coalesce(func.sum(clocks.c.overdue), 0).label("overdue"),
        )
        .select_from(t.case_register.outerjoin(clocks, clocks.c.case_ref == r.case_ref))
        .where(r.closed_at.is_(None))
        .group_by(r.dalo_id)
        .subquery()
    )
    away = and_(o.absent_from <= now, or_(o.absent_until.is_(None), o.absent_until > now))
    query = (
        select(
            o.officer_id,
            func.coalesce(o.area, "").label("area"),
            o.capacity,
            func.coalesce(mine.c.cases, 0).label("cases"),
            func.coalesce(mine.c.high, 0).label("high"),
            func.coalesce(mine.c.overdue, 0).label("overdue"),
            func.coalesce(away, False).label("absent"),
        )
        .select_from(t.officer.outerjoin(mine, mine.c.dalo_id == o.officer_id))
        .where(o.role == "DALO", o.active)
        .order_by(o.officer_id)
    )
    return [OfficerLoad.model_validate(row) for row in (await conn.execute(query)).mappings()]


def _clock_counts(now: datetime) -> Any:
    return (
        select(
            t.clock.c.case_ref,
            func.min(t.clock.c.due_at).label("next_due_at"),
            func.count().filter(t.clock.c.due_at < now, not_(paused())).label("overdue"),
        )
        .where(t.clock.c.status == "OPEN")
        .group_by(t.clock.c.case_ref)
        .subquery("clocks")
    )


def _task_counts() -> Any:
    return (
        select(t.task.c.case_ref, func.count().label("open"))
        .where(t.task.c.settled_at.is_(None))
        .group_by(t.task.c.case_ref)
        .subquery("tasks")
    )


def paused() -> ColumnElement[bool]:
    """Whether a clock stands still: its last pause has no end."""
    pauses = t.clock.c.pauses
    last = and_(func.jsonb_array_length(pauses) > 0, pauses[-1]["ended_at"].astext.is_(None))
    return func.coalesce(last, False)


def _same(column: ColumnElement[Any], wanted: str) -> ColumnElement[bool]:
    return func.upper(column) == wanted.upper() if wanted else true()
