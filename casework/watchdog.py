"""The dead man's switch: compares the store with the engine and says where they disagree.

It decides nothing and mends nothing. What it finds goes to the board and to a metric.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import select, text
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from casework.runtime import Runtime
from casework.telemetry import METRICS
from models.base import Record
from models.clocks import Clock
from models.ids import case_stream
from store.tables import case_register, clock, outbox

log = structlog.get_logger(__name__)

GRACE = timedelta(minutes=2)
"""How late a restart may make a clock before it counts as not fired."""
SHARE_COMPARED = 0.01
ANSWER_WITHIN = timedelta(seconds=5)
RUNNING_CASES = "WorkflowType = 'CaseWorkflow' AND ExecutionStatus = 'Running'"


class Difference(StrEnum):
    """What can be wrong."""

    CLOCK_NOT_FIRED = "CLOCK_NOT_FIRED"
    CASE_WITHOUT_WORKFLOW = "CASE_WITHOUT_WORKFLOW"
    WORKFLOW_WITHOUT_CASE = "WORKFLOW_WITHOUT_CASE"
    OUTBOX_OLD = "OUTBOX_OLD"
    CLOCKS_DIFFER = "CLOCKS_DIFFER"
    NO_ANSWER = "NO_ANSWER"


class Finding(Record):
    """One difference: what, about which stream or message, since when, and what to do."""

    kind: Difference
    subject: str
    since: datetime | None = None
    detail: str
    remedy: str


async def check(runtime: Runtime, share: float = SHARE_COMPARED) -> list[Finding]:
    """Every difference there is now; `share` of the open cases is compared clock by clock."""
    now = runtime.clock()
    findings = [*await _not_fired(runtime, now), *await _old_messages(runtime, now)]
    open_cases = await _open_cases(runtime, now)
    findings += await _without_workflow(runtime, open_cases)
    findings += await _without_case(runtime)
    some = [ref for ref in open_cases if random.random() < share]  # noqa: S311 - a sample
    for ref in some:
        findings += await _compare(runtime, ref, now)
    return findings


async def round_of(runtime: Runtime) -> list[Finding]:
    """Check once, and publish what was found."""
    findings = await check(runtime)
    for kind in Difference:
        count = sum(1 for finding in findings if finding.kind is kind)
        METRICS.watchdog_findings.labels(kind=kind.value).set(count)
    if findings:
        log.error("watchdog.findings", count=len(findings))
    async with runtime.engine.begin() as conn:
        await conn.execute(
            text(
                "insert into run_mark (name, value, at) values ('watchdog', :value, :at)"
                " on conflict (name) do update set value = excluded.value, at = excluded.at"
            ),
            {
                "value": json.dumps([f.model_dump(mode="json") for f in findings]),
                "at": runtime.clock(),
            },
        )
    return findings


async def _not_fired(runtime: Runtime, now: datetime) -> list[Finding]:
    query = select(clock.c.stream, clock.c.clock_id, clock.c.due_at).where(
        clock.c.status == "OPEN", clock.c.breached_at.is_(None), clock.c.due_at < now - GRACE
    )
    async with runtime.engine.connect() as conn:
        rows = (await conn.execute(query)).all()
    return [
        Finding(
            kind=Difference.CLOCK_NOT_FIRED,
            subject=row.stream,
            since=row.due_at,
            detail=f"clock {row.clock_id} passed its due time and said nothing",
            remedy="check that a worker runs (dalo worker) and look at the workflow's task failures",
        )
        for row in rows
    ]


async def _old_messages(runtime: Runtime, now: datetime) -> list[Finding]:
    query = select(outbox.c.effect_id, outbox.c.target, outbox.c.created_at, outbox.c.last_error)
    query = query.where(outbox.c.dispatched_at.is_(None), outbox.c.created_at < now - GRACE)
    async with runtime.engine.connect() as conn:
        rows = (await conn.execute(query.order_by(outbox.c.sequence).limit(100))).all()
    return [
        Finding(
            kind=Difference.OUTBOX_OLD,
            subject=row.target,
            since=row.created_at,
            detail=f"message {row.effect_id} waits ({row.last_error or 'not tried'})",
            remedy="check that a relay runs (dalo worker) and that the Temporal server answers",
        )
        for row in rows
    ]


async def _open_cases(runtime: Runtime, now: datetime) -> list[str]:
    """Open cases whose start has already left the outbox."""
    waiting = select(outbox.c.target).where(
        outbox.c.dispatched_at.is_(None), outbox.c.kind == "START"
    )
    query = select(case_register.c.case_ref).where(
        case_register.c.closed_at.is_(None),
        ("case/" + case_register.c.case_ref).not_in(waiting),
    )
    async with runtime.engine.connect() as conn:
        return list((await conn.execute(query)).scalars())


async def _without_workflow(runtime: Runtime, open_cases: Iterable[str]) -> list[Finding]:
    running = await _running(runtime)
    suspects = [ref for ref in open_cases if running is None or case_stream(ref) not in running]
    return [
        Finding(
            kind=Difference.CASE_WITHOUT_WORKFLOW,
            subject=case_stream(ref),
            detail="the register has this case open, but no workflow runs it",
            remedy="its clocks stand still: reset or restart the workflow at once",
        )
        for ref in suspects
        if not await _runs(runtime, case_stream(ref))
    ]


async def _without_case(runtime: Runtime) -> list[Finding]:
    running = await _running(runtime) or set()
    query = select(case_register.c.case_ref).where(case_register.c.closed_at.is_(None))
    async with runtime.engine.connect() as conn:
        known = {case_stream(ref) for ref in (await conn.execute(query)).scalars()}
    return [
        Finding(
            kind=Difference.WORKFLOW_WITHOUT_CASE,
            subject=stream,
            detail="a workflow runs for a case that the register does not have open",
            remedy="see dalo ledger verify; a case is closed by command only",
        )
        for stream in sorted(running - known)
        if await _runs(runtime, stream)
    ]


async def _running(runtime: Runtime) -> set[str] | None:
    """Ids of running case workflows; None where the server keeps no list of them."""
    try:
        return {found.id async for found in runtime.client.list_workflows(RUNNING_CASES)}
    except RPCError as error:
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            return None
        raise


async def _runs(runtime: Runtime, stream: str) -> bool:
    try:
        found = await runtime.client.get_workflow_handle(stream).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return found.status is WorkflowExecutionStatus.RUNNING


async def _compare(runtime: Runtime, ref: str, now: datetime) -> list[Finding]:
    """One case's open clocks, as the workflow and as the read model have them."""
    stream = case_stream(ref)
    handle = runtime.client.get_workflow_handle(stream)
    try:
        head = await handle.query("ledger_head", rpc_timeout=ANSWER_WITHIN)
        clocks = await handle.query("clocks", result_type=list[Clock], rpc_timeout=ANSWER_WITHIN)
    except RPCError as error:
        return [
            Finding(
                kind=Difference.NO_ANSWER,
                subject=stream,
                since=now,
                detail=f"the workflow does not answer ({error.status.name})",
                remedy="check that a worker runs and look at the workflow's task failures",
            )
        ]
    query = select(clock.c.clock_id, clock.c.due_at).where(
        clock.c.stream == stream, clock.c.status == "OPEN"
    )
    async with runtime.engine.connect() as conn:
        stored = {row.clock_id: row.due_at for row in await conn.execute(query)}
    if head["unrecorded"]:
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
