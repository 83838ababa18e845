"""Long-running processes beside `dalo up`: worker, relay, codec endpoint. They act for nobody and
show nothing to anybody; the codec endpoint has a gate of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.stopping import until_signalled
from cli.db import database_url
from cli.options import AsJson
from cli.screen import console, print_json
from cli.session import execute, writing

app = typer.Typer()


@app.command("worker")
def worker() -> None:
    """Run a worker with relay and sealer until Ctrl-C; several may run."""
    # Imported here, as only this process runs workflows.
    from worker import work  # noqa: PLC0415

    execute(work())


@app.command("codec")
def codec() -> None:
    """Run the endpoint that decrypts payloads for Temporal's UI (DALO_CODEC_TOKEN)."""
    from casework.codec_server import serve  # noqa: PLC0415
    from casework.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    serve(settings, None if settings.database_url else database_url(), settings.codec_ui_origins)


@app.command("relay")
def relay(
    once: Annotated[bool, typer.Option("--once", help="Deliver what waits, then end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Carry messages from the outbox to the workflows, until Ctrl-C."""
    sent = execute(_relay(once=once))
    if as_json:
        print_json({"sent": sent})
    elif once:
        console().print(f"{sent} messages delivered")


async def _relay(*, once: bool) -> int:
    async with writing() as runtime:
        if once:
            return await runtime.relay_once()
        stopping = until_signalled()
        await runtime.relay.run(stopping)
        return 0
