"""The database is gone for a while under load: what must go on, what must wait, and what must be
there afterwards. Run by the tests for seconds, and for minutes by `make outage MINUTES=10`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from casework.runtime import Runtime, open_runtime
from casework.stopping import leave
from models.case.view import CaseView
from models.clocks import Clock
from models.incident import IncidentView
from tests.chaos import people, truth
from tests.chaos.people import Opened
from tests.chaos.plant import Plant, a_plant

CASES = 6
SLOWEST_RETRY = 31.0
"""Seconds after the database is back by which the last waiting batch is tried again."""


@dataclass
class Findings:
    """What was seen. Lengths are events of a history."""

    commands: int = 0
    slowest_answer: float = 0.0
    silent_clocks: list[str] = field(default_factory=list)
    """Clocks that came due during the outage and did not fire."""
    without_verdict: list[str] = field(default_factory=list)
    idle_growth: int = 0
    """How much the history of a case grew whose recording alone waited."""
    events_a_command: float = 0.0
    most_batches: int = 0
    """The most batches that a case needed to catch up."""
    differences: list[str] = field(default_factory=list)
    verifier: list[str] = field(default_factory=list)


async def outage(plant: Plant, runtime: Runtime, seconds: float) -> Findings:
    """Stop the database for so long while officers work and clocks run out; start it again."""
    found = Findings()
    begin = people.now()
    ends = [begin + timedelta(seconds=7 + seconds * n / (CASES + 1)) for n in range(1, CASES + 1)]
    opened = await people.open_cases(runtime, ends)
    idle, busy = opened[0], opened[1:]
    before = {each.case: len((await truth.decided(runtime, each.case))[0]) for each in opened}
    # A worker that has just started replays each case when it is first needed: its keys must be
    # there although the database is not.
    plant.stop_worker()
    plant.start_worker()
    plant.stop_database()
    stopped = time.monotonic()
    await people.tell(runtime, idle.case, people.attempt(), "idle")
    await asyncio.sleep(min(2.0, seconds / 4))
    idle_length = await _length(runtime, idle.case)
    busy_length = await _length(runtime, busy[0].case)
    due = await _work(runtime, busy, found, stopped + seconds)
    last_end = max([*ends, *due]) - people.now()
    await asyncio.sleep(max(0.0, last_end.total_seconds() + 1.0))
    found.idle_growth = await _length(runtime, idle.case) - idle_length
    each = max(1, found.commands // len(busy))
    found.events_a_command = (await _length(runtime, busy[0].case) - busy_length) / each
    await _look_at_clocks(runtime, opened, found)
    plant.start_database()
    await people.until_recorded(runtime, people.streams(opened), SLOWEST_RETRY + 30)
    for case, batches in before.items():
        after = len((await truth.decided(runtime, case))[0])
        found.most_batches = max(found.most_batches, after - batches)
    found.differences = await truth.differences(runtime, people.streams(opened))
    found.verifier = [f"{f.kind.value} {f.stream} {f.seq}" for f in await truth.verified(runtime)]
    return found


async def _work(
    runtime: Runtime, busy: list[Opened], found: Findings, until: float
) -> list[datetime]:
    """Commands by turns until the time is over; the due times of what was promised."""
    due = []
    while time.monotonic() < until:
        for each in busy:
            begun = time.monotonic()
            if found.commands < len(busy):
                due.append(people.now() + timedelta(seconds=2))
                command = people.promise(due[-1])
                await people.tell(runtime, each.case, command, f"promise-{found.commands}")
            else:
                command_id = f"attempt-{found.commands}"
                await people.tell(runtime, each.case, people.attempt(), command_id)
            found.slowest_answer = max(found.slowest_answer, time.monotonic() - begun)
            found.commands += 1
        await asyncio.sleep(0.5 if found.commands < 20 * len(busy) else 5.0)
    return due


async def _look_at_clocks(runtime: Runtime, opened: list[Opened], found: Findings) -> None:
    now = people.now()
    for each in opened:
        handle = runtime.client.get_workflow_handle(each.case)
        view: CaseView = await handle.query("view", result_type=CaseView)
        found.silent_clocks += [c.clock_id for c in view.clocks if _silent(c, now)]
        incident = runtime.client.get_workflow_handle(each.incident)
        seen: IncidentView = await incident.query("view", result_type=IncidentView)
        found.silent_clocks += [c.clock_id for c in seen.clocks if _silent(c, now)]
        if seen.verdict is None:
            found.without_verdict.append(each.incident)


def _silent(clock: Clock, now: datetime) -> bool:
    return clock.due_at < now - timedelta(seconds=1) and clock.breached_at is None


async def _length(runtime: Runtime, stream: str) -> int:
    return (await runtime.client.get_workflow_handle(stream).describe()).history_length


async def _run(minutes: float) -> int:
    with tempfile.TemporaryDirectory(prefix="dalo-outage-") as name, a_plant(Path(name)) as plant:
        async with open_runtime(plant.settings) as runtime:
            found = await outage(plant, runtime, minutes * 60)
    for label, value in vars(found).items():
        print(f"{label.replace('_', ' '):18} {value}")
    wrong = [*found.silent_clocks, *found.without_verdict, *found.differences, *found.verifier]
    print("the ledger is what the workflows decided" if not wrong else "THIS IS WRONG: see above")
    return 1 if wrong or found.idle_growth else 0


if __name__ == "__main__":
    leave(asyncio.run(_run(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)))
