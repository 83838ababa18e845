"""Activities that write to the ledger."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.interfaces import CLOSE_CASE, LEDGER_DIVERGED, RECORD
from models.base import Refused
from models.events import CloseRequest, CloseResult, RecordBatch, RecordResult
from store import closing, recording
from store.ledger import LedgerDiverged


class LedgerActivities:
    """The ledger over one engine. Each activity is one transaction and may run again."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn(name=RECORD)
    async def record(self, batch: RecordBatch) -> RecordResult:
        """Write a batch. `LEDGER_DIVERGED` is an alarm that is raised again at every retry: nothing
        is skipped, and the case's clocks run on. Effects are dated by the last event, or where
        there is none by when the engine scheduled the activity."""
        now = batch.events[-1].recorded_at if batch.events else activity.info().scheduled_time
        try:
            async with self._engine.begin() as conn:
                return await recording.record(
                    conn, batch.stream, batch.first_seq, batch.events, batch.effects, now
                )
        except LedgerDiverged as error:
            raise _diverged(error) from None

    @activity.defn(name=CLOSE_CASE)
    async def close_case(self, request: CloseRequest) -> CloseResult:
        """Close a case in register and ledger, unless an unseen incident was linked."""
        try:
            async with self._engine.begin() as conn:
                return await closing.close_case(conn, request)
        except LedgerDiverged as error:
            raise _diverged(error) from None
        except Refused as error:
            raise ApplicationError(error.message, type=error.code) from None


def _diverged(error: LedgerDiverged) -> ApplicationError:
    activity.metric_meter().create_counter("dalo_ledger_diverged").add(1)
    activity.logger.error("ledger.diverged", extra={"code": LEDGER_DIVERGED})
    return ApplicationError(str(error), type=LEDGER_DIVERGED)
