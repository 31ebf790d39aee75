"""Categories are a tree: what is popular in one holds what is so below it, and falls back to what is so above it."""

from dataclasses import replace

import pytest

from app.domain.catalogue import ProductFilter
from app.domain.models import Product
from app.domain.recommendation import Context, Recommendation, Rule
from app.domain.taxonomy import Taxonomy
from app.graph.products import ProductGraph
from tests.graph.shop import Shop


def ids(answer: Recommendation) -> list[str]:
    return [item.product_id for item in answer.items]


@pytest.fixture
async def kitchen(shop: Shop) -> Shop:
    """Pans sell, whisks somewhat, a bed sells best of all; nobody buys lids, nor is anything right in the kitchen."""
    await shop.offers("pan", "pot", product_type="Home > Kitchen > Pans")
    await shop.offers("whisk", product_type="Home > Kitchen > Tools")
    await shop.offers("lid", product_type="Home > Kitchen > Lids")
    await shop.offers("lamp", product_type="Home > Lights")
    await shop.offers("bike", product_type="Sports > Bikes")
    people = [f"i{place}" for place in range(8)]
    await shop.grants(*people)
    for place, one in enumerate(people):
        bought = ["bike", *(["pan"] if place < 6 else []), *(["pot", "whisk", "lamp"] if place < 3 else [])]
        await shop.buys(one, *bought)
    await shop.refreshes()
    return shop


async def test_a_page_of_a_category_shows_what_is_popular_below_it(kitchen: Shop) -> None:
    found = await kitchen.asks(context=Context(categories=("home>Kitchen",)), limit=3, sources=("popular",))
    assert set(ids(found)) == {"pan", "pot", "whisk"}
    assert ids(found)[0] == "pan"

    only = await kitchen.asks(rules=(Rule("category", ("Home > Kitchen",), "include"),), sources=("popular",))
    assert ids(only)[:3] == ids(found)
    assert set(ids(only)) <= {"pan", "pot", "whisk", "lid"}


async def test_a_page_where_nothing_is_bought_shows_what_is_bought_around_it(kitchen: Shop) -> None:
    """And only then what sells best of all."""
    page = Context(categories=("Home > Kitchen > Lids",))
    found = ids(await kitchen.asks(context=page, limit=5, sources=("popular",), fallback=("popular",)))

    assert set(found[:3]) == {"pan", "pot", "whisk"}
    assert set(found[3:]) == {"lamp", "bike"}

    unknown = ids(await kitchen.asks(context=Context(categories=("Garden",)), limit=1, sources=("popular",)))
    assert unknown == ["bike"]


async def test_numbers_of_googles_taxonomy_are_its_categories(shop: Shop) -> None:
    taxonomy = Taxonomy.parse(["3237 - Animals & Pet Supplies > Live Animals"])
    store = ProductGraph(shop.db, taxonomy)
    cat = Product("cat", "Cat", google_product_category="3237")
    await store.upsert(
        shop.tenant,
        [cat, replace(cat, id="dog", product_type="Dogs"), replace(cat, id="eel", google_product_category="9")],
    )

    found = {
        one.id: (one.category, one.google_product_category)
        for one in await store.list_products(shop.tenant, ProductFilter(), None, 9)
    }
    path = "Animals & Pet Supplies > Live Animals"
    assert found == {"cat": (path, path), "dog": ("Dogs", path), "eel": ("9", "9")}
    below = await store.list_products(shop.tenant, ProductFilter(category="Animals & Pet Supplies"), None, 9)
    assert [one.id for one in below] == ["cat"]
    changed = await store.change_product(shop.tenant, "eel", lambda one: replace(one, google_product_category="3237"))
    assert changed is not None
    assert changed.category == path
