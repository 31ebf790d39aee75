"""OpenTelemetry for whoever wants it: off unless an `OTEL_EXPORTER_OTLP_…ENDPOINT` is set.

FastAPI traces and counts; by itself it would do so for any provider of the process, with paths and queries as they were
sent, and so with the ids of identities. So it gets ours or none, and what leaves is on a list (app/exporters.py).
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from fastapi.telemetry import TelemetryConfig

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
OF_TRACES, OF_METRICS = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
Close = Callable[[], object]


def wanted(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Say what is to be sent somewhere: ``traces``, ``metrics``, both or nothing."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return frozenset()
    given = {"traces": OF_TRACES, "metrics": OF_METRICS}
    return frozenset(what for what, name in given.items() if environment.get(name) or environment.get(ENDPOINT))


def telemetry_of(environment: Mapping[str, str], closing: ExitStack) -> TelemetryConfig:
    """Return what FastAPI shall trace and count with; ``closing`` sends the rest and ends it.

    Its log records are never taken: they quote what was sent.
    """
    sent = wanted(environment)
    config = TelemetryConfig(tracing="traces" in sent, metrics="metrics" in sent, logs=False, auto_configure=False)
    config["operation_spans"] = False
    if sent:
        from app.exporters import meter_provider, tracer_provider

        if "traces" in sent:
            config["tracer_provider"] = tracing = tracer_provider()
            closing.callback(tracing.shutdown)
        if "metrics" in sent:
            config["meter_provider"] = metering = meter_provider()
            closing.callback(metering.shutdown)
    return config
