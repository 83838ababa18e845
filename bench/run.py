"""Floor and product by turns on the same servers; a table for people, `--json` for machines."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import case, commands, dispatch
from bench.measure import Measure
from bench.stage import Stage, a_stage

AIM = 1.5


@dataclass
class Results:
    """Everything measured, a value a round."""

    accepted: Measure = field(
        default_factory=lambda: Measure("dispatch: a workflow, until accepted", "ms")
    )
    whole: Measure = field(
        default_factory=lambda: Measure("dispatch: the same, intake included", "ms")
    )
    recorded: Measure = field(
        default_factory=lambda: Measure("dispatch: a workflow, until recorded", "ms")
    )
    answer: Measure = field(
        default_factory=lambda: Measure("command: one caller's median answer", "ms")
    )
    gate: Measure = field(
        default_factory=lambda: Measure("command: the same through the gate", "ms")
    )
    rate: Measure = field(default_factory=lambda: Measure("command: each, 8 callers", "ms"))
    rate_recorded: Measure = field(
        default_factory=lambda: Measure("command: each, 8 callers, until recorded", "ms")
    )
    played: Measure = field(default_factory=lambda: Measure("case: 13 weeks, whole", "s"))
    working: Measure = field(
        default_factory=lambda: Measure("case: 13 weeks, without skipping time", "s")
    )
    events: Measure = field(default_factory=lambda: Measure("case: history events", "events"))
    size: Measure = field(default_factory=lambda: Measure("case: history size", "KB"))

    @property
    def all(self) -> list[Measure]:
        """In the order of printing."""
        return list(vars(self).values())


async def measure(rounds: int, reports: int) -> Results:
    """One unmeasured round, then `rounds` of both sides, who takes the first turn by turns."""
    results = Results()
    async with a_stage() as stage:
        await _round(stage, Results(), min(reports, 10), floor_first=True)
        for number in range(rounds):
            await _round(stage, results, reports, floor_first=number % 2 == 0)
            print(f"round {number + 1} of {rounds} done", file=sys.stderr)
    return results


async def _round(stage: Stage, results: Results, reports: int, *, floor_first: bool) -> None:
    victims = await dispatch.known_victims(stage, reports)
    idle = [(await stage.start_floor()).id for _ in range(reports)]
    await asyncio.sleep(0.5)
    floor: dict[str, Any] = {}
    product: dict[str, Any] = {}

    async def floors() -> None:
        floor["dispatch"] = await dispatch.floor(stage, 2 * reports)
        floor["commands"] = await commands.floor(stage, idle)
        floor["case"] = await case.floor(stage)

    async def products() -> None:
        product["dispatch"] = await dispatch.product(stage, victims)
        cases = [await stage.case_of(f"VIC-{victim}") for victim in victims]
        product["commands"] = await commands.product(stage, cases)
        product["gate"] = await commands.through_the_gate(stage, cases[:20])
        product["case"] = await case.product(stage)

    for side in (floors, products) if floor_first else (products, floors):
        await side()
    _enter(results, floor, product)


def _enter(results: Results, floor: dict[str, Any], product: dict[str, Any]) -> None:
    ms = 1_000
    started, told = floor["dispatch"], product["dispatch"]
    results.accepted.add(started.accepted * ms, told.accepted * ms)
    results.whole.add(started.accepted * ms, (told.intake + told.accepted) * ms)
    results.recorded.add(started.recorded * ms, told.recorded * ms)
    bare, full = floor["commands"], product["commands"]
    results.answer.add(bare.median * ms, full.median * ms)
    results.gate.add(bare.median * ms, product["gate"] * ms)
    results.rate.add(bare.each * ms, full.each * ms)
    results.rate_recorded.add(bare.each_recorded * ms, full.each_recorded * ms)
    empty, lived = floor["case"], product["case"]
    results.played.add(empty.seconds, lived.seconds)
    results.working.add(empty.working, lived.working)
    results.events.add(empty.events, lived.events)
    results.size.add(empty.size / 1024, lived.size / 1024)


def show(results: Results, rounds: int) -> None:
    """The table."""
    table = Table(title=f"Product against the floor: medians of {rounds} rounds")
    table.add_column("measure")
    for column in ("unit", "floor", "product", "ratio", "lowest to highest"):
        table.add_column(column, justify="right")
    for one in results.all:
        row: dict[str, Any] = one.summary()
        low, high = row["ratios"]
        over = " *" if row["ratio"] > AIM else ""
        table.add_row(
            str(row["name"]),
            str(row["unit"]),
            f"{row['floor']:.2f}",
            f"{row['product']:.2f}",
            f"{row['ratio']:.2f}{over}",
            f"{low:.2f} to {high:.2f}",
        )
    console = Console(width=100)
    console.print(table)
    console.print(f"* above the aim of {AIM}. The floor does not encrypt, judge or explain.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds (default 5)")
    parser.add_argument("--reports", type=int, default=40, help="reports a round (default 40)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args()
    results = asyncio.run(measure(given.rounds, given.reports))
    if given.json:
        print(json.dumps([one.summary() for one in results.all], indent=1))
    else:
        show(results, given.rounds)
