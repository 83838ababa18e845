"""`dalo intake`: a force's extract goes in, cases come out."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from casework.runtime import Runtime
from cli.options import As, AsJson, instant
from cli.screen import console, note, print_json, table
from cli.session import execute, reading
from intake.errors import FileError
from intake.mapping import DEFAULT_MAPPING
from intake.run import Intake, IntakeOptions, IntakeSummary
from models import registry

app = typer.Typer()

SOME_REFUSED = 3


@app.command("intake")
def intake(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV, gz or NDJSON; - reads standard input.")
    ],
    history: Annotated[
        bool, typer.Option("--history", help="Reports from before go-live: they open no case.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Where to write line, column and reason.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be; change nothing.")
    ] = False,
    mapping: Annotated[
        str, typer.Option("--mapping", help="Column mapping: a shipped name or a file.")
    ] = DEFAULT_MAPPING,
    at: Annotated[
        datetime | None,
        typer.Option("--at", parser=instant, metavar="TIME", help="Read as if it were then."),
    ] = None,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Read an extract. May be stopped at any point and run again: nothing is started twice.

    Prints a count per outcome. Exit code 3 if rows were refused; --rejects says which and why.
    """
    options = IntakeOptions(
        actor=actor, history=history, dry_run=dry_run, mapping=mapping, rejects=rejects
    )
    summary, left = execute(_read(file, options, at))
    if as_json:
        print_json(
            {**summary.model_dump(mode="json"), "messages_sent": left if left is not None else 0}
        )
    else:
        _show(summary, waiting=left is None)
    if any(outcome.startswith("REJECTED:") for outcome in summary.outcomes):
        raise typer.Exit(SOME_REFUSED)


async def _read(
    file: str, options: IntakeOptions, at: datetime | None
) -> tuple[IntakeSummary, int | None]:
    """The summary, and how many messages left; None where the engine did not answer and they
    wait."""
    with _open(file) as stream:
        async with reading() as runtime:
            grant = await runtime.gate.authorise(options.actor, "intake")
            known = options.model_copy(update={"actor": grant.actor, "role": grant.role.value})
            with progress_bar("rows") as progress:
                summary = await take(runtime, stream, file, known, at, progress)
            if runtime.connected is None:
                return summary, 0 if options.dry_run else None
            return summary, 0 if options.dry_run else await runtime.relay_once()


async def take(
    runtime: Runtime,
    stream: IO[bytes],
    name: str,
    options: IntakeOptions,
    at: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> IntakeSummary:
    """One reading under the current policy and calendar, at the intake clock `at` or now."""
    reader = Intake(
        runtime.engine,
        runtime.keyring,
        registry.current_policy(),
        registry.current_calendar().version,
        runtime.clock if at is None else lambda: at,
    )
    return await reader.run(stream, Path(name).name, options, progress)


@contextmanager
def _open(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        raise FileError(f"{file} cannot be read ({why})", "check the path and its rights") from None
    yield io.BytesIO(content)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error where a person looks at it; nothing in a pipe."""
    if not (sys.stderr.isatty() and sys.stdout.isatty()):
        yield None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=None, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(summary: IntakeSummary, *, waiting: bool) -> None:
    out = console()
    kind = "history, " if summary.history else ""
    dry = "DRY RUN, nothing was changed: " if summary.dry_run else ""
    out.print(Text(f"{dry}{summary.file}: {kind}{summary.rows} rows", style="bold"))
    out.print(table("", ("outcome", "rows"), summary.outcomes.items()))
    out.print()
    lines = {
        "cases opened by rows of another outcome": summary.effects_case_opened,
        "cases allocated": summary.allocated,
        "of them over capacity": summary.over_capacity,
        "cases newly waitlisted": summary.waitlisted,
        "cases waiting now": summary.waiting,
        "child safeguarding referrals": summary.child_referrals,
        "blank lines and repeated headers": summary.blank_lines + summary.repeated_headers,
    }
    for label, count in lines.items():
        out.print(f"{label}: {count}")
    for area in summary.areas_without_dalo:
        out.print(note(f"{area} has no DALO: add one with dalo roster load FILE"))
    if waiting:
        out.print(note("the engine does not answer: the cases start when a worker or relay runs"))
