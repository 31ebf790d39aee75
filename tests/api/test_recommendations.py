"""The main call: its contract, and that nobody learns from an answer what they may not know."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from app.graph.database import Database
from app.jobs.refresh import refresh
from app.settings import Settings
from tests.api.conftest import Shop

PATH = "/v1/recommendations"
SHAPE = {"decision_id", "identity", "consent", "items", "communities", "run"}
SHOWN = {"brand", "category", "price", "sale_price", "currency", "link", "image_link", "attributes", "group"}
AT = "2026-11-01T10:00:00Z"


def bought(identity_id: str, *product_ids: str) -> dict[str, Any]:
    lines = [{"product_id": product_id} for product_id in product_ids]
    return {"event_id": f"{identity_id}-1", "type": "purchase", "identity_id": identity_id, "at": AT, "lines": lines}


@pytest_asyncio.fixture(scope="session")
async def crowd(client: Any, db: Database, settings: Settings) -> Shop:
    """Pet people and garden people with a run; Tom consented and bought dog food, Ann bought it and did not consent."""
    shop = Shop("crowd-of-recommendations", client, db)
    pets, garden = ["dog-food", "dog-leash", "dog-bed"], ["spade", "seeds", "hose"]
    products = [{"id": name, "title": name.title(), "tags": ["pets"]} for name in pets]
    products += [{"id": name, "title": name.title(), "tags": ["garden"]} for name in garden]
    crowd = {f"pet-{n}": pets for n in range(8)} | {f"garden-{n}": garden for n in range(8)}
    events = [bought(name, *ids) for name, ids in crowd.items()] + [
        bought("tom", "dog-food"),
        bought("ann", "dog-food"),
    ]
    await shop.call("PUT", "/v1/products", {"products": products})
    await shop.call("POST", "/v1/events", {"events": events})
    grants = [shop.call("PUT", f"/v1/identities/{i}/consents/model_training", {"status": "granted"}) for i in crowd]
    await asyncio.gather(*grants)
    await shop.call("PUT", "/v1/identities/tom/consents/personalise_content", {"status": "granted"})
    await refresh(db, settings, shop.tenant)
    return shop


async def test_an_identity_gets_what_its_likes_speak_for(crowd: Shop) -> None:
    response = await crowd.call("POST", PATH, {"identity_id": "tom", "limit": 2, "explain": True})
    answer = response.json()

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert answer.keys() == SHAPE
    assert answer["identity"] == {"id": "tom", "method": "asserted", "confidence": 1.0}
    assert answer["consent"] == {"purpose": "personalise_content", "outcome": "granted"}
    assert answer["run"].keys() == {"id", "model_version"}
    assert {item["product_id"] for item in answer["items"]} == {"dog-leash", "dog-bed"}
    assert [item["rank"] for item in answer["items"]] == [1, 2]
    for item in answer["items"]:
        assert item.keys() == {"product_id", "title", "rank", "score", "source", "reasons", "propensity", *SHOWN}
        assert item["title"] == item["product_id"].title()
        assert {reason["id"] for reason in item["reasons"]} == {"dog-food"}
        assert sum(reason["share"] for reason in item["reasons"]) == pytest.approx(1)


async def test_without_consent_the_answer_is_contextual(crowd: Shop) -> None:
    answer = (await crowd.call("POST", PATH, {"identity_id": "ann"})).json()
    anybody = (await crowd.call("POST", PATH, {})).json()

    assert answer["consent"]["outcome"] == "contextual_only"
    assert answer["items"] == anybody["items"]


async def test_the_answer_is_no_oracle(crowd: Shop, other_shop: Shop) -> None:
    """Unknown, another tenant's, refused, logged out and anonymous: nothing but the echoed id differs."""
    await other_shop.call("PUT", "/v1/identities", {"identities": [{"id": "theirs", "kind": "personal"}]})
    answers = [
        (await crowd.call("POST", PATH, body)).json()
        for body in (
            {"identity_id": "nobody"},
            {"identity_id": "theirs"},
            {"identity_id": "ann"},
            {"identity_id": ""},
            {},
        )
    ]

    for answer in answers:
        assert answer.keys() == SHAPE
        assert answer["identity"].keys() == {"id", "method", "confidence"}
    assert len({repr((answer["items"], answer["consent"], answer["run"])) for answer in answers}) == 1
    assert len({answer["decision_id"] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    "subject", [{"session_id": "s1"}, {"product_ids": ["spade"]}, {"context": {"viewing": ["spade"]}}], ids=str
)
async def test_anybody_may_ask_about_a_session_or_a_page(crowd: Shop, subject: dict[str, Any]) -> None:
    answer = (await crowd.call("POST", PATH, subject)).json()

    assert answer["identity"] == {"id": None, "method": "anonymous", "confidence": None}
    assert answer["consent"]["outcome"] == "contextual_only"
    assert answer["items"]
    assert "spade" not in {item["product_id"] for item in answer["items"]} or "session_id" in subject


async def test_rules_exclusions_and_sources_are_followed(crowd: Shop) -> None:
    def ids(answer: Any) -> set[str]:
        return {item["product_id"] for item in answer.json()["items"]}

    rule = {"field": "tag", "values": ["garden"]}
    assert ids(await crowd.call("POST", PATH, {"rules": [{**rule, "action": "include"}]})) == {"spade", "seeds", "hose"}
    assert not ids(await crowd.call("POST", PATH, {"rules": [{**rule, "action": "exclude"}]})) & {
        "spade",
        "seeds",
        "hose",
    }
    assert "spade" not in ids(await crowd.call("POST", PATH, {"exclude": ["spade"]}))
    only = await crowd.call("POST", PATH, {"identity_id": "tom", "sources": ["popular"]})
    assert {item["source"] for item in only.json()["items"]} == {"popular"}


SENSELESS: list[dict[str, Any]] = [
    {"session_id": "s1", "product_ids": ["p1"]},
    {"identity_id": "tom", "product_ids": ["p1"]},
    {"limit": 0},
    {"offset": -1},
    {"offset": 1001},
    {"shelf": "ranking"},
    {"variants": "some"},
    {"limit": 101},
    {"diversity": 1.1},
    {"purpose": "world"},
    {"sources": []},
    {"sources": ["oracle"]},
    {"exclude": ["p"] * 1001},
    {"rules": [{"field": "tag", "values": ["a"], "action": "boost"}]},
    {"rules": [{"field": "tag", "values": ["a"], "action": "boost", "boost": 0}]},
    {"rules": [{"field": "tag", "values": ["a"], "action": "exclude", "boost": 2}]},
    {"rules": [{"field": "tag", "values": [], "action": "exclude"}]},
    {"rules": [{"field": "price", "values": ["cheap"], "action": "exclude"}]},
    {"rules": [{"field": "price", "values": ["5..20 euros"], "action": "include"}]},
    {"context": {"weather": "rain"}},
    {"colour": "blue"},
]


@pytest.mark.parametrize("body", SENSELESS, ids=lambda body: str(body)[:50])
async def test_a_question_that_makes_no_sense_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    answer = await shop.call("POST", PATH, body)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_before_the_first_run_the_shape_is_the_same(shop: Shop) -> None:
    answer = (await shop.call("POST", PATH, {"identity_id": "tom"})).json()

    assert answer.keys() == SHAPE
    assert (answer["items"], answer["run"]) == ([], None)
    await shop.call("PUT", "/v1/products", {"products": [{"id": "first", "title": "The first"}]})
    answer = (await shop.call("POST", PATH, {"identity_id": "tom"})).json()
    assert answer["run"] is None
    assert [(item["product_id"], item["source"]) for item in answer["items"]] == [("first", "newest")]


@pytest_asyncio.fixture(scope="session")
async def wardrobe(client: Any, db: Database) -> Shop:
    """Shirts that come in two sizes, and one that a second supplier calls the same."""
    shop = Shop("wardrobe-of-recommendations", client, db)
    shirt = {"title": "Shirt", "brand": "Acme", "product_type": "Tops", "price": "12.50 EUR", "sale_price": "9.9 EUR"}
    shirt |= {"link": "https://shop.example/shirt", "image_link": "https://shop.example/shirt.jpg"}
    products = [
        {**shirt, "id": "shirt-s", "title": "Shirt, small", "item_group_id": "shirt"},
        {**shirt, "id": "shirt-m", "title": "Shirt, medium", "item_group_id": "shirt", "custom_label_0": "soft"},
        {**shirt, "id": "twin-1", "title": "Belt", "tags": [{"name": "Leather", "facet": "material"}]},
        {**shirt, "id": "twin-2", "title": "belt"},
        {"id": "hat", "title": "Hat"},
    ]
    await shop.call("PUT", "/v1/products", {"products": products})
    return shop


async def test_variants_have_one_place_unless_all_are_wanted(wardrobe: Shop) -> None:
    folded = (await wardrobe.call("POST", PATH, {})).json()["items"]
    every = (await wardrobe.call("POST", PATH, {"variants": "all"})).json()["items"]

    assert len(folded) == 3
    assert len({item["title"].partition(",")[0].casefold() for item in folded}) == 3
    assert len(every) == 5


async def test_an_answer_says_what_a_storefront_draws_and_what_else_is_asked_for(wardrobe: Shop) -> None:
    body = {"variants": "all", "attributes": ["custom_label_0", "availability", "material", "unheard of"]}
    answer = await wardrobe.call("POST", PATH, body)
    assert answer.status_code == 200, answer.text
    items = {item["product_id"]: item for item in answer.json()["items"]}

    shirt = items["shirt-m"]
    assert (shirt["brand"], shirt["category"]) == ("Acme", "Tops")
    assert (shirt["price"], shirt["sale_price"], shirt["currency"]) == ("12.50", "9.90", "EUR")
    assert (shirt["link"], shirt["image_link"]) == ("https://shop.example/shirt", "https://shop.example/shirt.jpg")
    assert shirt["attributes"] == {"custom_label_0": "soft", "availability": "in_stock"}
    assert items["twin-1"]["attributes"] == {"availability": "in_stock", "material": ["Leather"]}
    assert (items["hat"]["price"], items["hat"]["brand"]) == (None, None)


async def test_brands_categories_or_microgenres_are_recommended_each_once(crowd: Shop, shop: Shop) -> None:
    products = [
        {"id": f"{brand}-{n}", "title": f"{brand} {n}", "brand": brand, "product_type": f"Drinks > {kind}"}
        for brand, kind in (("Leaf", "Tea"), ("Clay", "Mugs"), ("Rill", "Tea"))
        for n in range(4)
    ]
    await shop.call("PUT", "/v1/products", {"products": [*products, {"id": "plain", "title": "Of no brand"}]})

    async def groups(**asked: Any) -> list[str]:
        answer = (await shop.call("POST", PATH, {"limit": 10, **asked})).json()
        assert [item["rank"] for item in answer["items"]] == [*range(1, len(answer["items"]) + 1)]
        return [item["group"]["id"] for item in answer["items"]]

    assert sorted(await groups(recommend="brands")) == ["clay", "leaf", "rill"]
    assert sorted(await groups(recommend="categories")) == ["drinks > mugs", "drinks > tea"]
    first = [(await groups(recommend="brands", limit=1))[0]]
    second = (await shop.call("POST", PATH, {"limit": 1, "offset": 1, "recommend": "brands"})).json()["items"]
    assert [*first, *(item["group"]["id"] for item in second)] == (await groups(recommend="brands"))[:2]
    assert await groups(recommend="microgenres") == []  # before the first run there are none
    only = [{"field": "brand", "values": ["Leaf"], "action": "include"}]
    assert await groups(recommend="brands", rules=only) == ["leaf"]

    liked = (await crowd.call("POST", PATH, {"identity_id": "tom", "recommend": "microgenres"})).json()["items"]
    plain = (await crowd.call("POST", PATH, {"identity_id": "tom"})).json()["items"]
    assert len({item["group"]["id"] for item in liked}) == len(liked)
    assert all(item["group"] is None for item in plain)
    assert (await shop.call("POST", PATH, {"recommend": "people"})).status_code == 422


async def test_pages_follow_each_other(wardrobe: Shop) -> None:
    pages = [(await wardrobe.call("POST", PATH, {"limit": 2, "offset": at})).json()["items"] for at in (0, 2, 4)]

    assert [[item["rank"] for item in page] for page in pages] == [[1, 2], [3], []]
    assert len({item["product_id"] for page in pages for item in page}) == 3


async def test_prices_in_other_currencies_are_nobodys_range(client: Any, db: Database) -> None:
    shop = Shop("two-currencies-of-recommendations", client, db)
    prices = {"pan": "9.00 EUR", "pot": "90.00 EUR", "lid": "900 JPY", "box": "9 JPY"}
    products = [{"id": id_, "title": id_, "price": price} for id_, price in prices.items()]
    products.append({"id": "cup", "title": "cup", "price": "20.00 EUR"})  # most prices are in euros
    await shop.call("PUT", "/v1/products", {"products": products})

    async def left(range_: str, action: str = "include") -> set[str]:
        rule = {"field": "price", "values": [range_], "action": action}
        items = (await shop.call("POST", PATH, {"rules": [rule]})).json()["items"]
        return {item["product_id"] for item in items}

    assert await left("..20") == {"pan", "cup"}
    assert await left("..20", "exclude") == {"pot", "lid", "box"}
    assert await left("..1000 JPY") == {"lid", "box"}


async def test_global_privacy_control_is_heard(crowd: Shop) -> None:
    async def heard() -> float:
        lines = (await crowd.client.get("/metrics")).text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("plural_privacy_signals_total"))

    before = await heard()
    for value in ("1", "0", "true"):
        assert (await crowd.call("POST", PATH, {}, headers={"Sec-GPC": value})).status_code == 200

    assert await heard() - before == 1


