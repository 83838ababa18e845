"""`dalo incident`: one incident on one screen."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from casework.case_cut import TASKS
from casework.case_reads import OfStream
from casework.incident_reads import IncidentScreen, incident_screen
from cli.case import each_of, plain
from cli.options import As, AsJson, Reason
from cli.screen import console, due, print_json, table, when, words
from cli.sections.incidents import owed, safeguarding, show_news, show_orders, suspect
from cli.sections.source import behind, not_shown
from cli.sections.top import alarm, at
from cli.sections.work import show_clocks, show_tasks
from cli.session import execute, reading
from cli.timeline import as_documents, story
from models.enums import EvidenceStatus
from models.incident import IncidentView
from models.instants import show

app = typer.Typer()

EVENTS = 200
LINES = 15


@app.command("incident")
def incident(
    ref: Annotated[
        str,
        typer.Argument(
            metavar="REF", help="An incident (46/1109172/26), or a case that has only one."
        ),
    ],
    actor: As = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """One incident on one screen: golden hour, suspect, custody and bail, orders, news owed to the
    victim, support, children, tasks and clocks."""
    screen, now = execute(_read(ref, actor, reason))
    if as_json:
        print_json(as_document(screen))
    else:
        show_screen(screen, now)


async def _read(ref: str, actor: str, reason: str) -> tuple[IncidentScreen, datetime]:
    async with reading() as runtime:
        grant = await runtime.gate.authorise(actor, "view-incident", ref, reason)
        return await incident_screen(runtime, ref, grant, events=EVENTS), runtime.clock()


def as_document(screen: IncidentScreen) -> dict[str, Any]:
    """The screen as JSON: one object, its parts by name."""
    view = screen.view
    return {
        "source": screen.source,
        "stream": screen.stream,
        **view.model_dump(mode="json", exclude={"summary", "known", "told", "code"}),
        "victims_code": plain(view.code),
        "incident": view.summary,
        "orders_in_force": each_of(screen.orders),
        "to_tell": each_of(screen.news),
        "timeline": as_documents(screen.timeline),
        "hidden": list(screen.hidden),
    }


def show_screen(screen: IncidentScreen, now: datetime) -> None:
    """The screen for a person."""
    view, out = screen.view, console()
    behind(out, screen.source)
    for line in (*_head(view), *_breaches(view)):
        out.print(line, soft_wrap=True)
    if "EVIDENCE_CHECKLIST" not in screen.hidden:
        out.print(_golden(view, now), soft_wrap=True)
    for text in (*_suspect(screen), *owed(view), *safeguarding(view)):
        out.print(Text(text), soft_wrap=True)
    out.print()
    show_orders(out, screen.orders)
    show_news(out, screen.news, view.clocks, now)
    if TASKS not in screen.hidden:
        show_tasks(out, ((screen.stream, task) for task in view.tasks), now)
    show_clocks(out, (OfStream(stream=screen.stream, clock=c) for c in view.clocks), now)
    lines = (
        (when_, by, text.partition("] ")[2]) for when_, by, text in story(screen.timeline)[:LINES]
    )
    out.print(table("Lately", ("recorded", "by", "what"), lines))
    not_shown(out, screen.hidden)


def _head(view: IncidentView) -> list[Text]:
    grade = f"  {view.grade.value} risk" if view.grade else ""
    ended = f"  ended {at(ended_at)}" if (ended_at := view.summary.get("ended_at")) else ""
    first = f"{view.incident_ref}  victim {view.victim_ref}{grade}{ended}"
    return [
        Text(first, style="bold"),
        Text(
            f"case {words(view.case_ref)}   DALO {view.dalo_id or '-'}   OIC {view.oic_id or '-'}"
            f"   supervisor {view.supervisor_id or '-'}"
        ),
        Text(
            f"happened {when(view.occurred_at)}   reported {when(view.reported_at)}"
            f"   first police contact {when(view.first_police_contact_at)}"
        ),
    ]


def _breaches(view: IncidentView) -> list[Text]:
    return [
        alarm(
            f"ORDER BREACHED: {each.order_type.value} {each.order_id} {show(each.at)},"
            f" {'arrested' if each.arrested_at else 'NOT ARRESTED'}"
        )
        for each in (view.orders.breaches if view.orders else {}).values()
    ]


def _golden(view: IncidentView, now: datetime) -> Text:
    """The golden hour in one line; `dalo receipt` has it in full."""
    states = Counter(item.status for item in view.items)
    waiting = states[EvidenceStatus.PENDING]
    items = f"   evidence: {len(view.items)} items, {waiting} pending" if view.items else ""
    if view.golden_hour_applicable is False:
        return Text(f"golden hour: none applies{items}")
    if view.verdict is not None:
        verdict, amended = view.verdict, ", amended" if view.verdict_amended else ""
        in_time = f"{verdict.captured_in_time} of {verdict.in_set} in time{amended}"
        return Text(f"golden hour: {verdict.result.value}, {in_time}{items}   (see dalo receipt)")
    late = ", received late" if view.received_late else ""
    line = Text("golden hour: runs, until ").append_text(due(view.golden_hour_due_at, now))
    return line.append(f"{late}{items}")


def _suspect(screen: IncidentScreen) -> list[str]:
    view = screen.view
    if "SUSPECT_STATUS" in screen.hidden or view.suspect is not None:
        return suspect(view)
    status = view.suspect_status
    return [
        f"suspect {words(view.summary.get('perpetrator_ref'))} {status.value if status else '-'}"
    ]
