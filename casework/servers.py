"""The one-machine service's servers: started, found again, and stopped, as one.

`service.json` in the home folder says where they are and who started them, so that every command
finds what `dalo up` started. Who finds them already running borrows them; who finds them left
behind by a process that died takes them over and stops them at its end.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import fasteners
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from temporalio.common import SearchAttributeKey

from casework import postgres, temporal_server
from casework.errors import ServerError
from casework.postgres import start_postgres
from casework.processes import ProcessRecord, storage_error, write_private
from casework.settings import Settings
from casework.temporal_server import start_temporal

SERVICE_FILE = "service.json"
_LOCK_SECONDS = 90.0


class Addresses(BaseModel):
    """Where the servers of the one-machine service are."""

    model_config = ConfigDict(frozen=True)

    database_url: SecretStr
    temporal_address: str
    temporal_namespace: str = temporal_server.NAMESPACE

    def applied_to(self, settings: Settings) -> Settings:
        """The same settings, pointing at these servers."""
        return settings.model_copy(
            update={
                "embedded": True,
                "database_url": self.database_url,
                "temporal_address": self.temporal_address,
                "temporal_namespace": self.temporal_namespace,
                "temporal_tls": False,
                "temporal_api_key": None,
            }
        )


class _Service(BaseModel):
    """What `service.json` holds. The database's password stays in its own file."""

    model_config = ConfigDict(frozen=True)

    owner: ProcessRecord
    postgres: ProcessRecord
    temporal: ProcessRecord


@contextmanager
def embedded_servers(
    settings: Settings, search_attributes: Sequence[SearchAttributeKey[Any]]
) -> Iterator[Addresses]:
    """Both servers, running for the length of the block; data stays in `settings.home`.

    Blocks while starting (about two seconds) and stopping: in an event loop use
    `embedded_servers_async`. Servers that another living process started are borrowed and left
    running. Temporal stops before PostgreSQL. Raises `ServerError` when either cannot start.
    """
    home = _prepared_home(settings)
    # Made before any worker can need it, so that a full or read-only disk shows at once.
    _ = settings.master_keys
    with ExitStack() as stack:
        with _starting(home):
            lent = _lent_by_living_owner(home)
            database = start_postgres(home / "postgres", port=settings.postgres_port)
            if lent is None or lent.postgres != database.record:
                stack.callback(database.stop)
            engine = start_temporal(
                home / "temporal",
                search_attributes,
                port=settings.temporal_port,
                retention=timedelta(days=settings.temporal_retention_days),
            )
            if lent is None or lent.temporal != engine.record:
                stack.callback(engine.stop)
                service = _Service(
                    owner=ProcessRecord.of(os.getpid(), 0),
                    postgres=database.record,
                    temporal=engine.record,
                )
                write_private(home / SERVICE_FILE, service.model_dump_json(indent=1).encode())
                stack.callback((home / SERVICE_FILE).unlink, missing_ok=True)
        yield Addresses(database_url=SecretStr(database.url()), temporal_address=engine.address)


@asynccontextmanager
async def embedded_servers_async(
    settings: Settings, search_attributes: Sequence[SearchAttributeKey[Any]]
) -> AsyncIterator[Addresses]:
    """`embedded_servers` for use in an event loop: starting and stopping happen in a thread."""
    manager = embedded_servers(settings, search_attributes)
    addresses = await asyncio.to_thread(manager.__enter__)
    try:
        yield addresses
    finally:
        await asyncio.shield(asyncio.to_thread(manager.__exit__, None, None, None))


def running_service(settings: Settings) -> Addresses | None:
    """The servers of the one-machine service in `settings.home`, if they run and answer."""
    home = settings.home.expanduser().resolve()
    database = postgres.find_running(home / "postgres")
    engine = temporal_server.find_running(home / "temporal") if database else None
    if database is None or engine is None:
        return None
    return Addresses(database_url=SecretStr(database.url()), temporal_address=engine.address)


def located(settings: Settings) -> Settings:
    """Settings that name both servers: as configured, or those that `dalo up` started.

    Raises `ServerError`, saying how to start the service, where there is none; and when only one
    of the two servers is configured.
    """
    if settings.one_machine:
        addresses = running_service(settings)
        if addresses is None:
            raise ServerError(
                f"No service is running in {settings.home}.",
                "Start it with: dalo up (or make up). To use servers elsewhere, set"
                " DALO_DATABASE_URL and DALO_TEMPORAL_ADDRESS.",
            )
        return addresses.applied_to(settings)
    if settings.database_url is None:
        raise ServerError(
            "A Temporal server is configured, but no database.",
            "Set DALO_DATABASE_URL too, or unset DALO_TEMPORAL_ADDRESS.",
        )
    return settings


def _prepared_home(settings: Settings) -> Path:
    home = settings.home.expanduser().resolve()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(home, error) from None
    return home


@contextmanager
def _starting(home: Path) -> Iterator[None]:
    """One start at a time; the system frees the lock when its holder dies."""
    lock = fasteners.InterProcessLock(home / "start.lock")
    if not lock.acquire(timeout=_LOCK_SECONDS):
        raise ServerError(
            f"Another process has been starting the service in {home} for {_LOCK_SECONDS:.0f} s.",
            "Wait for it or end it, then try again.",
        )
    try:
        yield
    finally:
        lock.release()


def _lent_by_living_owner(home: Path) -> _Service | None:
    """The servers that a living process keeps, which are only borrowed; None when it has died."""
    try:
        service = _Service.model_validate_json((home / SERVICE_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return service if service.owner.process() is not None else None
