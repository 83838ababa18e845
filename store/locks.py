"""Who must not see what: conflicts of interest and restricted records (docs/domain.md 1.3). A lock
is on the person whom a case is about: it holds for every case, incident and referral of hers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum, auto
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    union,
)
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


class Held(NamedTuple):
    """One case of a person, with what the register says of who may open it. `related`: the account
    that was asked about declared a conflict of interest."""

    case_ref: str
    area: str
    dalo_id: str | None
    supervisor_id: str | None
    outgoing_dalo_id: str | None
    offered_area: str | None
    restricted: bool
    open: bool
    related: bool


class Restriction(NamedTuple):
    """Who alone may open a restricted record."""

    case_ref: str
    area: str
    people: frozenset[str]


async def persons_of(conn: AsyncConnection, ref: str) -> set[str]:
    """The victims that a reference is about, under every reference that means them; none for a
    meeting or an officer."""
    named, given = _named(ref)
    return set(filter(None, (await conn.execute(_persons(named), given)).scalars()))


async def held_cases(conn: AsyncConnection, ref: str, actor: str) -> list[Held]:
    """Every case of the people that a reference is about, the open ones first, then the newest."""
    named, given = _named(ref)
    return [Held(*row) for row in await conn.execute(_held(named), {**given, "actor": actor})]


def in_conflict(held: Sequence[Held]) -> bool:
    """Whether the account is related to a party of any case of these people."""
    return any(case.related for case in held)


def restriction(held: Sequence[Held]) -> Restriction | None:
    """The lock on these people's records: of the open case, else the newest; None where no case of
    theirs is restricted."""
    if not any(case.restricted for case in held):
        return None
    first = held[0]
    people = {first.dalo_id, first.supervisor_id, first.outgoing_dalo_id}
    return Restriction(first.case_ref, first.area, frozenset(filter(None, people)))


class _Named(StrEnum):
    """What kind of reference it is."""

    REFERRAL = auto()
    CASE = auto()
    VICTIM = auto()
    INCIDENT = auto()


_INSPECTORS = ("INSPECTOR", "SUPERINTENDENT")
_KINDS = ("case", "incident", "victim", "referral")


def _named(ref: str) -> tuple[_Named, dict[str, str]]:
    plain = ref.split("/", 1)[1] if ref.split("/", 1)[0] in _KINDS else ref
    if REFERRAL_REF.match(plain):
        return _Named.REFERRAL, {"named": plain}
    if CASE_REF.match(plain):
        return _Named.CASE, {"named": plain}
    victim_ref = plain.rpartition("/")[2]
    if victim_ref.startswith("VIC-"):
        return _Named.VICTIM, {"named": victim_ref}
    return _Named.INCIDENT, {"named": plain}


_referred = (
    select(func.coalesce(case_register.c.victim_ref, referral_register.c.victim_ref))
    .select_from(
        referral_register.outerjoin(
            case_register, case_register.c.case_ref == referral_register.c.case_ref
        )
    )
    .where(referral_register.c.referral_ref == bindparam("named"))
)
_VICTIMS: dict[_Named, Select[Any]] = {
    _Named.REFERRAL: _referred,
    _Named.CASE: select(case_register.c.victim_ref).where(
        case_register.c.case_ref == bindparam("named")
    ),
    _Named.VICTIM: select(cast(bindparam("named"), Text)),
    _Named.INCIDENT: select(report.c.victim_ref).where(report.c.incident_ref == bindparam("named")),
}


@cache
def _persons(named: _Named) -> CompoundSelect[Any]:
    """The victims themselves, those that they were merged into, and all merged into those."""
    victims = _VICTIMS[named].cte("victims")
    ref = victims.c[0]
    alias = victim_alias.c
    kept = select(alias.kept_ref).where(alias.merged_ref.in_(select(ref)))
    heads = union(select(ref), kept).cte("heads")
    merged = select(alias.merged_ref).where(alias.kept_ref.in_(select(heads.c[0])))
    return union(select(heads.c[0]), merged)


@cache
def _held(named: _Named) -> Select[Any]:
    r = case_register.c
    conflicts = conflict_of_interest.c
    related = exists().where(
        conflicts.case_ref == r.case_ref, conflicts.officer_id == bindparam("actor")
    )
    persons = _persons(named).cte("persons")
    return (
        select(
            r.case_ref,
            r.area,
            r.dalo_id,
            r.supervisor_id,
            r.outgoing_dalo_id,
            r.offered_area,
            r.restricted,
            r.closed_at.is_(None),
            related,
        )
        .where(r.victim_ref.in_(select(persons.c[0])))
        .order_by(r.closed_at.is_not(None), r.opened_at.desc())
    )


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
    if not victim_refs:
        return {}
    conflicts, alias = conflict_of_interest.c, victim_alias.c
    declared = select(_person.label("person"), conflicts.officer_id).select_from(
        _persons_cases.join(conflict_of_interest, conflicts.case_ref == case_register.c.case_ref)
    )
    people: dict[str, set[str]] = {}
    for row in await conn.execute(declared):
        people.setdefault(row.person, set()).add(row.officer_id)
    if not people:
        return {}
    kept = select(alias.merged_ref, alias.kept_ref).where(alias.merged_ref.in_(set(victim_refs)))
    heads = {row.merged_ref: row.kept_ref for row in await conn.execute(kept)}
    return {ref: frozenset(people.get(heads.get(ref, ref), ())) for ref in victim_refs}


async def shut_out(conn: AsyncConnection, ref: str, actors: Collection[str]) -> set[str]:
    """Of these accounts, those whom a lock keeps from what the reference names."""
    if not actors:
        return set()
    held = await held_cases(conn, ref, "")
    conflicts = conflict_of_interest.c
    declared = select(conflicts.officer_id).where(
        conflicts.case_ref.in_([case.case_ref for case in held]), conflicts.officer_id.in_(actors)
    )
    related = set((await conn.execute(declared)).scalars())
    lock = restriction(held)
    if lock is None:
        return related
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
