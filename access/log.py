"""The access log: who looked at or changed what, when and why, refusals too. Never the content.

What kind of processing an action is (consulted, altered, disclosed ...) follows from its name by
the catalogue `models.actions.ACTIONS`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Record
from models.commands import Grant
from models.enums import Role
from store.tables import access_log, case_register, officer


class LogEntry(Record):
    """One row. `subject` is the case where there is one, else the reference asked for. Where access
    was refused, `reason_code` is the refusal's code; else why access was due: the actor's relation
    to the case, or the code given."""

    id: str
    at: datetime
    actor: str
    role: str
    action: str
    subject: str = ""
    allowed: bool
    reason_code: str = ""
    reason: str = ""
    command: str = ""
    break_glass: bool = False


async def write(conn: AsyncConnection, entry: LogEntry) -> None:
    """Append one row in the caller's transaction."""
    await conn.execute(insert(access_log), [entry.model_dump()])


async def entries(
    conn: AsyncConnection,
    grant: Grant,
    *,
    actor: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    refused_only: bool = False,
    limit: int = 1_000,
) -> list[LogEntry]:
    """Rows that the holder of `grant` may see, newest first: an auditor all, a supervisor their
    team's, anybody else their own. `since` is included, `until` is not."""
    query = select(access_log).where(_visible(grant))
    if actor:
        query = query.where(access_log.c.actor == actor)
    if subject:
        query = query.where(access_log.c.subject == subject)
    if since is not None:
        query = query.where(access_log.c.at >= since)
    if until is not None:
        query = query.where(access_log.c.at < until)
    if refused_only:
        query = query.where(~access_log.c.allowed)
    return await _fetch(conn, query, limit)


async def break_glass_alerts(
    conn: AsyncConnection, supervisor_id: str, since: datetime, limit: int = 1_000
) -> list[LogEntry]:
    """Break-glass access since an instant to cases that this supervisor answers for, newest
    first."""
    query = (
        select(access_log)
        .join(case_register, case_register.c.case_ref == access_log.c.subject)
        .where(access_log.c.break_glass, access_log.c.allowed, access_log.c.at >= since)
        .where(case_register.c.supervisor_id == supervisor_id)
    )
    return await _fetch(conn, query, limit)


async def _fetch(conn: AsyncConnection, query: Select[Any], limit: int) -> list[LogEntry]:
    page = query.order_by(access_log.c.at.desc(), access_log.c.id).limit(limit)
    rows = (await conn.execute(page)).mappings()
    return [
        LogEntry.model_validate({k: v for k, v in row.items() if v is not None}) for row in rows
    ]


def _visible(grant: Grant) -> ColumnElement[bool]:
    if grant.role is Role.AUDITOR:
        return true()
    own = access_log.c.actor == grant.actor
    if grant.role in (Role.SUPERVISOR, Role.INSPECTOR, Role.SUPERINTENDENT):
        team = select(officer.c.officer_id).where(officer.c.supervisor_id == grant.actor)
        return or_(own, access_log.c.actor.in_(team))
    return own
