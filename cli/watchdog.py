"""`dalo watchdog`: does the engine do what the store says?"""

from __future__ import annotations

from typing import Annotated

import typer

from casework.service import run_watchdog
from casework.stopping import until_signalled
from casework.telemetry import METRICS
from casework.watchdog import Finding, round_of
from cli.options import As, AsJson
from cli.screen import console, print_json, table, when
from cli.session import execute, writing

app = typer.Typer()


@app.command("watchdog")
def watchdog(
    once: Annotated[bool, typer.Option("--once", help="Compare once, then end.")] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Compare the store with the engine, once a minute until Ctrl-C. With --once the exit code is 1
    where they differ. What is found stands on the board and in the metrics."""
    found = execute(_watch(actor, once=once))
    if not once:
        return
    if as_json:
        print_json({"findings": [each.model_dump(mode="json") for each in found]})
    elif found:
        rows = ((f.kind.value, f.subject, when(f.since), f.detail, f.remedy) for f in found)
        columns = ("finding", "about", "since", "what", "do")
        console().print(table("", columns, rows))
    else:
        console().print("store and engine agree")
    if found:
        raise typer.Exit(1)


async def _watch(actor: str, *, once: bool) -> list[Finding]:
    async with writing() as runtime:
        await runtime.gate.authorise(actor, "watchdog")
        if once:
            return await round_of(runtime)
        stopping = until_signalled()
        with METRICS.serving(runtime.settings.metrics_bind):
            await run_watchdog(runtime, stopping)
        return []
