"""A marketer brings pictures and words, sees which are used, and takes them away again."""

from typing import Any

from tests.api.conftest import Shop

CREATIVES = "/v1/creatives"


async def put(shop: Shop, *creatives: dict[str, Any]) -> dict[str, Any]:
    rows = [{"channels": ["web"], "headline": "Now", **one} for one in creatives]
    answer = await shop.call("PUT", CREATIVES, {"creatives": rows})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def unused(shop: Shop) -> dict[str, str | None]:
    listed = (await shop.call("GET", CREATIVES)).json()["creatives"]
    return {one["creative"]["id"]: one["unused"] for one in listed}


async def test_a_creative_is_kept_as_it_was_put_and_replaced_as_a_whole(shop: Shop, other_shop: Shop) -> None:
    whole = {
        "id": "mug",
        "channels": ["web", "email"],
        "about": {"products": ["p1"], "brands": ["Farm"], "categories": ["Home > Kitchen"], "microgenres": ["g1"]},
        "image_link": "https://shop.example/mug.png",
        "headline": "{product.title}",
        "text": "Only {product.price}",
        "tags": [{"name": "cosy", "facet": "mood", "weight": 0.5}],
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2099-01-01T00:00:00Z",
        "pinned": True,
    }
    assert await put(shop, whole) == {"accepted": 1, "errors": []}

    assert (await shop.call("GET", f"{CREATIVES}/mug")).json()["creative"] == whole
    await put(shop, {"id": "mug"})
    again = (await shop.call("GET", f"{CREATIVES}/mug")).json()["creative"]
    assert (again["headline"], again["text"], again["about"]["products"]) == ("Now", None, [])
    assert (await other_shop.call("GET", f"{CREATIVES}/mug")).status_code == 404


async def test_a_bad_row_is_told_with_its_place_and_the_others_stand(shop: Shop) -> None:
    told = await put(
        shop, {"id": "good"}, {"id": "bad", "headline": "Dear {name}"}, {"id": "worse", "channels": ["fax"]}
    )

    assert told["accepted"] == 1
    assert [(error["index"], error["field"]) for error in told["errors"]] == [(1, "headline"), (2, "channels.0")]
    assert "at character 6 " in told["errors"][0]["reason"]
    assert list(await unused(shop)) == ["good"]


async def test_a_creative_says_why_nobody_is_shown_it(shop: Shop) -> None:
    products = [{"id": "p1", "title": "Tea", "availability": "out_of_stock"}, {"id": "p2", "title": "Cup"}]
    await shop.call("PUT", "/v1/products", {"products": products})
    await put(
        shop,
        {"id": "a-gone", "about": {"products": ["p1", "never-heard-of"]}},
        {"id": "b-there", "about": {"products": ["p1", "p2"]}},
        {"id": "c-traits", "text": "For your diabetes"},
        {"id": "d-over", "valid_until": "2026-01-01T00:00:00Z"},
        {"id": "e-early", "valid_from": "2099-01-01T00:00:00Z"},
        {"id": "f-of-a-brand", "about": {"products": ["p1"], "brands": ["Farm"]}},
    )

    assert await unused(shop) == {
        "a-gone": "sold_out",
        "b-there": None,
        "c-traits": "names_traits",
        "d-over": "over",
        "e-early": "not_yet",
        "f-of-a-brand": None,
    }
    rules = (await shop.call("GET", "/v1/rules")).json()
    await shop.call("PUT", "/v1/rules", {**rules, "harmless_terms": ["diabetes"]})
    assert (await unused(shop))["c-traits"] is None


async def test_creatives_are_listed_by_page_and_deleted(shop: Shop) -> None:
    await put(shop, *({"id": f"c{n}"} for n in range(5)))

    first = (await shop.call("GET", CREATIVES, params={"limit": "3"})).json()
    rest = (await shop.call("GET", CREATIVES, params={"limit": "3", "after": first["next_after"]})).json()
    assert [one["creative"]["id"] for one in (*first["creatives"], *rest["creatives"])] == [f"c{n}" for n in range(5)]
    assert rest["next_after"] is None

    assert (await shop.call("DELETE", f"{CREATIVES}/c0")).status_code == 204
    assert (await shop.call("DELETE", f"{CREATIVES}/c0")).status_code == 404
    assert list(await unused(shop)) == ["c1", "c2", "c3", "c4"]


async def test_who_changed_creatives_is_in_the_audit_log(shop: Shop) -> None:
    await put(shop, {"id": "a"})
    await shop.call("DELETE", f"{CREATIVES}/a")

    entries = (await shop.call("GET", "/v1/audit")).json()["entries"]
    assert [one["action"] for one in entries][:2] == ["creative_deleted", "creatives_put"]
