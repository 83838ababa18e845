"""What the engine's own histories say was decided, compared with the ledger event by event."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select
from temporalio.api.enums.v1 import EventType
from temporalio.service import RPCError

from activities.interfaces import RECORD
from casework.runtime import Runtime
from models.commands import CaseEnvelope
from models.events import Event, RecordBatch
from store.ledger import events_of
from store.tables import ledger_event
from store.verify import Finding, RunningHead, verify


async def decided(runtime: Runtime, stream: str) -> tuple[list[RecordBatch], list[str]]:
    """The batches that a workflow scheduled for recording, and the ids of the commands that it
    accepted, both in order, from the history of its present run."""
    history = await runtime.client.get_workflow_handle(stream).fetch_history()
    converter = runtime.client.data_converter
    batches: list[RecordBatch] = []
    accepted: list[str] = []
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            assert scheduled.activity_type.name == RECORD
            batches += await converter.decode(scheduled.input.payloads, [RecordBatch])
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            request = event.workflow_execution_update_accepted_event_attributes.accepted_request
            envelope = await converter.decode(request.input.args.payloads, [CaseEnvelope])
            accepted.append(envelope[0].command_id)
    return batches, accepted


async def differences(runtime: Runtime, streams: list[str]) -> list[str]:
    """Every way in which the ledger is not what the workflows decided; empty when it is."""
    found = []
    for stream in streams:
        batches, accepted = await decided(runtime, stream)
        told = [event for batch in batches for event in batch.events]
        async with runtime.engine.connect() as conn:
            stored = await events_of(conn, stream)
        found += [f"{stream}: {fault}" for fault in _compare(told, stored)]
        head = await runtime.client.get_workflow_handle(stream).query("ledger_head")
        if (head["recorded_seq"], head["unrecorded"]) != (len(stored), 0):
            found.append(f"{stream}: the workflow's state says {head}")
        in_ledger = Counter(event.command_id for event in stored if event.command_id)
        found += [f"{stream}: command {c} is not recorded" for c in accepted if c not in in_ledger]
    return found


def _compare(told: list[Event], stored: list[Event]) -> list[str]:
    if [event.seq for event in stored] != list(range(1, len(stored) + 1)):
        return ["the ledger's numbers are not gapless"]
    if len(told) != len(stored):
        return [f"{len(told)} events were decided, {len(stored)} are recorded"]
    return [f"event {t.seq} differs" for t, s in zip(told, stored, strict=True) if t != s]


async def verified(runtime: Runtime) -> list[Finding]:
    """The product's own verifier, with the running workflows' word."""

    async def running(stream: str) -> RunningHead | None:
        try:
            head = await runtime.client.get_workflow_handle(stream).query("ledger_head")
        except RPCError:
            return None
        return RunningHead(head["head_seq"], head["recorded_seq"], head["recorded_hash"])

    return await verify(runtime.engine, running)


async def recorded(runtime: Runtime, stream: str, tag: str) -> list[Event]:
    """The ledger's events of a stream under one tag."""
    async with runtime.engine.connect() as conn:
        return [event for event in await events_of(conn, stream) if event.tag == tag]


async def commands_recorded(runtime: Runtime, tag: str) -> Counter[str]:
    """How often each command id stands in the ledger under a tag, over all streams."""
    query = (
        select(ledger_event.c.command_id, func.count())
        .where(ledger_event.c.tag == tag, ledger_event.c.command_id.is_not(None))
        .group_by(ledger_event.c.command_id)
    )
    async with runtime.engine.connect() as conn:
        return Counter({row[0]: row[1] for row in await conn.execute(query)})
