"""What the reports say of one who harms: victims with their open cases, and the score."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.eligibility import under_age
from models.policy import Policy
from models.report import Report
from models.rfgv import DaEvent, RfgvScore, score
from store.merging import aliases
from store.tables import case_register, report


async def open_cases(conn: AsyncConnection, victims: Iterable[str]) -> dict[str, str]:
    """The open case of each victim who has one, also where it runs under a kept reference."""
    refs = set(victims)
    kept = await aliases(conn, refs)
    columns = case_register.c
    query = select(columns.victim_ref, columns.case_ref).where(
        columns.victim_ref.in_(sorted(refs | set(kept.values()))), columns.closed_at.is_(None)
    )
    found = {row.victim_ref: row.case_ref for row in await conn.execute(query)}
    own = {ref: found.get(ref) or found.get(kept.get(ref, "")) for ref in sorted(refs)}
    return {ref: case for ref, case in own.items() if case}


async def victims_of(conn: AsyncConnection, perpetrator_ref: str) -> dict[str, str]:
    """Every victim whom a report names with them, whenever that was, by the reference that is kept;
    with the open case of each, empty where none is open."""
    query = select(report.c.victim_ref).where(report.c.perpetrator_ref == perpetrator_ref)
    named = {str(ref) for ref in await conn.scalars(query.distinct())}
    kept = await aliases(conn, named)
    cases = await open_cases(conn, named)
    found: dict[str, str] = {}
    for ref in sorted(named):
        one = kept.get(ref, ref)
        found[one] = cases.get(ref) or found.get(one, "")
    return found


async def open_among(conn: AsyncConnection, case_refs: Iterable[str]) -> set[str]:
    """Which of these cases are open."""
    columns = case_register.c
    query = select(columns.case_ref).where(
        columns.case_ref.in_(sorted(set(case_refs))), columns.closed_at.is_(None)
    )
    return {str(ref) for ref in await conn.scalars(query)}


async def suspect_of(conn: AsyncConnection, case_ref: str) -> str:
    """Whom the newest report of a case that names somebody is about; empty where none does."""
    columns = report.c
    query = (
        select(columns.perpetrator_ref)
        .where(columns.case_ref == case_ref, columns.perpetrator_ref.is_not(None))
        .order_by(columns.reported_at.desc(), columns.incident_ref.desc())
    )
    return str(await conn.scalar(query.limit(1)) or "")


async def score_of(
    conn: AsyncConnection, perpetrator_ref: str, run_on: date, policy: Policy
) -> RfgvScore:
    """The score of one on a day, from all their reports wherever they were made."""
    query = select(report.c.facts).where(report.c.perpetrator_ref == perpetrator_ref)
    reports = [Report.model_validate(facts) for facts in await conn.scalars(query)]
    events = [DaEvent.of(each) for each in reports if not under_age(each, policy.intake)]
    return score(perpetrator_ref, events, run_on, policy.of_duties.rfgv)
