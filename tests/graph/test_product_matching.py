"""What events call a product is found in the catalogue, or kept under its own text, counted and listed."""

from dataclasses import replace

import pytest

from app.domain.matching import Unmatched, explain
from app.domain.models import Interaction, Line
from app.graph.matching import UnmatchedGraph
from tests.graph.shop import Shop


async def unmatched(shop: Shop) -> list[Unmatched]:
    return await UnmatchedGraph(shop.db).list_unmatched(shop.tenant, 10)


async def lost(shop: Shop, *events: Interaction) -> int:
    """Record events; how many of their lines no feed has."""
    async with shop.writer() as writer:
        return (await writer.append(shop.tenant, events)).unmatched


@pytest.mark.parametrize("said", ["4006381333931", "0004006381333931", "PEN-7", "pen-black"])
async def test_a_product_is_found_by_what_else_it_is_known_by(shop: Shop, said: str) -> None:
    await shop.offers("p1", gtin="4006381333931", mpn="PEN-7", sku="pen-black")

    assert await lost(shop, shop.event("purchase", "tom", said)) == 0
    assert set(await shop.likes("tom")) == {"p1"}
    assert await shop.query("MATCH (:Interaction {tenant: $tenant})-[o:OF]->() RETURN o.said AS said") == [
        {"said": said}
    ]


async def test_an_id_that_no_feed_has_gives_way_to_the_sku_beside_it(shop: Shop) -> None:
    await shop.offers("pen-black")
    event = replace(shop.event("purchase", "tom"), lines=(Line("4711", also=("pen-black",)),))

    assert await lost(shop, event) == 0
    assert set(await shop.likes("tom")) == {"pen-black"}


async def test_an_id_of_the_catalogue_is_never_taken_for_anothers_sku(shop: Shop) -> None:
    await shop.offers("p1")
    await shop.offers("p2", sku="p1")
    await shop.buys("tom", "p1")

    assert set(await shop.likes("tom")) == {"p1"}


async def test_what_two_products_have_in_common_names_neither(shop: Shop) -> None:
    await shop.offers("p1", "p2", mpn="PEN-7")

    assert await lost(shop, shop.event("purchase", "tom", "PEN-7"), shop.event("view", "tom", "PEN-7")) == 1
    [one] = await unmatched(shop)
    assert (one.product_id, one.purchases, one.likeness) == ("PEN-7", 1, "ambiguous")


async def test_a_parent_counts_for_a_variant_of_its_group_and_is_listed(shop: Shop) -> None:
    await shop.offers("shirt-M", "shirt-S", item_group_id="shirt")

    assert await lost(shop, shop.event("purchase", "tom", "shirt"), shop.event("purchase", "eve", "mug")) == 2
    assert set(await shop.likes("tom")) == {"shirt-M"}
    found = await unmatched(shop)
    assert {(one.product_id, one.purchases, one.variants, one.likeness) for one in found} == {
        ("shirt", 1, 2, "group"),
        ("mug", 1, 0, "unknown"),
    }
    assert "1 of 2 purchases name a group" in str(explain(found))


async def test_what_was_said_before_the_feed_came_joins_it(shop: Shop) -> None:
    await shop.grants("tom")
    await shop.buys("tom", "shirt", "PEN-7", "mug")
    assert len(await unmatched(shop)) == 3

    await shop.offers("shirt-M", item_group_id="shirt")
    await shop.offers("p1", mpn="PEN-7")
    await shop.offers("mug")
    await shop.refreshes()

    assert set(await shop.likes("tom")) == {"shirt-M", "p1", "mug"}
    assert [one.product_id for one in await unmatched(shop)] == ["shirt"]


async def test_two_names_of_one_product_in_one_message_are_one_purchase(shop: Shop) -> None:
    await shop.offers("p1", sku="pen-black")
    await shop.buys("tom", "p1", "pen-black", order_id="o")

    assert (await shop.likes("tom"))["p1"]["purchases"] == 1
    await shop.saw(replace(shop.event("refund", "tom", order_id="o"), lines=(Line("pen-black", 2),)))
    assert await shop.likes("tom") == {}


async def test_where_a_feed_has_all_there_is_nothing_to_say(shop: Shop) -> None:
    await shop.offers("p1")
    await shop.buys("tom", "p1")

    assert (await unmatched(shop), explain([])) == ([], None)
