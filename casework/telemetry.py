"""Metrics and traces: Prometheus for the product and for Temporal's SDK, OTLP traces if asked for.

Labels are codes from closed lists (event type, outcome, queue). References and personal data are
never labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.runtime import (
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from casework.errors import ServerError
from casework.settings import Settings


class Metrics:
    """The product's own metrics, in a registry of their own, so that tests can read them apart."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.intake_rows = Counter(
            "dalo_intake_rows_total", "Rows read, by outcome", ["outcome"], registry=self.registry
        )
        self.events_recorded = Counter(
            "dalo_events_recorded_total",
            "Events written to the ledger, by type",
            ["event_type"],
            registry=self.registry,
        )
        self.record_seconds = Histogram(
            "dalo_record_seconds",
            "Time of one recording transaction",
            registry=self.registry,
        )
        self.outbox_waiting = Gauge(
            "dalo_outbox_waiting", "Outbox messages not yet delivered", registry=self.registry
        )
        self.outbox_oldest_seconds = Gauge(
            "dalo_outbox_oldest_seconds", "Age of the oldest of them", registry=self.registry
        )
        self.commands = Counter(
            "dalo_commands_total",
            "Officer commands, by command and answer",
            ["command", "answer"],
            registry=self.registry,
        )
        self.watchdog_findings = Gauge(
            "dalo_watchdog_findings",
            "Differences the last watchdog round found, by kind",
            ["kind"],
            registry=self.registry,
        )
        self.ledger_diverged = Counter(
            "dalo_ledger_diverged_total",
            "Recordings refused because the ledger says otherwise: each is an alarm",
            registry=self.registry,
        )

    @contextmanager
    def serving(self, bind: str | None) -> Iterator[None]:
        """Offer the metrics at host:port for the length of the block; None offers nothing."""
        if bind is None:
            yield
            return
        host, _, port = bind.rpartition(":")
        try:
            server, thread = start_http_server(int(port), addr=host, registry=self.registry)
        except OSError:
            raise ServerError(
                f"The metrics address {bind} cannot be used.",
                "Set DALO_METRICS_BIND to a free host:port, or unset it.",
            ) from None
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


METRICS = Metrics()
"""The metrics of this process."""


def sdk_runtime(settings: Settings) -> Runtime:
    """Temporal's runtime for this process: its metrics if asked for, its own core's errors only.

    Make one, before the first client, and pass it to `casework.client.connect`.
    """
    metrics = (
        PrometheusConfig(bind_address=settings.sdk_metrics_bind, durations_as_seconds=True)
        if settings.sdk_metrics_bind
        else None
    )
    logging = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=metrics, logging=logging))
    except (RuntimeError, ValueError):
        raise ServerError(
            f"The SDK's metrics address {settings.sdk_metrics_bind} cannot be used.",
            "Set DALO_SDK_METRICS_BIND to a free host:port, or unset it.",
        ) from None


def tracing_interceptors(settings: Settings, service: str) -> list[TracingInterceptor]:
    """One tracing interceptor for the client when a collector is configured, otherwise none."""
    if settings.otel_endpoint is None:
        return []
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    endpoint = f"{settings.otel_endpoint.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return [TracingInterceptor(provider.get_tracer("dalo"))]
