"""One one-machine service for all tests of the command line, with a small roster and two cases."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from casework.runtime import Runtime, open_runtime
from casework.servers import embedded_servers_async
from casework.service import run_service
from casework.settings import Settings
from cli.app import run
from cli.sample import FOLDER
from models.ids import case_stream
from models.instants import london
from store.migrate import upgrade
from store.tables import case_register
from workflows.search_attributes import KEYS

NAME = "Fictional Zephyrine Quill"
PHONE = "07700 900999"
_numbers = itertools.count(9)


@dataclass
class Result:
    """What one command did: exit code and both outputs."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Dalo = Callable[..., Awaitable[Result]]


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Commands set up logging for their process; the test's own comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def dalo(own_logging: None, capsys: pytest.CaptureFixture[str]) -> Dalo:
    """Run a command in a thread, as its event loop is its own."""

    async def command(*args: str) -> Result:
        capsys.readouterr()
        code = await asyncio.to_thread(run, args)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return command


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Runtime]:
    """Servers, worker, relay, sealer and watchdog in a home of their own."""
    settings = Settings(home=tmp_path_factory.mktemp("service") / "home")
    stopping = asyncio.Event()
    async with embedded_servers_async(settings, KEYS) as addresses:
        await asyncio.to_thread(upgrade, addresses.database_url.get_secret_value())
        async with open_runtime(addresses.applied_to(settings)) as runtime:
            serving = asyncio.create_task(run_service(runtime, stopping))
            yield runtime
            stopping.set()
            await serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def extract(service: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An extract of two victims of an hour ago, each with an earlier report: two cases open."""
    with (FOLDER / "feed.csv").open(encoding="cp1252", newline="") as feed:
        reader = csv.DictReader(feed)
        template = next(reader)
        header = list(template)
    now = london(service.clock())
    rows = []
    for victim in (1, 2):
        for number, age in (
            (victim * 10, timedelta(days=30)),
            (victim * 10 + 1, timedelta(hours=1)),
        ):
            at = f"{now - age:%d/%m/%Y %H:%M}"
            rows.append(
                template
                | {
                    "Incident No": f"46/{number}/27",
                    "Victim Ref": f"VIC-{victim}",
                    "Victim Name": NAME,
                    "Victim Phone": PHONE,
                    "District": "Medway",
                    "Occurred From": at,
                    "Occurred To": "",
                    "Reported": at,
                    "First Police Contact": "",
                    "Risk Grade": "Medium",
                    "OIC": "PC-4021",
                }
            )
    rows.append(rows[0] | {"Incident No": "46/99/27", "Victim Age": "old"})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header)
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("extract") / "feed.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.fixture
def at_home(service: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Commands of this test find the running service."""
    monkeypatch.setenv("DALO_HOME", str(service.settings.home))
    return service


def engine_away(service: Runtime, patch: pytest.MonkeyPatch) -> None:
    """From here on commands find the service's database, and no engine."""
    settings = service.settings
    assert settings.database_url is not None
    patch.setenv("DALO_DATABASE_URL", settings.database_url.get_secret_value())
    patch.setenv("DALO_TEMPORAL_ADDRESS", "127.0.0.1:1")
    key = (settings.home / "master.key").read_text("utf-8").strip()
    patch.setenv("DALO_MASTER_KEYS", key)
    patch.setenv("DALO_CONNECT_TIMEOUT", "0.1")


@pytest_asyncio.fixture(loop_scope="session")
async def unstarted(cases: list[str], at_home: Runtime) -> AsyncIterator[str]:
    """A case whose workflow does not exist: the register and read models alone know it."""
    ref = f"CASE-2020-{next(_numbers):05}"
    row = {"case_ref": ref, "victim_ref": "VIC-9", "area": "Medway", "state": "ALLOCATED"}
    row |= {"risk_grade": "HIGH", "dalo_id": "PC-4011", "supervisor_id": "PS-4001"}
    async with at_home.engine.begin() as conn:
        values = {"priority_score": 1, "opened_at": at_home.clock(), **row}
        await conn.execute(case_register.insert().values(values))
        await at_home.keyring.make(conn, case_stream(ref))
    yield ref
    async with at_home.engine.begin() as conn:
        await conn.execute(case_register.delete().where(case_register.c.case_ref == ref))


@pytest_asyncio.fixture(loop_scope="session")
async def cases(at_home: Runtime, dalo: Dalo, extract: Path) -> list[str]:
    """The two open cases, allocated, their workflows running."""
    board = await dalo("board", "--json", "--as", "PS-4001")
    if board.code or not board.json["cases"]:
        roster = await dalo("roster", "load", str(FOLDER / "roster.csv"), "--as", "PS-4001")
        assert roster.code == 0, roster.err
        taken = await dalo("intake", str(extract), "--as", "PS-4001", "--json")
        assert taken.code == 3, taken.err
        assert taken.json["outcomes"]["CASE_OPENED"] == 2
        assert taken.json["outcomes"]["REJECTED:INVALID_NUMBER"] == 1
        assert taken.json["allocated"] == 2
        for _ in range(100):
            board = await dalo("board", "--json", "--as", "PS-4001")
            if [case["state"] for case in board.json["cases"]] == ["ALLOCATED", "ALLOCATED"]:
                break
            await asyncio.sleep(0.1)
    return [case["case_ref"] for case in board.json["cases"]]
