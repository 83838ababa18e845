"""Whom a command names: on the roster, at work, with room, without a conflict of interest. A
workflow cannot know the roster, so this is asked before the command is sent."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.runtime import Runtime
from models.base import Refused
from models.commands import (
    AcceptTransfer,
    AddNeedAction,
    CloseCase,
    Command,
    CompleteNeedsAssessment,
    Grant,
    HandOver,
    NameSupervisor,
    Reassign,
    RecordCover,
    RefuseTransfer,
    ReopenCase,
)
from models.enums import SUPERVISORY, Role
from store.locks import held_cases, in_conflict
from store.roster import RosterEntry, list_roster
from store.tables import case_register

_NAMES_SOMEBODY = (
    AcceptTransfer,
    AddNeedAction,
    CloseCase,
    CompleteNeedsAssessment,
    HandOver,
    NameSupervisor,
    Reassign,
    RecordCover,
    RefuseTransfer,
    ReopenCase,
)
"""Every other command is spared the look at the roster."""


async def check_people(runtime: Runtime, stream: str, command: Command, grant: Grant) -> None:
    """Raise `Refused` (`UNKNOWN_OFFICER`, `OFFICER_AWAY`, `NO_ROOM`, `CONFLICT_OF_INTEREST`,
    `WRONG_AREA`) where a command names somebody who cannot have what it gives them."""
    if not isinstance(command, _NAMES_SOMEBODY):
        return
    async with runtime.engine.connect() as conn:
        roster = {person.officer_id: person for person in await list_roster(conn)}
        match command:
            case Reassign() | HandOver():
                dalo = _dalo(roster, command.dalo_id)
                await _related(conn, stream, dalo.officer_id, "dalo_id")
                if isinstance(command, HandOver):
                    _at_work(runtime, dalo)
                    await _room(conn, dalo, over=command.over_capacity)
            case ReopenCase():
                dalo = _dalo(roster, command.dalo_id or await _holder(conn, stream))
                await _related(conn, stream, dalo.officer_id, "dalo_id")
                _at_work(runtime, dalo)
            case RecordCover():
                _person(roster, command.cover_id, (Role.DALO, *SUPERVISORY), "cover_id")
                await _related(conn, stream, command.cover_id, "cover_id")
            case NameSupervisor():
                _person(roster, command.supervisor_id, SUPERVISORY, "supervisor_id")
                await _related(conn, stream, command.supervisor_id, "supervisor_id")
            case AcceptTransfer() | RefuseTransfer():
                await _receiving(conn, roster, stream, command, grant)
            case CloseCase() if command.hand_to:
                _person(roster, command.hand_to, (Role.OIC, *SUPERVISORY), "hand_to")
            case AddNeedAction():
                _owner(roster, command.action.owner)
            case CompleteNeedsAssessment():
                for action in command.actions:
                    _owner(roster, action.owner)


def _dalo(roster: dict[str, RosterEntry], dalo_id: str) -> RosterEntry:
    found = roster.get(dalo_id)
    if found is None or found.role is not Role.DALO or not found.active:
        known = [p.officer_id for p in roster.values() if p.role is Role.DALO and p.active]
        raise Refused(
            "UNKNOWN_OFFICER",
            f"{dalo_id or 'nobody'} is no DALO of the roster",
            f"name one of {', '.join(known) or 'the roster, once it has a DALO'}",
            "dalo_id",
        )
    return found


def _person(
    roster: dict[str, RosterEntry], officer_id: str, roles: tuple[Role, ...], field: str
) -> None:
    found = roster.get(officer_id)
    if found is None or found.role not in roles or not found.active:
        raise Refused(
            "UNKNOWN_OFFICER",
            f"{officer_id} has no such part on the roster",
            f"name somebody who is {' or '.join(role.value for role in roles)}",
            field,
        )


def _owner(roster: dict[str, RosterEntry], owner: str) -> None:
    """An action is on a person of the roster, or on whoever holds a role in an area."""
    role, _, area = owner.partition("@")
    if owner in roster and roster[owner].active:
        return
    if area and role in set(Role):
        return
    raise Refused(
        "UNKNOWN_OFFICER",
        f"{owner} is nobody of the roster, so nobody's worklist would show the action",
        "name an officer or partner of the roster, or a role in an area (IDVA_PARTNER@Medway)",
        "owner",
    )


def _at_work(runtime: Runtime, dalo: RosterEntry) -> None:
    now = runtime.clock()
    away = dalo.absent_from is not None and dalo.absent_from <= now
    if away and (dalo.absent_until is None or dalo.absent_until > now):
        raise Refused(
            "OFFICER_AWAY",
            f"{dalo.officer_id} is away",
            "name a DALO who is at work",
            "dalo_id",
        )


async def _room(conn: AsyncConnection, dalo: RosterEntry, *, over: bool) -> None:
    query = (
        select(func.count())
        .select_from(case_register)
        .where(case_register.c.dalo_id == dalo.officer_id, case_register.c.closed_at.is_(None))
    )
    cases = (await conn.execute(query)).scalar_one()
    if cases >= (dalo.capacity or 0) and not over:
        raise Refused(
            "NO_ROOM",
            f"{dalo.officer_id} has {cases} cases for {dalo.capacity or 0} places",
            "name another DALO, or give --over-capacity",
            "dalo_id",
        )


async def _related(conn: AsyncConnection, stream: str, officer_id: str, field: str) -> None:
    if in_conflict(await held_cases(conn, stream, officer_id)):
        raise Refused(
            "CONFLICT_OF_INTEREST",
            f"{officer_id} declared a conflict of interest",
            "name another officer",
            field,
        )


async def _holder(conn: AsyncConnection, stream: str) -> str:
    query = select(case_register.c.dalo_id).where(
        case_register.c.case_ref == stream.partition("/")[2]
    )
    return (await conn.execute(query)).scalar_one_or_none() or ""


async def _receiving(
    conn: AsyncConnection,
    roster: dict[str, RosterEntry],
    stream: str,
    command: AcceptTransfer | RefuseTransfer,
    grant: Grant,
) -> None:
    """In the force, actor and DALO are of the area that the case is offered to; the offering side
    may take its offer back."""
    query = select(case_register.c.offered_area).where(
        case_register.c.case_ref == stream.partition("/")[2]
    )
    area = (await conn.execute(query)).scalar_one_or_none() or ""
    if not area or isinstance(command, RefuseTransfer):
        return
    actor = roster.get(grant.actor)
    if actor is None or actor.area.casefold() != area.casefold():
        raise Refused(
            "WRONG_AREA",
            f"the case is offered to {area}",
            f"a supervisor of {area} accepts it",
            "actor",
        )
    if not command.dalo_id:
        return
    dalo = _dalo(roster, command.dalo_id)
    if dalo.area.casefold() != area.casefold():
        raise Refused(
            "WRONG_AREA", "this DALO is of another area", f"name one of {area}", "dalo_id"
        )
    await _related(conn, stream, dalo.officer_id, "dalo_id")
