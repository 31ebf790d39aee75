"""Events in three shapes: on disk when answered, once, whoever else writes at the same time."""

import asyncio
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.graph.database import Database
from tests.api.conftest import Shop

AT = "2026-05-01T10:00:00Z"
TAKEN: dict[str, Any] = {"accepted": 0, "duplicates": 0, "erased": 0, "unmatched": 0, "errors": []}
CLIENTS = 32
BATCHES = 6


def event(event_id: str, product_id: object = "p1", **more: Any) -> dict[str, Any]:
    lines = [{"product_id": product_id, "price_paid": "8.00", "list_price": "10.00"}]
    return {"event_id": event_id, "type": "purchase", "identity_id": "tom", "at": AT, "lines": lines, **more}


async def test_an_event_is_on_disk_when_it_is_answered(shop: Shop) -> None:
    answer = await shop.call("POST", "/v1/events", {"events": [event("e1")]})

    assert (answer.status_code, answer.json()) == (200, {**TAKEN, "accepted": 1, "unmatched": 1})
    path = "(:Identity {tenant: $tenant, id: 'tom'})-[:DID]->(:Interaction {id: 'e1'})-[:OF]->(:Product {id: 'p1'})"
    assert await shop.count(path) == 1


async def test_a_replay_changes_nothing(shop: Shop) -> None:
    for expected in ((1, 0), (0, 1)):
        answer = (await shop.call("POST", "/v1/events", {"events": [event("e1")]})).json()
        assert (answer["accepted"], answer["duplicates"]) == expected

    assert await shop.count("(:Interaction {tenant: $tenant})") == 1
    likes = (await shop.call("GET", "/v1/identities/tom")).json()["likes"]
    assert [like["count"] for like in likes] == [1]


async def test_a_bad_row_does_not_sink_the_batch(shop: Shop) -> None:
    far = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
    rows = [event("e1"), event("e2", at=far), event("e3", type="dance"), {"event_id": "e4"}, event("e5"), 7]
    answer = (await shop.call("POST", "/v1/events", {"events": rows})).json()

    assert answer["accepted"] == 2
    assert {(error["index"], error["field"]) for error in answer["errors"]} >= {(1, "at"), (2, "type"), (3, "at")}
    assert {error["index"] for error in answer["errors"]} == {1, 2, 3, 5}
    assert await shop.count("(:Interaction {tenant: $tenant})") == 2


async def test_what_is_no_number_is_refused_with_its_field_and_the_others_stand(shop: Shop) -> None:
    headers = {"X-API-Key": await shop.token("ingest"), "Content-Type": "application/json"}
    rows = json.dumps({"events": [event("e1", identity_id=math.nan), event("e2"), event("e3", product_id=math.inf)]})
    answer = (await shop.client.post("/v1/events", content=rows, headers=headers)).json()

    assert answer["accepted"] == 1
    assert {(error["index"], error["field"], error["reason"]) for error in answer["errors"]} == {
        (0, "identity_id", "must not be NaN or Infinity"),
        (2, "lines.0.product_id", "must not be NaN or Infinity"),
    }


async def test_what_is_no_number_in_a_question_is_refused_with_its_field(shop: Shop) -> None:
    headers = {"X-API-Key": await shop.token("recommend"), "Content-Type": "application/json"}
    answer = await shop.client.post("/v1/recommendations", content='{"identity_id": NaN}', headers=headers)

    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"field": "identity_id", "reason": "must not be NaN or Infinity"}],
    )


async def test_a_number_is_one_id_in_the_catalogue_in_events_and_in_questions(shop: Shop) -> None:
    await shop.call("PUT", "/v1/products", {"products": [{"id": 632910392, "title": "iPod"}]})
    answer = await shop.call("POST", "/v1/events", {"events": [event("e1", product_id=632910392.0)]})
    asked = await shop.call("POST", "/v1/recommendations", {"product_ids": [632910392], "exclude": None})

    assert (answer.json()["accepted"], asked.status_code) == (1, 200)
    assert await shop.count("(:Product {tenant: $tenant})") == 1


