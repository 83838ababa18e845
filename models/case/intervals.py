"""How each promised contact ended (docs/domain.md 12: M02, M20)."""

from __future__ import annotations

from datetime import datetime

from models.case.state import CaseFacts
from models.clocks import Clock
from models.stream import Context, append


def end_interval(state: CaseFacts, ctx: Context, clock: Clock, met_at: datetime | None) -> None:
    """Record how one promised contact ended, by its raw and its adjusted due time (M02, M20)."""
    raw = clock.due_raw or clock.due_at
    latest = max(raw, clock.due_at)
    append(
        state,
        ctx,
        "contact:interval:met" if met_at else "contact:interval:missed",
        met_at,
        case_ref=state.case_ref,
        clock_id=clock.clock_id,
        clock_type=clock.clock_type,
        started_at=clock.started_at,
        due_raw=raw,
        due_adjusted=clock.due_at,
        met_at=met_at,
        met_raw=met_at is not None and met_at <= raw,
        met_adjusted=met_at is not None and met_at <= latest,
        received_late=clock.late_reason == "RECEIVED_LATE",
    )
