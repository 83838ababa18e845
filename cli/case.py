"""`dalo case`: one case on one screen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import typer
from rich.text import Text

from casework.case_reads import READ_MODEL, CaseScreen, case_screen
from cli.options import As, AsJson, Reason, Ref
from cli.screen import console, due, note, print_json, relative, table, when, words
from cli.session import execute, reading
from cli.timeline import describe
from cli.words import clock_row, safe_line, what_task
from models.instants import show

app = typer.Typer()


@app.command("case")
def case(
    ref: Ref, actor: As = "", reason: Reason = "", events: int = 15, as_json: AsJson = False
) -> None:
    """One case on one screen: who, how urgent, what is owed, what happened.

    The state comes from the case's workflow at this moment; where that does not answer, from the
    read model, and the screen says so.
    """
    screen, now = execute(_read(ref, actor, reason, events))
    if as_json:
        print_json(as_document(screen))
    else:
        show_screen(screen, now)


async def _read(ref: str, actor: str, reason: str, events: int) -> tuple[CaseScreen, datetime]:
    async with reading() as runtime:
        grant = await runtime.gate.authorise(actor, "view-case", ref, reason)
        return await case_screen(runtime, ref, grant, events=events), runtime.clock()


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
            (clock_row(each.stream, each.clock, now) for each in screen.clocks if each.clock),
        )
    )
    out.print()
    out.print(_tasks(screen, now))
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
    rows_of = ((when(e.recorded_at), words(e.actor), describe(s, e)) for s, e in screen.timeline)
    out.print(table("Lately", ("recorded", "by", "what"), rows_of))
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
        return Text("next contact: none owed now")
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
    if screen.view.unrecorded:
        lines.append(note(f"{screen.view.unrecorded} events wait to be recorded"))
    return lines


def _tasks(screen: CaseScreen, now: datetime) -> Any:
    rows = [
        (
            what_task(t.task),
            due(t.task.due_at, now),
            words(t.task.owner),
            t.task.why,
            t.task.command,
        )
        for t in screen.tasks
        if t.task
    ]
    return table("Tasks", ("task", "due", "owner", "why", "settle with"), rows)


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
