"""`dalo clocks`: what runs on a case, and why each clock is due when it is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from casework.case_reads import OfStream, case_clocks
from cli.options import As, AsJson, Reason, Ref
from cli.screen import console, print_json, table
from cli.sections.source import behind
from cli.session import execute, reading
from cli.words import clock_row, what_clock
from models import registry
from models.clocks import Clock
from models.content import PolicyError
from models.due import explain

app = typer.Typer()


@app.command("clocks")
def clocks(
    ref: Ref,
    why: Annotated[
        bool, typer.Option("--explain", help="Say in one sentence each why it is due then.")
    ] = False,
    ended: Annotated[bool, typer.Option("--all", help="Show ended clocks too.")] = False,
    actor: As = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """A case's open clocks and its incidents', the first due first."""
    source, found, now = execute(_read(ref, actor, reason, ended=ended))
    if as_json:
        print_json({"source": source, "as_of": now, "clocks": [_document(e) for e in found]})
        return
    out = console()
    behind(out, source)
    columns = ("clock", "due", "owner", "from", "state")
    out.print(
        table("Clocks", columns, (clock_row(e.stream, e.clock, now) for e in found if e.clock))
    )
    if why:
        out.print()
        for each in found:
            if each.clock:
                out.print(sentence(each.clock))


async def _read(
    ref: str, actor: str, reason: str, *, ended: bool
) -> tuple[str, list[OfStream], datetime]:
    async with reading() as runtime:
        grant = await runtime.gate.authorise(actor, "view-clocks", ref, reason)
        source, found = await case_clocks(runtime, ref, ended=ended, role=grant.role)
        return source, found, runtime.clock()


def sentence(clock: Clock) -> str:
    """Why a clock is due when it is, by the policy and calendar it carries."""
    try:
        policy = registry.policy(clock.policy_version)
        calendar = registry.calendar(clock.calendar_version)
    except PolicyError as error:
        return f"{what_clock(clock)}: cannot be explained here: {error.rule} ({error.key})"
    return explain(clock, policy, calendar)


def _document(each: OfStream) -> dict[str, object]:
    if each.clock is None:
        raise ValueError("a clock is needed")
    return {
        "stream": each.stream,
        **each.clock.model_dump(mode="json"),
        "limit": str(each.clock.limit),
        "explanation": sentence(each.clock),
    }
