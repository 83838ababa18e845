"""`dalo notices`: what somebody was written to about, and that they have seen it; `dalo route`: the
number or address behind a route of a safe-contact plan."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import phonenumbers
import typer
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from casework.notices.round import messenger, notifier
from casework.runtime import Runtime
from cli.options import As, AsJson, Reason, Ref
from cli.screen import console, print_json, table, when
from cli.session import execute, reading, store_only
from models.base import Refused
from models.enums import Role
from store import notices, reads
from store.answering import answers_for
from store.tables import case_register

app = typer.Typer()
notices_app = typer.Typer(no_args_is_help=True)
app.add_typer(notices_app, name="notices")


@notices_app.command("list")
def listed(
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were acknowledged.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Your notices, the newest first, with where each stands."""
    rows = execute(_list(actor, limit, everything=everything))
    if as_json:
        print_json(rows)
        return
    cells = (
        (
            when(datetime.fromisoformat(row["created_at"])),
            row["urgency"],
            row["facts"]["what"],
            row["facts"]["ref"],
            row["state"] + (" acknowledged" if row["acknowledged_at"] else ""),
            row["notice_id"],
        )
        for row in rows
    )
    console().print(table("Notices", ("written", "urgency", "what", "about", "state", "id"), cells))


@notices_app.command("ack")
def ack(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Which; all of yours without.")
    ] = None,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Say that you have seen notices: an urgent one that nobody acknowledges goes to your
    supervisor."""
    done = execute(_ack(actor, ids or None))
    if as_json:
        print_json({"acknowledged": done})
    else:
        console().print(f"{done} acknowledged")


@notices_app.command("send")
def send(actor: As = "", as_json: AsJson = False) -> None:
    """One round now: write what is new, send what may leave. The service does it by itself."""
    sent, messages = execute(_send(actor))
    if as_json:
        print_json({"notices_sent": sent, "victim_messages_sent": messages})
    else:
        console().print(f"{sent} notices and {messages} messages to victims left")


@app.command("route")
def route(
    ref: Ref,
    route_id: Annotated[str, typer.Argument(metavar="ROUTE", help="As in the plan, e.g. r1.")],
    actor: As = "",
    reason: Reason = "",
) -> None:
    """Keep the number or address behind a route of the victim's safe-contact plan. It is typed
    unseen, or read from standard input, and never shown."""
    if sys.stdin.isatty():
        typed = str(typer.prompt("number or address", hide_input=True))
    else:
        typed = sys.stdin.read()
    execute(_route(ref, route_id, _address(typed.strip()), actor, reason))
    console().print(f"route {route_id} kept")


def _address(text: str) -> str:
    """A telephone number as +44..., or an e-mail address. Raises typer.BadParameter, which does not
    repeat what was typed."""
    if "@" in text:
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError:
            raise typer.BadParameter("this is no e-mail address", param_hint="ROUTE") from None
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise typer.BadParameter("this is no telephone number", param_hint="ROUTE")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


async def _list(actor: str, limit: int, *, everything: bool) -> list[dict[str, Any]]:
    async with store_only() as runtime:
        grant = await runtime.gate.authorise(actor, "view-notices")
        async with runtime.engine.connect() as conn:
            whose = await answers_for(conn, grant.actor, runtime.clock())
            rows = await notices.of_recipient(
                conn, grant.actor, whose, all_of_them=everything, limit=limit
            )
    return [
        {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in row._mapping.items()
        }
        for row in rows
    ]


async def _ack(actor: str, ids: list[str] | None) -> int:
    async with store_only() as runtime:
        grant = await runtime.gate.authorise(actor, "acknowledge-notices")
        async with runtime.engine.begin() as conn:
            whose = await answers_for(conn, grant.actor, runtime.clock())
            return await notices.acknowledge(conn, grant.actor, whose, ids, runtime.clock())


async def _send(actor: str) -> tuple[int, int]:
    async with reading() as runtime:
        await runtime.gate.authorise(actor or Role.SYSTEM.value, "send-notices")
        return await notifier(runtime).once(), await messenger(runtime).once()


async def _route(ref: str, route_id: str, address: str, actor: str, reason: str) -> None:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "set-route", ref, reason or None)
        await _keep(runtime, ref, route_id, address)


async def _keep(runtime: Runtime, ref: str, route_id: str, address: str) -> None:
    async with runtime.engine.begin() as conn:
        found = {each.case_ref for each in await reads.resolve(conn, ref) if each.case_ref}
        if len(found) != 1:
            raise Refused("NO_CASE", "no one case belongs to this reference", "name it", "ref")
        victim = await conn.scalar(
            select(case_register.c.victim_ref).where(case_register.c.case_ref == found.pop())
        )
        await runtime.secrets.save_route(conn, str(victim), route_id, address, runtime.clock())
