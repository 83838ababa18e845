"""Every error that a command can end in, as one problem with a remedy."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from temporalio.client import (
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from casework.errors import ServerError
from cli.problem import Problem
from intake.errors import FileError
from models.base import Refused
from models.content import PolicyError
from store.keys import KeyFault
from store.ledger import LedgerDiverged
from store.roster import RosterError

log = structlog.get_logger(__name__)

START = "Start the service with: dalo up."
_DISK_FULL = "53100"
_NO_TABLE = "42P01"


def problem_of(error: BaseException) -> Problem:
    """The problem behind any exception; one that nobody foresaw is named by its type only, as its
    text may quote what it was working on."""
    for kind, describe in _KNOWN:
        if isinstance(error, kind):
            found: Problem = describe(error)
            return found
    log.debug("command.unforeseen", exc_info=error)
    return Problem(
        "UNFORESEEN",
        f"something unforeseen went wrong ({type(error).__name__})",
        "Try again; to report it, set DALO_LOG_LEVEL=DEBUG and include the line that it prints",
    )


def _refused(error: Refused) -> Problem:
    return Problem(error.code, error.message, error.remedy, error.field)


def _server(error: ServerError) -> Problem:
    return Problem("SERVER", error.message, error.remedy)


def _file(error: FileError) -> Problem:
    return Problem("FILE", error.message, error.remedy, "file")


def _roster(error: RosterError) -> Problem:
    return Problem("ROSTER", "; ".join(error.problems), error.remedy, "file")


def _policy(error: PolicyError) -> Problem:
    where = f"{error.source}: {error.key}: " if error.key else f"{error.source}: "
    return Problem("POLICY", f"{where}{error.rule}", error.remedy, error.key)


def _diverged(error: LedgerDiverged) -> Problem:
    return Problem(
        "LEDGER_DIVERGED",
        f"the ledger contradicts what is to be recorded in {error.stream} at {error.seq}",
        "Run dalo ledger verify and compare before anything else",
    )


def _key(error: KeyFault) -> Problem:
    text = str(error).removeprefix(f"{error.code}: ")
    return Problem(error.code, text, "Check the master keys (DALO_MASTER_KEYS), then retry")


def _invalid(error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return Problem(
        "INVALID",
        f"{field or 'input'}: {first['msg']}",
        "Correct it and try again; nothing has changed",
        field,
        exit_code=2,
    )


def _application(error: ApplicationError) -> Problem:
    remedy, field = ([*map(str, error.details), "", ""])[:2]
    return Problem(error.type or "REFUSED", error.message, remedy, field)


def _update_failed(error: WorkflowUpdateFailedError) -> Problem:
    return problem_of(error.cause)


def _no_answer(error: Exception) -> Problem:
    return Problem(
        "NO_ANSWER",
        "the workflow did not answer in time",
        "Check that a worker runs (dalo worker, or dalo up), then send it again under the same"
        " --command-id and --at: it is never done twice",
    )


def _rpc(error: RPCError) -> Problem:
    if error.status is RPCStatusCode.NOT_FOUND:
        return Problem(
            "NOT_RUNNING",
            "no workflow runs under this reference",
            "Check the reference with dalo case; a new case starts once the relay has run",
        )
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return _no_answer(error)
    return Problem("ENGINE", f"the Temporal server does not answer ({error.status.name})", START)


def _database(error: DBAPIError | PoolTimeout) -> Problem:
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state == _DISK_FULL:
        return _full()
    if state == _NO_TABLE:
        return Problem("NO_SCHEMA", "the database has not been set up", "Run: dalo db migrate")
    if isinstance(error, OperationalError | PoolTimeout):
        return Problem("DATABASE", "the database does not answer", START)
    return Problem(
        "DATABASE",
        f"the database refused the request ({type(error).__name__})",
        "Run dalo db migrate, then dalo ledger verify",
    )


def _os(error: OSError) -> Problem:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full()
    name = error.filename or "a file"
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return Problem("FILE", f"{name} cannot be used ({why})", "Check its path and rights", "file")


def _full() -> Problem:
    return Problem("DISK_FULL", "the disk is full", "Free some space, then try again")


def _interrupted(_: BaseException) -> Problem:
    return Problem("INTERRUPTED", "interrupted", "Run it again: nothing is done twice", "", 130)


_KNOWN: tuple[tuple[Any, Any], ...] = (
    (Refused, _refused),
    (ServerError, _server),
    (FileError, _file),
    (RosterError, _roster),
    (PolicyError, _policy),
    (LedgerDiverged, _diverged),
    (KeyFault, _key),
    (ValidationError, _invalid),
    (WorkflowUpdateFailedError, _update_failed),
    (ApplicationError, _application),
    ((WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowQueryFailedError), _no_answer),
    (RPCError, _rpc),
    ((DBAPIError, PoolTimeout), _database),
    (TimeoutError, _no_answer),
    ((KeyboardInterrupt, asyncio.CancelledError), _interrupted),
    (OSError, _os),
)
