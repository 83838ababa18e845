"""Metrics and traces: Prometheus for the product and for Temporal's SDK, OTLP traces if asked for.

What a process measures about the whole (outbox, watchdog) is here; what an activity measures is
told to the SDK's meter and goes out with its metrics. Labels are codes from closed lists (event
type, kind, queue). References and personal data are never labels, and the text of an exception,
which may quote a person, is in no trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from prometheus_client import CollectorRegistry, Gauge, start_http_server
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
        self.outbox_waiting = Gauge(
            "dalo_outbox_waiting", "Outbox messages not yet delivered", registry=self.registry
        )
        self.outbox_oldest_seconds = Gauge(
            "dalo_outbox_oldest_seconds", "Age of the oldest of them", registry=self.registry
        )
        self.watchdog_findings = Gauge(
            "dalo_watchdog_findings",
            "Differences the last watchdog round found, by kind",
            ["kind"],
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


RECORD_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds; a recording is given up after 10."""

METRICS = Metrics()
"""The metrics of this process."""


def sdk_runtime(settings: Settings) -> Runtime:
    """Temporal's runtime for this process: its metrics if asked for, its own core's errors only.

    Make one, before the first client, and pass it to `casework.client.connect`.
    """
    metrics = (
        PrometheusConfig(
            bind_address=settings.sdk_metrics_bind,
            durations_as_seconds=True,
            histogram_bucket_overrides={"dalo_record_seconds": RECORD_BUCKETS},
        )
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


class CodesOnly(SpanExporter):
    """Hands spans on without what an exception said: its type stays, its text and the source lines
    of its traceback go."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans to the collector."""
        return self._exporter.export([_without_texts(span) for span in spans])

    def shutdown(self) -> None:
        """Close the connection to the collector."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self._exporter.force_flush(timeout_millis)


def _without_texts(span: ReadableSpan) -> ReadableSpan:
    events = [
        Event(
            event.name,
            {k: v for k, v in (event.attributes or {}).items() if k not in _EXCEPTION_TEXTS},
            event.timestamp,
        )
        for event in span.events
    ]
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=events,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


_EXCEPTION_TEXTS = frozenset({"exception.message", "exception.stacktrace"})


def tracing_interceptors(settings: Settings, service: str) -> list[TracingInterceptor]:
    """One tracing interceptor for the client when a collector is configured, otherwise none."""
    if settings.otel_endpoint is None:
        return []
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    endpoint = f"{settings.otel_endpoint.rstrip('/')}/v1/traces"
    exporter = CodesOnly(OTLPSpanExporter(endpoint=endpoint))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return [TracingInterceptor(provider.get_tracer("dalo"))]
