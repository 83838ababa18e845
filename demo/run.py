"""`dalo demo`: the whole story on a fresh temporary store with skipped time, ending by itself."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import Popen

from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from casework.logs import configure_logs
from casework.postgres import temporary_postgres
from casework.runtime import Runtime, open_runtime
from casework.settings import LogFormat, LogLevel, Settings
from casework.telemetry import sdk_runtime
from casework.temporal_server import executable, register_search_attributes
from cli.sample import FOLDER
from cli.screen import console
from demo import people, sample
from demo.desk import Cast
from demo.driver import DemoDriver
from demo.rare import ELSEWHERE, THEIR_DALO, THEIR_SERGEANT
from demo.report import print_report
from demo.story import Story, VirtualClock
from demo.unusual import AREA
from demo.worker import a_worker, gone
from models.enums import Role
from models.instants import london_date, show
from store.migrate import upgrade
from store.roster import RosterEntry, load_roster, read_roster
from workflows.search_attributes import KEYS

WEEKS = 4
NEIGHBOURS = (
    RosterEntry(officer_id=THEIR_SERGEANT, role=Role.SUPERVISOR, area=ELSEWHERE),
    RosterEntry(
        officer_id=THEIR_DALO,
        role=Role.DALO,
        area=ELSEWHERE,
        capacity=20,
        supervisor_id=THEIR_SERGEANT,
    ),
)
"""Who takes a case when a victim moves."""
SEED = 2027
QUEUE = "demo"


def main(weeks: int = WEEKS, seed: int = SEED) -> int:
    """Play `weeks` weeks; returns the exit code."""
    configure_logs(LogFormat.CONSOLE, LogLevel.ERROR)
    out = console()
    began = time.monotonic()
    code = asyncio.run(_play(out, weeks, seed))
    out.print(f"\n{weeks} weeks played in {time.monotonic() - began:.0f} seconds.")
    return code


async def _play(out: Console, weeks: int, seed: int) -> int:
    async with _stage(out) as (env, runtime, clock, worker):
        start = clock()
        ends = start + timedelta(weeks=weeks)
        everybody = people.People(seed)
        found = sample.load(start, seed)
        cast = await _cast(runtime, found)
        story = Story(runtime, clock, found, everybody, cast, ends)
        out.print(f"From {show(start)} to {show(ends)}, sample moved by {found.weeks} weeks.")
        out.print(f"Seed {seed}. " + " ".join(people.statement()))
        with out.status("Loading twelve months of history"):
            await story.load_history(found)
        async with _lived(out, env, story, worker):
            return await _tell(out, runtime, story, start)


async def _tell(out: Console, runtime: Runtime, story: Story, start: datetime) -> int:
    """What the officers did, then the report."""
    given = ", ".join(f"{n} {kind}" for kind, n in story.officers.given.most_common())
    out.print(f"Officers gave {story.officers.given.total()} commands: {given}.")
    if story.officers.refused:
        why = ", ".join(f"{n} {kind} {code}" for (kind, code), n in story.officers.refused.items())
        out.print(f"Refused, as they should be: {why}.")
    return await print_report(out, runtime, story.outcomes, london_date(start), runtime.clock())


@asynccontextmanager
async def _stage(
    out: Console,
) -> AsyncIterator[tuple[WorkflowEnvironment, Runtime, VirtualClock, Popen[bytes]]]:
    """A temporary PostgreSQL, Temporal's time-skipping server, and the product's own worker."""
    with temporary_postgres() as postgres, tempfile.TemporaryDirectory() as home:
        with out.status("Starting PostgreSQL and Temporal"):
            url = postgres.create_database("dalo_demo")
            await asyncio.to_thread(upgrade, url)
            sdk = sdk_runtime(Settings(home=Path(home)))
            with _silent_children(Path(home) / "temporal.log"):
                env = await WorkflowEnvironment.start_time_skipping(
                    test_server_existing_path=os.fspath(executable("temporal-test-server")),
                    data_converter=pydantic_data_converter,
                    runtime=sdk,
                )
        try:
            await register_search_attributes(env.client, KEYS)
            clock = VirtualClock(await env.get_current_time())
            settings = Settings(
                home=Path(home),
                database_url=SecretStr(url),
                temporal_address=env.client.service_client.config.target_host,
                temporal_namespace="default",
                search_attributes=False,
                master_keys_text=SecretStr(base64.b64encode(secrets.token_bytes(32)).decode()),
            )
            async with open_runtime(settings, clock=clock, pool_size=15, sdk=sdk) as runtime:
                with a_worker(settings, Path(home) / "worker.log") as worker:
                    yield env, runtime, clock, worker
        finally:
            await env.shutdown()


async def _cast(runtime: Runtime, found: sample.Sample) -> Cast:
    """The sample roster, a neighbouring unit, and an account for every officer in the case whom the
    sample names."""
    entries = [*read_roster(FOLDER / "roster.csv"), *NEIGHBOURS]
    named = {arrival.row.report.oic_id for arrival in found.arrivals} - {"", None}
    entries += [
        RosterEntry(officer_id=name, role=Role.OIC, area=AREA, supervisor_id="PS-4001")
        for name in sorted(filter(None, named))
    ]
    async with runtime.engine.begin() as conn:
        await load_roster(conn, entries)
    return Cast(entries)


@asynccontextmanager
async def _lived(
    out: Console, env: WorkflowEnvironment, story: Story, worker: Popen[bytes]
) -> AsyncIterator[None]:
    """The story lived to its end, where time stands still for the length of the block. The driver
    moves time; only its result is waited for, as any other wait would skip."""
    async with Worker(
        env.client, task_queue=QUEUE, workflows=[DemoDriver], activities=[story.step]
    ):
        driver = asyncio.create_task(
            env.client.execute_workflow(
                DemoDriver.run, story.ends, id="demo-driver", task_queue=QUEUE
            )
        )
        with _progress(out, story):
            ended = asyncio.create_task(story.finished.wait())
            lost = asyncio.create_task(gone(worker))
            await asyncio.wait({driver, ended, lost}, return_when=asyncio.FIRST_COMPLETED)
        if lost.done():
            driver.cancel()
            raise RuntimeError(f"the worker ended with code {worker.returncode}")
        lost.cancel()
        if driver.done():
            await driver  # it can only have failed
        try:
            yield
        finally:
            story.released.set()
            await driver


@contextmanager
def _progress(out: Console, story: Story) -> Iterator[None]:
    start, ends = story.starts, story.ends
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        line = bar.add_task("Playing", total=(ends - start).total_seconds())

        def watch(now: datetime) -> None:
            bar.update(
                line, completed=(now - start).total_seconds(), description=f"{show(now):<22}"
            )

        story.watched_by(watch)
        yield


@contextmanager
def _silent_children(log: Path) -> Iterator[None]:
    """Processes started in the block write their standard error to `log`: the test server has much
    to say about being stopped."""
    with log.open("wb") as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
