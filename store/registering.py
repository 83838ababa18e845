"""The register follows what a case decided: officers, area, locks (docs/commands/handover.md)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.events import Json
from store.locks import persons_of
from store.tables import case_register, conflict_of_interest

COLUMNS = (
    "dalo_id",
    "supervisor_id",
    "area",
    "risk_grade",
    "restricted",
    "outgoing_dalo_id",
    "offered_area",
)


async def follow(conn: AsyncConnection, case_ref: str, payload: Json) -> None:
    """Bring a case's row, and the conflicts of interest declared on it, up to what the case says.
    A lock that is lifted is lifted for every case of the person, under whichever reference: it
    holds for all of them. Doing it again changes nothing."""
    values = {name: payload[name] for name in COLUMNS if name in payload}
    if values:
        await conn.execute(
            update(case_register).where(case_register.c.case_ref == case_ref).values(**values)
        )
    declared = payload.get("conflict")
    if declared:
        row = {**declared, "declared_at": datetime.fromisoformat(declared["declared_at"])}
        made = insert(conflict_of_interest).values(case_ref=case_ref, **row)
        await conn.execute(made.on_conflict_do_nothing())
    if payload.get("lifted"):
        await conn.execute(
            delete(conflict_of_interest).where(
                conflict_of_interest.c.case_ref.in_(await _of_person(conn, case_ref)),
                conflict_of_interest.c.officer_id == payload["lifted"],
            )
        )
    if payload.get("restricted") is False:
        await conn.execute(
            update(case_register)
            .where(case_register.c.case_ref.in_(await _of_person(conn, case_ref)))
            .values(restricted=False)
        )


async def _of_person(conn: AsyncConnection, case_ref: str) -> Select[tuple[str]]:
    persons = await persons_of(conn, case_ref)
    return select(case_register.c.case_ref).where(case_register.c.victim_ref.in_(persons))
