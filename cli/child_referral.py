"""`dalo child-referral-sent`: a report under 16 that no case has."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from cli.options import As, AsJson, Reason, instant
from cli.screen import console, print_json
from cli.session import execute, store_only
from store.child_tasks import sent

app = typer.Typer()


@app.command("child-referral-sent")
def child_referral_sent(
    ref: Annotated[
        str, typer.Argument(metavar="INCIDENT/VICTIM", help="As the worklist names it.")
    ],
    at: Annotated[
        datetime | None,
        typer.Option("--at", parser=instant, metavar="TIME", help="When it was sent."),
    ] = None,
    actor: As = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Child safeguarding has the referral of a report under 16 that no case took: the task is
    settled."""
    execute(_sent(ref, at, actor, reason))
    if as_json:
        print_json({"ref": ref, "settled": True})
    else:
        console().print(Text(f"{ref}: child safeguarding has it"))


async def _sent(ref: str, at: datetime | None, actor: str, reason: str) -> None:
    async with store_only() as runtime:
        grant = await runtime.gate.authorise(actor, "child-referral-sent", ref, reason or None)
        incident_ref, _, victim_ref = ref.removeprefix("incident/").rpartition("/")
        now = runtime.clock()
        async with runtime.engine.begin() as conn:
            await sent(
                conn, incident_ref, victim_ref, at or now, now, grant.actor, grant.role.value
            )
