"""`dalo meeting`: lists of MARAC and MATAC, and the documents that go with them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from casework import schedules
from casework.case_reads import ask
from casework.documents import content, form, render
from casework.documents.content import Asked, stream_of
from casework.documents.model import Document
from casework.meetings import open_by_hand
from cli.options import As, AsJson, Reason, day
from cli.screen import console, due, note, print_json, table, when
from cli.session import execute, reading, store_only, writing
from models.base import Refused
from models.enums import Agency, Forum
from models.ids import MEETING_REF, REFERRAL_REF
from models.meeting.view import MeetingView
from models.settling import command_of
from store import meetings

app = typer.Typer()
meeting_app = typer.Typer(no_args_is_help=True)
app.add_typer(meeting_app, name="meeting", help="MARAC and MATAC meetings.")


class Format(StrEnum):
    """What a document is printed as."""

    HTML = "html"
    PDF = "pdf"


Meeting = Annotated[
    str, typer.Argument(metavar="REF", help="A meeting: MARAC/Medway/2027-04-08/1.")
]
For = Annotated[
    Agency,
    typer.Option("--for", case_sensitive=False, help="Which agency gets it; logged as disclosed."),
]
As_ = Annotated[Format, typer.Option("--format", case_sensitive=False)]
Out = Annotated[
    Path | None, typer.Option("--out", dir_okay=False, help="File; HTML goes to standard output.")
]
Maker = Callable[[Asked, str], Awaitable[Document]]


@meeting_app.command("list")
def list_(
    forum: Annotated[Forum | None, typer.Option("--forum", case_sensitive=False)] = None,
    area: Annotated[str, typer.Option("--area")] = "",
    ended: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Meetings, the next first: when their lists close and what is on them."""
    rows, now = execute(_list(forum.value if forum else "", area, actor, ended=ended))
    if as_json:
        print_json({"meetings": rows})
        return
    lines = [
        (
            row["stream"].removeprefix("meeting/"),
            when(row["starts_at"]),
            row["state"] + (" emergency" if row["emergency"] else ""),
            due(row["cut_off_at"] if row["state"] == "OPEN" else None, now),
            str(row["listed"]),
            str(row["actions_open"]),
        )
        for row in rows
    ]
    columns = ("meeting", "starts", "state", "list closes", "listed", "open actions")
    console().print(table("Meetings", columns, lines))


async def _list(forum: str, area: str, actor: str, *, ended: bool) -> tuple[list[Any], Any]:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "list-meetings")
        async with runtime.engine.connect() as conn:
            rows = await meetings.list_meetings(conn, forum, area, ended=ended)
        return list(rows), runtime.clock()


