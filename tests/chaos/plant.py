"""The product as processes of their own, which a test may stop, freeze and kill by their ids."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from pydantic import SecretStr

from casework.errors import ServerError
from casework.postgres import Postgres, start_postgres
from casework.processes import ProcessRecord, stop
from casework.settings import Settings
from casework.temporal_server import TemporalServer, start_temporal
from store.migrate import upgrade
from workflows.search_attributes import KEYS

ROOT = Path(__file__).parents[2]
MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DATABASE = "dalo_chaos"
WORKER_STARTS_WITHIN = 60.0


@dataclass
class Plant:
    """Database, engine and worker, each on the port it had before when it is started again."""

    folder: Path
    postgres: Postgres
    temporal: TemporalServer
    settings: Settings
    worker: subprocess.Popen[bytes] | None = None
    worker_log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.worker_log = self.folder / "worker.log"

    def environment(self) -> dict[str, str]:
        """What a process of the product is told from outside."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DALO_", "TEMPORAL_"))
        }
        return environment | {
            "DALO_HOME": os.fspath(self.folder),
            "DALO_DATABASE_URL": _secret(self.settings.database_url),
            "DALO_TEMPORAL_ADDRESS": self.temporal.address,
            "DALO_TEMPORAL_NAMESPACE": "default",
            "DALO_MASTER_KEYS": MASTER,
            "DALO_LOG_FORMAT": "json",
            "DALO_LOG_LEVEL": "DEBUG",
            "TEMPORAL_CONFIG_FILE": os.devnull,
        }

    # --- worker ------------------------------------------------------------------------------

    def start_worker(self) -> None:
        """Run `worker.py` until it says that it polls."""
        begun = self._starts_logged()
        with self.worker_log.open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "worker.py"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + WORKER_STARTS_WITHIN
        while self._starts_logged() == begun:
            if self.worker.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the worker did not start:\n{self.worker_log.read_text()}")
            time.sleep(0.05)

    def _starts_logged(self) -> int:
        if not self.worker_log.exists():
            return 0
        return self.worker_log.read_bytes().count(b"worker.started")

    def kill_worker(self) -> None:
        """SIGKILL: no farewell to anybody."""
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait(10)
        self.worker = None

    def stop_worker(self) -> None:
        """SIGTERM: it finishes what it has begun and tells the engine that it goes."""
        assert self.worker is not None
        self.worker.terminate()
        self.worker.wait(30)
        self.worker = None

    # --- engine ------------------------------------------------------------------------------

    def freeze_engine(self) -> None:
        """SIGSTOP: its sockets stay open, nothing is taken from them."""
        os.kill(self.temporal.record.pid, signal.SIGSTOP)

    def kill_engine(self) -> None:
        """SIGKILL."""
        _kill(self.temporal.record)

    def start_engine(self) -> None:
        """The same file on the same port."""
        self.temporal = start_temporal(self.temporal.folder, KEYS, port=self.temporal.record.port)

    # --- database ----------------------------------------------------------------------------

    def stop_database(self) -> None:
        """As an administrator stops it: open transactions are rolled back."""
        self.postgres.stop()

    def kill_database(self) -> None:
        """SIGKILL to the server; its backends end when they notice."""
        backends = psutil.Process(self.postgres.record.pid).children(recursive=True)
        _kill(self.postgres.record)
        psutil.wait_procs(backends, timeout=10)

    def start_database(self) -> None:
        """The same folder on the same port; recovers by itself after a kill."""
        self.postgres = start_postgres(self.postgres.folder, port=self.postgres.record.port)

    def shut_down(self) -> None:
        """Everything, in whatever state it is."""
        if self.worker is not None:
            self.kill_worker()
        with suppress(ProcessLookupError):
            os.kill(self.temporal.record.pid, signal.SIGCONT)
        self.temporal.stop()
        self.postgres.stop()


@contextmanager
def a_plant(folder: Path) -> Iterator[Plant]:
    """Database (synced to disk), engine and worker on an empty folder."""
    postgres = start_postgres(folder / "postgres")
    try:
        url = postgres.create_database(DATABASE)
        upgrade(url)
        temporal = start_temporal(folder / "temporal", KEYS)
    except ServerError:
        postgres.stop()
        raise
    settings = Settings(
        home=folder,
        database_url=SecretStr(url),
        temporal_address=temporal.address,
        temporal_namespace="default",
        master_keys_text=SecretStr(MASTER),
    )
    plant = Plant(folder, postgres, temporal, settings)
    try:
        plant.start_worker()
        yield plant
    finally:
        plant.shut_down()


def _secret(value: SecretStr | None) -> str:
    assert value is not None
    return value.get_secret_value()


def _kill(record: ProcessRecord) -> None:
    os.kill(record.pid, signal.SIGKILL)
    # Waits for its end, as the kill is only on its way.
    stop(record.pid, record.started, grace=10, sig=signal.SIGCONT)
