"""One case as it is now: from its workflows at that moment, else from the read models, marked so.

Shared by every face of the product. Callers have passed the gate and hand on its grant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from casework.runtime import Runtime
from models.access import DataClass, Relation, readable
from models.base import Record, Refused
from models.case.state import Attempt, NeedAction
from models.case.view import CaseView
from models.clocks import Clock
from models.commands import Grant
from models.enums import CaseState, Channel
from models.events import Event, Json
from models.ids import case_stream, incident_stream
from models.incident import IncidentView
from models.safe_decision import SafeDecision
from models.stream import Task
from store import reads
from store.keys import KeyFault

class OfStream(Record):
    """A clock or task with the stream it belongs to."""

    stream: str
    clock: Clock | None = None
    task: Task | None = None


class CaseScreen(Record):
    """Everything one screen of a case shows, cut to what the reader's role may see. `source` says
    whether the workflow answered; from the read model `view` has neither plan nor suspensions."""

    source: str
    view: CaseView
    safe_to_call: SafeDecision
    clocks: tuple[OfStream, ...]
    tasks: tuple[OfStream, ...]
    incidents: tuple[Json, ...]
    timeline: tuple[tuple[str, Event], ...]
    hidden: tuple[str, ...] = ()
    """Sections that the reader's role does not include."""


async def case_of(conn: AsyncConnection, ref: str) -> reads.Reference:
    """The one case behind a reference. Raises Refused where there is none, or several."""
    found = [each for each in await reads.resolve(conn, ref) if each.case_ref]
    if not found:
        raise Refused(
            "NO_CASE",
            "no case belongs to this reference",
            "see dalo board for the cases there are; a report that opened none has none",
            "ref",
        )
    if len(found) > 1:
        raise Refused(
            "AMBIGUOUS_REFERENCE",
            "this incident has several victims",
            "name one: " + ", ".join(each.case_ref for each in found),
            "ref",
        )
    return found[0]


async def case_screen(runtime: Runtime, ref: str, grant: Grant, *, events: int = 15) -> CaseScreen:
    """The whole screen of one case. Raises Refused for a reference without a case."""
    now = runtime.clock()
    async with runtime.engine.connect() as conn:
        found = await case_of(conn, ref)
        rows = await reads.incident_rows(conn, found.case_ref)
        streams = [case_stream(found.case_ref), *_streams(found.incidents)]
        timeline = await reads.timeline(conn, streams, events)
    live, safe, views = await asyncio.gather(
        ask(runtime, case_stream(found.case_ref), "view", CaseView),
        safe_to_call(runtime, found.case_ref, now),
        incident_views(runtime, found.incidents, rows),
    )
    async with runtime.engine.connect() as conn:
        view = live or await stored_view(conn, found.case_ref, now)
        clocks, tasks = await _obligations(conn, found.case_ref, live, views)
    fresh = {(v.incident_ref, v.victim_ref): v.summary for v in views.values()}
    return _cut(
        CaseScreen(
            source=WORKFLOW if live else READ_MODEL,
            view=view,
            safe_to_call=safe,
            clocks=tuple(clocks),
            tasks=tuple(tasks),
            incidents=tuple(_merged(found.incidents, rows, fresh)),
            timeline=tuple(timeline),
        ),
        grant,
    )


async def incident_views(
    runtime: Runtime, incidents: Sequence[reads.Incident], rows: Sequence[Json]
) -> dict[str, IncidentView]:
    """The views of the incidents that still run and answer, by stream."""
    ended = {(row["incident_ref"], row["victim_ref"]) for row in rows if row["ended_at"]}
    streams = _streams([each for each in incidents if each not in ended])
    answers = await asyncio.gather(*(ask(runtime, s, "view", IncidentView) for s in streams))
    return {s: a for s, a in zip(streams, answers, strict=True) if a is not None}


async def case_clocks(
    runtime: Runtime, ref: str, *, ended: bool = False
) -> tuple[str, list[OfStream]]:
    """Source, and the open clocks of a case and its incidents, the first due first. Ended ones
    are added from the read model."""
    async with runtime.engine.connect() as conn:
        found = await case_of(conn, ref)
        rows = await reads.incident_rows(conn, found.case_ref)
    live, views = await asyncio.gather(
        ask(runtime, case_stream(found.case_ref), "view", CaseView),
        incident_views(runtime, found.incidents, rows),
    )
    async with runtime.engine.connect() as conn:
        clocks, _ = await _obligations(conn, found.case_ref, live, views)
        if ended:
            stored = await reads.clocks_of(conn, found.case_ref, ended=True)
            known = {(each.stream, each.clock.clock_id) for each in clocks if each.clock}
            clocks += [
                OfStream(stream=s, clock=c) for s, c in stored if (s, c.clock_id) not in known
            ]
    return (WORKFLOW if live else READ_MODEL), clocks


async def _obligations(
    conn: AsyncConnection,
    case_ref: str,
    live: CaseView | None,
    views: dict[str, IncidentView],
) -> tuple[list[OfStream], list[OfStream]]:
    """Open clocks and tasks of a case and its incidents: a workflow's own where it answered."""
    answered: dict[str, CaseView | IncidentView] = dict(views)
    if live is not None:
        answered[case_stream(case_ref)] = live
    clocks = [OfStream(stream=s, clock=c) for s, v in answered.items() for c in v.clocks]
    tasks = [OfStream(stream=s, task=t) for s, v in answered.items() for t in v.tasks]
    for stream, clock in await reads.clocks_of(conn, case_ref):
        if stream not in answered:
            clocks.append(OfStream(stream=stream, clock=clock))
    for stream, task in await reads.tasks_of(conn, case_ref):
        if stream not in answered:
            tasks.append(OfStream(stream=stream, task=task))
    clocks.sort(key=lambda each: each.clock.due_at if each.clock else each.stream)
    tasks.sort(key=lambda each: _task_order(each.task))
    return clocks, tasks


def _task_order(task: Task | None) -> datetime:
    if task is None:
        raise ValueError("a task is needed")
    return task.due_at or task.raised_at


def _streams(incidents: Sequence[reads.Incident]) -> list[str]:
    return [incident_stream(*each) for each in incidents]


def _merged(
    incidents: Sequence[reads.Incident],
    rows: Sequence[Json],
    fresh: dict[tuple[str, str], Json],
) -> list[Json]:
    """Every incident of the case, also one whose workflow has recorded nothing yet."""
    stored = {(row["incident_ref"], row["victim_ref"]): row for row in rows}
    return [
        {
            "incident_ref": each.incident_ref,
            "victim_ref": each.victim_ref,
            **stored.get(each, {}),
            **fresh.get(each, {}),
        }
        for each in incidents
    ]
