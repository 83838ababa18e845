"""An officer's leave: the absence goes on the roster with who covers it, and every open case of the
officer records its cover or is handed over, before the first day (docs/commands/handover.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.case_commands import send
from casework.runtime import Runtime
from models.base import Record, Refused
from models.commands import Grant, HandOver, RecordCover
from models.ids import case_stream
from store.locks import held_cases, in_conflict, restriction
from store.roster import set_absence
from store.tables import case_register

_WHY = "seeing to the cases of an officer on leave"

AtOnce = Literal["COVERED", "HANDED_OVER", "SUPERVISOR", "REFUSED"]


class Leave(Record):
    """An absence. `hand_over`: the cases go to the cover for good."""

    officer_id: str
    away_from: datetime
    away_until: datetime
    cover_id: str
    reason: str
    hand_over: bool = False


class CaseOfLeave(Record):
    """What became of one case. `SUPERVISOR`: the cover may not see it, so its supervisor has it on
    their list; `REFUSED`: nothing was done, `why` says what to do."""

    case_ref: str
    outcome: AtOnce
    who: str = ""
    code: str = ""
    why: str = ""


async def take_leave(runtime: Runtime, leave: Leave, grant: Grant) -> list[CaseOfLeave]:
    """Record the absence, then see to each open case. Doing it again does nothing twice. Raises
    `Refused` (`NO_ABSENCE`, and what `set_absence` raises) before anything is done."""
    if leave.away_until <= max(leave.away_from, runtime.clock()):
        raise Refused(
            "NO_ABSENCE", "the absence ends before it begins, or is over", "give both", "until"
        )
    async with runtime.engine.begin() as conn:
        await set_absence(conn, leave.officer_id, leave.away_from, leave.away_until, leave.cover_id)
        refs = await _cases(conn, leave.officer_id)
    results = [await _one(runtime, leave, grant, ref, sup) for ref, sup in refs]
    await runtime.relay_once()
    return results


async def _cases(conn: AsyncConnection, officer_id: str) -> list[tuple[str, str]]:
    r = case_register.c
    query = (
        select(r.case_ref, r.supervisor_id)
        .where(r.dalo_id == officer_id, r.closed_at.is_(None))
        .order_by(r.case_ref)
    )
    return [(row.case_ref, row.supervisor_id or "") for row in await conn.execute(query)]


async def _one(
    runtime: Runtime, leave: Leave, grant: Grant, case_ref: str, supervisor_id: str
) -> CaseOfLeave:
    stream = case_stream(case_ref)
    shut = await _shut(runtime, stream, leave.cover_id)
    cover = supervisor_id or grant.actor if shut else leave.cover_id
    now = runtime.clock()
    command: HandOver | RecordCover
    if leave.hand_over and not shut:
        command = HandOver(at=now, dalo_id=cover, reason=leave.reason, over_capacity=True)
        outcome: AtOnce = "HANDED_OVER"
    else:
        command = RecordCover(
            at=now,
            officer_id=leave.officer_id,
            cover_id=cover,
            away_from=leave.away_from,
            away_until=leave.away_until,
            reason=leave.reason,
        )
        outcome = "SUPERVISOR" if shut else "COVERED"
    try:
        allowed = await runtime.gate.authorise(grant.actor, command.kind, case_ref, _WHY)
        await send(runtime, stream, command, allowed, _command_id(leave, case_ref), wait=False)
    except Refused as refused:
        if refused.code == "COMMAND_ID_REUSED":
            # Asked before, at another instant: it is done.
            return CaseOfLeave(case_ref=case_ref, outcome=outcome, who=cover, code=shut)
        return CaseOfLeave(
            case_ref=case_ref, outcome="REFUSED", code=refused.code, why=refused.remedy
        )
    return CaseOfLeave(case_ref=case_ref, outcome=outcome, who=cover, code=shut)


async def _shut(runtime: Runtime, stream: str, cover_id: str) -> str:
    """Why the cover may not see a case: a code, empty where they may."""
    async with runtime.engine.connect() as conn:
        held = await held_cases(conn, stream, cover_id)
    if in_conflict(held):
        return "CONFLICT_OF_INTEREST"
    lock = restriction(held)
    return "RESTRICTED" if lock is not None and cover_id not in lock.people else ""


def _command_id(leave: Leave, case_ref: str) -> str:
    """The same leave asks each case once."""
    return str(uuid5(NAMESPACE_URL, f"leave/{leave.model_dump_json()}/{case_ref}"))
