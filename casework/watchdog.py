"""The dead man's switch: compares the store with the engine and says where they disagree.

It decides nothing and mends nothing. What it finds goes to the board and to a metric.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import or_, select, text
from temporalio.client import WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from casework.expected import expected_streams
from casework.runtime import Runtime
from casework.telemetry import METRICS
from models.base import Record
from models.clocks import Clock
from models.ids import case_stream
from store import notices
from store import outbox as messages
from store.tables import case_register, clock, outbox

log = structlog.get_logger(__name__)

GRACE = timedelta(minutes=2)
"""How late a restart may make a clock before it counts as not fired."""
SHARE_COMPARED = 0.01
ANSWER_WITHIN = timedelta(seconds=5)
MOST_SILENT = 3
"""After so many workflows without an answer no more are asked: the fault is not theirs."""
RUNNING = "ExecutionStatus = 'Running'"
NOTICE_GRACE = timedelta(hours=1)


class Difference(StrEnum):
    """What can be wrong."""

    CLOCK_NOT_FIRED = "CLOCK_NOT_FIRED"
    CASE_WITHOUT_WORKFLOW = "CASE_WITHOUT_WORKFLOW"
    INCIDENT_WITHOUT_WORKFLOW = "INCIDENT_WITHOUT_WORKFLOW"
    REFERRAL_WITHOUT_WORKFLOW = "REFERRAL_WITHOUT_WORKFLOW"
    MEETING_WITHOUT_WORKFLOW = "MEETING_WITHOUT_WORKFLOW"
    WORKFLOW_WITHOUT_CASE = "WORKFLOW_WITHOUT_CASE"
    OUTBOX_OLD = "OUTBOX_OLD"
    NOTICE_NOT_SENT = "NOTICE_NOT_SENT"
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
    """Every difference there is now; `share` of the open cases (rounded up) is compared clock by
    clock. An engine that does not answer is a finding too, beside what the store alone can tell."""
    now = runtime.clock()
    findings = [
        *await _not_fired(runtime, now),
        *await _old_messages(runtime, now),
        *await _unsent(runtime, now),
    ]
    async with runtime.engine.connect() as conn:
        expected = await expected_streams(conn, now - GRACE)
    try:
        running = await _running(runtime)
        stopped = await _without_workflow(runtime, expected, running)
        findings += stopped
        findings += await _without_case(runtime, running, now)
        silent = {finding.subject for finding in stopped}
        alive = [stream for stream in expected if stream not in silent and not _of_a_case(stream)]
        some = random.sample(alive, min(len(alive), math.ceil(len(alive) * share)))
        findings += await _compare_all(runtime, some, now)
    except RPCError as error:
        findings.append(_no_answer("engine", now, error))
    return findings


def _of_a_case(stream: str) -> bool:
    """Incidents are compared with their case."""
    return stream.startswith("incident/")


async def round_of(runtime: Runtime) -> list[Finding]:
    """Check once, and publish what was found."""
    findings = await check(runtime)
    for kind in Difference:
        count = sum(1 for finding in findings if finding.kind is kind)
        METRICS.watchdog_findings.labels(kind=kind.value).set(count)
    if findings:
        log.error("watchdog.findings", count=len(findings))
    await measure_outbox(runtime)
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


async def measure_outbox(runtime: Runtime) -> None:
    """Publish how many messages wait, and the age of the oldest."""
    async with runtime.engine.connect() as conn:
        oldest = await messages.oldest_pending(conn)
        waiting = await messages.count_pending(conn)
    age = (runtime.clock() - oldest).total_seconds() if oldest else 0.0
    METRICS.outbox_oldest_seconds.set(age)
    METRICS.outbox_waiting.set(waiting)


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
            remedy="check that a worker runs, and the workflow's task failures",
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
            remedy="check that a worker runs (it relays) and that the Temporal server answers",
        )
        for row in rows
    ]


async def _without_workflow(
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


async def _unsent(runtime: Runtime, now: datetime) -> list[Finding]:
    """Notices that should have left an hour ago, where they can be sent at all."""
    if runtime.settings.smtp_address is None:
        return []
    async with runtime.engine.connect() as conn:
        late = await notices.waiting_too_long(conn, now, now - NOTICE_GRACE)
    remedies = {
        "WAITING": "check the SMTP server (DALO_SMTP_*) and that a worker runs",
        "NO_ADDRESS": "give the recipients an email on the roster: dalo roster load",
    }
    return [
        Finding(
            kind=Difference.NOTICE_NOT_SENT,
            subject=state,
            detail=f"{number} notices have not left for an hour",
            remedy=remedies[state],
        )
        for state, number in sorted(late.items())
    ]


async def _without_case(runtime: Runtime, running: set[str] | None, now: datetime) -> list[Finding]:
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


async def _running(runtime: Runtime) -> set[str] | None:
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


async def _compare_all(runtime: Runtime, some: Iterable[str], now: datetime) -> list[Finding]:
    findings: list[Finding] = []
    for each in some:
        for stream in await _streams_of(runtime, each):
            findings += await _compare(runtime, stream, now)
        silent = sum(finding.kind is Difference.NO_ANSWER for finding in findings)
        if silent >= MOST_SILENT:
            break
    return findings


async def _streams_of(runtime: Runtime, stream: str) -> list[str]:
    """A case with those of its incidents and referrals that still have an open clock; a referral or
    meeting alone."""
    kind, _, ref = stream.partition("/")
    if kind != "case":
        return [stream]
    query = select(clock.c.stream).where(clock.c.case_ref == ref, clock.c.status == "OPEN")
    async with runtime.engine.connect() as conn:
        found = set((await conn.execute(query.distinct())).scalars())
    return sorted(found | {stream})


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
        return [_no_answer(stream, now, error)]
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


def _no_answer(subject: str, now: datetime, error: RPCError | WorkflowQueryFailedError) -> Finding:
    code = error.status.name if isinstance(error, RPCError) else "QUERY_FAILED"
    return Finding(
        kind=Difference.NO_ANSWER,
        subject=subject,
        since=now,
        detail=f"no answer ({code})",
        remedy="check the Temporal server, that a worker runs, and the workflow's task failures",
    )
