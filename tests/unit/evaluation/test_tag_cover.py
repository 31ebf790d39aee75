"""How well the tags of a community say what its products are."""

import numpy as np
import pytest

from app.domain.models import Product, Tag
from app.evaluation.communities import tag_cover


def product(name: str, **weights: float) -> Product:
    return Product(name, name, tags=tuple(Tag(tag, weight=weight) for tag, weight in weights.items()))


def test_a_product_is_covered_by_what_the_others_of_its_community_are_called():
    products = [product("a", rock=2, loud=1), product("b", rock=2, live=1), product("c", tea=1), product("d", tea=1)]

    # Rock is what a and b share; loud and live are each one's own; tea is said by the other one.
    assert tag_cover(products, np.asarray([0, 0, 1, 1])) == (4, pytest.approx((0.5 + 0.5 + 1 + 1) / 4))


def test_a_lone_product_says_nothing_of_itself():
    assert tag_cover([product("a", rock=2)], np.asarray([0])) == (1, 0.0)


def test_only_the_ten_strongest_tags_of_a_community_count():
    crowd = [product(f"p{n}", **{f"t{n}": 9}) for n in range(10) for _ in range(2)]
    late = [product("x", late=1), product("y", late=1)]

    assert tag_cover([*crowd, *late], np.zeros(22, dtype=np.int64)) == (22, pytest.approx(20 / 22))


def test_only_the_five_strongest_tags_of_a_product_count():
    many = {f"t{n}": 10.0 - n for n in range(5)}

    counted, cover = tag_cover([product("a", **many, odd=1), product("b", **many, other=1)], np.asarray([0, 0]))

    assert (counted, cover) == (2, 1.0)


def test_products_without_tags_or_at_home_nowhere_do_not_count():
    assert tag_cover([product("a"), product("b", rock=1)], np.asarray([0, -1])) == (0, None)