async def test_what_is_like_a_product_asks_for_no_consent(crowd: Shop) -> None:
    answer = (await crowd.call("GET", "/v1/products/dog-food/similar?limit=1")).json()
    everything = (await crowd.call("GET", "/v1/products/dog-food/similar")).json()

    assert [item["product_id"] for item in everything["items"]] == ["dog-bed", "dog-leash"]
    assert answer["items"] == everything["items"][:1]
    assert answer["items"][0].keys() == {
        "product_id",
        "title",
        "rank",
        "score",
        "source",
        "reasons",
        "propensity",
        *SHOWN,
    }
    assert answer["decision_id"] != everything["decision_id"]
    assert answer["run"].keys() == {"id", "model_version"}
    assert (await crowd.call("GET", "/v1/products/nothing/similar")).status_code == 404
    assert (await crowd.call("GET", "/v1/products/dog-food/similar?limit=0")).status_code == 422


async def test_what_is_withdrawn_is_like_nothing(crowd: Shop) -> None:
    bed = {"id": "dog-bed", "title": "Dog-Bed", "tags": ["pets"]}
    await crowd.call("PUT", "/v1/products", {"products": [{**bed, "availability": "out_of_stock"}]})
    answer = (await crowd.call("GET", "/v1/products/dog-food/similar")).json()
    await crowd.call("PUT", "/v1/products", {"products": [bed]})

    assert [item["product_id"] for item in answer["items"]] == ["dog-leash"]


