"""Log lines: each once though workflows replay, tied to their case, and never about a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import pytest
import structlog
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from casework.errors import ServerError
from casework.logs import REMOVED, configure_logs
from casework.processes import choose_port
from casework.settings import LogFormat, LogLevel, Settings
from casework.telemetry import Metrics, sdk_runtime, tracing_interceptors
from tests.logged_workflow import LoggedWorkflow, failing_step

PERSON = "Zebedee Quillfeather"


@contextmanager
def _captured(log_format: LogFormat = LogFormat.JSON) -> Iterator[io.StringIO]:
    """The product's logging for the length of the block, written to a text buffer."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()
    configure_logs(log_format, LogLevel.INFO, out)
    try:
        yield out
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()


def _lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


async def test_a_workflow_that_replays_at_every_step_logs_each_line_once_with_its_case(
    temporal_env: WorkflowEnvironment,
) -> None:
    with _captured() as out:
        async with Worker(
            temporal_env.client,
            task_queue="logs",
            workflows=[LoggedWorkflow],
            activities=[failing_step],
            max_cached_workflows=0,
        ):
            await temporal_env.client.execute_workflow(
                LoggedWorkflow.run, "D-2027-00001", id="case/D-2027-00001", task_queue="logs"
            )

    lines = _lines(out)
    told = [line for line in lines if line["logger"] == "temporalio.workflow"]
    assert [line["event"] for line in told] == ["opened", "waiting", "closed"]
    assert told[0]["stage"] == "OPEN"
    assert told[1]["victim_name"] == REMOVED
    for line in told:
        assert line["workflow_id"] == "case/D-2027-00001"
        assert line["case_ref"] == "D-2027-00001"
        assert line["run_id"]
        assert line["level"] == "info"
        assert line["timestamp"].endswith("Z")
    steps = [line for line in lines if line["event"] == "step runs"]
    assert [line["attempt"] for line in steps] == [1, 2]
    assert {line["workflow_id"] for line in steps} == {"case/D-2027-00001"}


async def test_a_failing_activity_is_logged_by_type_and_place_without_its_text(
    temporal_env: WorkflowEnvironment,
) -> None:
    with _captured() as out:
        async with Worker(
            temporal_env.client,
            task_queue="logs",
            workflows=[LoggedWorkflow],
            activities=[failing_step],
        ):
            await temporal_env.client.execute_workflow(
                LoggedWorkflow.run, "D-2027-00002", id="case/D-2027-00002", task_queue="logs"
            )

    assert "Quillfeather" not in out.getvalue()
    assert "07700 900" not in out.getvalue()
    failures = [line for line in _lines(out) if line.get("error_type") == "ValueError"]
    assert len(failures) == 1
    assert any("failing_step" in place for place in failures[0]["error_at"])
    assert failures[0]["case_ref"] == "D-2027-00002"


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_values_under_personal_keys_are_removed_at_any_depth(log_format: LogFormat) -> None:
    with _captured(log_format) as out:
        structlog.get_logger("t").info(
            "row refused",
            line=4,
            victim_name=PERSON,
            phone="07700 900123",
            report={"narrative": PERSON, "inner": [{"Mo": PERSON}], "risk": "HIGH"},
            password="hunter2",
        )
        logging.getLogger("plain").warning("row %s refused", 4, extra={"surname": PERSON})

    text = out.getvalue()
    assert "row refused" in text
    assert "HIGH" in text
    assert "row 4 refused" in text
    for secret in (PERSON, "07700 900", "hunter2"):
        assert secret not in text


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_the_text_of_an_exception_is_never_written(log_format: LogFormat) -> None:
    with _captured(log_format) as out:
        try:
            raise KeyError(PERSON)
        except KeyError as error:
            structlog.get_logger("t").exception("lookup failed")
            structlog.get_logger("t").error("lookup failed", cause=error)
            logging.getLogger("plain").exception("lookup failed too")

    text = out.getvalue()
    assert text.count("KeyError") == 3
    assert "lookup failed too" in text
    assert PERSON not in text


def test_lines_below_the_level_are_not_written() -> None:
    with _captured() as out:
        structlog.get_logger("t").debug("fine detail")
        logging.getLogger("plain").debug("fine detail")

    assert out.getvalue() == ""


def test_bound_correlation_reaches_every_line_of_a_command() -> None:
    with _captured() as out, structlog.contextvars.bound_contextvars(case_ref="D-2027-00003"):
        structlog.get_logger("t").info("one")
        logging.getLogger("plain").info("two")

    assert [line["case_ref"] for line in _lines(out)] == ["D-2027-00003"] * 2


def test_the_products_metrics_are_served_and_a_taken_address_is_reported() -> None:
    metrics = Metrics()
    metrics.watchdog_findings.labels(kind="OUTBOX_OLD").set(3)
    bind = f"127.0.0.1:{choose_port(0, 'DALO_METRICS_BIND')}"
    with metrics.serving(bind):
        with urlopen(f"http://{bind}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        with pytest.raises(ServerError, match="DALO_METRICS_BIND"), Metrics().serving(bind):
            pass

    assert 'dalo_watchdog_findings{kind="OUTBOX_OLD"} 3.0' in text


async def test_the_sdks_metrics_are_served_where_the_settings_say() -> None:
    bind = f"127.0.0.1:{choose_port(0, 'DALO_SDK_METRICS_BIND')}"
    runtime = sdk_runtime(Settings(sdk_metrics_bind=bind))

    with urlopen(f"http://{bind}/metrics", timeout=5) as answer:
        assert answer.status == 200
    assert runtime is not None


def test_there_are_traces_only_where_a_collector_is_configured() -> None:
    assert tracing_interceptors(Settings(), "worker") == []
    assert len(tracing_interceptors(Settings(otel_endpoint="http://127.0.0.1:9"), "worker")) == 1
