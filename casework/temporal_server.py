"""Temporal's development server from its wheel: one SQLite file, on a loopback port, no web page.

Every commit is synced to disk (WAL, synchronous=full), closed workflows are kept for the retention
the settings name rather than the server's 24 hours, and its logs go to a file.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sysconfig
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from casework.errors import ServerError
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

T = TypeVar("T")
NAMESPACE = "default"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_TYPES = {
    IndexedValueType.INDEXED_VALUE_TYPE_TEXT: "Text",
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD: "Keyword",
    IndexedValueType.INDEXED_VALUE_TYPE_INT: "Int",
    IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE: "Double",
    IndexedValueType.INDEXED_VALUE_TYPE_BOOL: "Bool",
    IndexedValueType.INDEXED_VALUE_TYPE_DATETIME: "Datetime",
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST: "KeywordList",
}


@dataclass(frozen=True)
class TemporalServer:
    """A running development server: its folder, its process, its address."""

    folder: Path
    record: ProcessRecord

    @property
    def address(self) -> str:
        """host:port of the front end."""
        return f"{LOOPBACK}:{self.record.port}"

    def stop(self) -> None:
        """Stop the server; what it has acknowledged is in its file."""
        stop(self.record.pid, self.record.started, grace=_STOP_SECONDS)
        (self.folder / "server.json").unlink(missing_ok=True)


def start_temporal(
    folder: Path,
    search_attributes: Sequence[SearchAttributeKey[Any]],
    *,
    port: int = 0,
    retention: timedelta = timedelta(days=90),
    extra_arguments: Sequence[str] = (),
) -> TemporalServer:
    """Start the server on the file in `folder`, or find it running.

    Works in an event loop too, which it blocks meanwhile. Raises `ServerError` when it cannot
    start.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        server = find_running(folder)
        if server is None:
            _stop_unresponsive(folder)
            server = _start(folder, search_attributes, port, extra_arguments)
    except OSError as error:
        raise storage_error(folder, error) from None
    _run(_prepare(server.address, search_attributes, retention))
    return server


def find_running(folder: Path) -> TemporalServer | None:
    """The server on the file in `folder` if it runs and answers."""
    record = read_record(folder / "server.json")
    if record is None:
        return None
    server = TemporalServer(folder, record)
    return server if answers(server.address) else None


def _stop_unresponsive(folder: Path) -> None:
    """End a server that holds the file without answering: two on one file would harm it."""
    record = read_record(folder / "server.json")
    if record is not None:
        TemporalServer(folder, record).stop()


def answers(address: str) -> bool:
    """Whether a Temporal front end at host:port answers."""

    async def ask() -> bool:
        client = await Client.connect(address, lazy=True)
        await client.workflow_service.get_system_info(
            GetSystemInfoRequest(), timeout=timedelta(seconds=2)
        )
        return True

    try:
        return _run(ask())
    except (RPCError, RuntimeError):
        return False


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Do this work to its end, whether or not the caller is in an event loop of its own."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()


def executable(name: str) -> Path:
    """A program that a wheel put beside this interpreter, or one on the path."""
    beside = Path(sysconfig.get_path("scripts")) / name
    if beside.exists():
        return beside
    found = shutil.which(name)
    if found is None:
        raise ServerError(
            f"The program {name} is not installed.",
            "Run make setup, or set DALO_TEMPORAL_ADDRESS to a Temporal server.",
        )
    return Path(found)


def _start(
    folder: Path,
    search_attributes: Sequence[SearchAttributeKey[Any]],
    port: int,
    extra_arguments: Sequence[str],
) -> TemporalServer:
    chosen = choose_port(port, "DALO_TEMPORAL_PORT")
    log = folder / "temporal.log"
    command: list[str | Path] = [
        executable("temporal"),
        "server",
        "start-dev",
        "--headless",
        *("--ip", LOOPBACK),
        *("--port", str(chosen)),
        *("--db-filename", folder / "temporal.db"),
        *("--sqlite-pragma", "journal_mode=wal"),
        *("--sqlite-pragma", "synchronous=full"),
        # Otherwise the server may let a due timer wait a second for company.
        *("--dynamic-config-value", f"history.timerProcessorMaxTimeShift={json.dumps('10ms')}"),
        *("--log-level", "warn"),
    ]
    for key in search_attributes:
        command += ["--search-attribute", f"{key.name}={search_attribute_type(key)}"]
    # The program reads no configuration of the person's own: this server is the product's.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TEMPORAL_")}
    process = start([*command, *extra_arguments], log, environment=environment)
    record = ProcessRecord.of(process.pid, chosen)
    write_private(folder / "server.json", record.model_dump_json().encode())
    server = TemporalServer(folder, record)
    wait_ready("Temporal's server", process, lambda: answers(server.address), log, _START_SECONDS)
    return server


def search_attribute_type(key: SearchAttributeKey[Any]) -> str:
    """The name of a search attribute's type, as Temporal's command line has it."""
    return _TYPES[IndexedValueType.ValueType(key.indexed_value_type)]


async def _prepare(
    address: str, search_attributes: Sequence[SearchAttributeKey[Any]], retention: timedelta
) -> None:
    """Set the retention, and register search attributes that a newer release has added."""
    client = await Client.connect(address, namespace=NAMESPACE)
    length = Duration()
    length.FromTimedelta(retention)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=NAMESPACE, config=NamespaceConfig(workflow_execution_retention_ttl=length)
        )
    )
    await register_search_attributes(client, search_attributes)


async def register_search_attributes(
    client: Client, search_attributes: Sequence[SearchAttributeKey[Any]]
) -> None:
    """Register each search attribute with the client's namespace; known ones stay as they are."""
    for key in search_attributes:
        request = AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={key.name: IndexedValueType.ValueType(key.indexed_value_type)},
        )
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            if error.status != RPCStatusCode.ALREADY_EXISTS:
                raise
