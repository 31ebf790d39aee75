"""What is sent to a collector, and nothing else: OTLP over HTTP, as the `OTEL_…` variables of the specification say."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Status

from app import __version__
from app.graph.tracing import trace_statements

SENT = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "error.type",
    "db.system.name",
    "db.query.summary",
}
"""Attributes of spans and figures that leave the process: none that a caller can fill."""


class _Exporter(OTLPSpanExporter):
    """Leaves out what is not on the list: paths, queries, addresses, events, and what errors say."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export([_listed(span) for span in spans])


def _listed(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in SENT},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def tracer_provider() -> TracerProvider:
    """Return one that sends its spans, those of statements too, in batches until it is shut down."""
    provider = TracerProvider(resource=_resource())
    provider.add_span_processor(BatchSpanProcessor(_Exporter()))
    trace_statements(provider.get_tracer("plural", __version__))
    return provider


def meter_provider() -> MeterProvider:
    """Return one that sends its figures, by what is on the list, until it is shut down."""
    views = [View(instrument_name="*", attribute_keys=SENT)]
    return MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=_resource(), views=views)


def _resource() -> Resource:
    """Not the detected process, host and command line: only what the operator has written."""
    stated = OTELResourceDetector().detect()
    return Resource({SERVICE_NAME: "plural", SERVICE_VERSION: __version__}).merge(stated)
