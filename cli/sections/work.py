"""What is to be done on a case: tasks with the command that settles each, clocks, need actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.text import Text

from casework.case_reads import CaseScreen, OfStream
from cli.screen import due, table
from cli.words import clock_row, what_task
from models.clocks import Clock
from models.enums import ClockType
from models.settling import command_of
from models.stream import Task


def show_tasks(out: Console, tasks: Iterable[tuple[str, Task]], now: datetime) -> None:
    """Each task with who, by when, why and the command."""
    listed = list(tasks)
    out.print(Text("Tasks" if listed else "Tasks: none", style="bold"))
    for stream, task in listed:
        line = Text(f"  {what_task(task)}  ").append_text(due(task.due_at, now))
        out.print(line.append(f"  {task.owner or 'nobody yet'}: {task.why}"), soft_wrap=True)
        if task.command:
            out.print(f"      {command_of(stream, task.command)}", soft_wrap=True)
    out.print()


def tasks_of(screen: CaseScreen) -> list[tuple[str, Task]]:
    """The tasks of a case's screen with their streams."""
    return [(each.stream, each.task) for each in screen.tasks if each.task]


def show_clocks(out: Console, clocks: Iterable[OfStream], now: datetime) -> None:
    """The clocks, an incident's evidence items on one line: `dalo clocks` lists them."""
    listed = [(each.stream, each.clock) for each in clocks if each.clock]
    items = Counter(stream for stream, clock in listed if _evidence(clock))
    rows: list[tuple[str | Text, ...]] = []
    seen: set[str] = set()
    for stream, clock in listed:
        if not _evidence(clock):
            rows.append(clock_row(stream, clock, now))
        elif stream not in seen:
            seen.add(stream)
            first = f"{items[stream]} EVIDENCE_ITEM, the first"
            rows.append((first, *clock_row(stream, clock, now)[1:]))
    out.print(table("Clocks", ("clock", "due", "owner", "from", "state"), rows))
    out.print()


def _evidence(clock: Clock) -> bool:
    return clock.clock_type is ClockType.EVIDENCE_ITEM


def show_needs(out: Console, screen: CaseScreen, now: datetime) -> None:
    """Open actions for the victim's needs."""
    if screen.view.actions:
        rows = (
            (a.action_id, a.domain.value, a.action, a.owner, due(a.due_at, now))
            for a in screen.view.actions
        )
        out.print(table("Need actions", ("id", "need", "action", "owner", "due"), rows))
        out.print()
