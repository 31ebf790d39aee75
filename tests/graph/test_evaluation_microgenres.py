"""What `plural evaluate` tells of the microgenres that a run found."""

from app.domain.models import Product, Tag
from app.evaluation.microgenres import measure_microgenres
from tests.graph.shop import Shop

PETS, GARDEN = ("dog food", "dog bed", "dog toy"), ("spade", "seeds", "hose")


async def test_microgenres_of_the_active_run_stand_beside_the_shops_categories(shop: Shop) -> None:
    """The catalogue puts the dog's bed with the furniture; who buys for a dog does not."""
    kinds = {**dict.fromkeys(PETS, "dogs"), **dict.fromkeys(GARDEN, "gardens")}
    aisle = {"dog bed": "Home > Furniture"}
    products = [
        Product(id_, id_, product_type=aisle.get(id_, f"Home > {kind}"), tags=(Tag(kind, "kind"), Tag(id_, "type")))
        for id_, kind in kinds.items()
    ]
    await shop.products.upsert(shop.tenant, products)
    people = [f"{kind}-{place}" for kind in ("dogs", "gardens") for place in range(8)]
    for one in people:
        await shop.buys(one, *(PETS if one.startswith("dogs") else GARDEN))
    await shop.grants(*people)
    baskets = [{0, 1}, {1, 2}, {3, 4}, {4, 5}]
    assert await measure_microgenres(shop.db, shop.tenant, products, baskets) is None

    await shop.refreshes()
    found = await measure_microgenres(shop.db, shop.tenant, products, baskets)

    assert found is not None
    assert found.microgenres == 2
    assert [one.name for one in found.purity] == ["microgenres", "categories, level 1", "categories, level 2"]
    ours, _, theirs = found.purity
    assert (ours.together, ours.lift) == (1.0, 2.0)
    assert (theirs.together, theirs.across) == (0.5, 0.5)
