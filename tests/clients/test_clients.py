"""The clients that we ship, installed from what `make clients` packs, against a real socket."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Address

pytestmark = pytest.mark.long

PYTHON_CALLS = """
import asyncio, json, sys
from datetime import UTC, datetime
from plural_client import connect
from plural_client.generated.api.events import post_events
from plural_client.generated.api.products import put_products
from plural_client.generated.api.recommendations import recommend
from plural_client.generated.models import (
    EventRow, EventRowType, LineRow, OwnBatch, Problem, ProductRow, ProductsBody, RecommendationBody,
)

url, key = sys.argv[1:]
with connect(url, key) as plural:
    tea = ProductRow.from_dict({"id": "tea", "title": "Tea", "price": "3.00 EUR"})
    put = put_products.sync(client=plural, body=ProductsBody(products=[tea]))
    event = EventRow(event_id="1", type_=EventRowType.PURCHASE, at=datetime.now(UTC), identity_id="ann",
                     lines=[LineRow(product_id="tea")])
    report = post_events.sync(client=plural, body=OwnBatch(events=[event]))
    refused = recommend.sync(client=plural, body=RecommendationBody(limit=1000))

async def ask():
    async with connect(url, key) as plural:
        return await recommend.asyncio(client=plural, body=RecommendationBody(identity_id="ann", limit=3))

answer = asyncio.run(ask())
assert isinstance(refused, Problem)
print(json.dumps({"put": put.accepted, "events": report.accepted, "status": refused.status,
                  "method": answer.identity.method, "outcome": answer.consent.outcome}))
"""

NODE_CALLS = """
import { connect } from "plural-client";
const [baseUrl, key] = process.argv.slice(2) as [string, string];
const plural = connect({ baseUrl, key });
const put = await plural.PUT("/v1/products", { body: { products: [{ id: "tea", title: "Tea", price: "3.00 EUR" }] } });
const at = new Date().toISOString();
const events = [{ event_id: "2", type: "purchase" as const, at, identity_id: "ben", lines: [{ product_id: "tea" }] }];
const report = await plural.POST("/v1/events", { body: { events } });
const refused = await plural.POST("/v1/recommendations", { body: { limit: 1000 } });
const answer = await plural.POST("/v1/recommendations", { body: { identity_id: "ben", limit: 3 } });
console.log(JSON.stringify({ put: put.data?.accepted, events: report.data?.accepted, status: refused.error?.status,
  method: answer.data?.identity.method, outcome: answer.data?.consent.outcome }));
"""

SEEN = {"put": 1, "events": 1, "status": 422, "method": "asserted", "outcome": "contextual_only"}
TSC = ("npx", "tsc", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck")


async def run(*command: object, cwd: Path | None = None) -> str:
    """Run beside the service, which lives in this loop."""
    done = await asyncio.to_thread(
        subprocess.run, [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_the_python_client_makes_the_main_calls_sync_and_async(python: Path, address: Address) -> None:
    seen: dict[str, Any] = json.loads(await run(python, "-c", PYTHON_CALLS, address.url, address.key))

    assert seen == SEEN


async def test_the_npm_client_compiles_under_strict_and_makes_the_main_calls(node: Path, address: Address) -> None:
    (node / "calls.ts").write_text(NODE_CALLS)
    await run(*TSC, "calls.ts", cwd=node)

    seen: dict[str, Any] = json.loads(await run("node", "calls.js", address.url, address.key, cwd=node))

    assert seen == SEEN


async def test_a_field_that_is_missing_does_not_compile(node: Path) -> None:
    (node / "typo.ts").write_text(
        'import { connect } from "plural-client";\n'
        'const plural = connect({ baseUrl: "", key: "" });\n'
        'await plural.POST("/v1/events", { body: { events: [{ event_id: "1", at: "2026-11-30T00:00:00Z" }] } });\n'
    )

    with pytest.raises(AssertionError, match="type"):
        await run(*TSC, "--noEmit", "typo.ts", cwd=node)


async def test_a_client_waits_as_long_as_the_service_says(python: Path, node: Path) -> None:
    """A server that puts the first call off for a second, and then answers."""
    calls: list[float] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        calls.append(asyncio.get_running_loop().time())
        head, body = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n", b"{}"
        if len(calls) % 2 == 0:
            head, body = b"HTTP/1.1 200 OK\r\n", b'{"status": "ok"}'
        writer.write(
            head
            + b"Content-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    asked = (
        "import sys; from plural_client import connect; "
        "from plural_client.generated.api.operations import read_health as read"
    )
    await run(
        python, "-c", f"{asked}; assert read.sync_detailed(client=connect(sys.argv[1], 'k')).status_code == 200", url
    )
    (node / "wait.mjs").write_text(
        'import { connect } from "plural-client";\n'
        'const { response } = await connect({ baseUrl: process.argv[2], key: "k" }).GET("/healthz");\n'
        "if (response.status !== 200) process.exit(1);\n"
    )
    await run("node", "wait.mjs", url, cwd=node)
    server.close()

    assert len(calls) == 4
    assert calls[1] - calls[0] >= 1
    assert calls[3] - calls[2] >= 1
