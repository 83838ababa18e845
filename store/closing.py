"""Closing a case: the register and the ledger together, under the victim's register lock."""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Refused
from models.enums import CaseState, ClosureReason
from models.events import CloseRequest, CloseResult, Event, Json
from models.ids import case_stream, victim_stream
from store.keys import Keyring
from store.ledger import head_of, lock_stream
from store.locks import persons_of
from store.recording import record
from store.tables import case_register, report


def final_state_place(case_ref: str) -> bytes:
    """What the stored final state of a case is bound to, beside its key."""
    return f"case_register.final_state/{case_ref}".encode()


async def close_case(conn: AsyncConnection, keyring: Keyring, request: CloseRequest) -> CloseResult:
    """Write the closing event and close the register; the final state is kept under the case's key.

    Nothing is written, and `closed` is False, when an incident was linked that the workflow has
    not seen. Asking again after closure gives the same answer. Raises `LedgerDiverged`, `KeyFault`,
    and `Refused` (`UNKNOWN_CASE`) for a case or victim that the register does not have.
    """
    stream = case_stream(request.case_ref)
    await lock_stream(conn, victim_stream(request.victim_ref))
    query = select(case_register.c.closed_at).where(
        case_register.c.case_ref == request.case_ref,
        case_register.c.victim_ref == request.victim_ref,
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refused(
            "UNKNOWN_CASE",
            f"case_ref: the register has no {request.case_ref} of this victim.",
            "Check the reference.",
            "case_ref",
        )
    if row.closed_at is None and await _unseen(conn, request):
        head = await head_of(conn, stream)
        return CloseResult(closed=False, head_seq=head.seq, head_hash=head.hash)
    event = request.event
    result = await record(conn, stream, event.seq, [event], [], event.recorded_at)
    key = await keyring.make(conn, stream)
    final_state = json.dumps(request.final_state, sort_keys=True).encode()
    await conn.execute(
        update(case_register)
        .where(case_register.c.case_ref == request.case_ref, case_register.c.closed_at.is_(None))
        .values(
            closed_at=event.recorded_at,
            state=_end_of(event).value,
            outgoing_dalo_id=None,
            offered_area=None,
            final_state=key.encrypt(final_state, final_state_place(request.case_ref)),
        )
    )
    return CloseResult(closed=True, head_seq=result.head_seq, head_hash=result.head_hash)


def _end_of(event: Event) -> CaseState:
    gone = event.data.get("reason") == ClosureReason.TRANSFERRED.value
    return CaseState.TRANSFERRED if gone else CaseState.CLOSED


class Stored(NamedTuple):
    """A closed case as it was kept."""

    closed_at: datetime
    state: Json


async def stored_state(conn: AsyncConnection, keyring: Keyring, case_ref: str) -> Stored:
    """The state of a closed case, for reopening it, under the register lock of its victim until the
    transaction ends. Raises `Refused`: `UNKNOWN_CASE`, `NOT_CLOSED`, `OTHER_CASE_OPEN` where the
    victim (under any reference) has another open case, `NOT_REOPENABLE` where nothing was kept."""
    r = case_register.c
    query = select(r.victim_ref).where(r.case_ref == case_ref)
    victim_ref = (await conn.execute(query)).scalar_one_or_none()
    if victim_ref is None:
        raise Refused("UNKNOWN_CASE", "the register has no such case", "check it", "ref")
    await lock_stream(conn, victim_stream(victim_ref))
    row = (
        await conn.execute(select(r.closed_at, r.final_state).where(r.case_ref == case_ref))
    ).one()
    if row.closed_at is None:
        raise Refused("NOT_CLOSED", "the case is open", "nothing to reopen")
    persons = await persons_of(conn, case_ref)
    others = select(r.case_ref).where(r.victim_ref.in_(persons), r.closed_at.is_(None))
    other = (await conn.execute(others.limit(1))).scalar_one_or_none()
    if other is not None:
        raise Refused(
            "OTHER_CASE_OPEN", f"the victim has an open case, {other}", f"go on in {other}", "ref"
        )
    if row.final_state is None:
        raise Refused(
            "NOT_REOPENABLE", "nothing was kept of the closed case", "a new report opens another"
        )
    key = await keyring.make(conn, case_stream(case_ref))
    text = key.decrypt(row.final_state, final_state_place(case_ref))
    return Stored(row.closed_at, json.loads(text))


async def open_again(conn: AsyncConnection, case_ref: str, dalo_id: str) -> None:
    """The register's row is an open case's again; the state that was kept has gone into the run."""
    await conn.execute(
        update(case_register)
        .where(case_register.c.case_ref == case_ref)
        .values(
            closed_at=None,
            final_state=None,
            dalo_id=dalo_id or None,
            state=CaseState.ALLOCATED.value,
        )
    )


async def _unseen(conn: AsyncConnection, request: CloseRequest) -> bool:
    query = (
        select(report.c.incident_ref)
        .where(
            report.c.case_ref == request.case_ref,
            report.c.incident_ref.not_in(request.seen_incidents),
        )
        .limit(1)
    )
    return (await conn.execute(query)).first() is not None
