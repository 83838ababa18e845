"""Small streams of events for the store's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from casework.master_key import MasterKey
from models.clocks import CalendarKind, Clock, Limit
from models.enums import ClockType
from models.events import Effect, Event, RecordBatch, RecordResult
from store.keys import Keyring, MasterKeys
from store.recording import record

START = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
CASE = "case/CASE-2027-00001"
INCIDENT = "incident/46-1-27/V1"


OLD, NEW = MasterKey("old", bytes(range(32))), MasterKey("new", bytes(range(1, 33)))


def ring(engine: AsyncEngine, *keys: MasterKey) -> Keyring:
    """The keys of a database, under these master keys, the active one first."""
    return Keyring(engine, MasterKeys(keys or (OLD,)), lambda: datetime(2026, 11, 1, tzinfo=UTC))


def event(seq: int, tag: str, /, **data: Any) -> Event:
    """The event that a workflow would append as number `seq`, a minute after the one before."""
    at = START + timedelta(minutes=seq)
    return Event(
        seq=seq, tag=tag, occurred_at=at, recorded_at=at, actor="D1", role="DALO", data=data
    )


def events(count: int, first: int = 1, note: str = "") -> list[Event]:
    """Events that no read model minds."""
    return [
        event(seq, "needs:thing:noted", n=seq, note=note) for seq in range(first, first + count)
    ]


def clock(clock_id: str, owner: str = "D1", **values: Any) -> dict[str, Any]:
    """A clock as events carry it."""
    made = Clock(
        clock_id=clock_id,
        clock_type=ClockType.FIRST_CONTACT,
        limit=Limit(kind=CalendarKind.ELAPSED, amount=24, unit="h"),
        policy_version="p@1",
        calendar_version="c@1",
        start_event="case:opened",
        started_at=START,
        due_at=START + timedelta(hours=24),
        owner=owner,
    )
    return made.model_copy(update=values).model_dump(mode="json")


def task(task_id: str, owner: str) -> dict[str, Any]:
    """A task as events carry it."""
    return {
        "task_id": task_id,
        "kind": "CALL",
        "owner": owner,
        "raised_at": START.isoformat(),
        "due_at": None,
        "why": "policy",
        "command": "record-attempt",
        "subject": "",
    }


async def write(
    engine: AsyncEngine,
    stream: str,
    what: Sequence[Event],
    first_seq: int | None = 1,
    effects: Sequence[Effect] = (),
) -> RecordResult:
    """Record in a transaction of its own."""
    async with engine.begin() as conn:
        return await record(conn, stream, first_seq, what, effects, START)


def batch(stream: str, what: list[Event], effects: Sequence[Effect] = ()) -> RecordBatch:
    """The input of the `record` activity."""
    return RecordBatch(stream=stream, first_seq=what[0].seq, events=what, effects=list(effects))
