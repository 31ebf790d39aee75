"""One span a statement where traces are wanted (app/exporters.py): its name, never what it was asked with."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import NoOpTracer, SpanKind, StatusCode, Tracer

_tracer: Tracer = NoOpTracer()


def trace_statements(tracer: Tracer) -> None:
    """Trace every statement of this process from now on."""
    global _tracer
    _tracer = tracer


@contextmanager
def statement_span(name: str) -> Generator[None]:
    """Trace the statement that runs meanwhile; of an error only its kind, since what it says may name somebody."""
    attributes = {"db.system.name": "neo4j", "db.query.summary": name}
    with _tracer.start_as_current_span(
        name, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(StatusCode.ERROR)
            raise
