"""Who must not see what: conflicts of interest and restricted records (docs/domain.md 1.3). A lock
is on the person whom a case is about: it holds for every case, incident and referral of hers."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import exists, func, select
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
        return await _with_aliases(conn, {plain})
    else:
        incident_ref, _, victim_ref = plain.rpartition("/")
        if incident_ref and victim_ref.startswith("VIC-"):
            return await _with_aliases(conn, {victim_ref})
        query = select(report.c.victim_ref).where(report.c.incident_ref == plain)
    found = {ref for ref in (await conn.execute(query)).scalars() if ref}
    return await _with_aliases(conn, found)


_INSPECTORS = ("INSPECTOR", "SUPERINTENDENT")
_KINDS = ("case", "incident", "victim", "referral")


async def _with_aliases(conn: AsyncConnection, refs: Collection[str]) -> set[str]:
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
        victim_ref: await _conflicting(conn, await _with_aliases(conn, {victim_ref}))
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


async def hidden_cases(conn: AsyncConnection, actor: str) -> set[str]:
    """Cases of which lists show an account nothing but the reference: in conflict of interest, or
    restricted to others, under whichever reference of the person. An inspector sees the restricted
    ones of the own area."""
    return await _related_cases(conn, actor) | await _shut_cases(conn, actor)


_person = func.coalesce(victim_alias.c.kept_ref, case_register.c.victim_ref)
_persons_cases = case_register.outerjoin(
    victim_alias, victim_alias.c.merged_ref == case_register.c.victim_ref
)
"""Every case with its person: the reference that others were merged into."""


async def _related_cases(conn: AsyncConnection, actor: str) -> set[str]:
    conflicts = conflict_of_interest.c
    related = (
        select(_person)
        .select_from(
            _persons_cases.join(
                conflict_of_interest, conflicts.case_ref == case_register.c.case_ref
            )
        )
        .where(conflicts.officer_id == actor)
        .correlate(None)
    )
    query = select(case_register.c.case_ref).select_from(_persons_cases)
    return set((await conn.execute(query.where(_person.in_(related)))).scalars())


async def _shut_cases(conn: AsyncConnection, actor: str) -> set[str]:
    """Who may open a restricted person's cases is said by the open one, else the newest."""
    r = case_register.c
    shut = select(_person).select_from(_persons_cases).where(r.restricted).correlate(None)
    query = (
        select(
            _person.label("person"),
            r.case_ref,
            r.area,
            r.dalo_id,
            r.supervisor_id,
            r.outgoing_dalo_id,
        )
        .select_from(_persons_cases)
        .where(_person.in_(shut))
        .order_by(r.closed_at.is_not(None), r.opened_at.desc())
    )
    rows = (await conn.execute(query)).all()
    if not rows:
        return set()
    inspects = await _inspected_area(conn, actor)
    first = {row.person: row for row in reversed(rows)}
    open_to_actor = {
        person
        for person, row in first.items()
        if actor in (row.dalo_id, row.supervisor_id, row.outgoing_dalo_id)
        or (inspects is not None and (row.area or "").casefold() == inspects)
    }
    return {row.case_ref for row in rows if row.person not in open_to_actor}


async def _inspected_area(conn: AsyncConnection, actor: str) -> str | None:
    query = select(officer.c.role, officer.c.area).where(officer.c.officer_id == actor)
    who = (await conn.execute(query)).one_or_none()
    if who is None or who.role not in _INSPECTORS:
        return None
    return (who.area or "").casefold()
