"""`dalo matac`: the monthly scoring of those who harm, and whom it nominates."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from casework import matac
from cli.options import As, AsJson
from cli.screen import console, note, print_json, table, when
from cli.session import execute, reading, store_only
from models import registry
from store.matac_runs import MatacRun, Subject

app = typer.Typer()
matac_app = typer.Typer(no_args_is_help=True)
app.add_typer(
    matac_app, name="matac", help="The monthly scoring of those who harm, and whom it nominates."
)


@matac_app.callback()
def _matac() -> None:
    """The monthly scoring of those who harm, and whom it nominates."""


@matac_app.command("run")
def run(
    area: Annotated[
        str, typer.Option("--area", help="A report's district; the pilot area where left out.")
    ] = "",
    month: Annotated[
        str, typer.Option("--month", metavar="MONTH", help="2027-07; the month that runs.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what it would give; write nothing.")
    ] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Score everybody reported in an area, once a month, and nominate to the MATAC. The score
    recommends: coordinator and meeting decide. A month that was scored is shown as it was."""
    made = execute(_run(area, month, actor, dry_run=dry_run))
    if as_json:
        print_json(made.model_dump(mode="json"))
        return
    _print(made)


async def _run(area: str, month: str, actor: str, *, dry_run: bool) -> MatacRun:
    async with store_only() if dry_run else reading() as runtime:
        grant = await runtime.gate.authorise(actor, "matac-run")
        area = area or registry.current_policy().intake.pilot_areas[0]
        return await matac.run(runtime, area, month, grant, dry_run=dry_run)


def _print(made: MatacRun) -> None:
    out = console()
    state = "scored before, not again" if made.repeated else "scored"
    if not made.stored:
        state = "not stored"
    day = made.run_on.strftime("%-d %b %Y")
    head = f"MATAC {made.area} {made.month}: {len(made.subjects)} scored on {day}, {state}"
    out.print(Text(f"{head} (weights {made.weights_version})"))
    if not made.subjects:
        out.print(note("nobody was reported here within the window"))
        return
    columns = (
        "rank",
        "perpetrator",
        "score",
        "R",
        "F",
        "G",
        "V",
        "last event",
        "serial",
        "",
        "referral",
        "cases",
    )
    out.print(table("", columns, map(_row, made.subjects)))


def _row(each: Subject) -> tuple[object, ...]:
    return (
        each.rank,
        each.perpetrator_ref,
        f"{each.score:.1f}",
        each.r,
        each.f,
        each.g,
        each.v,
        when(each.last_event_at),
        "serial" if each.serial else "",
        each.standing.value,
        each.referral_ref,
        ", ".join(each.cases),
    )
