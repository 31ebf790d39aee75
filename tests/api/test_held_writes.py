"""While a backup is made reading goes on, and whoever writes is told when to come again."""

import asyncio

from app.graph.database import Database
from app.graph.write_hold import WriteHold
from tests.api.conftest import Shop
from tests.conftest import Neo4jServer


async def test_writes_are_told_when_to_come_again_and_reads_are_answered(shop: Shop, neo4j_server: Neo4jServer) -> None:
    product, consent = {"products": [{"id": "p1", "title": "Pan"}]}, {"status": "granted", "at": "2026-01-01T00:00:00Z"}
    event = {"event_id": "e1", "type": "view", "identity_id": "tom", "at": "2026-05-01T10:00:00Z"}
    writes = [
        ("PUT", "/v1/products", product),
        ("POST", "/v1/events", {"events": [{**event, "lines": [{"product_id": "p1"}]}]}),
        ("PUT", "/v1/identities/tom/consents/personalise_content", consent),
        ("DELETE", "/v1/identities/tom", None),
    ]
    for method, path, body in writes[:3]:
        assert (await shop.call(method, path, body)).status_code == 200
    user, password = neo4j_server.auth or ("", "")
    backup = await Database.connect(neo4j_server.bolt_uri, user, password, timeout_seconds=60)

    async with WriteHold(backup, "backup") as hold:
        await hold.settle()
        for method, path, body in writes:
            answer = await shop.call(method, path, body)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10"), path
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:plural:problem:writes-held"
            assert "A backup is being made" in answer.json()["detail"]
        assert (await shop.call("POST", "/v1/recommendations", {"identity_id": "tom"})).status_code == 200
        assert (await shop.call("GET", "/v1/identities/tom")).status_code == 200
        assert (await shop.client.get("/healthz")).status_code == 200
        await hold.prove()
    await backup.close()

    await asyncio.sleep(1.1)
    answer = await shop.call("DELETE", "/v1/identities/tom")  # the very one that was refused
    assert answer.status_code == 200
