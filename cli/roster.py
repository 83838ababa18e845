"""`dalo roster`: who there is, with how much room, covering whom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.options import As, AsJson
from cli.screen import console, note, print_json, table, when, words
from cli.session import execute, reading, store_only
from models import registry
from store.allocation import AllocationResult, allocate, waiting_areas
from store.roster import RosterEntry, list_roster, load_roster, read_roster

app = typer.Typer()
roster_app = typer.Typer(no_args_is_help=True)
app.add_typer(roster_app, name="roster", help="Officers, their areas, room and cover.")


@roster_app.command("load")
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV; see examples/medway.")],
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Add officers, or bring them up to date; others stay. Waiting cases are then allocated."""
    entries = read_roster(file)
    results = execute(_load(entries, actor))
    allocated = sum(len(each.allocated) for each in results)
    waiting = sum(each.waiting for each in results)
    if as_json:
        print_json({"officers": len(entries), "allocated": allocated, "waiting": waiting})
        return
    out = console()
    out.print(Text(f"{len(entries)} officers loaded; {allocated} cases allocated, {waiting} wait"))
    for each in results:
        if each.no_roster:
            out.print(note(f"{each.area} has waiting cases and no DALO"))


async def _load(entries: list[RosterEntry], actor: str) -> list[AllocationResult]:
    async with reading() as runtime:
        await runtime.gate.authorise(actor, "roster")
        async with runtime.engine.begin() as conn:
            await load_roster(conn, entries, runtime.clock())
        async with runtime.engine.connect() as conn:
            areas = await waiting_areas(conn)
        policy = registry.current_policy()
        results = [await allocate(runtime.engine, area, runtime.clock(), policy) for area in areas]
        if runtime.connected is not None:
            await runtime.relay_once()
        return results


@roster_app.command("list")
def show(actor: As = "", as_json: AsJson = False) -> None:
    """Everybody on the roster."""
    entries = execute(_list(actor))
    if as_json:
        print_json([entry.model_dump(mode="json") for entry in entries])
        return
    rows = (
        (
            e.officer_id,
            e.role.value,
            words(e.area),
            "-" if e.capacity is None else e.capacity,
            words(e.supervisor_id),
            f"{when(e.absent_from)} to {when(e.absent_until)}" if e.absent_from else "",
            words(e.covers),
            words(e.known_as),
            "" if e.active else "inactive",
        )
        for e in entries
    )
    columns = ("officer", "role", "area", "room", "supervisor", "absent", "covers", "known as", "")
    console().print(table("", columns, rows))


async def _list(actor: str) -> list[RosterEntry]:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "view-roster")
        async with runtime.engine.connect() as conn:
            return await list_roster(conn)
