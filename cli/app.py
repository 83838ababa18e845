"""The root of the command line: which command lives where, and the one place where errors end.

A topic's module is imported only when one of its commands is called, so that help is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from cli.problem import Problem, show

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("cli.up", "Start everything on this machine; Ctrl-C stops it."),
    "demo": ("cli.demo", "Play the whole story on a fresh store with skipped time."),
    "intake": ("cli.intake", "Read a force's extract: reports in, cases out."),
    "worklist": ("cli.worklist", "An officer's list, the most urgent first."),
    "case": ("cli.case", "One case on one screen."),
    "incident": ("cli.incident", "One incident: suspect, orders, news owed, children."),
    "clocks": ("cli.clocks", "A case's clocks, and why each is due when it is."),
    "referral": ("cli.referral", "One referral: its state, what is next and by whom."),
    "receipt": ("cli.receipt", "The golden hour's receipt: known, told, captured, when."),
    "do": ("cli.do", "Tell a case something: every officer command."),
    "meeting": ("cli.meeting", "MARAC and MATAC meetings: lists, agendas, forms, minutes."),
    "board": ("cli.board", "The supervisor's board: every case, what is overdue."),
    "metrics": ("cli.metrics", "The pilot's metrics by month, as table and CSV."),
    "matac": ("cli.matac", "The monthly scoring of those who harm, and whom it nominates."),
    "roster": ("cli.roster", "Officers, their areas, room and cover."),
    "handover": ("cli.handover", "An officer's leave: cover or handover, case by case."),
    "conflict": ("cli.conflict", "Who must not see a case: declare, list, lift."),
    "merge": ("cli.merge", "Two victim references are one person."),
    "child-referral-sent": ("cli.child_referral", "A child without a case: the referral went."),
    "settle-told": ("cli.settle_told", "What reached a case or referral after its end: decided."),
    "renew": ("cli.renew", "Move running cases to the new release."),
    "policy": ("cli.policy", "Thresholds, cadences and limits, each with its basis."),
    "ledger": ("cli.ledger", "Verify, rebuild, seal or export the record."),
    "watchdog": ("cli.watchdog", "Compare the store with the engine."),
    "notices": ("cli.notices", "What you were written to about, and that you have seen it."),
    "route": ("cli.notices", "Keep the number or address behind a route of a plan."),
    "code-word": ("cli.code_word", "Whether what was said is the code word agreed."),
    "access-log": ("cli.access_log", "Who looked at or changed what, when and why."),
    "relay": ("cli.processes", "Carry waiting messages to the workflows."),
    "worker": ("cli.processes", "Run a worker process."),
    "codec": ("cli.processes", "Run the endpoint that decrypts payloads for Temporal's UI."),
    "db": ("cli.db", "The database's schema."),
}


class Root(TyperGroup):
    """Lists commands from the table; imports one only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What help shows of a command, without importing it."""
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(name=cmd_name, help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command to run, now imported."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is None or command is None:
            return name, command, rest
        topic = import_module(COMMANDS[name][0])
        return name, get_group(topic.app).commands[name], rest


app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def dalo() -> None:
    """Durable case coordination for the Domestic Abuse Liaison Officer.

    Every command takes --as OFFICER (or DALO_ACTOR); most take --json.
    Exit codes: 0 done, 1 error, 2 usage, 3 done but not all of it.
    """


def run(args: Sequence[str]) -> int:
    """Run one command line; returns the exit code. Errors are one line on standard error (with
    --json an object), never a traceback."""
    as_json = "--json" in args
    try:
        code = get_command(app).main(args=list(args), prog_name="dalo", standalone_mode=False)
    except NoArgsIsHelpError as error:
        sys.stderr.write(error.format_message() + "\n")
        return 2
    except ClickException as error:
        show(_usage(error), as_json=as_json)
        return 2
    except BrokenPipeError:
        return 1
    except Exception as error:
        problem: Problem = import_module("cli.faults").problem_of(error)
        show(problem, as_json=as_json)
        return problem.exit_code
    return code if isinstance(code, int) else 0


def _usage(error: ClickException) -> Problem:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "dalo"
    param = getattr(error, "param", None)
    return Problem(
        code="USAGE",
        message=error.format_message().replace("Value error, ", ""),
        remedy=f"See {path.replace('{REF}', 'REF')} --help.",
        field=str(getattr(param, "name", None) or ""),
        exit_code=2,
    )
