"""Which products are one to a customer."""

from app.domain.recommendation import variant_keys
from app.recommend.variants import group_products
from tests.unit.recommend.shop import a_model


def groups(*products: tuple[str | None, str, str | None, str | None]) -> list[int]:
    return group_products([variant_keys(*one) for one in products]).tolist()


def test_a_group_is_what_the_shop_says_and_what_is_called_the_same() -> None:
    found = groups(
        ("shirt", "Shirt, small", "Acme", "Tops"),
        ("shirt", "Shirt, medium", "Acme", "Tops"),
        (None, "shirt,  MEDIUM", "acme", "tops"),
        (None, "Shirt, medium", "Best", "Tops"),
        (None, "Shirt, medium", "Acme", "Gifts"),
        ("hat", "Hat", None, None),
    )

    assert found[0] == found[1] == found[2]
    assert len({*found}) == 4


def test_no_products_have_no_groups() -> None:
    assert groups() == []


def test_of_variants_the_most_liked_comes_first() -> None:
    model = a_model(groups=group_products([("g",), ("h",), ("g",), ("n",), ("g",), ("t",)]))

    assert model.variants_of(0) == [2, 0, 4]  # milk that nine like, the cup of four, the pot of three
    assert model.with_variants(model.places(["cup", "tea"])).tolist() == [0, 2, 4, 5]
