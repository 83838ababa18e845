"""`dalo case`: one case on one screen."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from casework.case_reads import READ_MODEL, CaseScreen, case_screen
from casework.worklist import command_of
from cli.options import As, AsJson, Reason, Ref
from cli.screen import console, due, note, print_json, relative, table, when, words
from cli.session import execute, reading
from cli.timeline import digest
from cli.words import clock_row, safe_line, what_task
from models.clocks import Clock
from models.enums import ClockType
from models.instants import show

app = typer.Typer()

EVENTS = 80
"""Newest events read; those alike are then told as one."""
LINES = 12


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
    view = screen.view
    return {
        "source": screen.source,
        "as_of": view.as_of,
        "case": view.summary,
        "safe_to_call": screen.safe_to_call.model_dump(mode="json"),
        "plan": view.plan.model_dump(mode="json") if view.plan else None,
        "suspended": view.suspended,
        "interruption": view.interruption.model_dump(mode="json") if view.interruption else None,
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
        "wishes": view.wishes.model_dump(mode="json") if view.wishes else None,
        "needs_status": view.needs_status,
        "needs": view.needs,
        "actions": [action.model_dump(mode="json") for action in view.actions],
        "attempts": [attempt.model_dump(mode="json") for attempt in view.attempts],
        "incidents": list(screen.incidents),
        "timeline": [
            {"stream": stream, **event.model_dump(mode="json")} for stream, event in screen.timeline
        ],
        "hidden": list(screen.hidden),
        "unrecorded": view.unrecorded,
    }


def show_screen(screen: CaseScreen, now: datetime) -> None:
    """The screen for a person."""
    out = console()
    if screen.source == READ_MODEL:
        out.print(note("source: read model - the workflow did not answer; this may be behind"))
    for line in _header(screen):
        out.print(line)
    out.print()
    out.print(_next_contact(screen, now))
    out.print(safe_line(screen.safe_to_call, now))
    for line in _constraints(screen):
        out.print(line)
    out.print()
    out.print(
        table(
            "Clocks",
            ("clock", "due", "owner", "from", "state"),
            _clock_rows(screen, now),
        )
    )
    out.print()
    _tasks(out, screen, now)
    out.print()
    if screen.view.actions:
        rows = [
            (a.action_id, a.domain.value, a.action, a.owner, due(a.due_at, now))
            for a in screen.view.actions
        ]
        out.print(table("Need actions", ("id", "need", "action", "owner", "due"), rows))
        out.print()
    out.print(_incidents(screen))
    out.print()
    out.print(table("Lately", ("recorded", "by", "what"), digest(screen.timeline)[:LINES]))
    if screen.hidden:
        out.print(note(f"not shown to this role: {', '.join(screen.hidden)}"))


def _header(screen: CaseScreen) -> list[Text]:
    facts = screen.view.summary
    risk = f"{facts.get('risk_grade') or '-'} risk"
    if facts.get("grade_pending_review"):
        risk += " (grade pending review)"
    flags = [
        name
        for name, on in (
            ("reticent", facts.get("reticent")),
            ("over capacity", facts.get("over_capacity")),
            ("contact paused", screen.view.interruption is not None),
        )
        if on
    ]
    first = f"{screen.view.case_ref}  {facts.get('state') or '-'}  {risk}"
    people = (
        f"victim {screen.view.victim_ref}   DALO {facts.get('dalo_id') or 'nobody yet'}"
        f"   supervisor {facts.get('supervisor_id') or '-'}   {facts.get('district') or ''}"
    )
    story = (
        f"opened {_at(facts.get('opened_at'))}   engagement {facts.get('engagement_status') or '-'}"
        f"   needs {screen.view.needs_status}   cadence {facts.get('cadence_plan') or '-'}"
    )
    lines = [Text(first, style="bold"), Text(people), Text(story)]
    if flags:
        lines.append(Text(", ".join(flags), style="yellow"))
    if facts.get("previous_case_ref"):
        lines.append(Text(f"follows {facts['previous_case_ref']}"))
    if facts.get("closed_at"):
        reason = facts.get("closure_reason") or ""
        lines.append(Text(f"closed {_at(facts['closed_at'])} {reason}", style="bold"))
    return lines


def _next_contact(screen: CaseScreen, now: datetime) -> Text:
    facts = screen.view.summary
    raw = _instant(facts.get("next_contact_due_raw"))
    adjusted = _instant(facts.get("next_contact_due_adjusted"))
    if adjusted is None:
        known = screen.source != READ_MODEL
        return Text(f"next contact: {'none owed now' if known else 'not known to the read model'}")
    line = Text("next contact by ").append_text(due(adjusted, now))
    if raw is not None and raw != adjusted:
        line.append(f"   moved to a safe window; without it {show(raw)} ({relative(raw, now)})")
    last = _instant(facts.get("last_contact_at"))
    return line.append(f"   last {when(last)}   ladder {facts.get('ladder_step') or '-'}")


def _constraints(screen: CaseScreen) -> list[Text]:
    lines = []
    if screen.view.suspended:
        lines.append(note(f"suspended: {', '.join(screen.view.suspended)}"))
    pause = screen.view.interruption
    if pause is not None:
        lines.append(note(f"contact paused until {show(pause.until)} by {pause.owner}"))
    wishes = screen.view.wishes
    if wishes is not None and wishes.opted_out_at is not None:
        lines.append(
            Text(
                f"opts out of notices: {wishes.notification_opt_out.value}"
                f" (said {show(wishes.opted_out_at)})"
            )
        )
    if wishes is not None and wishes.noted_at is not None:
        lines.append(Text(f"wishes noted {show(wishes.noted_at)}: {wishes.note_ref}"))
    if screen.view.unrecorded:
        lines.append(note(f"{screen.view.unrecorded} events wait to be recorded"))
    return lines


def _clock_rows(screen: CaseScreen, now: datetime) -> list[tuple[str | Text, ...]]:
    """The clocks, an incident's evidence items on one line: `dalo clocks` lists them."""
    rows: list[tuple[str | Text, ...]] = []
    items = Counter(e.stream for e in screen.clocks if e.clock and _evidence(e.clock))
    seen: set[str] = set()
    for each in screen.clocks:
        if each.clock is None or (_evidence(each.clock) and each.stream in seen):
            continue
        row = clock_row(each.stream, each.clock, now)
        if _evidence(each.clock):
            seen.add(each.stream)
            row = (f"{items[each.stream]} EVIDENCE_ITEM, the first", *row[1:])
        rows.append(row)
    return rows


def _evidence(clock: Clock) -> bool:
    return clock.clock_type is ClockType.EVIDENCE_ITEM


def _tasks(out: Console, screen: CaseScreen, now: datetime) -> None:
    out.print(Text("Tasks" if screen.tasks else "Tasks: none", style="bold"))
    for each in screen.tasks:
        if each.task is None:
            continue
        task = each.task
        line = Text(f"  {what_task(task)}  ").append_text(due(task.due_at, now))
        out.print(line.append(f"  {task.owner or 'nobody yet'}: {task.why}"), soft_wrap=True)
        if task.command:
            out.print(f"      {command_of(each.stream, task)}", soft_wrap=True)


def _incidents(screen: CaseScreen) -> Any:
    rows = [
        (
            i["incident_ref"],
            _at(i.get("reported_at")),
            words(i.get("golden_hour_result")),
            words(i.get("suspect_status")),
            "ended" if i.get("ended_at") else "open",
        )
        for i in screen.incidents
    ]
    return table("Incidents", ("incident", "reported", "golden hour", "suspect", ""), rows)


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None


def _at(value: Any) -> str:
    return when(_instant(value))
