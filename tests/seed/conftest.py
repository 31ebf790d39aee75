"""The real data, read once for all tests of the seed."""

import pytest

from app.domain.models import Product
from seed.catalogue import build_catalogue, goods
from seed.journey import Journey, read_journey


@pytest.fixture(scope="session")
def journey() -> Journey:
    return read_journey()


@pytest.fixture(scope="session")
def catalogue(journey: Journey) -> dict[str, Product]:
    """Everything that a storefront could offer, by id."""
    return {product.id: product for product in build_catalogue(journey, goods(journey))}