SEGMENT = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "m1",
    "userId": "tom",
    "timestamp": AT,
    "properties": {"order_id": "o1", "products": [{"product_id": "p1", "price": 10}, {"product_id": "p2", "price": 5}]},
}
GA4 = {
    "client_id": "web.1",
    "user_id": "tom",
    "timestamp_micros": 1_777_630_000_000_000,
    "events": [
        {"name": "view_item", "params": {"items": [{"item_id": "p1"}]}},
        {"name": "purchase", "params": {"transaction_id": "t1", "items": [{"item_id": "p1", "price": 9}]}},
    ],
}


@pytest.mark.parametrize(
    ("body", "interactions", "lines"),
    [
        ({"batch": [SEGMENT], "sentAt": AT, "writeKey": "x"}, 1, 2),
        (SEGMENT, 1, 2),
        (GA4, 2, 2),
        ({"events": [SEGMENT, event("e1"), GA4]}, 4, 5),
    ],
    ids=["segment batch", "segment call", "ga4 body", "mixed"],
)
async def test_storefronts_send_what_they_have(shop: Shop, body: dict[str, Any], interactions: int, lines: int) -> None:
    answer = await shop.call("POST", "/v1/events", body)

    assert answer.json() == {**TAKEN, "accepted": interactions, "unmatched": answer.json()["unmatched"]}
    assert await shop.count("(:Interaction {tenant: $tenant})-[:OF]->(:Product)") == lines


UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "events"),
    "empty": ({"events": []}, "events"),
    "too many": ({"events": [{}] * 1001}, "events"),
    "no list": ({"events": {}}, "events"),
    "unknown field": ({"events": [], "source": "x"}, "source"),
    "no batch": ({"batch": "x"}, "batch"),
}


@pytest.mark.parametrize(("body", "field"), UNUSABLE.values(), ids=UNUSABLE)
async def test_an_unusable_body_is_refused_as_a_whole(shop: Shop, body: dict[str, Any], field: str) -> None:
    answer = await shop.call("POST", "/v1/events", body)

    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_clients_that_post_about_one_best_seller_all_get_through(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing lost, nothing twice, and nobody waits for a commit of each of the others: they share them."""
    commits = 0
    transact = Database.transact

    async def counted(self: Database, work: Any, **options: Any) -> Any:
        nonlocal commits
        commits += options.get("tenant") == shop.tenant
        return await transact(self, work, **options)

    monkeypatch.setattr(Database, "transact", counted)
    await post_about_one_best_seller(shop)

    assert commits <= CLIENTS * BATCHES / 4
    likes = (await shop.call("GET", "/v1/identities/i7")).json()["likes"]
    assert [(like["count"], like["purchases"]) for like in likes] == [(BATCHES * 3, BATCHES * 3)]


async def post_about_one_best_seller(shop: Shop) -> None:
    """Let all clients post at once, some rows of their own and one that all of them post."""

    async def one_client(number: int) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        for batch in range(BATCHES):
            mine = [event(f"{number}-{batch}-{row}", "best", identity_id=f"i{number}") for row in range(3)]
            shared = event(f"shared-{batch}", "best", identity_id="everybody")
            answer = await shop.call("POST", "/v1/events", {"events": [*mine, shared]})
            assert answer.status_code == 200
            answers.append(answer.json())
        return answers

    answers = [one for mine in await asyncio.gather(*map(one_client, range(CLIENTS))) for one in mine]

    new = CLIENTS * BATCHES * 3 + BATCHES
    assert sum(answer["accepted"] for answer in answers) == new
    assert sum(answer["duplicates"] for answer in answers) == (CLIENTS - 1) * BATCHES
    assert await shop.count("(:Interaction {tenant: $tenant})-[:OF]->(:Product {id: 'best'})") == new
