"""`dalo ledger`: is the record whole, and do the read models follow from it?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from casework.case_reads import ANSWER_WITHIN
from casework.runtime import Runtime
from cli.options import As, AsJson
from cli.screen import console, note, print_json, table
from cli.session import execute, reading, store_only
from intake.errors import FileError
from models.base import Record
from models.events import Json
from store.keys import KeyFault
from store.rebuild import Difference, compare, rebuild
from store.seal import Block, export, read_export, seal
from store.verify import Finding, RunningHead, verify

app = typer.Typer()
ledger_app = typer.Typer(no_args_is_help=True)
app.add_typer(ledger_app, name="ledger", help="Verify, rebuild, seal or export the record.")


MOST_SILENT = 3
NOT_COMPLETE = 3
"""Exit code where nothing is wrong, but not everything could be compared."""


class Verified(Record):
    """What verification found. `engine` is whether running workflows could be asked; `silent` are
    those that did not answer, after `MOST_SILENT` of which no more were asked."""

    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...]
    engine: bool
    silent: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings and not self.differences

    @property
    def complete(self) -> bool:
        """Whether every running workflow was compared."""
        return self.engine and not self.silent


@ledger_app.command("verify")
def verify_command(
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="Blocks exported earlier.")
    ] = None,
    actor: As = "",
    as_json: AsJson = False,
) -> None:
    """Recompute every hash, compare the seals, the running workflows and the read models. Exit code
    1 if anything is wrong, 3 if nothing is but a workflow or the engine did not answer."""
    blocks = _blocks(against) if against is not None else []
    found = execute(_verify(blocks, actor))
    if as_json:
        print_json(
            {
                "whole": found.whole,
                "complete": found.complete,
                "engine_asked": found.engine,
                "workflows_silent": found.silent,
                "findings": [asdict(each) for each in found.findings],
                "differences": [asdict(each) for each in found.differences],
            }
        )
    else:
        _show(found)
    if not found.whole:
        raise typer.Exit(1)
    if not found.complete:
        raise typer.Exit(NOT_COMPLETE)


async def _verify(blocks: list[Block], actor: str) -> Verified:
    async with reading() as runtime:
        await runtime.gate.authorise(actor, "ledger-verify")
        heads = Heads(runtime) if runtime.connected is not None else None
        findings = await verify(runtime.engine, heads, blocks)
        differences = await compare(runtime.engine)
        return Verified(
            findings=tuple(findings),
            differences=tuple(differences),
            engine=heads is not None,
            silent=tuple(heads.silent) if heads else (),
        )


class Heads:
    """Asks running workflows how far they got, by their own word. Where no worker runs each would
    be waited for in vain, so after a few without an answer no more are asked."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.silent: list[str] = []

    async def __call__(self, stream: str) -> RunningHead | None:
        """None where no workflow runs, or none answers."""
        if len(self.silent) >= MOST_SILENT:
            return None
        handle = self._runtime.client.get_workflow_handle(stream)
        try:
            head: Json = await handle.query(
                "ledger_head", result_type=dict[str, Any], rpc_timeout=ANSWER_WITHIN
            )
        except (RPCError, WorkflowQueryFailedError, KeyFault) as error:
            if not isinstance(error, RPCError) or error.status is not RPCStatusCode.NOT_FOUND:
                self.silent.append(stream)
            return None
        return RunningHead(head["head_seq"], head["recorded_seq"], head["recorded_hash"])


def _blocks(file: Path) -> list[Block]:
    try:
        return read_export(file.read_text(encoding="utf-8").splitlines())
    except ValueError as error:
        raise FileError(
            f"{file.name}: {error}", "give a file that dalo ledger export wrote"
        ) from None


def _show(found: Verified) -> None:
    out = console()
    if not found.engine:
        out.print(note("the engine did not answer: workflows were not compared"))
    elif len(found.silent) >= MOST_SILENT:
        out.print(note("workflows do not answer: not all were compared; see dalo watchdog --once"))
    elif found.silent:
        out.print(note(f"not compared, as they did not answer: {', '.join(found.silent)}"))
    if found.whole:
        # What was not compared stands above.
        out.print(Text("the ledger is whole, and the read models follow from it", style="green"))
        return
    rows = ((f.kind.value, f.stream or "block", f.seq, f.detail) for f in found.findings)
    out.print(table("Ledger", ("finding", "where", "at", "what"), rows))
    lines = ((d.table, " ".join(d.key), d.what, ", ".join(d.columns)) for d in found.differences)
    out.print(table("Read models", ("table", "row", "what", "columns"), lines))
    if found.differences and not found.findings:
        out.print(note("the ledger itself is whole: dalo ledger rebuild mends the read models"))


@ledger_app.command("rebuild")
def rebuild_command(actor: As = "", as_json: AsJson = False) -> None:
    """Make the read models again from the ledger alone; the rest stays."""
    count = execute(_rebuild(actor))
    if as_json:
        print_json({"events": count})
    else:
        console().print(f"read models made again from {count} events")


async def _rebuild(actor: str) -> int:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "ledger-rebuild")
        return await rebuild(runtime.engine)


@ledger_app.command("seal")
def seal_command(actor: As = "", as_json: AsJson = False) -> None:
    """Seal what is not sealed yet: a position for every event, and a chained block."""
    sealed = execute(_seal(actor))
    if as_json:
        print_json([{"number": b.number, "count": b.count, "hash": b.hash} for b in sealed])
    elif sealed:
        rows = ((b.number, b.first_position, b.count, b.hash) for b in sealed)
        console().print(table("Sealed", ("block", "from", "events", "hash"), rows))
    else:
        console().print("everything is sealed already")


async def _seal(actor: str) -> list[Block]:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "ledger-seal")
        sealed = []
        while (block := await seal(runtime.engine, runtime.clock())) is not None:
            sealed.append(block)
        return sealed


@ledger_app.command("export")
def export_command(
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="- writes to standard output.")
    ] = "-",
    after: Annotated[int, typer.Option("--after", min=0, help="Blocks after this number.")] = 0,
    actor: As = "",
) -> None:
    """Write the chain of sealed blocks, a line of JSON each, to be kept out of this database's
    reach; `verify --against` compares it."""
    lines = execute(_export(after, actor))
    text = "".join(f"{line}\n" for line in lines)
    if out == "-":
        sys.stdout.write(text)
    else:
        Path(out).write_text(text, encoding="utf-8")
        console().print(f"{len(lines)} blocks written to {out}")


async def _export(after: int, actor: str) -> list[str]:
    async with store_only() as runtime:
        await runtime.gate.authorise(actor, "ledger-verify")
        return [line async for line in export(runtime.engine, after)]
