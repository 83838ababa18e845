"""What a supervisor must see beside the cases: open breaches by clock, what waits for a decision,
meetings, referrals that nobody answers, notices that did not leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.actions import ACTIONS
from models.base import Record
from models.data_classes import Access, DataClass
from models.enums import ClockType, ReferralState
from models.notices import NoticeState
from models.urgency import Urgency, urgency_of
from store import tables as t
from store.board import paused
from store.meetings import list_meetings

AHEAD = timedelta(days=28)
"""Meetings that begin later are not due yet."""
_COMMAND = re.compile(r"^dalo do \S+ ([a-z-]+)")
_SILENCE = ("REFERRAL_UNANSWERED", "CHASE_REFERRAL", "UNABLE_TO_CONTACT", "TRANSFER_REFUSED")
_FLAGS = {
    Urgency.THREAT_TO_LIFE: "THREAT TO LIFE",
    Urgency.CHILD: "CHILD",
    Urgency.ORDER_BREACH: "ORDER",
}


class Breaches(Record):
    """Open clocks of one type that are past their due instant."""

    clock_type: str
    count: int
    first_due_at: datetime


class Waiting(Record):
    """Decisions of one kind that wait for one person or role."""

    owner: str
    what: str
    count: int
    first_due_at: datetime | None = None
    cases: tuple[str, ...] = ()


class MeetingDue(Record):
    """A meeting that is to be held, or whose actions are open."""

    stream: str
    forum: str
    area: str
    starts_at: datetime
    state: str
    emergency: bool = False
    cut_off_at: datetime | None = None
    listed: int = 0
    actions_open: int = 0


class Unanswered(Record):
    """A referral that its service has not acknowledged, or that had to be chased."""

    referral_ref: str
    pathway: str
    state: str
    case_ref: str = ""
    service: str = ""
    area: str = ""
    submitted_at: datetime | None = None
    chased: bool = False


class Unsent(Record):
    """Notices that did not leave, or that nobody acknowledged in time."""

    what: str
    count: int
    oldest_at: datetime


class Overview(Record):
    """What a supervisor must see beside the cases."""

    breaches: tuple[Breaches, ...] = ()
    approvals: tuple[Waiting, ...] = ()
    meetings: tuple[MeetingDue, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    notices: tuple[Unsent, ...] = ()


async def overview(conn: AsyncConnection, now: datetime, hidden: Collection[str] = ()) -> Overview:
    """All of it at `now`; referrals of `hidden` cases are left out, decisions on them counted by
    reference alone."""
    return Overview(
        breaches=tuple(await _breaches(conn, now)),
        approvals=tuple(await _approvals(conn)),
        meetings=tuple(await _meetings(conn, now)),
        unanswered=tuple(each for each in await _unanswered(conn) if each.case_ref not in hidden),
        notices=tuple(await _notices(conn, now)),
    )


async def case_flags(conn: AsyncConnection) -> dict[str, tuple[str, ...]]:
    """By case what is open that comes before due times: threat to life, a child, an order."""
    tasks = select(t.task.c.case_ref, t.task.c.kind, t.task.c.subject).where(
        t.task.c.settled_at.is_(None), t.task.c.case_ref.is_not(None)
    )
    clocks = select(t.clock.c.case_ref, t.clock.c.clock_type.label("kind"), t.clock.c.subject)
    clocks = clocks.where(t.clock.c.status == "OPEN", t.clock.c.case_ref.is_not(None))
    found: dict[str, set[Urgency]] = {}
    for query in (tasks, clocks):
        for row in await conn.execute(query):
            urgency = urgency_of(row.kind, row.subject or "")
            if urgency in _FLAGS:
                found.setdefault(row.case_ref, set()).add(urgency)
    return {ref: tuple(_FLAGS[each] for each in sorted(some)) for ref, some in found.items()}


async def _breaches(conn: AsyncConnection, now: datetime) -> list[Breaches]:
    c = t.clock.c
    query = (
        select(c.clock_type, func.count().label("count"), func.min(c.due_at).label("first_due_at"))
        .where(c.status == "OPEN", c.due_at < now, not_(paused()))
        .group_by(c.clock_type)
        .order_by(func.count().desc(), c.clock_type)
    )
    return [Breaches.model_validate(row) for row in (await conn.execute(query)).mappings()]


async def _approvals(conn: AsyncConnection) -> list[Waiting]:
    """Tasks that only a supervisor's command settles, and grades to be reviewed."""
    c = t.task.c
    query = select(c.owner, c.kind, c.command, c.due_at, c.case_ref).where(c.settled_at.is_(None))
    rows: list[Any] = [r for r in await conn.execute(query) if _for_supervisors(r.command or "")]
    clocks = select(
        t.clock.c.owner,
        t.clock.c.clock_type.label("kind"),
        t.clock.c.due_at,
        t.clock.c.case_ref,
    ).where(
        t.clock.c.status == "OPEN",
        t.clock.c.clock_type == ClockType.RISK_SUPERVISOR_REVIEW.value,
    )
    return _grouped([*rows, *await conn.execute(clocks)])


