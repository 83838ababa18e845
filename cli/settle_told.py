"""`dalo settle-told`: what reached a case or a referral after its end is decided."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from cli.options import As, AsJson, Reason, instant
from cli.screen import console, print_json
from cli.session import execute, store_only
from models.unheard import ToldStep
from store.told import Settled, settle

app = typer.Typer()


@app.command("settle-told")
def settle_told(
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="The victim or the referral, as on the worklist.")
    ],
    subject: Annotated[
        str,
        typer.Argument(metavar="SUBJECT", help="Which incident, referral or message."),
    ],
    step: Annotated[ToldStep, typer.Option("--step", help="What follows.")],
    at: Annotated[
        datetime | None,
        typer.Option("--at", parser=instant, metavar="TIME", help="When it was decided."),
    ] = None,
    actor: As = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """What a closed case or an ended referral was told is dealt with: its tasks are settled,
    whoever of supervisor and coordinator decided."""
    execute(_settle(ref, subject, step, at, actor, reason))
    if as_json:
        print_json({"ref": ref, "subject": subject, "settled": True})
    else:
        console().print(Text(f"{ref} {subject}: {step.value}"))


async def _settle(
    ref: str, subject: str, step: ToldStep, at: datetime | None, actor: str, reason: str
) -> None:
    async with store_only() as runtime:
        grant = await runtime.gate.authorise(actor, "settle-told", ref, reason or None)
        now = runtime.clock()
        said = Settled(ref, subject, step, at or now, grant.actor, grant.role.value)
        async with runtime.engine.begin() as conn:
            await settle(conn, said, now)
