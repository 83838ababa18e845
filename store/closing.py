"""Closing a case: the register and the ledger together, under the victim's register lock."""

from __future__ import annotations

import json

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Refused
from models.enums import CaseState
from models.events import CloseRequest, CloseResult
from models.ids import case_stream, victim_stream
from store.keys import Keyring
from store.ledger import head_of, lock_stream
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
            state=CaseState.CLOSED.value,
            final_state=key.encrypt(final_state, final_state_place(request.case_ref)),
        )
    )
    return CloseResult(closed=True, head_seq=result.head_seq, head_hash=result.head_hash)


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
