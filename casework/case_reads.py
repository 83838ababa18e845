"""One case as it is now: from its workflows at that moment, else from the read models, marked so.

Shared by every face of the product. Callers have passed the gate and hand on its grant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.asking import (
    ANSWER_WITHIN,
    NO_ANSWER,
    READ_MODEL,
    WORKFLOW,
    ask,
    safe_to_call,
    safe_to_call_each,
    safe_to_send,
)
from casework.case_cut import cut, cut_clocks
from casework.case_parts import case_parts
from casework.case_records import CaseScreen, OfStream
from casework.runtime import Runtime
from casework.stored_case import stored_view
from models.base import Refused
from models.case.view import CaseView
from models.commands import Grant
from models.enums import Role
from models.events import Json
from models.ids import case_stream, incident_stream
from models.incident import IncidentView
from models.urgency import rank, urgency_of
from store import reads

__all__ = [
    "ANSWER_WITHIN",
    "NO_ANSWER",
    "READ_MODEL",
    "WORKFLOW",
    "CaseScreen",
    "OfStream",
    "ask",
    "case_clocks",
    "case_of",
    "case_screen",
    "incident_views",
    "safe_to_call",
    "safe_to_call_each",
    "safe_to_send",
]


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
        parts = await case_parts(runtime, conn, found.case_ref, live, views)
    fresh = {(v.incident_ref, v.victim_ref): v.summary for v in views.values()}
    return cut(
        CaseScreen(
            source=WORKFLOW if live else READ_MODEL,
            view=view,
            safe_to_call=safe,
            clocks=tuple(clocks),
            tasks=tuple(tasks),
            incidents=tuple(_merged(found.incidents, rows, fresh)),
            incident_views=tuple(views.values()),
            parts=parts,
            timeline=tuple(timeline),
        ),
        grant.role,
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
    runtime: Runtime, ref: str, *, ended: bool = False, role: Role | None = None
) -> tuple[str, list[OfStream]]:
    """Source, and the open clocks of a case and its incidents, the first due first; those that
    `role` may see. Ended ones are added from the read model."""
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
    shown = clocks if role is None else cut_clocks(clocks, role)
    return (WORKFLOW if live else READ_MODEL), shown


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
    tasks.sort(key=_task_order)
    return clocks, tasks


def _task_order(each: OfStream) -> tuple[int, float]:
    """What comes before due times first (docs/domain.md 11)."""
    task = each.task
    if task is None:
        raise ValueError("a task is needed")
    return rank(urgency_of(task.kind, task.subject), task.due_at or task.raised_at)


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
