"""The register of referrals: each gets its reference before it starts, the same one at a retry; and
what the read models know of one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.clocks import Clock
from models.enums import ReferralPathway
from models.events import Json
from models.ids import referral_ref
from models.instants import london
from models.stream import Task
from store.reads import clock_of, task_of
from store.tables import clock, counter, referral, referral_register, task


async def reference_for(
    conn: AsyncConnection,
    asked_by: str,
    pathway: ReferralPathway,
    area: str,
    now: datetime,
    *,
    case_ref: str = "",
    victim_ref: str = "",
    perpetrator_ref: str = "",
) -> str:
    """The reference of the referral that `asked_by` (a command id, or a scoring run with its
    subject) asks for: new the first time, the same ever after."""
    table = referral_register.c
    found = select(table.referral_ref).where(table.asked_by == asked_by)
    old: str | None = await conn.scalar(found)
    if old is not None:
        return old
    year = london(now).year
    made = insert(counter).values(name=f"{pathway.value}/{year}", value=1)
    number = await conn.scalar(
        made.on_conflict_do_update(
            index_elements=[counter.c.name], set_={"value": counter.c.value + 1}
        ).returning(counter.c.value)
    )
    assert number is not None
    ref = referral_ref(pathway.value, year, number)
    await conn.execute(
        insert(referral_register)
        .values(
            referral_ref=ref,
            pathway=pathway.value,
            case_ref=case_ref or None,
            victim_ref=victim_ref or None,
            perpetrator_ref=perpetrator_ref or None,
            area=area,
            asked_by=asked_by,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[table.asked_by])
    )
    return str(await conn.scalar(found))


async def row_of(conn: AsyncConnection, ref: str) -> Json | None:
    """A referral's row of the read model; None before anything of it is recorded."""
    query = select(referral).where(referral.c.referral_ref == ref)
    row = (await conn.execute(query)).mappings().one_or_none()
    return dict(row) if row is not None else None


async def open_clocks(conn: AsyncConnection, stream: str) -> list[Clock]:
    """A referral's open clocks, the first due first."""
    query = select(clock).where(clock.c.stream == stream, clock.c.status == "OPEN")
    rows = await conn.execute(query.order_by(clock.c.due_at, clock.c.clock_id))
    return [clock_of(dict(row)) for row in rows.mappings()]


async def open_tasks(conn: AsyncConnection, stream: str) -> list[Task]:
    """A referral's open tasks, the first due first."""
    query = select(task).where(task.c.stream == stream, task.c.settled_at.is_(None))
    rows = await conn.execute(query.order_by(task.c.due_at, task.c.raised_at))
    return [task_of(dict(row)) for row in rows.mappings()]
