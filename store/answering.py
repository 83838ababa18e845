"""Who answers for an owner: active accounts of the roster, by their id, by what an extract calls
them (`known_as`), by a role in their area, or as cover of somebody absent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select, true, union
from sqlalchemy.ext.asyncio import AsyncConnection

from models.enums import Role
from models.ids import role_address
from store import tables as t


class Account(NamedTuple):
    """Somebody who answers. `email` and `supervisor_id` are empty where the roster has none."""

    officer_id: str
    role: Role
    area: str = ""
    email: str = ""
    supervisor_id: str = ""


def _away(person: FromClause, now: datetime) -> ColumnElement[bool]:
    """Whether the roster has them absent now, or says that they are covered and not when."""
    return and_(
        or_(person.c.absent_from.is_(None), person.c.absent_from <= now),
        or_(person.c.absent_until.is_(None), person.c.absent_until > now),
    )


async def answers_for(conn: AsyncConnection, officer_id: str, now: datetime) -> list[str]:
    """Every owner that means this officer now: they themselves, what extracts call them, their role
    in their area (in every area, where the roster names none), and whom they cover."""
    absent = t.officer.alias("absent")
    o = t.officer.c
    query = (
        select(
            o.role,
            o.area,
            o.known_as,
            absent.c.officer_id.label("covered"),
            absent.c.known_as.label("covered_as"),
            absent.c.role.label("covered_role"),
            absent.c.area.label("covered_area"),
        )
        .select_from(
            t.officer.outerjoin(absent, and_(absent.c.officer_id == o.covers, _away(absent, now)))
        )
        .where(o.officer_id == officer_id)
    )
    row = (await conn.execute(query)).first()
    if row is None:
        return [officer_id]
    found = [officer_id, row.known_as, *await _in_areas(conn, row.role, row.area)]
    if row.covered:
        found += [row.covered, row.covered_as]
        if row.covered_role == row.role:
            found += await _in_areas(conn, row.covered_role, row.covered_area)
    return list(dict.fromkeys(filter(None, found)))


async def _in_areas(conn: AsyncConnection, role: str, area: str | None) -> list[str]:
    """The owners that mean a role in an area; without one, wherever something is owned by it."""
    if area:
        return [role_address(role, area)]
    anywhere = role_address(role, "")
    open_tasks = select(t.task.c.owner).where(
        t.task.c.settled_at.is_(None), t.task.c.owner.startswith(anywhere, autoescape=True)
    )
    open_clocks = select(t.clock.c.owner).where(
        t.clock.c.status == "OPEN", t.clock.c.owner.startswith(anywhere, autoescape=True)
    )
    return sorted((await conn.execute(union(open_tasks, open_clocks))).scalars())


def nobody_answers(owner: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """Whether no active account answers for this owner; true of no owner at all."""
    o, absent, cover = t.officer.c, t.officer.alias("absent"), t.officer.alias("cover")
    covered = and_(cover.c.covers == absent.c.officer_id, cover.c.active, _away(absent, now))
    names = union(
        select(o.officer_id).where(o.active),
        select(o.known_as).where(o.active, o.known_as.is_not(None)),
        select(o.role + "@" + o.area).where(o.active, o.area.is_not(None)),
        select(absent.c.officer_id).where(covered),
        select(absent.c.known_as).where(covered, absent.c.known_as.is_not(None)),
    )
    everywhere = select(o.role).where(o.active, o.area.is_(None))
    who = func.coalesce(owner, "")
    of_a_role = and_(who.contains("@"), func.split_part(who, "@", 1).in_(everywhere))
    return and_(who.not_in(names), ~of_a_role)


async def accounts_of(
    conn: AsyncConnection, owners: Collection[str], now: datetime
) -> list[Account]:
    """The active accounts that answer for these owners now. Who is absent by the roster's dates and
    covered is left out for the cover."""
    if not owners:
        return []
    o = t.officer.c
    gone = and_(o.absent_from.is_not(None), _away(t.officer, now)).label("gone")
    query = select(*_ACCOUNT, o.active, _away(t.officer, now).label("away"), gone)
    meant = (await conn.execute(query.where(_means(owners)).order_by(o.officer_id))).all()
    away = [row.officer_id for row in meant if row.away]
    query = select(*_ACCOUNT, o.covers).where(o.covers.in_(away), o.active)
    covers = (await conn.execute(query.order_by(o.officer_id))).all() if away else []
    covered = {row.covers for row in covers}
    here = [r for r in meant if r.active and not (r.gone and r.officer_id in covered)]
    return list({row.officer_id: _account(row) for row in (*here, *covers)}.values())


async def managers(conn: AsyncConnection, roles: Collection[Role], area: str = "") -> list[Account]:
    """Active accounts of these roles in an area (those of no area serve all), or everywhere."""
    o = t.officer.c
    here = or_(o.area == area, o.area.is_(None)) if area else true()
    query = select(*_ACCOUNT).where(o.role.in_([r.value for r in roles]), o.active, here)
    return [_account(row) for row in await conn.execute(query.order_by(o.officer_id))]


_ACCOUNT = (
    t.officer.c.officer_id,
    t.officer.c.role,
    t.officer.c.area,
    t.officer.c.email,
    t.officer.c.supervisor_id,
)


def _account(row: Any) -> Account:
    return Account(
        row.officer_id, Role(row.role), row.area or "", row.email or "", row.supervisor_id or ""
    )


def _means(owners: Collection[str]) -> ColumnElement[bool]:
    o = t.officer.c
    wanted: list[ColumnElement[bool]] = [o.officer_id.in_(owners), o.known_as.in_(owners)]
    for role, sign, area in (each.partition("@") for each in owners):
        if sign:
            here = or_(o.area == area, o.area.is_(None))
            wanted.append(and_(o.role == role, here, o.active))
    return or_(*wanted)
