"""`dalo renew`: move running cases and incidents to the new release."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from casework.renewal import Renewal
from casework.renewal import renew as renew_all
from cli.options import As, AsJson
from cli.screen import console, print_json
from cli.session import execute, reading

app = typer.Typer()


@app.command("renew")
def renew(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be told, tell nothing.")
    ] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Tell every running case and incident of an earlier release to go on with the present one's
    duties, and all whose clocks were counted on an earlier calendar to count again; no clock is
    lost. The service does this by itself when it starts."""
    found = execute(_renew(actor, dry_run=dry_run))
    if as_json:
        print_json({**found.model_dump(mode="json"), "dry_run": dry_run})
        return
    verb = "would be told" if dry_run else "told"
    out = console()
    out.print(
        Text(
            f"{len(found.told)} {verb}, {len(found.waiting)} told before,"
            f" {found.current} have the present release; policy {found.policy_version}"
        )
    )
    for stream in found.told:
        out.print(Text(f"  {stream}"))
    if found.counting_again:
        number = len(found.counting_again)
        out.print(Text(f"{number} {verb} of calendar {found.calendar_version}"))


async def _renew(actor: str, *, dry_run: bool) -> Renewal:
    async with reading() as runtime:
        await runtime.gate.authorise(actor, "renew")
        found = await renew_all(runtime, dry_run=dry_run)
        if runtime.connected is not None and not dry_run:
            await runtime.relay_once()
        return found
