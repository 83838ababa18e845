"""What the processes of the product tell an operator: metrics, traces, log lines. References and
codes only."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from casework.processes import choose_port
from casework.runtime import open_runtime
from casework.servers import Addresses, embedded_servers
from casework.settings import Settings
from casework.watchdog import Difference
from models import registry
from models.enums import RiskGrade
from models.ids import case_stream
from store.allocation import allocate
from store.migrate import upgrade
from tests.models.play import a_report
from tests.opening import AREA, open_case, staff
from workflows.search_attributes import KEYS

ROOT = Path(__file__).resolve().parent.parent
DALO, SERGEANT = "PC-4011", "PS-4001"
INCIDENT, VICTIM = "46/7001/27", "VIC-7001"
PERSON = ("Fictional Person", "07700 900000", "7700900000")
FAILED = 2
"""Status code of a span that ended by an exception."""
PATIENCE_SECONDS = 60.0


class Collector(ThreadingHTTPServer):
    """Takes OTLP traces on loopback and keeps them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Traces)
        self.received: list[ExportTraceServiceRequest] = []

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spans(self, service: str) -> list[Any]:
        """The spans that a service has sent."""
        return [
            span
            for request in self.received
            for each in request.resource_spans
            if any(a.value.string_value == service for a in each.resource.attributes)
            for scope in each.scope_spans
            for span in scope.spans
        ]


