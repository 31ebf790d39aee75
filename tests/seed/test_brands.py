"""Invented names of manufacturers."""

import re

import pytest

from seed.brands import brand_of
from seed.catalogue import STORE_BRAND, build_catalogue
from seed.journey import Journey


def test_every_manufacturer_of_the_data_has_a_name_of_its_own_that_can_be_said(journey: Journey) -> None:
    makers = {row.manufacturer for row in journey.products.values()}
    names = {maker: brand_of(maker) for maker in makers}

    assert len(set(names.values())) == len(makers) > 6_000
    assert all(re.fullmatch(r"[A-Z][a-z]{4,14}", name) for name in names.values())


def test_a_name_does_not_change_from_run_to_run() -> None:
    assert [brand_of(maker) for maker in (2, 764, 5423)] == ["Marlalleaf", "Mirvarga", "Selvovik"]


@pytest.mark.parametrize("maker", [-1, 8_064])
def test_beyond_the_names_there_is_an_error_instead_of_a_second_maker_of_one_name(maker: int) -> None:
    with pytest.raises(ValueError, match="manufacturers"):
        brand_of(maker)


def test_a_private_label_stays_the_store_brand(journey: Journey) -> None:
    own = next(row for row in journey.products.values() if row.label == "Private" and row.type)
    national = next(row for row in journey.products.values() if row.label == "National" and row.type)

    brands = {product.id: product.brand for product in build_catalogue(journey, (own.id, national.id))}

    assert brands == {str(own.id): STORE_BRAND, str(national.id): brand_of(national.manufacturer)}
