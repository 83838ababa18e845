"""What people see: tables and lines in one style, times in London, how long until or since."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.instants import show

_PIPE_WIDTH = 160
_NOTHING = "-"


def console() -> Console:
    """Standard output; in a pipe wide enough for a table, whatever the terminal was. Nothing that
    is printed is taken for markup: references may hold brackets."""
    wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return Console(width=wide, markup=False, highlight=False, emoji=False)


def print_json(value: Any) -> None:
    """One JSON document; instants in ISO 8601 UTC."""
    sys.stdout.write(json.dumps(to_jsonable_python(value), indent=2) + "\n")


def relative(at: datetime, now: datetime) -> str:
    """`in 3 h`, `2 d overdue`; whole units, the coarser the further away."""
    gap = at - now
    late = gap < timedelta(0)
    minutes = int(abs(gap).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 120:
        length = f"{minutes} min"
    elif minutes < 48 * 60:
        length = f"{minutes // 60} h"
    else:
        length = f"{minutes // (24 * 60)} d"
    return f"{length} overdue" if late else f"in {length}"


def due(at: datetime | None, now: datetime) -> Text:
    """When something is due, as people read it; overdue in red, soon in yellow."""
    if at is None:
        return Text(_NOTHING)
    style = ""
    if at < now:
        style = "bold red"
    elif at - now <= timedelta(hours=4):
        style = "yellow"
    return Text(f"{show(at)}  ({relative(at, now)})", style=style)


def when(at: datetime | None) -> str:
    """An instant in London time, or a dash."""
    return show(at) if at else _NOTHING


def words(code: str | None) -> str:
    """A code as it stands, or a dash."""
    return code or _NOTHING


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A table without outer lines; an empty one says so."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in columns:
        made.add_column(name, header_style="dim", overflow="fold")
    count = 0
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else str(cell) for cell in row))
        count += 1
    if not count:
        made.add_row(Text("none", style="dim"))
    return made


def note(text: str) -> Text:
    """A line that must not be missed."""
    return Text(text, style="bold yellow")
