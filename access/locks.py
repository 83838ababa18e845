"""Locks that no reason opens, and nearness that the roster does not know (docs/domain.md 1.3): a
conflict of interest, a restricted record; an officer who hands over, an area that is asked to take.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from access.subjects import Account
from models.access import Relation
from models.base import Refused
from models.enums import Role
from store.locks import in_conflict, persons_of, restriction
from store.tables import case_register

_INSPECTORS = (Role.INSPECTOR, Role.SUPERINTENDENT)


async def locked(conn: AsyncConnection, account: Account, ref: str) -> Refused | None:
    """Why this account may not open what the reference names, whatever its reason; None if no lock
    is in its way."""
    persons = await persons_of(conn, ref)
    if await in_conflict(conn, account.actor, persons):
        return Refused(
            "CONFLICT_OF_INTEREST",
            "a conflict of interest is declared: this record is closed to this account",
            "ask the case's supervisor; an inspector may lift a conflict that does not hold",
            "ref",
        )
    lock = await restriction(conn, persons)
    if lock is None or account.actor in lock.people:
        return None
    if account.role in _INSPECTORS and account.area.casefold() == lock.area.casefold():
        return None
    return Refused(
        "RESTRICTED",
        f"{lock.case_ref} is restricted to its officer, its supervisor and the area's inspector",
        "ask one of them; no reason opens it",
        "ref",
    )


async def nearer(conn: AsyncConnection, account: Account, ref: str, relation: Relation) -> Relation:
    """The relation, closer where the register says so: an officer is near a case until it is
    accepted from them, and a supervisor near one that is offered to their area."""
    if relation in (Relation.OWN, Relation.COVERING, Relation.SUPERVISES):
        return relation
    persons = await persons_of(conn, ref)
    query = select(case_register.c.outgoing_dalo_id, case_register.c.offered_area).where(
        case_register.c.victim_ref.in_(persons), case_register.c.closed_at.is_(None)
    )
    rows = (await conn.execute(query)).all()
    if len(rows) != 1:
        return relation
    if rows[0].outgoing_dalo_id == account.actor:
        return Relation.OWN
    if account.covering and rows[0].outgoing_dalo_id == account.covering:
        return Relation.COVERING
    offered = (rows[0].offered_area or "").casefold()
    manages = account.role is Role.SUPERVISOR or account.role in _INSPECTORS
    if offered and manages and offered == account.area.casefold():
        return Relation.SUPERVISES
    return relation
