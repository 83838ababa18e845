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
from cli.timeline import describe
from evaluation.definitions import load_definitions
from evaluation.read import compute
from evaluation.tables import as_table
from models.ids import case_stream, incident_stream
from models.instants import show
from store import board as boards
from store import reads
from store.board import BoardFilter
from store.tables import case as case_table
from store.tables import clock, contact, ledger_event
from store.verify import verify

BOARD_LINES = 12
TIMELINE_LINES = 60


async def print_report(
    out: Console, runtime: Runtime, outcomes: Counter[str], start: date, now: datetime
) -> int:
    """Outcomes, board, breaches, one timeline, metrics, ledger; 0 when the ledger is sound."""
    out.print(table("Intake", ("outcome", "rows"), sorted(outcomes.items())))
    await _board(out, runtime, now)
    await _breaches(out, runtime)
    await _timeline(out, runtime)
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


async def _timeline(out: Console, runtime: Runtime) -> None:
    """The case with most attempts that was not closed: it has the most to tell."""
    query = (
        select(contact.c.case_ref)
        .join(case_table, case_table.c.case_ref == contact.c.case_ref)
        .where(case_table.c.ladder_step.is_not(None))
        .group_by(contact.c.case_ref)
        .order_by(func.count().desc(), contact.c.case_ref)
        .limit(1)
    )
    async with runtime.engine.connect() as conn:
        ref = (await conn.execute(query)).scalar_one_or_none()
        if ref is None:
            return
        incidents = await reads.incident_rows(conn, ref)
        streams = [case_stream(ref)] + [
            incident_stream(row["incident_ref"], row["victim_ref"]) for row in incidents
        ]
        events = await reads.timeline(conn, streams, 1_000)
    told = [(stream, event) for stream, event in reversed(events) if event.tag in TOLD]
    out.rule(f"The story of {ref}")
    for stream, event in told[:TIMELINE_LINES]:
        out.print(Text(f"{show(event.recorded_at)}  {describe(stream, event)}"), soft_wrap=True)
    if len(told) > TIMELINE_LINES:
        out.print(Text(f"... and {len(told) - TIMELINE_LINES} more", style="dim"))
    out.print()


TOLD = frozenset(
    {
        "case:started",
        "case:incident:joined",
        "case:allocated",
        "case:risk:graded",
        "case:reopened",
        "case:review:held",
        "case:closed",
        "golden_hour:verdict",
        "contact:plan:set",
        "contact:attempt:recorded",
        "contact:channel:suspended",
        "contact:channel:restored",
        "contact:ladder:entered",
        "contact:ladder:done",
        "contact:ladder:reset",
        "contact:cadence:set",
        "needs:assessment:completed",
        "needs:action:added",
        "needs:action:ended",
        "clock:breached",
    }
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
