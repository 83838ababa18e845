"""`dalo referral`: one referral on one screen: where it stands, what is next, and by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from casework.referral_reads import ReferralScreen, referral_screen
from cli.clocks import sentence
from cli.options import As, AsJson, Reason
from cli.screen import console, due, note, print_json, table, when, words
from cli.sections.source import behind
from cli.session import execute, reading
from cli.timeline import as_documents, digest
from cli.words import clock_row, what_task
from models.ids import referral_stream
from models.referral.view import NextStep, ReferralView
from models.settling import command_of

app = typer.Typer()

LINES = 10
BY_ITSELF = "a meeting or the calendar"


@app.command("referral")
def referral(
    ref: Annotated[str, typer.Argument(metavar="REF", help="A referral (MARAC-2027-00012).")],
    actor: As = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """One referral: its state, its clocks, what is next and by whom."""
    screen, now = execute(_read(ref, actor, reason))
    if as_json:
        print_json(as_document(screen))
    else:
        show_screen(screen, now)


async def _read(ref: str, actor: str, reason: str) -> tuple[ReferralScreen, datetime]:
    async with reading() as runtime:
        await runtime.gate.authorise(actor, "view-referral", ref, reason)
        return await referral_screen(runtime, ref), runtime.clock()


def as_document(screen: ReferralScreen) -> dict[str, Any]:
    """The screen as JSON: one object, its parts by name."""
    view = screen.view
    clocks = [
        {
            **clock.model_dump(mode="json"),
            "limit": str(clock.limit),
            "explanation": sentence(clock),
        }
        for clock in view.clocks
    ]
    return {
        "source": screen.source,
        **view.model_dump(mode="json", exclude={"clocks", "summary"}),
        "referral": view.summary,
        "clocks": clocks,
        "timeline": as_documents(screen.timeline),
    }


def show_screen(screen: ReferralScreen, now: datetime) -> None:
    """The screen for a person."""
    view, out = screen.view, console()
    behind(out, screen.source)
    for line in _header(view):
        out.print(line)
    out.print()
    stream = referral_stream(view.referral_ref)
    columns = ("clock", "due", "owner", "from", "state")
    out.print(table("Clocks", columns, (clock_row(stream, clock, now) for clock in view.clocks)))
    out.print()
    tasks = (
        (what_task(t), due(t.due_at, now), t.owner, t.why, command_of(stream, t.command))
        for t in view.tasks
    )
    out.print(table("To do", ("task", "due", "owner", "why", "command"), tasks))
    out.print()
    out.print(
        table("What is next", ("state", "by", "needs", "command"), map(_step, view.next_steps))
    )
    out.print()
    lines = digest(screen.timeline)[:LINES]
    out.print(table("What happened", ("when", "by", "what"), lines))


def _header(view: ReferralView) -> list[Text]:
    row = view.summary
    parts = [
        Text(f"{view.referral_ref}  {view.state.value}  since {when(view.since)}", style="bold"),
        Text(f"case {words(view.case_ref)}  answers for police: {words(view.lead)}"),
        Text(f"with {words(view.service)}  type {words(row.get('referral_type'))}"),
        Text(
            f"consent {words(row.get('consent_status'))}"
            f"  basis for disclosure {words(row.get('disclosure_basis'))}"
        ),
    ]
    if row.get("outcome"):
        parts.append(Text(f"outcome {row['outcome']}"))
    if row.get("flag_until"):
        parts.append(Text(f"flag until {when(_instant(row['flag_until']))}"))
    if view.missing:
        parts.append(note(f"the form lacks {', '.join(view.missing)}"))
    waiting = [f"{each.disruption_id} waits for {len(each.waiting)}" for each in view.disruptions]
    return parts + [Text(text) for text in waiting]


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _step(step: NextStep) -> tuple[str, str, str, str]:
    return (
        step.to.value,
        " or ".join(step.by) or BY_ITSELF,
        ", ".join(step.needs) or "-",
        step.command or "-",
    )
