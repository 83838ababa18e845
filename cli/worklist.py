"""`dalo worklist`: what an officer should do next, the most urgent on top."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from casework.case_reads import READ_MODEL, safe_to_call_each
from casework.runtime import Runtime
from cli.clocks import sentence
from cli.options import As, AsJson, Reason
from cli.screen import console, due, print_json
from cli.session import execute, reading
from cli.words import command_of, no_because, reference_of, settled_by, what_clock, what_task
from models import registry
from models.base import Record
from models.clocks import Clock
from models.content import PolicyError
from models.safe_decision import SafeDecision
from models.stream import Task
from store import reads

app = typer.Typer()

_BREACH = "BREACH"


class Item(Record):
    """One thing to do. `safe_to_call` is the case's decision at this moment, if it has a case."""

    what: str
    case_ref: str
    ref: str
    due_at: datetime | None
    overdue: bool
    why: str
    command: str
    explanation: str = ""
    safe_to_call: SafeDecision | None = None


class Worklist(Record):
    """An officer's list: how much there is, and the most urgent of it."""

    source: str = READ_MODEL
    as_of: datetime
    officer: str
    total: int
    overdue: int
    items: tuple[Item, ...]


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
        whose = officer or grant.actor
        now = runtime.clock()
        async with runtime.engine.connect() as conn:
            clocks = await reads.owned_clocks(conn, whose)
            tasks = await reads.owned_tasks(conn, whose)
        items = [
            *(of_task(*each, now) for each in tasks),
            *(of_clock(*each, now) for each in clocks if not _told(each, tasks)),
        ]
        items.sort(key=lambda item: (item.due_at is None, item.due_at or now, item.ref))
        return Worklist(
            as_of=now,
            officer=whose,
            total=len(items),
            overdue=sum(item.overdue for item in items),
            items=tuple(await _with_decisions(runtime, items[:limit], now)),
        )


def _told(each: tuple[str, str, Clock], tasks: list[tuple[str, str, Task]]) -> bool:
    """Whether a task already asks for what this clock asks for."""
    _, stream, clock = each
    return clock.paused or any(
        stream == s and t.kind == _BREACH and t.subject == clock.clock_id for _, s, t in tasks
    )


def of_task(case_ref: str, stream: str, task: Task, now: datetime) -> Item:
    """A task as an item of the list."""
    ref = reference_of(stream)
    due_at = task.due_at or task.raised_at
    return Item(
        what=what_task(task),
        case_ref=case_ref,
        ref=ref,
        due_at=due_at,
        overdue=due_at < now,
        why=task.why,
        command=command_of(stream, task),
    )


def of_clock(case_ref: str, stream: str, clock: Clock, now: datetime) -> Item:
    """An open clock as an item of the list, with the basis of its limit."""
    return Item(
        what=what_clock(clock),
        case_ref=case_ref,
        ref=reference_of(stream),
        due_at=clock.due_at,
        overdue=clock.due_at < now,
        why=_basis(clock),
        command=settled_by(stream, clock),
        explanation=sentence(clock),
    )


def _basis(clock: Clock) -> str:
    """Title of the rule and where it comes from: law or policy."""
    try:
        rule = registry.policy(clock.policy_version).clock_rules[clock.clock_type]
    except (PolicyError, KeyError):
        return clock.basis or clock.policy_version
    return f"{rule.title} ({clock.basis or rule.basis})"


async def _with_decisions(runtime: Runtime, items: list[Item], now: datetime) -> list[Item]:
    """Ask each case concerned whether its victim may be called at this moment."""
    refs = sorted({item.case_ref for item in items if item.case_ref})
    known = await safe_to_call_each(runtime, refs, now)
    return [item.model_copy(update={"safe_to_call": known.get(item.case_ref)}) for item in items]


def _show(found: Worklist) -> None:
    out = console()
    now = found.as_of
    head = f"Worklist of {found.officer}: {found.total} to do, {found.overdue} overdue"
    out.print(Text(head, style="bold"))
    for item in found.items:
        out.print()
        line = Text(f"{item.what}  ", style="bold")
        line.append_text(due(item.due_at, now))
        line.append(f"  {item.case_ref or item.ref}  ", style="not bold")
        out.print(line.append_text(_safe(item.safe_to_call, now)), soft_wrap=True)
        out.print(f"    {item.why}", soft_wrap=True)
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
