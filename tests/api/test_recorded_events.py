"""Single events are read back as they stand, and taken back with all that followed from them."""

from typing import Any

import pytest

from tests.api.conftest import Shop

AT = "2026-05-01T10:00:00Z"


def event(event_id: str, type_: str = "view", **more: Any) -> dict[str, Any]:
    lines = [{"product_id": "pan", "quantity": 3, "price_paid": "8.00", "list_price": "10.00"}]
    return {"event_id": event_id, "type": type_, "at": AT, "currency": "EUR", "lines": lines, **more}


async def send(shop: Shop, *events: dict[str, Any]) -> None:
    answer = await shop.call("POST", "/v1/events", {"events": list(events)})
    assert (answer.status_code, answer.json()["accepted"]) == (200, len(events)), answer.text


async def likes(shop: Shop, identity_id: str = "tom") -> list[dict[str, Any]]:
    """What the graph holds of an identity's likes and dislikes, to the last digit."""
    rows = await shop.query(
        "MATCH (:Identity {tenant: $tenant, id: $id})-[l:LIKES|DISLIKES]->(p) "
        "RETURN p.id AS product, type(l) AS type, properties(l) AS l ORDER BY product, type",
        id=identity_id,
    )
    return [{"product": row["product"], "type": row["type"], **row["l"]} for row in rows]


async def test_an_event_is_read_back_as_it_stands(shop: Shop) -> None:
    await send(shop, event("e1", "purchase", identity_id="tom", order_id="o1", session_id="s1"))
    await send(shop, event("r1", "refund", identity_id="tom", order_id="o1") | {"lines": [{"product_id": "pan"}]})
    read = await shop.call("GET", "/v1/events/e1")

    assert read.status_code == 200
    assert read.json() == {
        "id": "e1",
        "type": "purchase",
        "identity_id": "tom",
        "at": AT,
        "session_id": "s1",
        "decision_id": None,
        "order_id": "o1",
        "updated_at": None,
        "currency": "EUR",
        "rating": None,
        "channel": None,
        "device": None,
        "lines": [
            {"product_id": "pan", "quantity": 3.0, "price_paid": 8.0, "list_price": 10.0, "kept": 2.0, "said": None}
        ],
    }


async def test_a_rating_is_read_back_too(shop: Shop) -> None:
    await send(shop, event("e1", "rating", identity_id="tom", value=1, max=5))

    assert (await shop.call("GET", "/v1/events/e1")).json()["rating"] == {"value": 1.0, "max": 5.0}


MISTAKES: dict[str, dict[str, Any]] = {
    "a view": event("x", identity_id="tom"),
    "a purchase": event("x", "purchase", identity_id="tom"),
    "a bad rating": event("x", "rating", identity_id="tom", value=1, max=5),
    "a dislike": event("x", "dislike", identity_id="tom"),
    "a refund of no order": event("x", "refund", identity_id="tom"),
    "an order's change": {
        **event("x", "purchase", identity_id="tom", order_id="o1", updated_at="2026-05-02T10:00:00Z"),
        "lines": [{"product_id": "pot"}],
    },
    "a refund": event("x", "refund", order_id="o1"),
    "all of an order": {**event("x", "return", identity_id="tom", order_id="o1"), "lines": []},
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
async def test_what_is_taken_back_was_never_sent(shop: Shop, mistake: dict[str, Any]) -> None:
    """Of an order, its other messages count again as they did."""
    await send(shop, event("e0", "cart", identity_id="tom"), event("e1", "purchase", identity_id="tom", order_id="o1"))
    await send(shop, event("e2", "purchase", identity_id="ann", order_id="o2"))
    before, of_ann = await likes(shop), await likes(shop, "ann")
    await send(shop, mistake)
    assert await likes(shop) != before

    assert (await shop.call("DELETE", "/v1/events/x")).status_code == 204

    after = await likes(shop)
    assert [{**like, "weight": pytest.approx(like["weight"])} for like in after] == before
    assert await likes(shop, "ann") == of_ann
    assert (await shop.call("GET", "/v1/events/x")).status_code == 404
    assert (await shop.call("DELETE", "/v1/events/x")).status_code == 404
    head = (await shop.call("GET", "/v1/audit", params={"identity_id": "tom"})).json()
    assert head["entries"][0]["action"] == "event_deleted"
    await send(shop, mistake)
    assert await likes(shop) != before


async def test_who_claimed_it_loses_it_too(shop: Shop) -> None:
    await send(shop, event("e1", session_id="s1"), event("e2", "cart", session_id="s1"))
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    claimed = await shop.call("POST", "/v1/sessions/s1:claim", {"identity_id": "tom"})
    assert claimed.status_code == 201, claimed.text
    assert [like["count"] for like in await likes(shop)] == [2]

    await shop.call("DELETE", "/v1/events/e2")

    assert [like["count"] for like in await likes(shop)] == [1]


async def test_the_only_evidence_takes_the_like_with_it(shop: Shop) -> None:
    await send(shop, event("e1", identity_id="tom"))
    await shop.call("DELETE", "/v1/events/e1")

    assert await likes(shop) == []


async def test_another_shops_event_is_none(shop: Shop, other_shop: Shop) -> None:
    await send(other_shop, event("e1", identity_id="tom"))

    for method in ("GET", "DELETE"):
        assert (await shop.call(method, "/v1/events/e1")).status_code == 404
    assert (await other_shop.call("GET", "/v1/events/e1")).status_code == 200
