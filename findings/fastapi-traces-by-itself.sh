#!/usr/bin/env bash
# fastapi 0.165.0 with opentelemetry-sdk 1.45.2: an application that asks for no telemetry and installs no instrumentation
# sends spans as soon as its process has a tracer provider, as one that only traces its database calls has. They carry
# url.path as it was sent, with the ids in it, and the values of the query beside the route's template. One would expect nothing without
# opentelemetry-instrumentation-fastapi. FastAPI(telemetry={"tracing": False}) turns it off.
# Seen: "GET /people/{who}" with url.path /people/tom and url.query q=dog+food; with tracing False no span.
# Runs without Plural. Fails when this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check fastapi==0.165.0 opentelemetry-sdk==1.45.2 httpx2==2.16.2
cat >ask.py <<'PY'
import asyncio

import httpx2
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)


async def ask(app):
    @app.get("/people/{who}")
    async def person(who: str, q: str) -> str:
        return "ok"

    spans.clear()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://shop.test") as client:
        await client.get("/people/tom", params={"q": "dog food"})
    return [one for one in spans.get_finished_spans() if one.kind is trace.SpanKind.SERVER]


(span,) = asyncio.run(ask(FastAPI()))
print(span.name, span.attributes["url.path"], span.attributes["url.query"])
assert span.name == "GET /people/{who}"
assert span.attributes["url.path"] == "/people/tom"
assert span.attributes["url.query"] == "q=dog+food"
assert asyncio.run(ask(FastAPI(telemetry={"tracing": False}))) == []
print("tracing False: no span")
PY
env/bin/python ask.py
