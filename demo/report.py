"""What the demonstration prints at its end."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from rich.console import Console
from rich.text import Text
from sqlalchemy import func, select

from casework.runtime import Runtime
from cli.board import Board, show_board
from cli.screen import table
from demo.counts import print_counts
from demo.telling import tell
from evaluation.definitions import load_definitions
from evaluation.read import compute
from evaluation.tables import as_table
from models.instants import show
from store import board as boards
from store.board import BoardFilter
from store.tables import clock, ledger_event
from store.verify import verify

BOARD_LINES = 12


async def print_report(
    out: Console, runtime: Runtime, outcomes: Counter[str], start: date, now: datetime
) -> int:
    """Outcomes, duties, board, breaches, one case's story, metrics, ledger; 0 when the ledger is
    sound."""
    out.print(table("Intake", ("outcome", "rows"), sorted(outcomes.items())))
    await print_counts(out, runtime.engine)
    await _board(out, runtime, now)
    await _breaches(out, runtime)
    await tell(out, runtime.engine)
    metrics = await compute(runtime.engine, start, now.date(), now)
    out.print(as_table(metrics, load_definitions()))
    return await _ledger(out, runtime)


async def _board(out: Console, runtime: Runtime, now: datetime) -> None:
    async with runtime.engine.connect() as conn:
        rows = await boards.board(conn, BoardFilter(), now)
        officers = await boards.loads(conn, now)
    found = Board(
        as_of=now,
        cases=tuple(rows),
        officers=tuple(officers),
        findings=(),
        watched_at=now,
        break_glass=(),
    )
    out.rule(f"The board on {show(now)}")
    show_board(found, BOARD_LINES)


async def _breaches(out: Console, runtime: Runtime) -> None:
    """How often which clock passed its due time, and why where a reason is known."""
    why = func.coalesce(func.nullif(clock.c.late_reason, ""), "NOT_MET_IN_TIME")
    query = (
        select(clock.c.clock_type, why.label("why"), clock.c.status, func.count().label("n"))
        .where(clock.c.breached_at.is_not(None))
        .group_by(clock.c.clock_type, why, clock.c.status)
        .order_by(clock.c.clock_type, why, clock.c.status)
    )
    async with runtime.engine.connect() as conn:
        rows = (await conn.execute(query)).all()
    out.print(
        table(
            "Breaches (a clock that expires never stops the work)",
            ("clock", "reason", "now", "count"),
            [(r.clock_type, r.why, r.status, r.n) for r in rows],
        )
    )


async def _ledger(out: Console, runtime: Runtime) -> int:
    findings = await verify(runtime.engine)
    async with runtime.engine.connect() as conn:
        events = (await conn.execute(select(func.count()).select_from(ledger_event))).scalar_one()
    if findings:
        out.print(Text(f"Ledger: {len(findings)} findings", style="bold red"))
        return 1
    out.print(f"Ledger: {events} events verified, every chain and seal holds.")
    return 0
