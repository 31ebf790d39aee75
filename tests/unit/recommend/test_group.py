"""Brands, categories and microgenres are recommended each once, by the best product that is of them."""

from app.domain.recommendation import Item, Offer
from app.recommend.group import MOST, one_each, places_for
from tests.unit.recommend.shop import a_model


def item(id_: str, brand: str | None = None, category: str | None = None) -> Item:
    return Item(id_, 1, 1.0, "similar", id_.title(), offer=Offer(id_, id_.title(), brand=brand, category=category))


ITEMS = [item("pot", "Clay", "Kitchen > Pots"), item("plain"), item("cup", "CLAY", "Kitchen"), item("tea", "Leaf")]


def test_each_brand_and_category_has_one_place_in_the_order_of_its_best_product() -> None:
    brands, categories = one_each(ITEMS, "brands", None), one_each(ITEMS, "categories", None)

    assert [(one.rank, one.product_id, one.group and one.group.id) for one in brands] == [
        (1, "pot", "clay"),
        (2, "tea", "leaf"),
    ]
    assert [one.group and one.group.label for one in categories] == ["Kitchen > Pots", "Kitchen"]


def test_what_somebody_excluded_is_not_recommended_by_a_product_that_is_partly_of_it() -> None:
    model = a_model()
    found = one_each(ITEMS, "microgenres", model)

    assert [(one.group and one.group.label) for one in found] == ["hot drinks"]
    assert one_each(ITEMS, "microgenres", model, ("g1",)) == ()
    assert one_each(ITEMS, "microgenres", None) == ()


def test_many_products_are_ranked_for_a_place_and_not_without_bound() -> None:
    assert places_for(1) == 20
    assert places_for(1_100) == MOST