@meeting_app.command("open")
def open_(
    forum: Annotated[Forum, typer.Argument(case_sensitive=False)],
    area: Annotated[str, typer.Argument(help="The area whose meeting it is.")],
    on: Annotated[
        date | None, typer.Option("--on", parser=day, metavar="DAY", help="2027-05-11.")
    ] = None,
    emergency: Annotated[bool, typer.Option("--emergency", help="Within 2 working days.")] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Open the next list of a forum and area, or that of a day of its series, by hand."""
    stream = execute(_open(forum, area, on, actor, emergency=emergency))
    ref = stream.removeprefix("meeting/")
    if as_json:
        print_json({"meeting": ref})
    else:
        console().print(f"open: {ref}")


async def _open(forum: Forum, area: str, on: date | None, actor: str, *, emergency: bool) -> str:
    async with writing() as runtime:
        grant = await runtime.gate.authorise(actor, "open-meeting")
        return await open_by_hand(runtime, grant, forum, area, on, emergency=emergency)


@meeting_app.command("show")
def show(ref: Meeting, actor: As = "", reason: Reason = "", as_json: AsJson = False) -> None:
    """One meeting: its list, its actions, what is owed."""
    view, now = execute(_show(ref, actor, reason))
    if as_json:
        print_json(view.model_dump(mode="json"))
        return
    out = console()
    name = view.stream.removeprefix("meeting/")
    out.print(f"{name}  {view.stage.value}  {when(view.starts_at)}", style="bold")
    out.print(f"coordinator {view.coordinator}   chair {view.chair}")
    items = [
        (
            str(item.position),
            item.referral_ref,
            item.case_ref or "-",
            item.state.value + (f" late: {item.late_reason}" if item.late_reason else ""),
            f"{len(item.research)} of {len(view.research_asked)}",
            item.decision.value if item.decision else "-",
        )
        for item in view.agenda
    ]
    out.print(table("List", ("no.", "referral", "case", "state", "research", "decision"), items))
    lines = [
        (a.action_id, a.referral_ref, a.action, f"{a.agency.value} {a.owner}", due(a.due_at, now))
        for a in view.actions
    ]
    out.print(table("Open actions", ("no.", "referral", "action", "who", "due"), lines))
    clocks = [(f"{c.clock_type.value} {c.subject}", due(c.due_at, now)) for c in view.clocks]
    out.print(table("Clocks", ("clock", "due"), clocks))
    for task in view.tasks:
        out.print(f"{task.kind}  {task.owner}: {task.why}", soft_wrap=True)
        if task.command:
            out.print(f"    {command_of(view.stream, task.command)}", soft_wrap=True)
    if view.unrecorded:
        out.print(note(f"{view.unrecorded} events wait to be recorded"))


async def _show(ref: str, actor: str, reason: str) -> tuple[MeetingView, Any]:
    async with reading() as runtime:
        await runtime.gate.authorise(actor, "view-meeting", _meeting_ref(ref), reason)
        view: MeetingView | None = await ask(runtime, stream_of(ref), "view", MeetingView)
        if view is None:
            raise Refused(
                "NO_ANSWER",
                "the meeting did not answer",
                "check that a worker runs; dalo meeting list shows what is recorded",
            )
        return view, runtime.clock()


def _meeting_ref(ref: str) -> str:
    if not MEETING_REF.match(ref.removeprefix("meeting/")):
        raise typer.BadParameter(
            "must be a meeting such as MARAC/Medway/2027-04-08/1: see dalo meeting list",
            param_hint="REF",
        )
    return ref


def _printed(name: str, about: str, action: str, make: Maker) -> None:
    """One document of a meeting as a command."""

    def run(
        ref: Meeting,
        recipient: For = Agency.POLICE,
        kind: As_ = Format.HTML,
        out: Out = None,
        actor: As = "",
        reason: Reason = "",
    ) -> None:
        _meeting_ref(ref)
        execute(_print(make, action, ref, actor, reason, recipient, (kind, out)))

    meeting_app.command(name, help=about)(run)


_printed("agenda", "The agenda: what will be heard.", "meeting-agenda", content.agenda)
_printed(
    "research",
    "A research request to one agency, with the cases it is asked about.",
    "meeting-research",
    content.research_request,
)
_printed(
    "actions",
    "The action list: the recipient's own, for the police everybody's.",
    "meeting-actions",
    content.action_list,
)
_printed("minutes", "The minutes with their cover.", "meeting-minutes", content.minutes)


@meeting_app.command("form")
def form_(
    ref: Annotated[str, typer.Argument(metavar="REF", help="A referral: MARAC-2027-00012.")],
    recipient: For = Agency.POLICE,
    kind: As_ = Format.HTML,
    out: Out = None,
    actor: As = "",
    reason: Reason = "",
) -> None:
    """The referral form, with the safe number and times as the plan has them now."""
    if not REFERRAL_REF.match(ref):
        raise typer.BadParameter("must be a referral such as MARAC-2027-00012", param_hint="REF")
    execute(_print(form.referral_form, "referral-form", ref, actor, reason, recipient, (kind, out)))


async def _print(
    make: Maker,
    action: str,
    ref: str,
    actor: str,
    reason: str,
    recipient: Agency,
    to: tuple[Format, Path | None],
) -> None:
    kind, out = to
    if kind is Format.PDF and out is None:
        raise typer.BadParameter("a PDF needs a file", param_hint="--out")
    async with reading() as runtime:
        grant = await runtime.gate.authorise(
            actor, action, ref, reason, reason_code=f"TO_{recipient.value}"
        )
        document = await make(Asked(runtime, grant, recipient.value), ref)
    if out is not None:
        # Readable by its owner alone, from the first byte.
        out.touch(mode=0o600)
    if kind is Format.PDF and out is not None:
        out.write_bytes(render.to_pdf(document))
    elif out is not None:
        out.write_text(render.to_html(document), encoding="utf-8")
    else:
        sys.stdout.write(render.to_html(document))
    if out is not None:
        console().print(f"{document.marking}: {document.title} for {recipient.value} in {out}")


@meeting_app.command("schedules")
def schedules_(actor: As = "", as_json: AsJson = False) -> None:
    """The engine's schedules that open lists, and when they fire next."""
    found = execute(_schedules(actor))
    if as_json:
        print_json({"schedules": [each.model_dump(mode="json") for each in found]})
        return
    rows = [
        (s.forum, s.area, "paused" if s.paused else "on", ", ".join(map(when, s.next_at[:3])))
        for s in found
    ]
    console().print(table("Schedules", ("forum", "area", "", "fires"), rows))


async def _schedules(actor: str) -> list[schedules.Scheduled]:
    async with writing() as runtime:
        await runtime.gate.authorise(actor, "list-meetings")
        return await schedules.describe(runtime)
