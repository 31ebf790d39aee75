"""OpenTelemetry, on a real `plural serve` and a collector that is really asked: what it gets names nobody."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app.telemetry import telemetry_of, wanted
from tests.conftest import HASH_KEY, Neo4jServer

PROGRAM = [sys.executable, "-u", "-c", "from app.cli.main import main; main()"]
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


class Collector(ThreadingHTTPServer):
    """Keeps what is exported to it, by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: dict[str, list[bytes]] = {"/v1/traces": [], "/v1/metrics": []}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Span]:
        requests = map(ExportTraceServiceRequest.FromString, self.bodies["/v1/traces"])
        resources = [one for request in requests for one in request.resource_spans]
        return [span for one in resources for scope in one.scope_spans for span in scope.spans]


class _Handler(BaseHTTPRequestHandler):
    server: Collector  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        packed = self.headers["Content-Encoding"] == "gzip"
        self.server.bodies[self.path].append(gzip.decompress(body) if packed else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its base's name)
        """Say nothing."""


@pytest.fixture
def collector() -> Generator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def environment(neo4j_server: Neo4jServer, tmp_path: Path, collector: Collector) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PLURAL_", "NEO4J_", "OTEL_"))}
    password = {"NEO4J_PASSWORD": neo4j_server.password} if neo4j_server.password else {}
    return {
        **ours,
        **password,
        "NEO4J_URI": neo4j_server.bolt_uri,
        "PLURAL_HOME": str(tmp_path),
        "PLURAL_PORT": "0",
        "PLURAL_HASH_KEY": HASH_KEY,
        "PLURAL_QUERY_TIMEOUT_SECONDS": "60",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
    }


def _issue(environment: dict[str, str], tenant: str) -> str:
    words = ["keys", "create", "--tenant", tenant, "--scope", "ingest,recommend", "--json"]
    made = subprocess.run([*PROGRAM, *words], env=environment, capture_output=True, text=True, check=True)
    return json.loads(made.stdout)["token"]


def test_a_collector_gets_routes_statements_and_durations_and_nothing_that_names_somebody(
    environment: dict[str, str], collector: Collector, tenant: str
) -> None:
    token = _issue(environment, tenant)
    with subprocess.Popen(
        [*PROGRAM, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        url = next(found[0] for line in service.stdout if (found := re.search(r"http://\S+", line)))
        parent = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01", "baggage": "who=tom-secret"}
        headers = {"X-API-Key": token, **parent}
        path = "/v1/identities/tom-secret/consents/newsletter"
        whom = {"identities": [{"id": "tom-secret", "kind": "personal"}]}
        for method, where, body in (
            ("PUT", "/v1/identities", whom),
            ("PUT", path, {"status": "granted"}),
            ("GET", path, None),
        ):
            asked = httpx2.request(method, f"{url}{where}", json=body, headers=headers, timeout=60)
            assert asked.is_success, asked.text
        httpx2.get(f"{url}/v1/tom-secret?who=tom-secret", headers=headers, timeout=60)
        service.send_signal(signal.SIGINT)
        _, log = service.communicate(timeout=60)
    assert service.returncode == 0, log

    spans = collector.spans()
    served = {span.name: span for span in spans if span.kind == Span.SPAN_KIND_SERVER}
    asked_for = served["GET /v1/identities/{identity_id}/consents/{purpose}"]
    assert asked_for.trace_id.hex() == TRACE_ID
    statements = [span.name for span in spans if span.parent_span_id == asked_for.span_id]
    assert "consents/read_consents" in statements
    assert all(re.fullmatch(r"[a-z_]+/[a-z_]+", name) for name in statements)
    (figures,) = [ExportMetricsServiceRequest.FromString(body) for body in collector.bodies["/v1/metrics"]][-1:]
    names = [one.name for scope in figures.resource_metrics[0].scope_metrics for one in scope.metrics]
    assert "http.server.request.duration" in names
    everything = b"".join(body for bodies in collector.bodies.values() for body in bodies)
    for secret in ("tom-secret", tenant, token):
        assert secret.encode() not in everything


NOTHING: frozenset[str] = frozenset()
HERE = "http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (dict[str, str](), NOTHING),
        ({"OTEL_SERVICE_NAME": "shop"}, NOTHING),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": HERE}, {"traces", "metrics"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{HERE}/v1/traces"}, {"traces"}),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{HERE}/v1/metrics"}, {"metrics"}),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": HERE, "OTEL_SDK_DISABLED": "true"}, NOTHING),
    ],
)
def test_it_is_off_unless_somebody_says_where_to(given: dict[str, str], sent: set[str] | frozenset[str]) -> None:
    assert wanted(given) == sent


def test_a_provider_that_somebody_else_sets_gets_nothing_of_a_request() -> None:
    config = telemetry_of({}, ExitStack())

    assert not any(config.get(name) for name in ("tracing", "metrics", "logs", "operation_spans", "auto_configure"))
