"""Activities that write to the ledger."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.interfaces import CLOSE_CASE, LEDGER_DIVERGED, RECORD
from models.base import Refused
from models.events import (
    CloseRequest,
    CloseResult,
    EffectKind,
    Event,
    RecordBatch,
    RecordResult,
)
from store import closing, recording
from store.keys import Keyring
from store.ledger import LedgerDiverged


class LedgerActivities:
    """The ledger over one engine. Each activity is one transaction and may run again. What each
    measures goes out with the metrics of Temporal's SDK (`DALO_SDK_METRICS_BIND`)."""

    def __init__(self, engine: AsyncEngine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    @activity.defn(name=RECORD)
    async def record(self, batch: RecordBatch) -> RecordResult:
        """Write a batch. `LEDGER_DIVERGED` is an alarm that is raised again at every retry: nothing
        is skipped, and the case's clocks run on. Effects are dated by the last event, or where
        there is none by when the engine scheduled the activity."""
        now = batch.events[-1].recorded_at if batch.events else activity.info().scheduled_time
        begun = time.perf_counter()
        try:
            async with self._engine.begin() as conn:
                started = {e.target for e in batch.effects if e.kind is EffectKind.START}
                if started:
                    await self._keyring.make_many(conn, started)
                result = await recording.record(
                    conn, batch.stream, batch.first_seq, batch.events, batch.effects, now
                )
        except LedgerDiverged as error:
            raise _diverged(error) from None
        _measured(begun, batch.events)
        return result

    @activity.defn(name=CLOSE_CASE)
    async def close_case(self, request: CloseRequest) -> CloseResult:
        """Close a case in register and ledger, unless an unseen incident was linked."""
        begun = time.perf_counter()
        try:
            async with self._engine.begin() as conn:
                result = await closing.close_case(conn, self._keyring, request)
        except LedgerDiverged as error:
            raise _diverged(error) from None
        except Refused as error:
            raise ApplicationError(error.message, type=error.code) from None
        _measured(begun, [request.event] if result.closed else [])
        return result


def _measured(begun: float, events: Sequence[Event]) -> None:
    """Count what the ledger has taken, by type (again where a lost answer had it sent again), and
    how long that took."""
    meter = activity.metric_meter()
    meter.create_histogram_timedelta("dalo_record_seconds", "Time of one recording").record(
        timedelta(seconds=time.perf_counter() - begun)
    )
    recorded = meter.create_counter("dalo_events_recorded", "Events written to the ledger")
    for tag, count in Counter(event.tag for event in events).items():
        recorded.add(count, {"event_type": tag})


def _diverged(error: LedgerDiverged) -> ApplicationError:
    activity.metric_meter().create_counter("dalo_ledger_diverged").add(1)
    activity.logger.error("ledger.diverged", extra={"code": LEDGER_DIVERGED})
    return ApplicationError(str(error), type=LEDGER_DIVERGED)
