"""A batch within the limits is taken in the end, once, and nobody else waits for the whole of it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.errors import UnavailableError
from app.domain.keys import KeyRequest
from app.domain.models import IngestReport, Interaction, Line
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.event_writer import EventWriter
from app.graph.keys import KeyGraph
from app.graph.tombstones import Tombstones
from app.intake.events import lines_of
from app.services.keys import create_key
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop
from tests.graph.shop import HASHER

AT = "2026-05-01T10:00:00Z"
ORIGIN = "https://shop.example"


def event(event_id: str, lines: int, **more: Any) -> dict[str, Any]:
    products = [{"product_id": f"p{number % 700}", "price_paid": "8.00"} for number in range(lines)]
    return {"event_id": event_id, "type": "purchase", "identity_id": "tom", "at": AT, "lines": products, **more}


async def test_a_large_batch_is_taken_once_and_sent_again_changes_nothing(shop: Shop) -> None:
    rows = [event(f"e{number}", 400, identity_id=f"i{number % 5}") for number in range(20)]
    rows[7]["type"] = "dance"
    rows[12] = {"event_id": "e0", **{k: v for k, v in rows[12].items() if k != "event_id"}}

    first = (await shop.call("POST", "/v1/events", {"events": rows})).json()
    again = (await shop.call("POST", "/v1/events", {"events": rows})).json()

    assert (first["accepted"], first["duplicates"]) == (18, 1)
    assert [error["index"] for error in first["errors"]] == [7]
    assert (again["accepted"], again["duplicates"]) == (0, 19)
    assert await shop.count("(:Interaction {tenant: $tenant})-[:OF]->(:Product)") == 18 * 400
    likes = (await shop.call("GET", "/v1/identities/i1?likes=1000")).json()["likes"]
    assert {like["count"] for like in likes} == {4}


async def test_what_is_broken_off_goes_on_where_it_was(db: Database, tenant: str, settings: Settings) -> None:
    """The third commit fails as where the database is away; two parts are on disk, and the retry takes the rest."""
    commits = 0
    transact = db.transact

    async def fail_third(*args: Any, **kwargs: Any) -> Any:
        nonlocal commits
        commits += 1
        if commits == 3:
            raise UnavailableError("away")
        return await transact(*args, **kwargs)

    interactions = [interaction(f"e{number}") for number in range(10)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "transact", fail_third)
        async with EventWriter(db, Tombstones(HASHER), settings.evidence_rules, commit_lines=2) as writer:
            with pytest.raises(UnavailableError):
                await writer.append(tenant, interactions)
            again = await writer.append(tenant, interactions)

    assert again == IngestReport(accepted=6, duplicates=4)


async def test_another_tenants_event_does_not_wait_for_a_batch(shop: Shop, other_shop: Shop) -> None:
    rows = [event(f"e{number}", 500) for number in range(30)]
    await other_shop.call("POST", "/v1/events", {"events": [event("warm", 1)]})
    batch = asyncio.create_task(shop.call("POST", "/v1/events", {"events": rows}))
    answered = 0
    while not batch.done():
        answer = await other_shop.call("POST", "/v1/events", {"events": [event(f"e{answered}", 1)]})
        assert answer.json()["accepted"] == 1
        answered += not batch.done()

    assert (await batch).json()["accepted"] == 30
    assert answered >= 5


async def test_a_tenants_own_single_event_comes_between_the_parts_of_its_batch(shop: Shop) -> None:
    batch = asyncio.create_task(shop.call("POST", "/v1/events", {"events": [event(f"e{n}", 500) for n in range(30)]}))
    while not await shop.count("(:Interaction {tenant: $tenant})"):
        await asyncio.sleep(0.01)
    answer = await shop.call("POST", "/v1/events", {"events": [event("single", 1)]})

    assert answer.json()["accepted"] == 1
    assert not batch.done()
    assert (await batch).json()["accepted"] == 30


async def test_products_and_identities_are_written_in_parts_too(
    shop: Shop, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [{"name": f"tag {number}", "facet": "mood"} for number in range(50)]
    products = [{"id": f"p{number}", "title": "Tea", "tags": tags} for number in range(60)]
    products[41]["title"] = ""
    emails = [{"type": "email", "value": f"{number}@shop.example"} for number in range(10)]
    identities = [{"id": f"i{number}", "kind": "personal", "identifiers": emails[:1]} for number in range(250)]
    commits = 0
    transact = db.transact

    async def count(*args: Any, **kwargs: Any) -> Any:
        nonlocal commits
        commits += 1
        return await transact(*args, **kwargs)

    await shop.token("ingest")
    monkeypatch.setattr(db, "transact", count)
    put = await shop.call("PUT", "/v1/products", {"products": products})
    commits_of_products, commits = commits, 0
    named = await shop.call("PUT", "/v1/identities", {"identities": identities})

    assert (put.json()["accepted"], [one["index"] for one in put.json()["errors"]]) == (59, [41])
    assert named.json()["accepted"] == 250
    assert (commits_of_products, commits) == (5, 3)
    assert await shop.count("(:Product {tenant: $tenant})-[:TAGGED]->(:Tag)") == 59 * 50


async def test_a_browsers_request_names_few_products(shop: Shop, settings: Settings, serve_with: ServeWith) -> None:
    browser = KeyRequest(("browser",), origins=(ORIGIN,))
    issued = await create_key(KeyGraph(shop.db, AuditTrail(HASHER)), shop.tenant, browser)
    headers = {"X-API-Key": issued.token, "Origin": ORIGIN}
    few = {"type": "view", "session_id": "s1", "identity_id": None}
    async with serve_with(settings.model_copy(update={"max_public_lines": 3})) as client:
        answers = [
            await client.post("/v1/events", json={"events": rows}, headers=headers)
            for rows in ([event("a", 1, **few), event("b", 2, **few)], [event("c", 2, **few), event("d", 2, **few)])
        ]

    assert [answer.status_code for answer in answers] == [200, 422]
    assert answers[1].json()["detail"] == "A browser's events name 3 products at most in one request."
    assert await shop.count("(:Interaction {tenant: $tenant})") == 2


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        ({"lines": [1, 2, 3]}, 3),
        ({"event": "Order Completed", "properties": {"products": [1, 2]}}, 2),
        ({"name": "purchase", "params": {"items": [1, 2, 3, 4]}}, 4),
        ({"client_id": "c", "events": [{"name": "a", "params": {"items": [1, 2]}}, {"name": "b"}, 7]}, 4),
        ({"type": "search"}, 1),
        ({"lines": "p1", "properties": [], "params": {"items": {}}}, 1),
        (None, 1),
    ],
)
def test_lines_are_counted_in_every_shape(row: Any, lines: int) -> None:
    assert lines_of(row) == lines


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"events": [{"event_id": "x" * 70_000}]}, 422),
        ({"events": [{"event_id": "x" * 300_000}]}, 413),
        ({"events": [7] * 70_000}, 422),
    ],
    ids=["a row of junk", "a row beyond what is read in one go", "too many rows"],
)
async def test_a_large_body_is_refused_like_a_small_one(shop: Shop, body: dict[str, Any], status: int) -> None:
    answer = await shop.call("POST", "/v1/events", body)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_large_body_that_is_not_json_is_told(shop: Shop) -> None:
    body = json.dumps({"events": [event(f"e{number}", 10) for number in range(500)]})[:-2]
    headers = {"X-API-Key": await shop.token("ingest"), "Content-Type": "application/json"}
    answer = await shop.client.post("/v1/events", content=body.encode(), headers=headers)

    assert (answer.status_code, answer.json()["detail"]) == (400, "The body is not JSON.")
    assert await shop.count("(:Interaction {tenant: $tenant})") == 0


def interaction(id_: str) -> Interaction:
    return Interaction(id_, "view", "tom", datetime(2026, 5, 1, tzinfo=UTC), (Line("p1"),))
