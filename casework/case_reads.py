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

WORKFLOW = "workflow"
READ_MODEL = "read model"
ANSWER_WITHIN = timedelta(seconds=5)
"""A workflow that takes longer counts as one that does not answer."""
ASKED_AT_ONCE = 8
_SILENT = (
    RPCError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    TimeoutError,
    KeyFault,
)
NO_ANSWER = SafeDecision(allowed=False, reason_code="NO_ANSWER")


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


async def ask(runtime: Runtime, stream: str, query: str, kind: Any, *args: Any) -> Any:
    """A workflow's answer to a query, exact at this moment; None if it does not answer in 5 s, is
    unknown, past retention or erased."""
    if runtime.connected is None:
        return None
    handle = runtime.connected.get_workflow_handle(stream)
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            return await handle.query(
                query, args=list(args), result_type=kind, rpc_timeout=ANSWER_WITHIN
            )
    except _SILENT:
        return None


async def safe_to_call(runtime: Runtime, case_ref: str, now: datetime) -> SafeDecision:
    """Whether the victim may be called now: the case workflow's decision at this moment; no answer
    means no."""
    found = await ask(
        runtime, case_stream(case_ref), "safe_contact", SafeDecision, Channel.CALL, "", now
    )
    return found if isinstance(found, SafeDecision) else NO_ANSWER


async def safe_to_send(
    runtime: Runtime, case_ref: str, channel: Channel, route: str, now: datetime
) -> SafeDecision:
    """Whether a message by this route is safe at this moment, as the case alone knows; no answer
    in 5 s is a no."""
    found = await ask(
        runtime, case_stream(case_ref), "safe_contact", SafeDecision, channel, route, now
    )
    return found if isinstance(found, SafeDecision) else NO_ANSWER


async def safe_to_call_each(
    runtime: Runtime, case_refs: Sequence[str], now: datetime
) -> dict[str, SafeDecision]:
    """As `safe_to_call` for several cases, all within 5 s: who has not answered by then says no."""
    gate = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(case_ref: str) -> SafeDecision:
        async with gate:
            return await safe_to_call(runtime, case_ref, now)

    asked = {ref: asyncio.create_task(one(ref)) for ref in case_refs}
    if asked:
        _, late = await asyncio.wait(asked.values(), timeout=ANSWER_WITHIN.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    return {ref: NO_ANSWER if task.cancelled() else task.result() for ref, task in asked.items()}


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
        unrecorded=0,
    )


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


_SECTIONS: dict[DataClass, tuple[str, Any]] = {
    DataClass.CONTACT_LOG: ("attempts", ()),
    DataClass.SAFE_CONTACT_PLAN: ("plan", None),
    DataClass.NEEDS_ASSESSMENT: ("needs", {}),
    DataClass.WISHES_CONSENT: ("wishes", None),
}


def _cut(screen: CaseScreen, grant: Grant) -> CaseScreen:
    """Leave out what the reader's role may not see. The gate has judged the relation already."""
    sections = readable(grant.role, Relation.NONE, glass_broken=True)
    missing = [data for data in _SECTIONS if data not in sections]
    if not missing:
        return screen
    blank = {_SECTIONS[data][0]: _SECTIONS[data][1] for data in missing}
    unseen = tuple(
        prefix
        for data, prefix in (
            (DataClass.CONTACT_LOG, "contact:"),
            (DataClass.WISHES_CONSENT, "case:wishes:"),
        )
        if data not in sections
    )
    return screen.model_copy(
        update={
            "view": screen.view.model_copy(update=blank),
            "timeline": tuple((s, e) for s, e in screen.timeline if not e.tag.startswith(unseen)),
            "hidden": tuple(data.value for data in missing),
        }
    )
