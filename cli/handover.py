"""`dalo handover leave`: an officer goes away, and nothing of theirs is left without a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from casework.leave import CaseOfLeave, Leave, take_leave
from cli.options import As, AsJson, instant
from cli.screen import console, print_json, table
from cli.session import execute, writing

SOME_REFUSED = 3

app = typer.Typer()
handover_app = typer.Typer(no_args_is_help=True)
app.add_typer(handover_app, name="handover", help="An officer's leave, case by case.")


@handover_app.callback()
def handover() -> None:
    """Cover and handover for an officer who goes away."""


@handover_app.command("leave")
def leave(
    officer: Annotated[str, typer.Argument(metavar="OFFICER", help="Who goes away.")],
    away_from: Annotated[
        datetime, typer.Option("--from", parser=instant, metavar="TIME", help="First absence.")
    ],
    away_until: Annotated[
        datetime, typer.Option("--until", parser=instant, metavar="TIME", help="Back at work.")
    ],
    cover: Annotated[str, typer.Option("--cover", help="Who looks after the cases.")],
    reason: Annotated[str, typer.Option("--reason", help="A code.")] = "LEAVE",
    hand_over: Annotated[
        bool, typer.Option("--hand-over", help="Give the cases to the cover for good.")
    ] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Put the absence on the roster, and record its cover on every open case of the officer (or
    hand each over). A case that the cover may not see goes to its supervisor's list."""
    asked = Leave(
        officer_id=officer,
        away_from=away_from,
        away_until=away_until,
        cover_id=cover,
        reason=reason,
        hand_over=hand_over,
    )
    results = execute(_leave(asked, actor))
    if as_json:
        print_json([each.model_dump(mode="json") for each in results])
    else:
        cells = ((r.case_ref, r.outcome, r.who, r.code, r.why) for r in results)
        out = console()
        out.print(table("", ("case", "outcome", "who", "code", "what to do"), cells))
        out.print(Text(f"{len(results)} open cases of {officer}"))
    if any(each.outcome == "REFUSED" for each in results):
        raise typer.Exit(SOME_REFUSED)


async def _leave(asked: Leave, actor: str) -> list[CaseOfLeave]:
    async with writing() as runtime:
        grant = await runtime.gate.authorise(actor, "record-leave", asked.officer_id)
        return await take_leave(runtime, asked, grant)
