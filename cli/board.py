"""`dalo board`: the state of every case, what is overdue, who is overloaded."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from access.log import LogEntry, break_glass_alerts
from casework.case_reads import READ_MODEL
from cli.options import As, AsJson, since
from cli.screen import console, due, note, print_json, relative, table, words
from cli.sections.overview import show_overview
from cli.session import execute, store_only
from models.base import Record
from models.enums import CaseState, RiskGrade
from store import board as boards
from store import reads
from store.board import BoardFilter, BoardRow, OfficerLoad
from store.locks import hidden_cases
from store.overview import Overview, case_flags, overview

app = typer.Typer()


class Board(Record):
    """The board as read: cases, officers, what the watchdog found, who broke the glass."""

    as_of: datetime
    source: str = READ_MODEL
    cases: tuple[BoardRow, ...]
    officers: tuple[OfficerLoad, ...]
    findings: tuple[dict[str, Any], ...]
    watched_at: datetime | None
    break_glass: tuple[LogEntry, ...]
    beside: Overview = Overview()


@app.command("board")
def board(
    overdue: Annotated[bool, typer.Option("--overdue", help="Overdue cases only.")] = False,
    district: Annotated[str, typer.Option("--district", help="One district.")] = "",
    officer: Annotated[str, typer.Option("--officer", help="One DALO's cases.")] = "",
    risk: Annotated[
        RiskGrade | None, typer.Option("--risk", case_sensitive=False, help="One risk grade.")
    ] = None,
    state: Annotated[
        CaseState | None,
        typer.Option("--state", case_sensitive=False, help="One state; CLOSED shows closed cases."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many lines.")] = 100,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """The supervisor's board: every case, the overdue first, with what stands out; breaches by
    clock, decisions that wait, meetings, referrals nobody answers, notices not sent; officers'
    loads, what the watchdog found and who opened a colleague's case."""
    chosen = BoardFilter(
        overdue=overdue,
        district=district,
        officer=officer,
        risk=risk.value if risk else "",
        state=state.value if state else "",
    )
    found = execute(_read(chosen, actor))
    if as_json:
        print_json({**found.model_dump(mode="json"), "counts": counts(found.cases)})
    else:
        show_board(found, limit)


async def _read(chosen: BoardFilter, actor: str) -> Board:
    async with store_only() as runtime:
        grant = await runtime.gate.authorise(actor, "view-board")
        now = runtime.clock()
        async with runtime.engine.connect() as conn:
            hidden = await hidden_cases(conn, grant.actor)
            rows = boards.redacted(await boards.board(conn, chosen, now), hidden)
            flags = await case_flags(conn)
            officers = await boards.loads(conn, now)
            beside = await overview(conn, now, hidden)
            watched = await reads.mark(conn, "watchdog")
            alerts = await break_glass_alerts(conn, grant.actor, now - since("7d"))
    if runtime.settings.smtp_address is None:
        # Nothing is sent unless a mail server is set: then notices stand in `dalo notices` alone.
        beside = beside.model_copy(update={"notices": ()})
    findings = json.loads(watched[0]) if watched and watched[0] else []
    return Board(
        as_of=now,
        cases=tuple(sorted((_with_flags(row, flags, hidden) for row in rows), key=_rank)),
        officers=tuple(officers),
        beside=beside,
        findings=tuple(findings),
        watched_at=watched[1] if watched else None,
        break_glass=tuple(alerts),
    )


def _with_flags(row: BoardRow, flags: dict[str, tuple[str, ...]], hidden: set[str]) -> BoardRow:
    if row.case_ref in hidden:
        return row
    return row.model_copy(update={"urgent": flags.get(row.case_ref, ())})


def _rank(row: BoardRow) -> bool:
    """A threat to life stands above everything overdue; the rest keeps its order."""
    return not _at_risk_of_life(row)


def counts(rows: tuple[BoardRow, ...]) -> dict[str, Any]:
    """How many cases, by state and by risk, and how many are overdue or waiting."""
    return {
        "cases": len(rows),
        "overdue": sum(row.overdue > 0 for row in rows),
        "tasks": sum(row.tasks for row in rows),
        "threat_to_life": sum(_at_risk_of_life(row) for row in rows),
        "waiting": sum(row.state == CaseState.WAITLISTED for row in rows),
        "by_state": dict(sorted(Counter(row.state for row in rows).items())),
        "by_risk": dict(sorted(Counter(row.risk_grade for row in rows).items())),
    }


def show_board(found: Board, limit: int) -> None:
    out = console()
    now = found.as_of
    total = counts(found.cases)
    by_state = ", ".join(f"{state} {n}" for state, n in total["by_state"].items())
    by_risk = ", ".join(f"{risk} {n}" for risk, n in total["by_risk"].items())
    head = f"{total['cases']} cases, {total['overdue']} overdue, {total['waiting']} waiting"
    out.print(Text(head, style="bold"))
    out.print(Text(f"{by_state}   {by_risk}", style="dim"))
    out.print()
    columns = (
        "case",
        "state",
        "risk",
        "DALO",
        "late",
        "next due",
        "next contact",
        "ladder",
        "tasks",
        "stands out",
    )
    out.print(table("", columns, (_row(row, now) for row in found.cases[:limit])))
    if len(found.cases) > limit:
        out.print(Text(f"{len(found.cases) - limit} more: --limit {len(found.cases)}", style="dim"))
    out.print()
    show_overview(out, found.beside, now)
    loads = (
        (o.officer_id, o.area, _room(o), o.high, o.overdue, "absent" if o.absent else "")
        for o in found.officers
    )
    out.print(table("DALOs", ("officer", "area", "cases", "high", "overdue", ""), loads))
    _alerts(out, found, now)


def _alerts(out: Any, found: Board, now: datetime) -> None:
    for entry in found.break_glass:
        when = relative(entry.at, now).replace(" overdue", " ago")
        out.print(note(f"break glass: {entry.actor} {entry.action} {entry.subject}, {when}"))
    if found.watched_at is None:
        out.print(note("the watchdog has not run yet: dalo watchdog --once"))
    for finding in found.findings:
        out.print(note(f"watchdog: {finding['kind']} {finding['subject']}: {finding['detail']}"))


def _at_risk_of_life(row: BoardRow) -> bool:
    return "THREAT TO LIFE" in _stands_out(row)


def _row(row: BoardRow, now: datetime) -> tuple[Any, ...]:
    risk = row.risk_grade + ("?" if row.grade_pending_review else "")
    return (
        row.case_ref,
        row.state,
        Text(risk, style="bold" if row.risk_grade == RiskGrade.HIGH else ""),
        words(row.dalo_id) + (" +" if row.over_capacity else ""),
        Text(str(row.overdue), style="bold red") if row.overdue else "",
        due(row.next_due_at, now),
        due(row.next_contact_due_adjusted, now),
        row.ladder_step if row.ladder_step not in ("", "L0") else "",
        row.tasks or "",
        Text(", ".join(_stands_out(row)), style="bold red"),
    )


def _stands_out(row: BoardRow) -> list[str]:
    """Flags of the case, then what is open on it; each once."""
    flags = [name.upper().replace("_", " ") for name, on in row.flags.items() if on]
    return list(dict.fromkeys([*flags, *row.urgent]))


def _room(load: OfficerLoad) -> Text:
    over = load.capacity is not None and load.cases > load.capacity
    room = "-" if load.capacity is None else load.capacity
    return Text(f"{load.cases}/{room}", style="bold red" if over else "")