def _for_supervisors(command: str) -> bool:
    found = _COMMAND.match(command)
    action = ACTIONS.get(found[1]) if found else None
    return action is not None and action.any_of == ((DataClass.APPROVALS, Access.WRITE),)


def _grouped(rows: Iterable[Any]) -> list[Waiting]:
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        groups.setdefault((row.owner or "", row.kind), []).append(row)
    return [
        Waiting(
            owner=owner,
            what=kind,
            count=len(some),
            first_due_at=min((r.due_at for r in some if r.due_at), default=None),
            cases=tuple(sorted({r.case_ref for r in some if r.case_ref})),
        )
        for (owner, kind), some in sorted(groups.items())
    ]


async def _meetings(conn: AsyncConnection, now: datetime) -> list[MeetingDue]:
    rows = await list_meetings(conn)
    names = MeetingDue.model_fields.keys()
    return [
        MeetingDue.model_validate({k: v for k, v in row.items() if k in names and v is not None})
        for row in rows
        if row["starts_at"] <= now + AHEAD
    ]


async def _unanswered(conn: AsyncConnection) -> list[Unanswered]:
    c, task = t.referral.c, t.task.c
    chased = (
        select(task.stream)
        .where(task.settled_at.is_(None), task.kind.in_(_SILENCE))
        .distinct()
        .subquery()
    )
    silent = and_(c.state == ReferralState.SUBMITTED.value, c.acknowledged_at.is_(None))
    query = (
        select(
            c.referral_ref,
            c.pathway,
            c.state,
            func.coalesce(c.case_ref, "").label("case_ref"),
            func.coalesce(c.service, "").label("service"),
            func.coalesce(c.area, "").label("area"),
            c.submitted_at,
            chased.c.stream.is_not(None).label("chased"),
        )
        .select_from(t.referral.outerjoin(chased, chased.c.stream == c.stream))
        .where(c.ended_at.is_(None), or_(silent, chased.c.stream.is_not(None)))
        .order_by(c.submitted_at.nulls_last(), c.referral_ref)
    )
    return [Unanswered.model_validate(row) for row in (await conn.execute(query)).mappings()]


async def _notices(conn: AsyncConnection, now: datetime) -> list[Unsent]:
    c = t.notice.c
    ready = func.coalesce(c.not_before, c.created_at)
    unsent = and_(c.sent_at.is_(None), c.state == NoticeState.WAITING.value, ready < now)
    nowhere = c.state == NoticeState.NO_ADDRESS.value
    silent = and_(c.acknowledged_at.is_(None), c.acknowledge_by < now, c.sent_at.is_not(None))
    what = case((nowhere, "NO_ADDRESS"), (silent, "NOT_ACKNOWLEDGED"), else_="WAITING")
    query = (
        select(what.label("what"), func.count().label("count"), func.min(ready).label("oldest_at"))
        .where(or_(unsent, and_(nowhere, c.acknowledged_at.is_(None)), silent))
        .group_by(what)
        .order_by(what)
    )
    return [Unsent.model_validate(row) for row in (await conn.execute(query)).mappings()]
