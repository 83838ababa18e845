"""`dalo case`: one case on one screen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import typer

from casework.case_cut import TASKS
from casework.case_reads import CaseScreen, case_screen
from cli.options import As, AsJson, Reason, Ref
from cli.screen import console, print_json, table
from cli.sections import top
from cli.sections.incidents import show_incidents
from cli.sections.referrals import show_referrals, show_visits
from cli.sections.risk import show_risk
from cli.sections.source import behind, not_shown
from cli.sections.work import show_clocks, show_needs, show_tasks, tasks_of
from cli.session import execute, reading
from cli.timeline import as_documents, story
from cli.words import safe_line
from models.base import Record, State

app = typer.Typer()

EVENTS = 200
"""Newest events read; the bookkeeping among them is left out, those alike are told as one."""
LINES = 15


@app.command("case")
def case(ref: Ref, actor: As = "", reason: Reason = "", as_json: AsJson = False) -> None:
    """One case on one screen: who, how urgent, what is owed, what happened.

    The state comes from the case's workflow at this moment; where that does not answer, from the
    read model, and the screen says so.
    """
    screen, now = execute(_read(ref, actor, reason))
    if as_json:
        print_json(as_document(screen))
    else:
        show_screen(screen, now)


async def _read(ref: str, actor: str, reason: str) -> tuple[CaseScreen, datetime]:
    async with reading() as runtime:
        grant = await runtime.gate.authorise(actor, "view-case", ref, reason)
        return await case_screen(runtime, ref, grant, events=EVENTS), runtime.clock()


def as_document(screen: CaseScreen) -> dict[str, Any]:
    """The screen as JSON: one object, its parts by name."""
    view, parts = screen.view, screen.parts
    return {
        "source": screen.source,
        "as_of": view.as_of,
        "case": view.summary,
        "safe_to_call": plain(screen.safe_to_call),
        "plan": plain(view.plan),
        "suspended": view.suspended,
        "interruption": plain(view.interruption),
        "essentials": plain(view.essentials),
        "handover": plain(view.handover),
        "clocks": [
            {"stream": each.stream, **each.clock.model_dump(mode="json")}
            for each in screen.clocks
            if each.clock
        ],
        "tasks": [
            {"stream": each.stream, **each.task.model_dump(mode="json")}
            for each in screen.tasks
            if each.task
        ],
        "risk": plain(view.risk),
        "assessments": list(parts.assessments),
        "recommendations": list(parts.recommendations),
        "referrals": each_of(parts.referrals),
        "visit": plain(view.visits.visit) if view.visits else None,
        "visits": list(parts.visits),
        "wishes": plain(view.wishes),
        "asked": plain(view.asked),
        "needs_status": view.needs_status,
        "needs": view.needs,
        "actions": each_of(view.actions),
        "attempts": each_of(view.attempts),
        "incidents": list(screen.incidents),
        "suspects": [
            {
                "incident_ref": each.incident_ref,
                "suspect": plain(each.suspect),
                "orders": plain(each.orders),
                "victims_code": plain(each.code),
                "safeguarding": plain(each.safeguarding),
            }
            for each in screen.incident_views
        ],
        "orders": each_of(parts.orders),
        "to_tell": each_of(parts.news),
        "timeline": as_documents(screen.timeline),
        "hidden": list(screen.hidden),
        "unrecorded": view.unrecorded,
    }


def plain(value: Record | State | None) -> dict[str, Any] | None:
    """A record as JSON."""
    return None if value is None else value.model_dump(mode="json")


def each_of(values: Iterable[Record]) -> list[dict[str, Any]]:
    """Records as JSON."""
    return [value.model_dump(mode="json") for value in values]


def show_screen(screen: CaseScreen, now: datetime) -> None:
    """The screen for a person: what must not be missed first, then work, then facts, then story."""
    out = console()
    behind(out, screen.source)
    for line in (*top.head(screen), *top.alarms(screen)):
        out.print(line, soft_wrap=True)
    out.print()
    if "CONTACT_LOG" not in screen.hidden:
        out.print(top.contact(screen, now), soft_wrap=True)
    out.print(safe_line(screen.safe_to_call, now), soft_wrap=True)
    for line in (
        *top.limits(screen),
        *top.wishes(screen),
        *top.handover(screen.view.handover),
    ):
        out.print(line, soft_wrap=True)
    out.print()
    if TASKS not in screen.hidden:
        show_tasks(out, tasks_of(screen), now)
    show_clocks(out, screen.clocks, now)
    show_risk(out, screen, now)
    show_needs(out, screen, now)
    show_referrals(out, screen)
    show_visits(out, screen)
    show_incidents(out, screen, now)
    out.print(table("Lately", ("recorded", "by", "what"), story(screen.timeline)[:LINES]))
    not_shown(out, screen.hidden)
