"""The store against the engine: does a workflow run for everything that is open, and only for that,
and do its clocks say the same?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from temporalio.client import WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from casework.runtime import Runtime
from casework.watching.findings import GRACE, Difference, Finding
from models.clocks import Clock
from models.ids import case_stream
from store.tables import case_register, clock

ANSWER_WITHIN = timedelta(seconds=5)
MOST_SILENT = 3
"""After so many workflows without an answer no more are asked: the fault is not theirs."""
RUNNING = "ExecutionStatus = 'Running'"


async def without_workflow(
    runtime: Runtime, expected: Iterable[str], running: set[str] | None
) -> list[Finding]:
    suspects = [stream for stream in expected if running is None or stream not in running]
    return [_stopped(stream) for stream in suspects if not await _runs(runtime, stream)]


def _stopped(stream: str) -> Finding:
    kind = stream.partition("/")[0].upper()
    return Finding(
        kind=Difference[f"{kind}_WITHOUT_WORKFLOW"],
        subject=stream,
        detail="this is open here, but no workflow runs it",
        remedy="its clocks stand still: reset or restart the workflow at once",
    )


async def without_case(runtime: Runtime, running: set[str] | None, now: datetime) -> list[Finding]:
    """A workflow ends a moment after its register entry, when its last events are recorded."""
    open_or_just_closed = or_(
        case_register.c.closed_at.is_(None), case_register.c.closed_at > now - GRACE
    )
    query = select(case_register.c.case_ref).where(open_or_just_closed)
    async with runtime.engine.connect() as conn:
        known = {case_stream(ref) for ref in (await conn.execute(query)).scalars()}
    cases = {stream for stream in running or () if stream.startswith("case/")}
    return [
        Finding(
            kind=Difference.WORKFLOW_WITHOUT_CASE,
            subject=stream,
            detail="a workflow runs for a case that the register does not have open",
            remedy="see dalo ledger verify; a case is closed by command only",
        )
        for stream in sorted(cases - known)
        if await _runs(runtime, stream)
    ]


async def running_now(runtime: Runtime) -> set[str] | None:
    """Ids of running workflows; None where the server keeps no list of them. The list runs a
    little behind, so each suspect is asked after by name."""
    try:
        listed = runtime.client.list_workflows(RUNNING, rpc_timeout=ANSWER_WITHIN)
        return {found.id async for found in listed}
    except RPCError as error:
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            return None
        raise


async def _runs(runtime: Runtime, stream: str) -> bool:
    try:
        found = await runtime.client.get_workflow_handle(stream).describe(rpc_timeout=ANSWER_WITHIN)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return found.status is WorkflowExecutionStatus.RUNNING


async def compare_all(runtime: Runtime, some: Iterable[str], now: datetime) -> list[Finding]:
    findings: list[Finding] = []
    for stream in some:
        findings += await _compare(runtime, stream, now)
        silent = sum(finding.kind is Difference.NO_ANSWER for finding in findings)
        if silent >= MOST_SILENT:
            break
    return findings


async def _compare(runtime: Runtime, stream: str, now: datetime) -> list[Finding]:
    """One workflow's open clocks, as it and as the read model have them. One that changed while it
    was looked at, or whose recording waits, is left for another round."""
    if not await _runs(runtime, stream):
        return [_stopped(stream)]
    handle = runtime.client.get_workflow_handle(stream)
    query = select(clock.c.clock_id, clock.c.due_at).where(
        clock.c.stream == stream, clock.c.status == "OPEN"
    )
    try:
        before = await handle.query("ledger_head", rpc_timeout=ANSWER_WITHIN)
        clocks = await handle.query("clocks", result_type=list[Clock], rpc_timeout=ANSWER_WITHIN)
        async with runtime.engine.connect() as conn:
            stored = {row.clock_id: row.due_at for row in await conn.execute(query)}
        after = await handle.query("ledger_head", rpc_timeout=ANSWER_WITHIN)
    except (RPCError, WorkflowQueryFailedError) as error:
        return [no_answer(stream, now, error)]
    if before != after or before["unrecorded"]:
        return []
    engine = {c.clock_id: c.due_at for c in clocks}
    return [
        Finding(
            kind=Difference.CLOCKS_DIFFER,
            subject=stream,
            detail=f"clock {clock_id} is not the same in the workflow and in the read model",
            remedy="run dalo ledger verify, then dalo ledger rebuild",
        )
        for clock_id in sorted(engine.keys() | stored.keys())
        if engine.get(clock_id) != stored.get(clock_id)
    ]


def no_answer(subject: str, now: datetime, error: RPCError | WorkflowQueryFailedError) -> Finding:
    code = error.status.name if isinstance(error, RPCError) else "QUERY_FAILED"
    return Finding(
        kind=Difference.NO_ANSWER,
        subject=subject,
        since=now,
        detail=f"no answer ({code})",
        remedy="check the Temporal server, that a worker runs, and the workflow's task failures",
    )
