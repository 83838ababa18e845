"""Giving cases to DALOs: by priority, then oldest, to whoever has most room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.base import Record
from models.enums import CaseState, RiskGrade, Role
from models.events import Effect, tell_effect
from models.ids import case_stream, incident_stream
from models.messages import Allocated, OwnerChanged, Waitlisted
from models.policy import Policy
from store import outbox
from store.locks import conflicts_of
from store.tables import case as case_table
from store.tables import case_register, officer, report


class AllocationResult(Record):
    """What one allocation did. `waitlisted` are the cases newly told that they wait, `waiting` how
    many wait now; `no_roster` says that the area has no DALO at all."""

    area: str
    allocated: tuple[str, ...] = ()
    over_capacity: tuple[str, ...] = ()
    waitlisted: tuple[str, ...] = ()
    waiting: int = 0
    no_roster: bool = False


@dataclass
class _Dalo:
    officer_id: str
    supervisor_id: str
    room: int


@dataclass
class _Waiting:
    case_ref: str
    victim_ref: str
    risk_grade: str
    state: str
    incidents: list[str] = field(default_factory=list)


async def allocate(
    engine: AsyncEngine, area: str, now: datetime, policy: Policy
) -> AllocationResult:
    """Allocate an area's waiting cases in one transaction; see `allocate_in`."""
    async with engine.begin() as conn:
        return await allocate_in(conn, area, now, policy)


async def allocate_in(
    conn: AsyncConnection, area: str, now: datetime, policy: Policy
) -> AllocationResult:
    """Allocate an area's waiting cases: rank by priority score, then oldest; a HIGH case is never
    left waiting and goes over capacity, flagged; the others wait for room. An area that the policy
    does not have in the pilot has no allocation. Doing it again changes nothing."""
    if not policy.intake.is_pilot_area(area):
        return AllocationResult(area=area)
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"allocate/{area.casefold()}", 0))
    await conn.execute(select(lock))
    waiting = await _waiting(conn, area)
    dalos = await _dalos(conn, area, now) if waiting else []
    result = AllocationResult(area=area, no_roster=bool(waiting) and not dalos)
    given: list[str] = []
    over: list[str] = []
    new: list[str] = []
    supervisor = await _supervisor(conn, area) if waiting else ""
    locked = await conflicts_of(conn, [case.victim_ref for case in waiting])
    for case in waiting:
        free = [d for d in dalos if d.officer_id not in locked.get(case.victim_ref, ())]
        dalo = max(free, key=lambda d: d.room, default=None)
        urgent = case.risk_grade == RiskGrade.HIGH.value
        if dalo is not None and (dalo.room > 0 or urgent):
            flagged = dalo.room <= 0
            dalo.room -= 1
            await _give(conn, case, dalo, now, supervisor, over_capacity=flagged)
            given.append(case.case_ref)
            over += [case.case_ref] if flagged else []
        elif case.state != CaseState.WAITLISTED.value:
            await _wait(conn, case, supervisor, now)
            new.append(case.case_ref)
    return result.model_copy(
        update={
            "allocated": tuple(given),
            "over_capacity": tuple(over),
            "waitlisted": tuple(new),
            "waiting": len(waiting) - len(given),
        }
    )


async def waiting_areas(conn: AsyncConnection) -> list[str]:
    """Areas in which open cases have no DALO yet."""
    query = (
        select(case_register.c.area)
        .where(case_register.c.closed_at.is_(None), case_register.c.dalo_id.is_(None))
        .distinct()
        .order_by(case_register.c.area)
    )
    return list((await conn.execute(query)).scalars())


async def _waiting(conn: AsyncConnection, area: str) -> list[_Waiting]:
    columns = case_register.c
    query = (
        select(columns.case_ref, columns.victim_ref, columns.risk_grade, columns.state)
        .where(
            func.lower(columns.area) == area.lower(),
            columns.closed_at.is_(None),
            columns.dalo_id.is_(None),
        )
        .order_by(columns.priority_score.desc(), columns.opened_at, columns.case_ref)
        .with_for_update()
    )
    found = [_Waiting(*row) for row in (await conn.execute(query))]
    by_ref = {case.case_ref: case for case in found}
    linked = select(report.c.case_ref, report.c.incident_ref).where(
        report.c.case_ref.in_(list(by_ref))
    )
    for case_ref, incident_ref in await conn.execute(linked):
        by_ref[case_ref].incidents.append(incident_ref)
    return found


