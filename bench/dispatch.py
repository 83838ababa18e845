"""Intake dispatch: reports in memory, then register, outbox, relay and started workflows."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.stage import Stage
from casework.relay import AT_ONCE
from intake.rows import SoundRow
from models import registry
from models.enums import Injury, RecordingType, RiskGrade, Role
from models.report import Report, ReportSecrets
from store.allocation import allocate
from store.intake import IntakeStore
from store.intake_plan import Stamp

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Dispatched:
    """Seconds a workflow, from the first message: until the engine had accepted the last start,
    and until everything that the starts decided was recorded. `intake` is what came before: the
    transactions that judge and keep the reports, and allocation."""

    accepted: float
    recorded: float
    intake: float = 0.0


def _row(number: int, part: int, reported_at: datetime) -> SoundRow:
    report = Report(
        incident_ref=f"46/{number}{part}/26",
        victim_ref=f"VIC-{number}",
        version=1,
        recording_type=RecordingType.CRIME,
        ho_class=("8N",),
        occurred_from=reported_at - timedelta(minutes=20),
        reported_at=reported_at,
        district="Medway",
        injury=Injury.MINOR,
        victim_age=34,
        risk_grade=RiskGrade.MEDIUM,
        oic_id="PC-7001",
    )
    return SoundRow(number, report, ReportSecrets(victim_name="Fictional Person"))


async def known_victims(stage: Stage, count: int) -> list[int]:
    """Victims with one earlier report, as history has them: the next one opens a case."""
    numbers = [next(_numbers) for _ in range(count)]
    earlier = stage.runtime.clock() - timedelta(days=60)
    rows = [_row(number, 0, earlier) for number in numbers]
    store = IntakeStore(stage.runtime.keyring)
    async with stage.runtime.engine.begin() as conn:
        await store.take_rows(conn, rows, _stamp(stage), history=True)
    return numbers


async def product(stage: Stage, numbers: list[int]) -> Dispatched:
    """One report a victim, one transaction each; then allocation and the relay. Every report
    starts two workflows: its case and its incident."""
    runtime = stage.runtime
    reported = runtime.clock() - timedelta(minutes=5)
    rows = [_row(number, 1, reported) for number in numbers]
    store = IntakeStore(runtime.keyring)
    began = time.perf_counter()
    for row in rows:
        async with runtime.engine.begin() as conn:
            await store.take_rows(conn, [row], _stamp(stage), history=False)
    await allocate(runtime.engine, "Medway", runtime.clock(), registry.current_policy())
    taken = time.perf_counter() - began
    began = time.perf_counter()
    await runtime.relay_once()
    accepted = time.perf_counter() - began
    streams = await stage.streams_of([f"VIC-{number}" for number in numbers])
    await stage.until_recorded(dict.fromkeys(streams, 1))
    recorded = time.perf_counter() - began
    if len(streams) != 2 * len(numbers):
        raise RuntimeError(f"{len(streams)} workflows started, not {2 * len(numbers)}")
    return Dispatched(*(part / len(streams) for part in (accepted, recorded, taken)))


async def floor(stage: Stage, workflows: int) -> Dispatched:
    """As many empty workflows, started as many at a time as the relay does."""
    before = await stage.floor_rows()
    gate = asyncio.Semaphore(AT_ONCE)

    async def start() -> None:
        async with gate:
            await stage.start_floor()

    began = time.perf_counter()
    await asyncio.gather(*(start() for _ in range(workflows)))
    accepted = time.perf_counter() - began
    await stage.until_floor_rows(before + workflows)
    recorded = time.perf_counter() - began
    return Dispatched(accepted / workflows, recorded / workflows)


def _stamp(stage: Stage) -> Stamp:
    return Stamp(
        now=stage.runtime.clock(),
        policy=registry.current_policy(),
        calendar_version=registry.current_calendar().version,
        actor="bench",
        role=Role.SYSTEM.value,
    )
