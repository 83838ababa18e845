"""The case as the read model has it, where its workflow does not answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from models.case.state import Attempt, NeedAction, Wishes
from models.case.view import CaseView
from models.enums import CaseState
from models.events import Json
from models.ids import case_stream
from store import reads


async def stored_view(conn: AsyncConnection, case_ref: str, now: datetime) -> CaseView:
    """The case as the read model has it; before its first events are recorded, as the register
    has it. The safe-contact plan is not stored there."""
    register = await reads.register_row(conn, case_ref)
    row = await reads.case_row(conn, case_ref) or {}
    merged = {**(register or {}), **{k: v for k, v in row.items() if v is not None}}
    if register is not None and register["closed_at"] is not None:
        merged["state"] = CaseState.CLOSED.value
    stream = case_stream(case_ref)
    assessed = await reads.last_event(
        conn, stream, ("needs:assessment:completed", "needs:assessment:declined")
    )
    contacts = await reads.contact_rows(conn, case_ref)
    found = await reads.resolve(conn, case_ref)
    return CaseView(
        as_of=now,
        case_ref=case_ref,
        victim_ref=merged.get("victim_ref", ""),
        summary={k: v for k, v in merged.items() if k != "area"},
        incidents={i.incident_ref: 0 for each in found for i in each.incidents},
        clocks=tuple(c for s, c in await reads.clocks_of(conn, case_ref) if s == stream),
        tasks=tuple(t for s, t in await reads.tasks_of(conn, case_ref) if s == stream),
        plan=None,
        suspended=(),
        attempts=tuple(
            Attempt.model_validate({**c, "route": c["route"] or ""})
            for c in reversed(contacts)
            if not c["satisfied"]
        ),
        needs_status=assessed.tag.rpartition(":")[2].upper() if assessed else "NOT_STARTED",
        needs=assessed.data.get("needs", {}) if assessed else {},
        actions=tuple(
            NeedAction.model_validate(a) for a in await reads.action_rows(conn, case_ref)
        ),
        interruption=None,
        wishes=_wishes(merged.get("wishes") or {}),
        unrecorded=0,
    )


def _wishes(column: Json) -> Wishes | None:
    """The opt-outs of the row; None where the row says nothing of wishes."""
    known = {
        name: column[name] for name in ("notification_opt_out", "opted_out_at") & column.keys()
    }
    return Wishes.model_validate(known) if known else None
