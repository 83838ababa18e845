"""Reading the ledger for the metrics: one pass, one snapshot, a page of events at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from evaluation.definitions import load_definitions
from evaluation.facts import Facts
from evaluation.fold import TAGS, take
from evaluation.metrics import measure
from evaluation.periods import make_period
from evaluation.rows import MetricTable
from models.events import Event
from store.ledger import events_tagged

PILOT_ARM = "PILOT"
"""The pilot's arm, as the shipped policies name it (`intake.arm_pilot`)."""
_ONE_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


async def read_events(engine: AsyncEngine, as_of: datetime) -> AsyncIterator[tuple[str, Event]]:
    """Stream and event of everything that the metrics use and that was recorded by `as_of`."""
    until = as_of + timedelta(microseconds=1)
    async with engine.connect() as plain:
        conn = await plain.execution_options(**_ONE_SNAPSHOT)
        async for stream, event in events_tagged(conn, TAGS, until=until):
            yield stream, event


async def compute(
    engine: AsyncEngine, start: date, end: date, as_of: datetime, pilot_arm: str = PILOT_ARM
) -> MetricTable:
    """The metrics of the reports made from `start` to `end` (London days, both included), as known
    at `as_of`. Raises Refused (`BAD_PERIOD`); UnreadableEvent where the ledger is not sound."""
    period = make_period(start, end, as_of)
    definitions = load_definitions()
    facts = Facts(period.cutoff)
    async for stream, event in read_events(engine, period.as_of):
        take(facts, stream, event)
    return measure(facts, period, definitions, pilot_arm)
