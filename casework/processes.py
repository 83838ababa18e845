"""Server processes on this machine: start, recognise again, wait for, stop.

A process is known by pid and start time together, because the system gives pids out again; so a
record that a crash left behind never makes us reuse or stop a stranger.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from casework.errors import ServerError
from casework.postgres_account import Account

LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.02
_SAME_START_SECONDS = 1.0
# Kept until stopped, so that a server's end is noticed and its process table entry given back.
_children: dict[int, subprocess.Popen[bytes]] = {}


class ProcessRecord(BaseModel):
    """A running server as noted on disk: pid, start time (seconds since the epoch), TCP port."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: float
    port: int

    @classmethod
    def of(cls, pid: int, port: int) -> ProcessRecord:
        """The record of a process that runs now."""
        return cls(pid=pid, started=psutil.Process(pid).create_time(), port=port)

    def process(self) -> psutil.Process | None:
        """The process, or None when it has ended or its pid now belongs to another."""
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            same = abs(process.create_time() - self.started) < _SAME_START_SECONDS
        except psutil.Error:
            return None
        return process if same else None


def read_record(path: Path) -> ProcessRecord | None:
    """The record at `path` if its process still runs; a stale or broken record is removed."""
    try:
        record = ProcessRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        record = None
    if record is None or record.process() is None:
        path.unlink(missing_ok=True)
        return None
    return record


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise storage_error(path, error) from None


def storage_error(path: Path, error: OSError) -> ServerError:
    """A full disk or a folder that refuses writing, said so that it can be put right."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ServerError(
            f"The disk that holds {path} is full.", "Free some space there, then start again."
        )
    return ServerError(
        f"{path} cannot be written ({os.strerror(error.errno or errno.EIO)}).",
        "Check the folder's owner and rights, or set DALO_HOME to another folder.",
    )


def choose_port(wanted: int, setting: str) -> int:
    """A free loopback port: the wanted one, or any where `wanted` is 0.

    Raises `ServerError` naming the setting when another program has the wanted port.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError:
            raise ServerError(
                f"Port {wanted} on {LOOPBACK} is already taken by another program.",
                f"Stop that program, or set {setting} to a free port (0 takes any).",
            ) from None
        port: int = probe.getsockname()[1]
        return port


def start(
    command: Sequence[str | Path],
    log: Path,
    *,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, its output appended to `log`.

    The own session keeps a Ctrl-C at the terminal from reaching servers before those who use them.
    """
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [os.fspath(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                env=environment,
            )
    except OSError as error:
        raise storage_error(log, error) from None
    _children[process.pid] = process
    return process


def wait_ready(
    name: str,
    process: subprocess.Popen[bytes],
    ready: Callable[[], bool],
    log: Path,
    seconds: float,
) -> None:
    """Wait until `ready` says so; raise `ServerError` with the cause if the server ends first."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise ServerError(f"{name} stopped while starting{_cause(log)}.", _advice(log))
        if time.monotonic() > deadline:
            stop(process.pid, psutil.Process(process.pid).create_time(), grace=5)
            raise ServerError(f"{name} did not answer within {seconds:.0f} s.", _advice(log))
        time.sleep(_POLL_SECONDS)


def _cause(log: Path) -> str:
    tail = log.read_text("utf-8", errors="replace")[-20_000:] if log.exists() else ""
    if "No space left on device" in tail or "disk is full" in tail:
        return ": the disk is full"
    if "address already in use" in tail.lower():
        return ": its port is taken by another program"
    return ""


def _advice(log: Path) -> str:
    return f"See the end of {log}, put that right and start again."


def stop(pid: int, started: float, *, grace: float, sig: int | None = None) -> None:
    """End one process, asking first (SIGTERM unless `sig`), by force after `grace` seconds.

    Does nothing when the pid has ended or belongs to another process by now.
    """
    record = ProcessRecord(pid=pid, started=started, port=0)
    process = record.process()
    try:
        if process is not None:
            process.terminate() if sig is None else process.send_signal(sig)
            if not _ended(record, grace):
                process.kill()
                _ended(record, grace)
    except psutil.NoSuchProcess:
        pass
    child = _children.pop(pid, None)
    if child is not None:
        # Its first thread may have ended before the others: only now is it gone whole.
        child.wait(grace)


def _ended(record: ProcessRecord, seconds: float) -> bool:
    """Wait for the end; one that its parent has not yet taken note of has ended too."""
    deadline = time.monotonic() + seconds
    while record.process() is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
