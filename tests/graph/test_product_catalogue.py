"""The catalogue is what the feed says, no more and no less."""

from decimal import Decimal

from app.domain.models import Product, Tag
from tests.graph.shop import Shop


async def around(shop: Shop, id_: str) -> set[str]:
    rows = await shop.query(
        "MATCH (:Product {tenant: $tenant, id: $id})-[:TAGGED|MADE_BY]->(n) RETURN n.id AS id", id=id_
    )
    return {row["id"] for row in rows}


async def test_a_product_is_replaced_with_its_brand_and_tags(shop: Shop) -> None:
    await shop.offers("tea", brand="Acme", product_type="Tea", tags=(Tag("green", "colour"), Tag("calm", "mood")))
    assert await around(shop, "tea") == {"acme", "category:tea", "colour:green", "mood:calm"}

    await shop.offers("tea", product_type="Tea", tags=(Tag("calm", "mood"),))
    assert await around(shop, "tea") == {"category:tea", "mood:calm"}

    await shop.offers("tea")
    assert await around(shop, "tea") == set()


async def test_properties_that_are_gone_from_the_feed_are_gone(shop: Shop) -> None:
    full = Product("tea", "Tea", price=Decimal("2.99"), currency="EUR", custom_labels=("100 g", None, "spring"))
    await shop.products.upsert(shop.tenant, [full])
    rows = await shop.query("MATCH (p:Product {tenant: $tenant}) RETURN properties(p) AS p")
    assert rows[0]["p"]["price"] == 2.99
    came = rows[0]["p"]["added_at"]
    assert (rows[0]["p"]["custom_label_0"], rows[0]["p"]["custom_label_2"]) == ("100 g", "spring")

    await shop.offers("tea")
    rows = await shop.query("MATCH (p:Product {tenant: $tenant}) RETURN properties(p) AS p")
    named = {"tenant": shop.tenant, "id": "tea", "title": "Tea", "availability": "in_stock"}
    assert rows[0]["p"] == {**named, "added_at": came}  # when it came is no property of the feed


async def test_two_shops_may_use_one_id(shop: Shop) -> None:
    other = Shop(shop.db, f"{shop.tenant}-2")
    await shop.offers("tea", brand="Acme")
    await other.offers("tea", brand="Best")

    assert (await around(shop, "tea"), await around(other, "tea")) == ({"acme"}, {"best"})
