"""One officer command: how soon it is answered, and how many a second."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.measure import percentile
from bench.stage import DALO, Stage
from models.commands import Answer, CaseEnvelope, Grant, RecordAttempt
from models.enums import Channel, ContactResult, Role
from models.ids import case_stream

CLIENTS = 8


@dataclass(frozen=True)
class Answered:
    """Seconds: one caller's median answer; a command with eight callers, and until it was also
    recorded."""

    median: float
    each: float
    each_recorded: float


async def product(stage: Stage, cases: Sequence[str]) -> Answered:
    """A call attempt on each case."""
    heads: dict[str, int] = {}

    async def command(case_ref: str) -> None:
        grant = Grant(actor=DALO, role=Role.DALO, access_log_id="bench")
        heads[case_stream(case_ref)] = await attempt(stage, case_ref, grant)

    return await _measured(cases, command, lambda: stage.until_recorded(heads))


async def through_the_gate(stage: Stage, cases: Sequence[str]) -> float:
    """Seconds: one caller's median with account, rights and access log before the update."""
    taken = []
    for case_ref in cases:
        began = time.perf_counter()
        grant = await stage.runtime.gate.authorise(DALO, "record-attempt", case_ref)
        await attempt(stage, case_ref, grant)
        taken.append(time.perf_counter() - began)
    return percentile(taken, 0.5)


async def attempt(stage: Stage, case_ref: str, grant: Grant) -> int:
    """Record a call that nobody answered; returns the number of the last event."""
    command = RecordAttempt(
        at=stage.runtime.clock(), channel=Channel.CALL, result=ContactResult.NO_ANSWER, route="m"
    )
    envelope = CaseEnvelope(command_id=str(uuid.uuid4()), grant=grant, command=command)
    handle = stage.runtime.client.get_workflow_handle(case_stream(case_ref))
    answer: Answer = await handle.execute_update(
        "command", envelope, id=envelope.command_id, result_type=Answer
    )
    return answer.seq


async def floor(stage: Stage, workflows: Sequence[str]) -> Answered:
    """An empty update on each empty workflow."""
    before = await stage.floor_rows()

    async def command(workflow_id: str) -> None:
        await stage.plain.get_workflow_handle(workflow_id).execute_update("command", 1)

    rows = before + 2 * len(workflows)
    return await _measured(workflows, command, lambda: stage.until_floor_rows(rows))


async def _measured(
    targets: Sequence[str],
    command: Callable[[str], Awaitable[None]],
    recorded: Callable[[], Awaitable[None]],
) -> Answered:
    taken = []
    for target in targets:
        began = time.perf_counter()
        await command(target)
        taken.append(time.perf_counter() - began)
    # What the single caller left to be recorded is not the eight callers' load.
    await asyncio.sleep(0.5)
    gate = asyncio.Semaphore(CLIENTS)

    async def one(target: str) -> None:
        async with gate:
            await command(target)

    began = time.perf_counter()
    await asyncio.gather(*(one(target) for target in targets))
    answered = time.perf_counter() - began
    await recorded()
    done = time.perf_counter() - began
    return Answered(percentile(taken, 0.5), answered / len(targets), done / len(targets))
