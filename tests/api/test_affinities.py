"""Whoever personalises pages learns what an identity is drawn to, under its consent, and nothing sensitive."""

from typing import Any

import pytest_asyncio

from app.domain import clock
from app.domain.keys import KeyRequest
from tests.api.conftest import Shop
from tests.api.test_audiences import COMMUNITIES, consent

PRODUCTS: list[dict[str, Any]] = [
    *({"id": f"tea-{n}", "title": f"Tea {n}", "brand": "Leaf", "product_type": "Drinks > Tea"} for n in range(4)),
    *({"id": f"saw-{n}", "title": f"Saw {n}", "brand": "Steel", "product_type": "Tools"} for n in range(2)),
    *({"id": f"test-{n}", "title": f"Pregnancy test {n}", "brand": "Clear"} for n in range(3)),
]


@pytest_asyncio.fixture
async def drinker(shop: Shop) -> Shop:
    """Tom bought four teas, two saws and three pregnancy tests."""
    await shop.call("PUT", "/v1/products", {"products": PRODUCTS})
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    await consent(shop, "tom", "personalise_content")
    events = [
        {
            "event_id": f"e-{one['id']}",
            "type": "purchase",
            "identity_id": "tom",
            "at": clock.now().isoformat(),
            "lines": [{"product_id": one["id"]}],
        }
        for one in PRODUCTS
    ]
    assert (await shop.call("POST", "/v1/events", {"events": events})).json()["accepted"] == len(PRODUCTS)
    await shop.query(COMMUNITIES, members=[])
    return shop


async def ask(shop: Shop, who: str = "tom", **params: str) -> dict[str, Any]:
    answer = await shop.call("GET", f"/v1/identities/{who}/affinities", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.json()


async def test_it_is_drawn_to_what_it_buys_and_nothing_sensitive_is_said(drinker: Shop) -> None:
    found = await ask(drinker)

    assert found["consent"] == {"purpose": "personalise_content", "outcome": "granted"}
    brands = {one["label"]: one for one in found["brands"]}
    assert set(brands) == {"Leaf", "Steel"}
    assert abs(brands["Leaf"]["strength"] - 4 / 6) < 0.02
    assert brands["Leaf"]["low"] < 4 / 6 < brands["Leaf"]["high"]
    assert (brands["Leaf"]["products"], brands["Leaf"]["product_ids"]) == (4, [f"tea-{n}" for n in range(4)])
    assert "category:drinks > tea" in [one["id"] for one in found["tags"]]
    assert "regnan" not in str(found)
    assert len((await ask(drinker, limit="1"))["brands"]) == 1


async def test_without_consent_it_is_drawn_to_nothing_like_somebody_whom_nobody_knows(drinker: Shop) -> None:
    await consent(drinker, "tom", "personalise_content", "withdrawn")

    found, nobody = await ask(drinker), await ask(drinker, "nobody")

    assert found["consent"]["outcome"] == "contextual_only"
    assert found | {"identity_id": "nobody"} == nobody


async def test_what_it_excludes_is_not_named(drinker: Shop) -> None:
    await drinker.call("POST", "/v1/identities/tom/exclusions", {"brand": "Leaf"})

    found = await ask(drinker)

    assert [one["label"] for one in found["brands"]] == ["Steel"]
    assert "tea" not in str(found["tags"])


async def test_a_siblings_likes_are_none_of_its_own(drinker: Shop) -> None:
    await drinker.call(
        "PUT",
        "/v1/identities",
        {
            "identities": [
                {"id": "tom-work", "kind": "work", "person_id": "t"},
                {"id": "tom", "kind": "personal", "person_id": "t"},
            ]
        },
    )
    await consent(drinker, "tom-work", "personalise_content")

    found = await ask(drinker, "tom-work")

    assert (found["tags"], found["brands"], found["microgenres"]) == ([], [], [])


async def test_a_bound_key_learns_of_its_own_identity_alone(drinker: Shop) -> None:
    key = (await drinker.issue(KeyRequest(("recommend",), identity_id="tom"))).token
    headers = {"X-API-Key": key}

    assert (await drinker.client.get("/v1/identities/tom/affinities", headers=headers)).status_code == 200
    assert (await drinker.client.get("/v1/identities/ann/affinities", headers=headers)).status_code == 403
