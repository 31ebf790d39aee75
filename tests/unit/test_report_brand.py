"""The report shows the brand about which there is most to say."""

from typing import cast

import pytest

from app.cli.report import choose_view
from app.domain.brands import BrandRun, Facet, Niche
from app.domain.disclosure import Figure
from app.services.brands import BrandGuide

NICHE = Niche("c1", None, 60, Figure(0.5), Figure(0.3), Figure(10.0), (), (), ())


class Guide:
    """Brands by the shares of communities that buy them, and those with a niche."""

    def __init__(self, shares: dict[str, list[float]], niches: tuple[str, ...] = ()) -> None:
        self._shares, self._niches = shares, niches

    async def facets(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[Facet]]:
        shares = self._shares[brand_id]
        facets = [Facet(f"c{n}", None, 60, Figure(share), Figure(0.5), ()) for n, share in enumerate(shares)]
        return BrandRun(brand_id, brand_id, "run"), facets

    async def niches(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[Niche]]:
        return BrandRun(brand_id, brand_id, "run"), [NICHE] if brand_id in self._niches else []


async def chosen(guide: Guide, *brands: str) -> str | None:
    view = await choose_view(cast("BrandGuide", guide), "shop", list(brands))
    return view.brand.id if view else None


SHARES = {"everybody's": [1.0, 1.0, 0.98], "some's": [0.9, 0.4, 0.2], "few's": [0.3, 0.2]}


@pytest.mark.parametrize(("niches", "brand"), [((), "some's"), (("few's",), "few's")])
async def test_a_brand_with_niches_comes_first_then_the_most_unequal_one(niches: tuple[str, ...], brand: str) -> None:
    assert await chosen(Guide(SHARES, niches), *SHARES) == brand


async def test_without_brands_there_is_none() -> None:
    assert await chosen(Guide({})) is None
