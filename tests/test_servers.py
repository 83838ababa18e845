"""The embedded servers: kept data, borrowing, taking over, and clear words when they cannot run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from casework.client import connect
from casework.errors import ServerError
from casework.postgres import Postgres, start_postgres, temporary_postgres, wait_until_accepting
from casework.processes import ProcessRecord, choose_port, read_record
from casework.servers import (
    Addresses,
    embedded_servers,
    embedded_servers_async,
    located,
    running_service,
)
from casework.settings import Settings
from casework.temporal_server import executable

STAGE = SearchAttributeKey.for_keyword("Stage")
DUE = SearchAttributeKey.for_datetime("DueAt")


def _query(addresses: Addresses, statement: str) -> list[tuple[object, ...]]:
    url = addresses.database_url.get_secret_value().replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _record(home: Path, name: str) -> ProcessRecord:
    record = read_record(home / name / "server.json")
    assert record is not None
    return record


async def test_data_of_both_servers_is_kept_between_runs(home: Path) -> None:
    settings = Settings(home=home)
    async with embedded_servers_async(settings, [STAGE]) as addresses:
        _query(addresses, "CREATE TABLE kept AS SELECT 1 AS one")
        client = await connect(addresses.applied_to(settings))
        await client.start_workflow(
            "Kept",
            id="kept/1",
            task_queue="nobody-polls",
            search_attributes=TypedSearchAttributes([SearchAttributePair(STAGE, "OPEN")]),
        )
    assert await asyncio.to_thread(running_service, settings) is None

    # A release may add a search attribute: it is registered with the namespace that exists.
    async with embedded_servers_async(settings, [STAGE, DUE]) as addresses:
        client = await connect(addresses.applied_to(settings))
        found = await client.get_workflow_handle("kept/1").describe()
        assert found.typed_search_attributes[STAGE] == "OPEN"
        await client.start_workflow(
            "Kept",
            id="kept/2",
            task_queue="nobody-polls",
            search_attributes=TypedSearchAttributes(
                [SearchAttributePair(DUE, found.start_time)],
            ),
        )
        assert _query(addresses, "SELECT one FROM kept") == [(1,)]


async def test_servers_are_durable_private_and_keep_closed_workflows_for_ninety_days(
    home: Path,
) -> None:
    settings = Settings(home=home)
    async with embedded_servers_async(settings, []) as addresses:
        for setting, value in (
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("timezone", "UTC"),
            ("server_encoding", "UTF8"),
        ):
            assert _query(addresses, f"SHOW {setting}") == [(value,)]
        with pytest.raises(psycopg.OperationalError):
            port = _record(home, "postgres").port
            psycopg.connect(host="127.0.0.1", port=port, user="dalo", dbname="dalo", password="no")
        client = await connect(addresses.applied_to(settings))
        answer = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace="default")
        )
        kept = answer.config.workflow_execution_retention_ttl.ToTimedelta()
        assert kept == timedelta(days=90)
        command = psutil.Process(_record(home, "temporal").pid).cmdline()
        assert "journal_mode=wal" in command
        assert "synchronous=full" in command
        assert 'history.timerProcessorMaxTimeShift="10ms"' in command
    for secret in ("master.key", "postgres/password"):
        assert stat.S_IMODE((home / secret).stat().st_mode) == 0o600


def test_a_second_process_borrows_the_servers_and_leaves_them_running(home: Path) -> None:
    settings = Settings(home=home)
    with embedded_servers(settings, []) as mine:
        with embedded_servers(settings, []) as borrowed:
            assert borrowed == mine
        assert running_service(settings) == mine
        found = located(settings)
        assert found.temporal_address == mine.temporal_address
        assert found.master_keys == settings.master_keys
        service = (home / "service.json").read_text()
        password = (home / "postgres" / "password").read_text()
        assert password not in service
    assert not (home / "service.json").exists()


_HOLDER = """
import sys, time
from pathlib import Path
from casework.servers import embedded_servers
from casework.settings import Settings
with embedded_servers(Settings(home=Path(sys.argv[1])), []):
    print("up", flush=True)
    time.sleep(600)
