"""Log lines: structured, silent while a workflow replays, tied to their case, free of people.

All lines go one way, those of the standard library's loggers (Temporal's SDK, SQLAlchemy) too.
Three things keep personal data out: values under keys that name it are removed, the text of an
exception is never written (only its type, and the places in the code), and lines of the SDK
that quote a payload lose it.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio import activity, workflow

from casework.settings import LogFormat, LogLevel

REMOVED = "[removed]"

_PERSONAL = re.compile(
    r"""(^|_)(
        name|names|forename|forenames|surname|first_name|last_name|alias|
        phone|telephone|mobile|msisdn|email|address|postcode|uprn|
        dob|birth|date_of_birth|narrative|mo|note|notes|minutes|text|free_text|
        payload|payloads|body|password|secret|token|api_key|master_key|data_key|url|dsn|parameters|params
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
# Names of things, not of people.
_ALLOWED = frozenset({"update_name", "policy_name", "queue_name", "temporal_address"})
_LOGGED_BY_TEMPORAL = ("temporal_workflow", "temporal_activity")
_CORRELATED = ("workflow_id", "run_id", "workflow_type", "activity_type", "attempt", "update_name")
_CASE_STREAM = "case/"


def configure_logs(
    log_format: LogFormat = LogFormat.CONSOLE,
    level: LogLevel = LogLevel.INFO,
    stream: TextIO | None = None,
) -> None:
    """Set up every logger of this process, once, at its start; standard error by default."""
    out = stream if stream is not None else sys.stderr
    shared = processors()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_temporal_extra, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(log_format, out),
            ],
            pass_foreign_args=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.value)
    logging.captureWarnings(True)
    for chatty in ("sqlalchemy.engine", "alembic", "httpx", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def processors() -> list[Processor]:
    """What every line passes, in order, before it is rendered."""
    return [
        structlog.contextvars.merge_contextvars,
        temporal_context,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        without_exception_text,
        without_personal_data,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def temporal_context(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop a line that a replay repeats; add workflow, run and case to one that is new."""
    if workflow.in_workflow():
        if workflow.unsafe.is_replaying():
            raise structlog.DropEvent
        running = workflow.info()
        event.update(workflow_id=running.workflow_id, run_id=running.run_id)
    elif activity.in_activity():
        job = activity.info()
        event.update(activity_type=job.activity_type, attempt=job.attempt)
        if job.workflow_id is not None:
            event["workflow_id"] = job.workflow_id
    workflow_id = event.get("workflow_id")
    if isinstance(workflow_id, str) and workflow_id.startswith(_CASE_STREAM):
        event.setdefault("case_ref", workflow_id.removeprefix(_CASE_STREAM))
    return event


def without_exception_text(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and the places it passed: its text may quote a person."""
    given = event.pop("exc_info", None)
    event.pop("exception", None)
    event.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        event["error_at"] = _places(error.__traceback__)
    return event


def without_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Remove the value of every key that names personal data or a secret, at any depth."""
    return {key: _cleaned(key, value) for key, value in event.items()}


def _cleaned(key: str, value: object) -> object:
    if key not in _ALLOWED and _PERSONAL.search(key):
        return REMOVED
    if isinstance(value, Mapping):
        return {str(inner): _cleaned(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned("", item) for item in value]
    if isinstance(value, BaseException):
        return type(value).__name__
    return value


def _temporal_extra(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take over what a standard logger knows: correlation by the SDK, `extra` fields, no quotes.

    The SDK appends its details, and warnings their payloads, to the message as a dictionary; the
    message is cut before it.
    """
    record = event["_record"]
    assert isinstance(record, logging.LogRecord)
    for group in _LOGGED_BY_TEMPORAL:
        details = getattr(record, group, None)
        if isinstance(details, Mapping):
            event.update({key: details[key] for key in _CORRELATED if key in details})
    for key, value in vars(record).items():
        if key not in _STANDARD_FIELDS and not key.startswith(("temporal_", "_")):
            event[key] = value
    event["event"] = str(event["event"]).split(" ({", 1)[0]
    if record.name.startswith("temporalio"):
        # The template without its arguments: those may be payloads or messages of failures.
        event["event"] = str(record.msg).split(" ({", 1)[0]
    if record.exc_info:
        event["exc_info"] = record.exc_info
    return event


_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def _places(trace: TracebackType | None) -> list[str]:
    """The last places of a traceback as file:line function, without source or values."""
    frames = traceback.extract_tb(trace)[-6:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def _renderer(log_format: LogFormat, out: TextIO) -> Processor:
    if log_format is LogFormat.JSON:
        return structlog.processors.JSONRenderer(sort_keys=True, default=_safe_text)
    return structlog.dev.ConsoleRenderer(colors=out.isatty())


def _safe_text(value: object) -> str:
    """Enumerations and instants as text; others by type: their text may name a person."""
    isoformat = getattr(value, "isoformat", None)
    if callable(isoformat):
        return str(isoformat())
    return f"<{type(value).__name__}>"
