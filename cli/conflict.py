"""`dalo conflict`: who must not see a case, because they are related to a party."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.text import Text
from sqlalchemy import select

from casework.case_commands import send, target_stream
from cli.options import As, AsJson, Ref
from cli.screen import console, print_json, table, when
from cli.session import execute, store_only, writing
from models.commands import DeclareConflict, LiftConflict
from store.reads import resolve
from store.tables import conflict_of_interest

app = typer.Typer()
conflict_app = typer.Typer(no_args_is_help=True)
app.add_typer(conflict_app, name="conflict", help="Who must not see a case.")

Officer = Annotated[str, typer.Option("--officer", help="Who is related to a party.")]
Code = Annotated[str, typer.Option("--reason", help="A code: RELATIVE_OF_SUSPECT, for example.")]
Why = Annotated[str, typer.Option("--access-reason", help="Why, where the case is not yours.")]


@conflict_app.command("declare")
def declare(
    ref: Ref, officer: Officer, reason: Code, why: Why = "", actor: As = "", as_json: AsJson = False
) -> None:
    """Lock a person out of a case; what was theirs passes to the supervisor."""
    execute(_send(ref, DeclareConflict, officer, reason, why, actor))
    _done(ref, officer, "declared", as_json=as_json)


@conflict_app.command("lift")
def lift(
    ref: Ref, officer: Officer, reason: Code, why: Why = "", actor: As = "", as_json: AsJson = False
) -> None:
    """An inspector finds that a conflict does not hold."""
    execute(_send(ref, LiftConflict, officer, reason, why, actor))
    _done(ref, officer, "lifted", as_json=as_json)


def _done(ref: str, officer: str, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"ref": ref, "officer_id": officer, "conflict": what})
    else:
        console().print(Text(f"{ref}: conflict of interest of {officer} {what}"))


async def _send(
    ref: str,
    kind: type[DeclareConflict] | type[LiftConflict],
    officer: str,
    reason: str,
    why: str,
    actor: str,
) -> None:
    name = kind.model_fields["kind"].default
    async with writing() as runtime:
        command = kind(at=runtime.clock(), officer_id=officer, reason=reason)
        grant = await runtime.gate.authorise(actor, name, ref, why or None)
        stream = await target_stream(runtime, ref, "case")
        await send(runtime, stream, command, grant, str(uuid4()))
        await runtime.relay_once()


@conflict_app.command("list")
def show(ref: Ref, why: Why = "", actor: As = "", as_json: AsJson = False) -> None:
    """Who is locked out of a case."""
    rows = execute(_list(ref, why, actor))
    if as_json:
        print_json(rows)
        return
    cells = (
        (r["officer_id"], r["reason_code"], when(r["declared_at"]), r["declared_by"]) for r in rows
    )
    console().print(table(ref, ("who", "reason", "declared", "by"), cells))


async def _list(ref: str, why: str, actor: str) -> list[dict[str, Any]]:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "view-clocks", ref, why or None)
        async with runtime.engine.connect() as conn:
            refs = [each.case_ref for each in await resolve(conn, ref)]
            c = conflict_of_interest.c
            found = await conn.execute(
                select(conflict_of_interest).where(c.case_ref.in_(refs)).order_by(c.declared_at)
            )
            return [dict(row) for row in found.mappings()]
