"""What every command and process of the product works with, put together in one place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.runtime import Runtime as SdkRuntime

from access.gate import Gate
from casework.client import connect
from casework.codec import data_converter
from casework.errors import ServerError
from casework.relay import Relay
from casework.servers import located
from casework.settings import Settings
from casework.telemetry import tracing_interceptors
from models import registry
from store.ciphers import MasterKeys
from store.engine import make_engine
from store.keys import Keyring
from store.secrets import SecretStore

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """Database, keys, gate and engine of one process. `clock` is "now" outside workflows."""

    settings: Settings
    engine: AsyncEngine
    keyring: Keyring
    secrets: SecretStore
    gate: Gate
    clock: Clock
    connected: Client | None = None

    @property
    def client(self) -> Client:
        """The Temporal client. Raises ServerError in a command that asked for none."""
        if self.connected is None:
            raise ServerError("this command has no Temporal client", "report this as a fault")
        return self.connected

    @cached_property
    def relay(self) -> Relay:
        """The relay between this process's database and engine."""
        return Relay(
            self.engine,
            self.client,
            self.settings.task_queue,
            self.clock,
            keyring=self.keyring,
            search_attributes=self.settings.search_attributes,
        )

    async def relay_once(self) -> int:
        """Deliver everything that waits and can be delivered now."""
        return await self.relay.drain()


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    *,
    need_temporal: bool = True,
    clock: Clock = system_clock,
    pool_size: int = 5,
    sdk: SdkRuntime | None = None,
    service: str = "dalo",
) -> AsyncIterator[Runtime]:
    """Connect to the servers that the settings name, or that `dalo up` started in `DALO_HOME`.

    Raises ServerError, with what to do, where a server cannot be reached."""
    settings = located(settings)
    if settings.database_url is None:
        raise ServerError("no database is configured", "set DALO_DATABASE_URL, or run: dalo up")
    registry.load_shipped()
    engine = make_engine(settings.database_url.get_secret_value(), pool_size=pool_size)
    try:
        keyring = Keyring(engine, MasterKeys(settings.master_keys), clock)
        client = (
            await connect(
                settings,
                data_converter(keyring),
                tracing_interceptors(settings, service),
                runtime=sdk,
            )
            if need_temporal
            else None
        )
        yield Runtime(
            settings=settings,
            engine=engine,
            keyring=keyring,
            secrets=SecretStore(keyring),
            gate=Gate(engine, clock),
            clock=clock,
            connected=client,
        )
    finally:
        await engine.dispose()
