"""`dalo do`: every officer command, its options made from the command's own model."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.text import Text
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode
from typer.core import TyperGroup

from casework.case_commands import Sent, already_done, send, target_stream
from casework.runtime import Runtime
from cli.command_list import show_commands
from cli.command_options import Given, Spec, command_from, note_text, spec_of
from cli.options import As, AsJson
from cli.plan_command import code_word, plan_in_force
from cli.screen import console, note, print_json
from cli.session import execute, reading, writing
from models.base import Refused
from models.commands import Command, Grant, SetSafeContactPlan


class CommandGroup(TyperGroup):
    """Options may follow REF where no command does."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the group's own options; those of a command stay with it."""
        ref_then_option = len(args) > 1 and args[0][:1] != "-" and args[1][:1] == "-"
        if "--list" in args or ref_then_option:
            ctx.allow_interspersed_args = True
        return super().parse_args(ctx, args)


app = typer.Typer()
do_app = typer.Typer(
    cls=CommandGroup, invoke_without_command=True, subcommand_metavar="COMMAND [OPTIONS]"
)
app.add_typer(do_app, name="do")

SPECS: dict[str, Spec] = {spec.kind: spec for spec in map(spec_of, Spec.models())}


@do_app.callback()
def do(
    ctx: typer.Context,
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="A case, incident number or victim reference.")
    ],
    listed: Annotated[bool, typer.Option("--list", help="List what can be told to REF.")] = False,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Tell a case or an incident something: `dalo do REF COMMAND --help` shows each command's
    options, `dalo do --list REF` what there is."""
    ctx.obj = {"ref": ref, "actor": actor, "json": as_json}
    if listed or ctx.invoked_subcommand is None:
        execute(_list(ref, actor, as_json=as_json))
        raise typer.Exit


_SHARED: dict[str, tuple[Any, Any]] = {
    "from_json": (
        Annotated[
            str,
            typer.Option(
                "--from-json",
                metavar="FILE",
                help="The command's fields as JSON; - reads"
                " standard input. Options given besides count more.",
            ),
        ],
        "",
    ),
    "command_id": (
        Annotated[
            str,
            typer.Option(
                "--command-id",
                metavar="ID",
                help="For a retry: the id printed before. Needs --at; never done twice.",
            ),
        ],
        "",
    ),
    "access_reason": (
        Annotated[
            str,
            typer.Option(
                "--access-reason",
                help="Why you act on a case that is not yours; its supervisor sees it.",
            ),
        ],
        "",
    ),
    "actor": (As, ""),
    "as_json": (AsJson, False),
}
"""Options of every command, by parameter: annotation and default."""


def _command(spec: Spec) -> Callable[..., None]:
    """A command function with the options of one model; Typer reads its signature."""

    def run(ctx: typer.Context, **values: Any) -> None:
        asked = ctx.obj
        given = Given(
            values=values,
            actor=values.pop("actor") or asked["actor"],
            access_reason=values.pop("access_reason"),
            command_id=values.pop("command_id"),
            note=values.pop("note", ""),
            from_json=values.pop("from_json"),
            as_json=values.pop("as_json") or asked["json"],
        )
        execute(_do(spec, asked["ref"], given))

    context = inspect.Parameter(
        "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    options = {**spec.options, **_SHARED}
    parameters = [context] + [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
        )
        for name, (annotation, default) in options.items()
    ]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


for _spec in SPECS.values():
    do_app.command(_spec.kind, help=_spec.help)(_command(_spec))


async def _do(spec: Spec, ref: str, given: Given) -> None:
    if given.command_id and "at" in spec.model.model_fields and not given.dated:
        raise typer.BadParameter(
            "a command under an id of your own needs --at, so that a retry is the same command",
            param_hint="--at",
        )
    # Everything the person typed is read before anything is looked up or stored.
    draft = command_from(spec, given, note_ref="")
    text = note_text(given.note)
    typed = code_word(given)
    command_id = given.command_id or str(uuid4())
    async with writing() as runtime:
        grant = await _authorise(runtime, spec, ref, given)
        stream = await target_stream(runtime, ref, spec.target)
        sent = await already_done(runtime, stream, command_id, draft, grant)
        if sent is None:
            command = draft
            if isinstance(draft, SetSafeContactPlan):
                command = await plan_in_force(runtime, spec, stream, given, typed)
            if text:
                command = command.model_copy(
                    update={"note_ref": await _save(runtime, stream, text)}
                )
            sent = await _send(runtime, stream, command, grant, command_id)
    _answer(spec, ref, sent, as_json=given.as_json)


async def _authorise(runtime: Runtime, spec: Spec, ref: str, given: Given) -> Grant:
    try:
        return await runtime.gate.authorise(
            given.actor, spec.kind, ref, given.access_reason or None
        )
    except Refused as refused:
        if refused.code != "REASON_NEEDED":
            raise
        # A command may have a --reason of its own, which is not why it may be given.
        raise Refused(
            refused.code, refused.message, "give --access-reason; the supervisor is told", "reason"
        ) from None


async def _save(runtime: Runtime, stream: str, text: str) -> str:
    async with runtime.engine.begin() as conn:
        return await runtime.secrets.save_note(conn, stream, text, runtime.clock())


async def _send(
    runtime: Runtime,
    stream: str,
    command: Command,
    grant: Grant,
    command_id: str,
) -> Sent:
    try:
        return await send(runtime, stream, command, grant, command_id)
    except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError) as error:
        if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
            raise
        # Whether it was accepted is not known: the id makes asking again safe.
        at = f" --at {command.at.isoformat()}" if hasattr(command, "at") else ""
        raise Refused(
            "NO_ANSWER",
            "the workflow did not answer in time; the command may have been accepted",
            "check that a worker runs (dalo worker, or dalo up), then send it again with"
            f" --command-id {command_id}{at}: it is never done twice",
        ) from None


def _answer(spec: Spec, ref: str, sent: Sent, *, as_json: bool) -> None:
    if as_json:
        print_json({"kind": spec.kind, "ref": ref, **sent.model_dump(mode="json")})
        return
    out = console()
    done = "done before, not again" if sent.repeated else "accepted"
    codes = f"  {', '.join(sent.codes)}" if sent.codes else ""
    out.print(Text(f"{spec.kind} {done}: {sent.stream} at {sent.seq}{codes}"))
    out.print(Text(f"command id {sent.command_id}", style="dim"))
    if not sent.listed:
        out.print(note("accepted, not yet listed"))


async def _list(ref: str, actor: str, *, as_json: bool) -> None:
    async with reading() as runtime:
        await show_commands(runtime, SPECS.values(), ref, actor, as_json=as_json)
