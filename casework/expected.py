"""What should be running, as the store knows it: every open case, and every incident, referral and
meeting that has begun and not ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from store import tables as t


async def expected_streams(conn: AsyncConnection, before: datetime) -> list[str]:
    """Streams whose workflow should run. One that was made after `before`, or whose start still
    waits in the outbox, is not expected yet."""
    waiting = select(t.outbox.c.target).where(
        t.outbox.c.kind == "START", t.outbox.c.dispatched_at.is_(None)
    )
    everything = union_all(_cases(), _incidents(), _referrals(before), _meetings(before)).subquery()
    query = select(everything.c.stream).where(everything.c.stream.not_in(waiting))
    return list((await conn.execute(query.order_by(everything.c.stream))).scalars())


def _cases() -> Select[str]:
    name = (literal("case/") + t.case_register.c.case_ref).label("stream")
    return select(name).where(t.case_register.c.closed_at.is_(None))


def _incidents() -> Select[str]:
    row = t.incident.c
    name = (literal("incident/") + row.incident_ref + "/" + row.victim_ref).label("stream")
    return select(name).where(row.ended_at.is_(None))


def _referrals(before: datetime) -> Select[str]:
    """By the register, so that one which never began is missed too."""
    register, row = t.referral_register.c, t.referral.c
    name = (literal("referral/") + register.referral_ref).label("stream")
    joined = t.referral_register.outerjoin(t.referral, row.referral_ref == register.referral_ref)
    return (
        select(name)
        .select_from(joined)
        .where(
            register.ended_at.is_(None),
            row.ended_at.is_(None),
            func.coalesce(row.created_at, register.created_at) < before,
        )
    )


def _meetings(before: datetime) -> Select[str]:
    register = t.meeting_register.c
    joined = t.meeting_register.outerjoin(t.meeting, t.meeting.c.stream == register.stream)
    return (
        select(register.stream.label("stream"))
        .select_from(joined)
        .where(
            register.ended_at.is_(None),
            t.meeting.c.ended_at.is_(None),
            register.created_at < before,
        )
    )