async def test_what_is_like_a_product_is_what_the_recommender_says_beside_it(market: Shop) -> None:
    """Variants are one, and their own are not named; what is sensitive stands beside nothing that is not."""

    async def beside(product_id: str) -> list[str]:
        answer = (await market.call("GET", f"/v1/products/{product_id}/similar")).json()
        asked = {"product_ids": [product_id], "sources": ["similar"], "shelf": "for_you"}
        assert answer["items"] == (await market.call("POST", PATH, asked)).json()["items"]
        return sorted(item["product_id"] for item in answer["items"])

    assert await beside("tea") == ["cup", "shirt-m"]
    assert await beside("shirt-l") == ["cup", "tea"]
    assert await beside("pills") == ["cup", "plaster", "shirt-m", "tea"]


@pytest_asyncio.fixture(scope="session")
async def market(client: Any, db: Database, settings: Settings) -> Shop:
    """Everybody buys tea, a cup, a shirt in one of two sizes and something for headaches."""
    shop = Shop("market-of-similar-products", client, db)
    shirts = [{"id": f"shirt-{size}", "title": f"Shirt {size}", "item_group_id": "shirt"} for size in ("m", "l")]
    plain = [{"id": name, "title": name.title()} for name in ("tea", "cup")]
    ill = [{"id": name, "title": name.title(), "product_type": "Medicine"} for name in ("pills", "plaster")]
    await shop.call("PUT", "/v1/products", {"products": [*shirts, *plain, *ill]})
    crowd = {f"p-{n}": ["tea", "cup", "shirt-m" if n % 3 else "shirt-l", "pills", "plaster"] for n in range(12)}
    await shop.call("POST", "/v1/events", {"events": [bought(name, *ids) for name, ids in crowd.items()]})
    for name in crowd:
        await shop.call("PUT", f"/v1/identities/{name}/consents/model_training", {"status": "granted"})
    await refresh(db, settings, shop.tenant)
    return shop


async def test_an_objective_is_one_of_two(crowd: Shop) -> None:
    asked = {"identity_id": "tom", "objective": "full_price"}

    assert (await crowd.call("POST", PATH, asked)).status_code == 200
    assert (await crowd.call("POST", PATH, {**asked, "objective": "profit"})).status_code == 422
