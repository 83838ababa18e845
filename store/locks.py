"""Who must not see what: conflicts of interest and restricted records (docs/domain.md 1.3). A lock
is on the person whom a case is about: it holds for every case, incident and referral of hers."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ids import CASE_REF, REFERRAL_REF
from store.tables import (
    case_register,
    conflict_of_interest,
    officer,
    referral_register,
    report,
    victim_alias,
)


class Restriction(NamedTuple):
    """Who alone may open a restricted record."""

    case_ref: str
    area: str
    people: frozenset[str]


async def persons_of(conn: AsyncConnection, ref: str) -> set[str]:
    """The victims that a reference is about, under every reference that means them; none for a
    meeting or an officer."""
    plain = ref.split("/", 1)[1] if ref.split("/", 1)[0] in _KINDS else ref
    if REFERRAL_REF.match(plain):
        query = (
            select(func.coalesce(case_register.c.victim_ref, referral_register.c.victim_ref))
            .select_from(
                referral_register.outerjoin(
                    case_register, case_register.c.case_ref == referral_register.c.case_ref
                )
            )
            .where(referral_register.c.referral_ref == plain)
        )
    elif CASE_REF.match(plain):
        query = select(case_register.c.victim_ref).where(case_register.c.case_ref == plain)
    elif plain.startswith("VIC-"):
        return await with_aliases(conn, {plain})
    else:
        incident_ref, _, victim_ref = plain.rpartition("/")
        if incident_ref and victim_ref.startswith("VIC-"):
            return await with_aliases(conn, {victim_ref})
        query = select(report.c.victim_ref).where(report.c.incident_ref == plain)
    found = {ref for ref in (await conn.execute(query)).scalars() if ref}
    return await with_aliases(conn, found)


_INSPECTORS = ("INSPECTOR", "SUPERINTENDENT")
_KINDS = ("case", "incident", "victim", "referral")


async def with_aliases(conn: AsyncConnection, refs: Collection[str]) -> set[str]:
    """These references, those that they were merged into, and all merged into those."""
    if not refs:
        return set()
    a = victim_alias.c
    kept = set((await conn.execute(select(a.kept_ref).where(a.merged_ref.in_(refs)))).scalars())
    heads = {*refs, *kept}
    merged = (await conn.execute(select(a.merged_ref).where(a.kept_ref.in_(heads)))).scalars()
    return {*heads, *merged}


async def conflicts_of(
    conn: AsyncConnection, victim_refs: Collection[str]
) -> dict[str, frozenset[str]]:
    """Who may not be given a case, by victim: a conflict on one case holds for the person."""
    any_at_all = exists(select(conflict_of_interest.c.case_ref))
    if not victim_refs or not (await conn.execute(select(any_at_all))).scalar_one():
        return {}
    return {
        victim_ref: await _conflicting(conn, await with_aliases(conn, {victim_ref}))
        for victim_ref in sorted(set(victim_refs))
    }


async def _conflicting(conn: AsyncConnection, persons: Collection[str]) -> frozenset[str]:
    query = (
        select(conflict_of_interest.c.officer_id)
        .join(case_register, case_register.c.case_ref == conflict_of_interest.c.case_ref)
        .where(case_register.c.victim_ref.in_(persons))
    )
    return frozenset((await conn.execute(query)).scalars())


async def in_conflict(conn: AsyncConnection, actor: str, persons: Collection[str]) -> bool:
    """Whether an account is related to a party of any case of these people."""
    return actor in await _conflicting(conn, persons) if persons else False


async def restriction(conn: AsyncConnection, persons: Collection[str]) -> Restriction | None:
    """The lock on these people's records: of the open case, else the newest; None where no case of
    theirs is restricted."""
    if not persons:
        return None
    r = case_register.c
    query = (
        select(r.case_ref, r.area, r.dalo_id, r.supervisor_id, r.outgoing_dalo_id, r.restricted)
        .where(r.victim_ref.in_(persons))
        .order_by(r.closed_at.is_not(None), r.opened_at.desc())
    )
    rows = (await conn.execute(query)).all()
    if not any(row.restricted for row in rows):
        return None
    first = rows[0]
    people = {first.dalo_id, first.supervisor_id, first.outgoing_dalo_id} - {None}
    return Restriction(first.case_ref, first.area, frozenset(people))


async def shut_out(conn: AsyncConnection, ref: str, actors: Collection[str]) -> set[str]:
    """Of these accounts, those whom a lock keeps from what the reference names."""
    if not actors:
        return set()
    persons = await persons_of(conn, ref)
    related = await _conflicting(conn, persons) if persons else frozenset()
    lock = await restriction(conn, persons)
    if lock is None:
        return set(actors) & related
    query = select(officer.c.officer_id).where(
        officer.c.officer_id.in_(actors),
        officer.c.role.in_(_INSPECTORS),
        func.lower(officer.c.area) == lock.area.lower(),
    )
    let_in = lock.people | set((await conn.execute(query)).scalars())
    return {actor for actor in actors if actor in related or actor not in let_in}


async def locked_persons(conn: AsyncConnection) -> set[str]:
    """Victims, under every reference, with a restricted case or a conflict of interest."""
    r = case_register.c
    conflicts = select(conflict_of_interest.c.case_ref)
    query = select(r.victim_ref).where(or_(r.restricted, r.case_ref.in_(conflicts)))
    return await with_aliases(conn, set((await conn.execute(query)).scalars()))


async def hidden_cases(conn: AsyncConnection, actor: str) -> set[str]:
    """Cases of which lists show an account nothing but the reference: restricted to others, or in
    conflict of interest. An inspector sees the restricted ones of the own area."""
    who = (
        await conn.execute(
            select(officer.c.role, officer.c.area).where(officer.c.officer_id == actor)
        )
    ).one_or_none()
    inspects = who is not None and who.role in _INSPECTORS
    area = (who.area or "") if who is not None else ""
    r = case_register.c
    shut = and_(
        r.restricted,
        func.coalesce(r.dalo_id, "") != actor,
        func.coalesce(r.supervisor_id, "") != actor,
        func.coalesce(r.outgoing_dalo_id, "") != actor,
    )
    if inspects:
        shut = and_(shut, func.lower(r.area) != area.lower())
    other = case_register.alias("other")
    related = r.victim_ref.in_(
        select(other.c.victim_ref)
        .join(conflict_of_interest, conflict_of_interest.c.case_ref == other.c.case_ref)
        .where(conflict_of_interest.c.officer_id == actor)
    )
    query = select(r.case_ref).where(or_(shut, related))
    return set((await conn.execute(query)).scalars())