"""


def test_servers_left_by_a_killed_process_are_taken_over_and_then_stopped(home: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(home)], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
        left = [_record(home, name) for name in ("postgres", "temporal")]
        holder.kill()

    with embedded_servers(Settings(home=home), []):
        assert [_record(home, name) for name in ("postgres", "temporal")] == left

    assert [record.process() for record in left] == [None, None]


def test_after_both_servers_are_killed_the_stale_files_do_not_hinder_a_start(home: Path) -> None:
    settings = Settings(home=home)
    with embedded_servers(settings, []) as addresses:
        _query(addresses, "CREATE TABLE committed AS SELECT 7 AS seven")
        for name in ("temporal", "postgres"):
            process = psutil.Process(_record(home, name).pid)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        stale = (home / "service.json").read_bytes()
        assert (home / "postgres" / "data" / "postmaster.pid").exists()
    (home / "service.json").write_bytes(stale)

    with embedded_servers(settings, []) as addresses:
        assert _query(addresses, "SELECT seven FROM committed") == [(7,)]
        again = [_record(home, name) for name in ("postgres", "temporal")]
    assert [record.process() for record in again] == [None, None]


def test_a_record_whose_pid_now_belongs_to_another_process_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "server.json"
    stranger = ProcessRecord(pid=os.getpid(), started=1.0, port=1)
    path.write_text(stranger.model_dump_json())

    assert read_record(path) is None
    assert not path.exists()

    path.write_text('{"pid": ')
    assert read_record(path) is None


@pytest.mark.parametrize("setting", ["postgres_port", "temporal_port"])
def test_a_taken_port_is_named_with_the_setting_that_changes_it(home: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings.model_validate({"home": home, setting: port})
        with (
            pytest.raises(ServerError) as caught,
            embedded_servers(settings, []),
        ):
            pass

    assert str(port) in caught.value.message
    assert f"DALO_{setting.upper()}" in caught.value.remedy
    assert running_service(settings) is None
    assert read_record(home / "postgres" / "server.json") is None


def test_any_free_port_is_on_loopback_and_can_be_bound() -> None:
    with socket.create_server(("127.0.0.1", choose_port(0, "DALO_X"))):
        pass


def test_without_a_service_a_command_says_how_to_start_one(home: Path) -> None:
    with pytest.raises(ServerError) as caught:
        located(Settings(home=home))

    assert "dalo up" in caught.value.remedy
    assert not home.exists()


def test_half_a_configuration_is_refused() -> None:
    with pytest.raises(ServerError, match="no database"):
        located(Settings(temporal_address="cluster.example:7233"))


def test_a_home_that_cannot_be_a_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(home=tmp_path / "file" / "home")

    with pytest.raises(ServerError, match="DALO_HOME"), embedded_servers(settings, []):
        pass


def test_a_full_disk_is_called_by_its_name(home: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    home.mkdir()
    (home / "service.json").symlink_to(full)
    from casework.processes import storage_error

    with pytest.raises(OSError) as caught, (home / "service.json").open("wb") as file:
        file.write(b"x")
        file.flush()

    assert "is full" in storage_error(home, caught.value).message


def test_a_data_folder_of_another_postgresql_release_is_refused_untouched(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    start_postgres(folder, durable=False).stop()
    (folder / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(ServerError, match="made by PostgreSQL 9"):
        start_postgres(folder, durable=False)


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("18\n")

    server = start_postgres(folder, durable=False)
    try:
        with server.connect("dalo") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()


def test_statements_and_their_values_stay_out_of_the_postgresql_log() -> None:
    with temporary_postgres() as server:
        with server.connect() as connection, pytest.raises(psycopg.Error):
            connection.execute("SELECT %s::text::integer", ["Zebedee Quillfeather"])
        with server.connect() as connection:
            connection.execute("CREATE TABLE t (v text UNIQUE)")
            connection.execute("INSERT INTO t VALUES ('Zebedee Quillfeather')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO t VALUES ('Zebedee Quillfeather')")
        log = (server.folder / "postgres.log").read_text()

    assert "database system is ready" in log
    assert "Quillfeather" not in log


def test_databases_are_copied_from_a_template_and_dropped(postgres_server: Postgres) -> None:
    postgres_server.create_database("origin")
    with postgres_server.connect("origin") as connection:
        connection.execute("CREATE TABLE marker (n int)")
    postgres_server.create_database("copy", "origin")

    with postgres_server.connect("copy") as connection:
        connection.execute("INSERT INTO marker VALUES (1)")
        postgres_server.drop_database("copy")
    with postgres_server.connect("origin") as connection:
        assert connection.execute("SELECT count(*) FROM marker").fetchone() == (0,)


async def test_an_unreachable_temporal_server_is_one_clear_error(home: Path) -> None:
    address = f"127.0.0.1:{choose_port(0, 'DALO_X')}"
    settings = Settings(
        home=home,
        temporal_address=address,
        database_url=SecretStr("postgresql://u:p@127.0.0.1/x"),
        connect_timeout=0.5,
    )

    with pytest.raises(ServerError) as caught:
        await connect(settings)

    assert address in caught.value.message
    assert "DALO_TEMPORAL_ADDRESS" in caught.value.remedy


def test_an_unreachable_database_is_one_clear_error_without_the_password() -> None:
    url = f"postgresql+psycopg://dalo:hunter2@127.0.0.1:{choose_port(0, 'DALO_X')}/dalo"

    with pytest.raises(ServerError) as caught:
        wait_until_accepting(url, 0.5)

    assert "DALO_DATABASE_URL" in caught.value.remedy
    assert "hunter2" not in str(caught.value)


async def test_a_command_in_an_event_loop_finds_the_service_that_runs(home: Path) -> None:
    settings = Settings(home=home)
    async with embedded_servers_async(settings, []) as addresses:
        found = located(settings)

        assert found.temporal_address == addresses.temporal_address
        assert isinstance(await connect(found), Client)


async def test_connecting_waits_for_a_server_that_is_still_starting(home: Path) -> None:
    port = choose_port(0, "DALO_X")
    settings = Settings(home=home, temporal_port=port)
    early = asyncio.create_task(
        connect(settings.model_copy(update={"temporal_address": f"127.0.0.1:{port}"}))
    )

    async with embedded_servers_async(settings, []):
        assert isinstance(await early, Client)


def test_the_servers_programs_come_with_the_installation() -> None:
    for name in ("temporal", "temporal-test-server"):
        assert os.access(executable(name), os.X_OK)
    with pytest.raises(ServerError, match="make setup"):
        executable("no-such-program")