async def _dalos(conn: AsyncConnection, area: str, now: datetime) -> list[_Dalo]:
    """DALOs of the area who are at work, with the room they have (negative when over)."""
    # Dormancy frees the place; the workflow decides it, so the read model knows it.
    load = (
        select(case_register.c.dalo_id, func.count().label("cases"))
        .outerjoin(case_table, case_table.c.case_ref == case_register.c.case_ref)
        .where(
            case_register.c.closed_at.is_(None),
            func.coalesce(case_table.c.state, "") != CaseState.DORMANT_MONITORED.value,
        )
        .group_by(case_register.c.dalo_id)
        .subquery()
    )
    away = (officer.c.absent_from <= now) & (
        or_(officer.c.absent_until.is_(None), officer.c.absent_until > now)
    )
    query = (
        select(
            officer.c.officer_id,
            func.coalesce(officer.c.supervisor_id, ""),
            func.coalesce(officer.c.capacity, 0) - func.coalesce(load.c.cases, 0),
        )
        .outerjoin(load, load.c.dalo_id == officer.c.officer_id)
        .where(
            officer.c.role == Role.DALO.value,
            officer.c.active,
            func.lower(officer.c.area) == area.lower(),
            or_(officer.c.absent_from.is_(None), ~away),
        )
        .order_by(officer.c.officer_id)
    )
    return [_Dalo(*row) for row in (await conn.execute(query))]


async def _supervisor(conn: AsyncConnection, area: str) -> str:
    query = (
        select(officer.c.officer_id)
        .where(
            officer.c.role == Role.SUPERVISOR.value,
            officer.c.active,
            func.lower(officer.c.area) == area.lower(),
        )
        .order_by(officer.c.officer_id)
        .limit(1)
    )
    return (await conn.execute(query)).scalar_one_or_none() or ""


async def _give(
    conn: AsyncConnection,
    case: _Waiting,
    dalo: _Dalo,
    now: datetime,
    supervisor: str,
    *,
    over_capacity: bool,
) -> None:
    supervisor_id = dalo.supervisor_id or supervisor
    await conn.execute(
        update(case_register)
        .where(case_register.c.case_ref == case.case_ref)
        .values(
            dalo_id=dalo.officer_id,
            supervisor_id=supervisor_id or None,
            allocated_at=now,
            over_capacity=over_capacity,
            state=CaseState.ALLOCATED.value,
        )
    )
    # The instant makes a later allocation of a reopened case another message.
    message_id = f"allocated:{case.case_ref}:{now.isoformat()}"
    message = Allocated(
        message_id=message_id,
        dalo_id=dalo.officer_id,
        supervisor_id=supervisor_id,
        allocated_at=now,
        over_capacity=over_capacity,
    )
    effects = [_tell(case_stream(case.case_ref), message_id, message)]
    effects += _owners(case, message_id, dalo.officer_id, supervisor_id)
    await outbox.put(conn, case_stream(case.case_ref), effects, now)


async def _wait(conn: AsyncConnection, case: _Waiting, supervisor: str, now: datetime) -> None:
    await conn.execute(
        update(case_register)
        .where(case_register.c.case_ref == case.case_ref)
        .values(state=CaseState.WAITLISTED.value, supervisor_id=supervisor or None)
    )
    message_id = f"waitlisted:{case.case_ref}:{now.isoformat()}"
    message = Waitlisted(message_id=message_id, supervisor_id=supervisor, at=now)
    effects = [_tell(case_stream(case.case_ref), message_id, message)]
    effects += _owners(case, message_id, "", supervisor)
    await outbox.put(conn, case_stream(case.case_ref), effects, now)


def _owners(case: _Waiting, cause: str, dalo_id: str, supervisor_id: str) -> Sequence[Effect]:
    """The incidents' obligations follow the case's officers."""
    message = OwnerChanged(
        message_id=f"owner:{cause}", dalo_id=dalo_id, supervisor_id=supervisor_id
    )
    return [
        _tell(incident_stream(ref, case.victim_ref), f"{cause}:{ref}", message)
        for ref in sorted(case.incidents)
    ]


def _tell(stream: str, cause: str, message: Allocated | Waitlisted | OwnerChanged) -> Effect:
    return tell_effect(f"tell:{stream}:{cause}", stream, message)
