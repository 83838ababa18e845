"""The dead man's switch: compares the store with the engine and says where they disagree.

It decides nothing and mends nothing. What it finds goes to the board and to a metric.
"""

from __future__ import annotations

import json
import math
import random

import structlog
from sqlalchemy import text
from temporalio.service import RPCError

from casework.expected import expected_streams
from casework.runtime import Runtime
from casework.telemetry import METRICS
from casework.watching import engine, stored
from casework.watching.findings import GRACE, Difference, Finding
from store import outbox as messages

__all__ = ["Difference", "Finding", "check", "measure_outbox", "round_of"]

log = structlog.get_logger(__name__)

SHARE_COMPARED = 0.01


async def check(runtime: Runtime, share: float = SHARE_COMPARED) -> list[Finding]:
    """Every difference there is now; `share` of all that should run (rounded up) is compared clock
    by clock. An engine that does not answer is a finding too, beside what the store alone tells."""
    now = runtime.clock()
    findings = [
        *await stored.not_fired(runtime, now),
        *await stored.old_messages(runtime, now),
        *await stored.unsent(runtime, now),
        *await stored.old_victim_messages(runtime, now),
        *await stored.without_anybody(runtime, now),
    ]
    async with runtime.engine.connect() as conn:
        expected = await expected_streams(conn, now - GRACE)
    try:
        running = await engine.running_now(runtime)
        stopped = await engine.without_workflow(runtime, expected, running)
        findings += stopped
        findings += await engine.without_case(runtime, running, now)
        silent = {finding.subject for finding in stopped}
        alive = [stream for stream in expected if stream not in silent]
        some = random.sample(alive, min(len(alive), math.ceil(len(alive) * share)))
        findings += await engine.compare_all(runtime, some, now)
    except RPCError as error:
        findings.append(engine.no_answer("engine", now, error))
    return findings


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
