"""`dalo up`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import sys
from itertools import groupby, islice
from typing import Annotated

import typer

from casework.logs import configure_logs
from casework.runtime import Runtime, open_runtime
from casework.servers import Addresses, embedded_servers_async
from casework.service import run_service
from casework.settings import LogLevel, Settings, load_settings
from casework.stopping import until_signalled
from casework.telemetry import METRICS, sdk_runtime
from cli.sample import load_sample
from cli.session import execute
from store.migrate import upgrade
from store.roster import RosterEntry, list_roster
from workflows.search_attributes import KEYS

SHOWN_OF_A_ROLE = 3
app = typer.Typer()


@app.command("up")
def up(
    sample: Annotated[
        bool, typer.Option("--sample", help="Load the sample roster, history and feed.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of Temporal; 0 takes any free.")
    ] = 0,
) -> None:
    """Start database, engine, worker, relay, sealer and watchdog on loopback, and keep their data
    in DALO_HOME. Ctrl-C stops them cleanly."""
    settings = load_settings()
    level = settings.log_level if "log_level" in settings.model_fields_set else LogLevel.WARNING
    configure_logs(settings.log_format, level)
    if port:
        settings = settings.model_copy(update={"temporal_port": port})
    execute(_run(settings, sample=sample))


async def _run(settings: Settings, *, sample: bool) -> None:
    stopping = until_signalled()
    _say("starting ...")
    async with embedded_servers_async(settings, KEYS) as addresses:
        here = addresses.applied_to(settings)
        await asyncio.to_thread(upgrade, addresses.database_url.get_secret_value())
        with METRICS.serving(settings.metrics_bind):
            async with open_runtime(
                here, pool_size=10, sdk=sdk_runtime(here), service="dalo"
            ) as runtime:
                await _serve(runtime, addresses, stopping, sample=sample)
        _say("stopping ...")
    _say("stopped; the data is kept")


async def _serve(
    runtime: Runtime, addresses: Addresses, stopping: asyncio.Event, *, sample: bool
) -> None:
    service = asyncio.create_task(run_service(runtime, stopping))
    try:
        if sample:
            _say("loading the sample ...")
            await _load(runtime)
        async with runtime.engine.connect() as conn:
            roster = await list_roster(conn)
        _ready(runtime, addresses, roster)
        await service
    finally:
        stopping.set()
        await asyncio.gather(service, return_exceptions=True)


async def _load(runtime: Runtime) -> None:
    for summary in await load_sample(runtime):
        _say(f"  {summary.file}: {summary.rows} rows, {summary.allocated} cases allocated")


def _ready(runtime: Runtime, addresses: Addresses, roster: list[RosterEntry]) -> None:
    port = addresses.database_url.get_secret_value().rpartition(":")[2].partition("/")[0]
    _say(f"home        {runtime.settings.home.expanduser().resolve()}")
    _say(f"engine      {addresses.temporal_address}, namespace {addresses.temporal_namespace}")
    _say(f"database    127.0.0.1:{port}")
    if not roster:
        _say("no officers yet: dalo roster load FILE --as YOUR-ID, or dalo up --sample")
    alike = groupby(roster, lambda person: (person.area, person.role))
    shown = [person for _, people in alike for person in islice(people, SHOWN_OF_A_ROLE)]
    for person in shown:
        _say(f"actor       --as {person.officer_id:<10} {person.role.value} {person.area}".rstrip())
    if len(roster) > len(shown):
        _say(f"            {len(roster) - len(shown)} more: dalo roster list")
    if roster:
        first = next((p for p in roster if p.role == "SUPERVISOR"), roster[0])
        _say(f"try         dalo board --as {first.officer_id}")
    _say("ready; Ctrl-C stops")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
