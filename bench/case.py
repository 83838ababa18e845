"""One full scripted case with skipped time, and the same script on empty workflows."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from bench import dispatch
from bench.measure import history
from bench.script import CASE, CASE_WAKES, INCIDENT, INCIDENT_WAKES, WEEKS, Step
from bench.stage import DALO, Stage
from models.commands import Answer, CaseEnvelope, Grant, IncidentEnvelope
from models.enums import Role

GRANT = Grant(actor=DALO, role=Role.DALO, access_log_id="bench")


@dataclass(frozen=True)
class Played:
    """Seconds for the whole case, and without what skipping time itself took; what its two
    histories weigh."""

    seconds: float
    working: float
    events: int
    size: int


class _Watch:
    """How long skipping took."""

    def __init__(self, skipper: TimeSkipper) -> None:
        self._skipper = skipper
        self.skipping = 0.0

    async def skip(self, handle: WorkflowHandle[Any, Any], hours: float) -> None:
        began = time.perf_counter()
        await self._skipper.fast_forward(handle, timedelta(hours=hours))
        self.skipping += time.perf_counter() - began


async def product(stage: Stage) -> Played:
    """Intake, allocation, relay, then the script."""
    (number,) = await dispatch.known_victims(stage, 1)
    began = time.perf_counter()
    await dispatch.product(stage, [number])
    streams = await stage.streams_of([f"VIC-{number}"])
    case, incident = (
        stage.runtime.client.get_workflow_handle(next(s for s in streams if s.startswith(kind)))
        for kind in ("case/", "incident/")
    )
    watch = _Watch(stage.case_skipper)
    heads: dict[str, int] = {}

    async def give(handle: WorkflowHandle[Any, Any], step: Step[Any]) -> None:
        at = await stage.case_skipper.get_current_time(handle)
        kind = CaseEnvelope if handle is case else IncidentEnvelope
        envelope = kind(command_id=str(uuid.uuid4()), grant=GRANT, command=step.command(at))
        answer = await handle.execute_update(
            "command", envelope, id=envelope.command_id, result_type=Answer
        )
        heads[handle.id] = answer.seq

    await _play(watch, incident, INCIDENT, give)
    await _play(watch, case, CASE, give)
    await stage.until_recorded(heads)
    return await _played(began, watch, [case, incident])


async def floor(stage: Stage) -> Played:
    """Two empty workflows under the same script."""
    began = time.perf_counter()
    rows = await stage.floor_rows()
    case = await stage.start_floor([hours * 3600 for hours in CASE_WAKES])
    incident = await stage.start_floor([hours * 3600 for hours in INCIDENT_WAKES])
    watch = _Watch(stage.floor_skipper)

    async def give(handle: WorkflowHandle[Any, Any], _: Step[Any]) -> None:
        await stage.floor_skipper.get_current_time(handle)
        await handle.execute_update("command", 1, id=str(uuid.uuid4()))

    await _play(watch, incident, INCIDENT, give)
    await _play(watch, case, CASE, give)
    changes = sum(len(part) for part in (CASE, INCIDENT, CASE_WAKES, INCIDENT_WAKES))
    await stage.until_floor_rows(rows + 2 + changes)
    return await _played(began, watch, [case, incident])


async def _play(
    watch: _Watch,
    handle: WorkflowHandle[Any, Any],
    steps: Sequence[Step[Any]],
    give: Callable[[WorkflowHandle[Any, Any], Step[Any]], Awaitable[None]],
) -> None:
    passed = 0.0
    for step in steps:
        await watch.skip(handle, step.hours - passed)
        passed = step.hours
        await give(handle, step)
    await watch.skip(handle, WEEKS * 7 * 24 - passed)


async def _played(
    began: float, watch: _Watch, handles: Sequence[WorkflowHandle[Any, Any]]
) -> Played:
    seconds = time.perf_counter() - began
    events, size = await history(handles)
    return Played(seconds, seconds - watch.skipping, events, size)
