"""`dalo access-log`: who looked at or changed what, when and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from access.log import LogEntry, entries
from cli.options import As, AsJson, since
from cli.screen import console, print_json, table, when
from cli.session import execute, store_only

app = typer.Typer()


@app.command("access-log")
def access_log(
    who: Annotated[str, typer.Option("--who", metavar="OFFICER", help="One officer's.")] = "",
    ref: Annotated[str, typer.Option("--ref", help="About one case.")] = "",
    within: Annotated[
        timedelta | None,
        typer.Option("--since", parser=since, metavar="30m|8h|7d", help="How far back."),
    ] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Refusals only.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 100,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """The access log, newest first: an auditor sees all, a supervisor the team's, others their
    own. This look is in it too."""
    found = execute(_read(who, ref, within, limit, actor, refused=refused))
    if as_json:
        print_json([entry.model_dump(mode="json") for entry in found])
        return
    rows = (
        (
            when(e.at),
            f"{e.actor} ({e.role})",
            e.action,
            e.subject,
            "yes" if e.allowed else "REFUSED",
            e.reason_code,
            e.reason,
        )
        for e in found
    )
    columns = ("when", "who", "what", "about", "allowed", "as", "reason")
    console().print(table("", columns, rows))


async def _read(
    who: str, ref: str, within: timedelta | None, limit: int, actor: str, *, refused: bool
) -> list[LogEntry]:
    async with store_only() as runtime:
        grant = await runtime.gate.authorise(actor, "view-access-log", ref or None)
        start = runtime.clock() - within if within is not None else None
        async with runtime.engine.connect() as conn:
            return await entries(
                conn,
                grant,
                actor=who,
                subject=ref,
                since=start,
                refused_only=refused,
                limit=limit,
            )
