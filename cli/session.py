"""One command's connection to the servers, and running it to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar

import structlog

from casework.client import connect
from casework.codec import data_converter
from casework.errors import ServerError
from casework.logs import configure_logs
from casework.runtime import Runtime, open_runtime
from casework.settings import LogLevel, Settings, load_settings
from casework.telemetry import tracing_interceptors

T = TypeVar("T")

_READ_PATIENCE = 5.0
"""Seconds to try for an engine that a read can do without."""


def execute(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; its logs go to standard error, warnings and worse only unless
    DALO_LOG_LEVEL asks for more."""
    try:
        if not structlog.is_configured():
            quiet_settings()
    except BaseException:
        work.close()
        raise
    return asyncio.run(work)


def quiet_settings() -> Settings:
    """The settings of this command, its logs set up for a person who wants the answer alone."""
    settings = load_settings()
    asked = "log_level" in settings.model_fields_set
    configure_logs(settings.log_format, settings.log_level if asked else LogLevel.ERROR)
    return settings


@asynccontextmanager
async def writing() -> AsyncIterator[Runtime]:
    """Database and engine, both needed."""
    async with open_runtime(quiet_settings()) as runtime:
        yield runtime


@asynccontextmanager
async def store_only() -> AsyncIterator[Runtime]:
    """The database alone."""
    async with open_runtime(quiet_settings(), need_temporal=False) as runtime:
        yield runtime


@asynccontextmanager
async def reading() -> AsyncIterator[Runtime]:
    """The database, and the engine if it answers soon; without it reads fall back on the store."""
    async with store_only() as runtime:
        settings = runtime.settings.model_copy(
            update={"connect_timeout": min(_READ_PATIENCE, runtime.settings.connect_timeout)}
        )
        client = None
        with suppress(ServerError):
            client = await connect(
                settings, data_converter(runtime.keyring), tracing_interceptors(settings, "dalo")
            )
        yield replace(runtime, connected=client)