class _Traces(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        """Keep one request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@dataclass
class Seen:
    """What was seen of one worker, one watchdog, a read and a command at work on one case."""

    case_ref: str
    worker: list[Metric] = field(default_factory=list)
    sdk: list[Metric] = field(default_factory=list)
    watchdog: list[Metric] = field(default_factory=list)
    worker_spans: list[Any] = field(default_factory=list)
    client_spans: list[Any] = field(default_factory=list)
    log: str = ""
    traces: bytes = b""


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector for the length of the block."""
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        yield collector
        collector.shutdown()


def scrape(bind: str) -> list[Metric]:
    """The metrics at an address; none while nobody listens."""
    try:
        with urlopen(f"http://{bind}/metrics", timeout=5) as answer:
            return list(text_string_to_metric_families(answer.read().decode()))
    except OSError:
        return []


def value(metrics: list[Metric], name: str, **labels: str) -> float | None:
    """The first sample of this name with these labels. The parser adds `_total` to a
    counter's name, which the SDK does not."""
    for metric in metrics:
        for sample in metric.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return None


def wait_for(what: Callable[[], bool], say: Callable[[], str]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, say()
        time.sleep(0.1)


async def one_case(addresses: Addresses, settings: Settings) -> str:
    """An allocated case of a person; nothing has been started yet."""
    async with open_runtime(addresses.applied_to(settings), need_temporal=False) as runtime:
        await staff(runtime, DALO, SERGEANT, capacity=9)
        now = runtime.clock()
        report = a_report(
            now - timedelta(minutes=5),
            incident_ref=INCIDENT,
            victim_ref=VICTIM,
            risk_grade=RiskGrade.MEDIUM,
        )
        ref = await open_case(runtime, report, now)
        await allocate(runtime.engine, AREA, now, registry.current_policy())
        return ref


async def contradict(addresses: Addresses, settings: Settings, case_ref: str) -> None:
    """Make the ledger say that it has recorded more of the case than its workflow has decided."""
    async with (
        open_runtime(addresses.applied_to(settings), need_temporal=False) as runtime,
        runtime.engine.begin() as conn,
    ):
        await conn.execute(
            text("update stream_head set seq = seq + 5 where stream = :stream"),
            {"stream": case_stream(case_ref)},
        )


@dataclass
class Processes:
    """Real processes of the product, each with a log of its own; they end with `stack`."""

    folder: Path
    stack: ExitStack
    environment: dict[str, str]

    def run(self, name: str, *command: str, **more: str) -> None:
        """Start one and leave it running."""
        log = self.stack.enter_context((self.folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment | more,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self.stack.callback(process.wait, 30)
        self.stack.callback(process.send_signal, signal.SIGTERM)

    def log_of(self, name: str) -> str:
        """What it has printed and logged so far."""
        return (self.folder / f"{name}.log").read_text()

    def dalo(self, *args: str) -> None:
        """One command, to its end."""
        done = subprocess.run(
            [sys.executable, "starter.py", *args],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode() + self.log_of("worker")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Real processes at work: a worker, a watchdog, a read and a command."""
    folder = tmp_path_factory.mktemp("observed")
    settings = Settings(home=folder / "home")
    with ExitStack() as stack:
        addresses = stack.enter_context(embedded_servers(settings, KEYS))
        collector = stack.enter_context(collecting())
        upgrade(addresses.database_url.get_secret_value())
        case_ref = asyncio.run(one_case(addresses, settings))
        environment = {
            "DALO_HOME": str(settings.home),
            "DALO_LOG_FORMAT": "json",
            "DALO_OTEL_ENDPOINT": collector.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        processes = Processes(folder, stack, os.environ | environment)
        found = play(processes, case_ref, lambda: contradict(addresses, settings, case_ref))
        wait_for(lambda: spans_are_in(collector), lambda: "not every expected span arrived")
        found.log = processes.log_of("worker") + processes.log_of("watchdog")
        found.worker_spans = collector.spans("dalo-worker")
        found.client_spans = collector.spans("dalo")
        found.traces = b"".join(each.SerializeToString() for each in collector.received)
    yield found


def spans_are_in(collector: Collector) -> bool:
    """Whether every kind of span that the tests look for has left its process."""
    worker, client = collector.spans("dalo-worker"), collector.spans("dalo")
    names = {span.name for span in (*worker, *client)}
    refused = any(span.status.code == FAILED for span in worker)
    return refused and names >= {
        "RunWorkflow:CaseWorkflow",
        "RunActivity:record",
        "QueryWorkflow:view",
        "StartWorkflowUpdate:command",
    }


def play(
    processes: Processes, case_ref: str, contradict_it: Callable[[], Coroutine[None, None, None]]
) -> Seen:
    """A worker records a case, a watchdog looks, an officer looks and calls, and the ledger is made
    to contradict the case; what the metrics say at the end."""
    binds = {name: f"127.0.0.1:{choose_port(0, name)}" for name in ("worker", "sdk", "watchdog")}
    worker = {"DALO_METRICS_BIND": binds["worker"], "DALO_SDK_METRICS_BIND": binds["sdk"]}
    processes.run("worker", "worker.py", **worker)
    opened = {"event_type": "clock:started"}
    wait_for(
        lambda: value(scrape(binds["sdk"]), "dalo_events_recorded_total", **opened) is not None,
        lambda: processes.log_of("worker"),
    )
    watchdog = {"DALO_ACTOR": "SVC-WATCHDOG", "DALO_METRICS_BIND": binds["watchdog"]}
    processes.run("watchdog", "starter.py", "watchdog", **watchdog)
    wait_for(
        lambda: value(scrape(binds["watchdog"]), "dalo_outbox_waiting") == 0.0,
        lambda: processes.log_of("watchdog"),
    )
    processes.dalo("case", case_ref, "--as", DALO)
    asyncio.run(contradict_it())
    attempt = ("record-attempt", "--channel", "call", "--result", "no_answer")
    processes.dalo("do", case_ref, *attempt, "--as", DALO)
    wait_for(
        lambda: "ledger.diverged" in processes.log_of("worker"), lambda: processes.log_of("worker")
    )
    found = Seen(case_ref)
    found.worker, found.sdk = scrape(binds["worker"]), scrape(binds["sdk"])
    found.watchdog = scrape(binds["watchdog"])
    return found


def test_a_worker_counts_and_times_what_it_records(seen: Seen) -> None:
    assert (value(seen.sdk, "dalo_events_recorded_total", event_type="case:changed") or 0) > 0
    assert (value(seen.sdk, "dalo_record_seconds_count") or 0) > 0
    assert value(seen.sdk, "dalo_record_seconds_bucket", le="10") == value(
        seen.sdk, "dalo_record_seconds_count"
    )
    assert (value(seen.sdk, "dalo_ledger_diverged_total") or 0) > 0


def test_worker_and_watchdog_publish_outbox_and_findings(seen: Seen) -> None:
    assert value(seen.worker, "dalo_outbox_waiting") is not None
    assert value(seen.worker, "dalo_outbox_oldest_seconds") is not None
    assert value(seen.watchdog, "dalo_outbox_waiting") is not None
    for kind in Difference:
        assert value(seen.watchdog, "dalo_watchdog_findings", kind=kind.value) is not None


def test_labels_are_codes(seen: Seen) -> None:
    labels = {
        text
        for metric in [*seen.worker, *seen.sdk, *seen.watchdog]
        for sample in metric.samples
        for text in sample.labels.values()
    }
    for secret in (*PERSON, seen.case_ref, INCIDENT, VICTIM, DALO):
        assert not any(secret in label for label in labels), secret


def test_traces_arrive_from_worker_and_client_with_references_alone(seen: Seen) -> None:
    ran = {span.name for span in seen.worker_spans}
    asked = {span.name for span in seen.client_spans}
    assert {"RunWorkflow:CaseWorkflow", "RunActivity:record"} <= ran
    assert "QueryWorkflow:view" in asked
    assert "StartWorkflowUpdate:command" in asked
    streams = {
        attribute.value.string_value
        for span in seen.worker_spans
        for attribute in span.attributes
        if attribute.key == "temporalWorkflowID"
    }
    assert case_stream(seen.case_ref) in streams
    for secret in PERSON:
        assert secret.encode() not in seen.traces


def test_the_text_of_a_failure_is_in_no_trace(seen: Seen) -> None:
    failed = [span for span in seen.worker_spans if span.status.code == FAILED]
    assert failed
    for span in failed:
        assert span.status.message == ""
        for event in span.events:
            keys = {attribute.key for attribute in event.attributes}
            assert "exception.type" in keys
            assert not keys & {"exception.message", "exception.stacktrace"}


def test_the_workers_lines_are_json_and_tied_to_workflow_and_case(seen: Seen) -> None:
    lines = [json.loads(line) for line in seen.log.splitlines()]
    assert lines
    (alarm, *_) = [line for line in lines if line["event"] == "ledger.diverged"]
    assert alarm["level"] == "error"
    assert alarm["code"] == "LEDGER_DIVERGED"
    assert alarm["workflow_id"] == case_stream(seen.case_ref)
    assert alarm["case_ref"] == seen.case_ref
    for secret in PERSON:
        assert secret not in seen.log
