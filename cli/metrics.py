"""`dalo metrics`: the pilot's figures, from the ledger."""

from __future__ import annotations

import calendar
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli.options import As, AsJson, month_or_day
from cli.screen import console, print_json
from cli.session import execute, store_only
from evaluation.definitions import load_definitions
from evaluation.read import compute
from evaluation.rows import MetricTable
from evaluation.tables import as_table, write_csv
from models.instants import london_date

app = typer.Typer()


def last_day(text: str) -> date:
    """A day, or the last of a month from `2027-05`. Raises typer.BadParameter."""
    day = month_or_day(text)
    if len(text) > 7:
        return day
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@app.command("metrics")
def metrics(
    start: Annotated[
        date,
        typer.Option("--from", parser=month_or_day, metavar="DAY", help="2027-05-11 or 2027-05."),
    ],
    end: Annotated[
        date | None,
        typer.Option("--to", parser=last_day, metavar="DAY", help="Included; today if left out."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to write metrics.csv.")
    ] = None,
    items: Annotated[
        bool,
        typer.Option(
            "--items",
            help="Show one by one: evidence, MARAC criteria, news, orders, clock types, rules.",
        ),
    ] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """M01 to M24, clock compliance (C01) and agreement with recommendations (R01) by month, for the
    pilot arm; comparison districts have M16 to M19."""
    found = execute(_compute(start, end, actor))
    path = write_csv(found.rows, out) if out is not None else None
    if as_json:
        print_json({**found.model_dump(mode="json"), "file": str(path) if path else None})
        return
    shown = console()
    shown.print(as_table(found, load_definitions(), items=items))
    if path is not None:
        shown.print(f"written: {path}")


async def _compute(start: date, end: date | None, actor: str) -> MetricTable:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "metrics")
        now = runtime.clock()
        return await compute(runtime.engine, start, end or london_date(now), now)
