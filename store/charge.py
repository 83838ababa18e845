"""Whose it is where the owner cannot: nobody answers for the owner, or a lock keeps whoever does
out of the case (docs/domain.md 1.3). Then it is the case's supervisor's; where that is nobody, or
they are locked out too, of those who supervise the area; at last of everybody who supervises."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, false, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import SUPERVISORY, Role
from store import tables as t
from store.answering import Account, accounts_of, answers_for, managers, nobody_answers
from store.locks import locked_persons, shut_out
from store.worklist import Owed, area_of, owed_where

NOBODY = "nobody on the roster answers for its owner"
LOCKED = "its owner may not open this case"


async def able(
    conn: AsyncConnection, ref: str, owners: Collection[str], now: datetime
) -> list[Account]:
    """The accounts that answer for these owners and may open what the reference names."""
    return await _let_in(conn, ref, await accounts_of(conn, owners, now))


async def in_charge(
    conn: AsyncConnection, ref: str, supervisor: str, area: str, now: datetime
) -> list[Account]:
    """Who has what nobody else can do about this reference."""
    return (
        await able(conn, ref, [supervisor] if supervisor else [], now)
        or await managing(conn, ref, SUPERVISORY, area)
        or await managing(conn, ref, SUPERVISORY)
    )


async def managing(
    conn: AsyncConnection, ref: str, roles: Collection[Role], area: str = ""
) -> list[Account]:
    """Those of these roles in an area, or everywhere, who may open what the reference names."""
    return await _let_in(conn, ref, await managers(conn, roles, area))


async def _let_in(conn: AsyncConnection, ref: str, people: list[Account]) -> list[Account]:
    shut = await shut_out(conn, ref, [each.officer_id for each in people])
    return [each for each in people if each.officer_id not in shut]


async def left_to(conn: AsyncConnection, officer_id: str, now: datetime) -> list[Owed]:
    """What this officer has because its owner cannot, each with the reason."""
    o = t.officer.c
    query = select(o.role, o.area, o.covers).where(o.officer_id == officer_id, o.active)
    me = (await conn.execute(query)).one_or_none()
    if me is None or not (me.role in SUPERVISORY or me.covers):
        return []
    owners = await answers_for(conn, officer_id, now)
    manages = me.role in SUPERVISORY
    locked = await locked_persons(conn)

    def wanted(table: Table) -> ColumnElement[bool]:
        mine: ColumnElement[bool] = t.case_register.c.supervisor_id.in_(owners)
        if manages:
            mine = or_(mine, _nobody_supervises(table, me.area or "", now))
        return and_(nobody_answers(table.c.owner, now), mine, not_(_of(locked)))

    found = await owed_where(conn, wanted)
    behind_locks = await owed_where(conn, lambda table: _of(locked)) if locked else []
    return [
        *(each._replace(left=NOBODY) for each in found),
        *await _behind_locks(conn, officer_id, behind_locks, now),
    ]


def _of(victim_refs: Collection[str]) -> ColumnElement[bool]:
    of_case = func.coalesce(t.case_register.c.victim_ref, "")
    return of_case.in_(victim_refs) if victim_refs else false()


def _nobody_supervises(table: Table, area: str, now: datetime) -> ColumnElement[bool]:
    """Whether the case has no supervisor who answers, and is of this area or of one that nobody
    supervises; who has no area supervises all."""
    nobody = nobody_answers(t.case_register.c.supervisor_id, now)
    if not area:
        return nobody
    o, place = t.officer.c, area_of(table)
    managed = select(o.area).where(
        o.active, o.role.in_([role.value for role in SUPERVISORY]), o.area.is_not(None)
    )
    return and_(nobody, or_(place == area, place.not_in(managed)))


async def _behind_locks(
    conn: AsyncConnection, officer_id: str, rows: list[Owed], now: datetime
) -> list[Owed]:
    """Of what belongs to restricted cases and to those with a conflict of interest, that which is
    left to this officer."""
    owners: dict[tuple[str, str], str] = {}
    charged: dict[str, set[str]] = {}
    left = []
    for each in rows:
        key = (each.case_ref, each.owner)
        if key not in owners:
            owners[key] = await _why_not(conn, each, now)
        if not owners[key]:
            continue
        if each.case_ref not in charged:
            people = await in_charge(conn, each.case_ref, each.supervisor, each.area, now)
            charged[each.case_ref] = {person.officer_id for person in people}
        if officer_id in charged[each.case_ref]:
            left.append(each._replace(left=owners[key]))
    return left


async def _why_not(conn: AsyncConnection, each: Owed, now: datetime) -> str:
    """Why the owner cannot; empty where somebody who answers for them can."""
    people = await accounts_of(conn, [each.owner], now)
    if not people:
        return NOBODY
    return "" if await _let_in(conn, each.case_ref, people) else LOCKED
