"""`dalo receipt`: the golden hour of an incident, printable."""

from __future__ import annotations

import sys
from typing import Any

import typer

from casework.case_commands import target_stream
from casework.case_reads import ask
from cli.options import As, AsJson, Reason, Ref
from cli.screen import print_json
from cli.session import execute, reading
from models.base import Refused
from models.incident import IncidentView
from models.receipt import receipt as as_text
from models.receipt import receipt_json

app = typer.Typer()


@app.command("receipt")
def receipt(ref: Ref, actor: As = "", reason: Reason = "", as_json: AsJson = False) -> None:
    """What was known, told and captured in the golden hour, and when.

    REF is an incident (46/1109172/26, or 46/1109172/26/VIC-1104479), or a case with one incident.
    """
    view = execute(_read(ref, actor, reason))
    if as_json:
        print_json(receipt_json(view))
    else:
        sys.stdout.write(as_text(view))


async def _read(ref: str, actor: str, reason: str) -> IncidentView:
    async with reading() as runtime:
        await runtime.gate.authorise(actor, "receipt", ref, reason)
        stream = await target_stream(runtime, ref, "incident")
        view: Any = await ask(runtime, stream, "view", IncidentView)
        if view is None:
            raise Refused(
                "NO_ANSWER",
                "the incident's workflow did not answer, and a receipt is never made from less",
                "check that a worker runs (dalo worker, or dalo up), then try again",
            )
        return IncidentView.model_validate(view)
