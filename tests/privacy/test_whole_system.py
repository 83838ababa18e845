"""The whole sample through the whole product, as processes: no name and no telephone number of it
is anywhere outside the encrypted columns."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from casework import case_commands
from casework.runtime import Runtime, open_runtime
from models.commands import CompleteNeedsAssessment, RecordAttempt
from models.enums import Channel, ContactResult
from models.ids import case_stream
from store import outbox
from store.roster import load_roster, read_roster
from store.tables import access_log, case_register
from store.tables import outbox as messages
from tests.chaos.people import now, until_recorded
from tests.chaos.plant import ROOT, Plant, a_plant
from tests.privacy.needles import Scanner, needles

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

MEDWAY = ROOT / "examples" / "medway"
FILES = ("history.csv.gz", "feed.csv", "feed-late.csv")
PERSON, NUMBER = "Fictional04479 Rowan11", "07700 900576"
NOTE = f"{PERSON} rang back from {NUMBER}; her sister is called Fictional04479 Rowan11 too"


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with a_plant(tmp_path_factory.mktemp("private")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def runtime(plant: Plant) -> AsyncIterator[Runtime]:
    async with open_runtime(plant.settings) as made:
        yield made


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(needles(*(MEDWAY / name for name in FILES)))


def dalo(plant: Plant, *arguments: str) -> None:
    """A command as a person gives it; what it prints is kept with the logs."""
    done = subprocess.run(
        [sys.executable, "starter.py", *arguments],
        cwd=ROOT,
        env=plant.environment(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    with (plant.folder / "printed.log").open("ab") as log:
        log.write(done.stdout + done.stderr)
    assert done.returncode in (0, 3), done.stderr.decode()


async def settled(runtime: Runtime) -> list[str]:
    """Wait until every workflow that was to start has, and is recorded; their ids."""
    for _ in range(600):
        async with runtime.engine.connect() as conn:
            waiting = await outbox.count_pending(conn)
        if not waiting:
            break
        await asyncio.sleep(0.1)
    query = select(messages.c.target).where(messages.c.kind == "START")
    async with runtime.engine.connect() as conn:
        started = list((await conn.execute(query)).scalars())
    await until_recorded(runtime, started, 120)
    return started


async def work_on(runtime: Runtime, note: str) -> list[str]:
    """Contact, with a note about the person, on some allocated cases; their workflows' ids."""
    query = select(case_register.c.case_ref, case_register.c.dalo_id)
    query = query.where(case_register.c.dalo_id.is_not(None)).limit(5)
    async with runtime.engine.connect() as conn:
        rows = (await conn.execute(query)).all()
    for number, (ref, dalo_id) in enumerate(rows):
        stream = case_stream(ref)
        async with runtime.engine.begin() as conn:
            note_ref = await runtime.secrets.save_note(conn, stream, note, now())
        call = RecordAttempt(
            at=now(),
            channel=Channel.CALL,
            result=ContactResult.SUCCESSFUL_TWO_WAY,
            note_ref=note_ref,
        )
        grant = await runtime.gate.authorise(dalo_id, call.kind, ref)
        await case_commands.send(runtime, stream, call, grant, f"call-{number}")
        needs = CompleteNeedsAssessment(at=now(), declined=True, note_ref=note_ref)
        grant = await runtime.gate.authorise(dalo_id, needs.kind, ref)
        await case_commands.send(runtime, stream, needs, grant, f"needs-{number}")
    return [case_stream(row.case_ref) for row in rows]


async def test_no_name_and_no_number_of_the_sample_is_anywhere_in_plain_text(
    plant: Plant, runtime: Runtime, scanner: Scanner
) -> None:
    async with runtime.engine.begin() as conn:
        await load_roster(conn, read_roster(MEDWAY / "roster.csv"))
    rejects = [str(plant.folder / f"rejects-{name}.csv") for name in FILES]
    for name, refused in zip(FILES, rejects, strict=True):
        history = ["--history"] if name.startswith("history") else []
        given = [str(MEDWAY / name), "--rejects", refused, *history]
        await asyncio.to_thread(dalo, plant, "intake", *given, "--as", "SVC-INTAKE")
    started = await settled(runtime)
    worked_on = await work_on(runtime, NOTE)
    await until_recorded(runtime, worked_on)
    assert len(started) > 100
    assert len(worked_on) == 5

    raw = bytearray()
    for stream in started:
        kept = await runtime.client.get_workflow_handle(stream).fetch_history()
        raw += b"".join(event.SerializeToString() for event in kept.events)
    assert scanner.count(bytes(raw)) == 0
    assert raw.count(b"binary/encrypted") > len(started)
    async with runtime.engine.connect() as conn:
        assert await scanner.tables(conn) == {}
        looks = (await conn.execute(select(access_log.c.id))).all()
        person = await runtime.secrets.read_identity(conn, "VIC-1104479")
    assert len(looks) > 10
    assert person == (PERSON, NUMBER)
    with plant.postgres.connect() as plain:
        plain.execute("CHECKPOINT")
    # Database files of both servers, write-ahead logs included; logs, prints and refused rows.
    files = [path for path in plant.folder.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"temporal.db", "temporal.db-wal", "worker.log", "printed.log", "postgres.log"} <= names
    assert {Path(refused).name for refused in rejects[1:]} <= names
    assert scanner.files(plant.folder) == {}


def test_the_search_would_find_a_name_in_the_database_files(plant: Plant, scanner: Scanner) -> None:
    with plant.postgres.connect("postgres") as plain:
        plain.execute(f"CREATE TABLE planted AS SELECT '{NOTE}' AS t".encode())
        plain.execute("CHECKPOINT")
    found = scanner.files(plant.folder / "postgres" / "data")
    assert any("/base/" in path for path in found)
