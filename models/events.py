"""Events and effects: what a workflow or intake appends, and what `record` writes.

An event's tag is `<thing>:<what>:<happened>` (or `<thing>:<happened>`), so that it can be
searched and counted.
`data` holds references, codes and instants only; free text is stored first and referred to.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from models.base import Record

Json = dict[str, Any]
"""A JSON object whose leaves are strings, numbers, booleans or None (instants as ISO 8601 UTC)."""


class Event(Record):
    """One fact of a stream. `seq` counts from 1 without gaps. `occurred_at` is when it happened
    (given by people), `recorded_at` when the workflow or intake took note (stamped by it)."""

    seq: int
    tag: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: str
    data: Json = Field(default_factory=dict)
    command_id: str = ""
    policy_version: str = ""


class EffectKind(StrEnum):
    """What the outbox can do."""

    START = "START"
    TELL = "TELL"
    FREE_PLACE = "FREE_PLACE"
    """Room has come free in an area: allocate again."""
    REGISTER = "REGISTER"
    """The case's officer or grade changed: the register follows, then allocation runs again."""
    LIST = "LIST"
    """A referral asks for the next open meeting of its area (target: `<forum>/<area>`)."""
    VICTIM_MESSAGE = "VICTIM_MESSAGE"
    """A message to a victim: at most once, and only if the case then says that it is safe."""


class Effect(Record):
    """A message to leave by the outbox. `effect_id` is stable, so that it is written once."""

    effect_id: str
    kind: EffectKind
    target: str
    """Stream of the receiving workflow; the area for FREE_PLACE; the case for REGISTER and
    VICTIM_MESSAGE; forum and area for LIST."""
    payload: Json = Field(default_factory=dict)


def start_effect(stream: str, start: Record) -> Effect:
    """The workflow of this stream is begun."""
    return Effect(
        effect_id=f"start:{stream}",
        kind=EffectKind.START,
        target=stream,
        payload=start.model_dump(mode="json"),
    )


def tell_effect(effect_id: str, stream: str, message: Record) -> Effect:
    """The workflow of this stream is told something."""
    return Effect(
        effect_id=effect_id,
        kind=EffectKind.TELL,
        target=stream,
        payload=message.model_dump(mode="json"),
    )


class RecordBatch(Record):
    """Input of the `record` activity: events of one stream in order, and the effects that go with
    them, written in one transaction."""

    stream: str
    first_seq: int
    events: list[Event]
    effects: list[Effect] = Field(default_factory=list)


class RecordResult(Record):
    """The stream's head after recording."""

    head_seq: int
    head_hash: str


class CloseRequest(Record):
    """Input of the `close_case` activity: the last event, what the workflow has seen, and the state
    from which a supervisor may reopen the case."""

    case_ref: str
    victim_ref: str
    event: Event
    seen_incidents: list[str]
    final_state: Json


class CloseResult(Record):
    """`closed` is False when an incident was linked that the workflow has not seen
    (`INCIDENT_JOINING`): the case stays open and nothing was written."""

    closed: bool
    head_seq: int
    head_hash: str
