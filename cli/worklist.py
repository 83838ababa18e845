"""`dalo worklist`: what an officer should do next, the most urgent on top."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from casework.worklist import Worklist, worklist_of
from cli.options import As, AsJson, Reason
from cli.screen import console, due, print_json
from cli.session import execute, reading
from cli.words import no_because
from models.safe_decision import SafeDecision
from models.urgency import Urgency

app = typer.Typer()


@app.command("worklist")
def worklist(
    officer: Annotated[
        str, typer.Argument(metavar="[OFFICER]", help="Whose list; yours where left out.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many lines.")] = 50,
    actor: As = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """What an officer should do next: what, by when, why, whether it is safe to call now, and the
    command that settles it."""
    found = execute(_read(officer, actor, reason, limit))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)


async def _read(officer: str, actor: str, reason: str, limit: int) -> Worklist:
    async with reading() as runtime:
        grant = await runtime.gate.authorise(actor, "view-worklist", officer or None, reason)
        return await worklist_of(runtime, officer or grant.actor, limit, grant.actor)


def _show(found: Worklist) -> None:
    out = console()
    now = found.as_of
    head = f"Worklist of {found.officer}: {found.total} to do, {found.overdue} overdue"
    out.print(Text(head, style="bold"))
    for item in found.items:
        out.print()
        line = Text(
            "" if item.urgency == Urgency.ROUTINE.name else f"{item.urgency}  ", style="bold red"
        )
        line.append(f"{item.what}  ", style="bold not red")
        line.append_text(due(item.due_at, now))
        line.append(f"  {item.case_ref or item.ref}  ", style="not bold")
        out.print(line.append_text(_safe(item.safe_to_call, now)), soft_wrap=True)
        whose = f" (for {item.on_behalf_of})" if item.on_behalf_of else ""
        out.print(f"    {item.why}{whose}", soft_wrap=True)
        if item.command:
            out.print(f"    {item.command}", soft_wrap=True)
    left = found.total - len(found.items)
    if left:
        out.print(Text(f"\n{left} more: --limit {found.total}", style="dim"))


def _safe(decision: SafeDecision | None, now: datetime) -> Text:
    if decision is None:
        return Text("")
    if decision.allowed:
        return Text("safe to call now: yes", style="green")
    return Text(f"safe to call now: NO ({no_because(decision, now)})", style="red")
