"""A generated shop of which it is known who has which tastes, who hunts for deals, and what was a trend."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.models import Product, Tag
from app.evaluation.datasets.values import Dataset, Floats, Interactions, Ints

COMMUNITIES, PRODUCTS_EACH, IDENTITIES, TASTES = 12, 60, 1_500, 3
LINES, NOISE = 40, 0.1
"""Lines of an identity outside of deals and the trend; the share of them that is pure chance."""
DAYS, TREND_DAYS = 360, 30
USUAL_DEALS, DEAL = 0.2, 0.6
"""Share of the ordinary lines that is discounted, and what is paid of a list price then."""
HUNTERS, HUNTED, HUNTED_AT = 0.2, 12, 0.5
"""Share of deal hunters, their further lines of the promoted community, and what they pay of its list prices."""
TRENDY, FOLLOWERS = 6, 0.5
"""Products of the trend, and the share of identities that buys two of them in the last days."""
START = 1_735_689_600
"""The first of January 2025, UTC."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PlantedShop:
    """The data and the truth behind it."""

    dataset: Dataset
    tastes: Mask
    """Who likes from which community, shape (identities, communities); three of each row."""
    community: Ints
    """Of each product."""
    hunters: Mask
    promoted: int
    """The community whose products deal hunters bought for the price."""
    trend: int
    """The community whose products everybody bought lately."""


def generate(seed: int, *, deals: bool = True, trend: bool = True) -> PlantedShop:
    """Draw a shop; without ``deals`` or ``trend`` the same shop in which there were none."""
    rng = np.random.default_rng(seed)
    tastes = np.zeros((IDENTITIES, COMMUNITIES), dtype=bool)
    lines: list[tuple[int, int, int, float]] = []
    promoted, fashion = 0, 1
    hunters = rng.random(IDENTITIES) < HUNTERS
    for who in range(IDENTITIES):
        own = rng.choice(COMMUNITIES, TASTES, replace=False)
        tastes[who, own] = True
        lines += _ordinary(rng, who, own)
        # Drawn in any case, so that the rest of the shop is the same.
        hunted, followed, follows = _hunted(rng, who, promoted), _followed(rng, who, fashion), rng.random() < FOLLOWERS
        if deals and hunters[who] and not tastes[who, promoted]:
            lines += hunted
        if trend and follows:
            lines += followed
    hunters &= ~tastes[:, promoted]
    community = np.repeat(np.arange(COMMUNITIES), PRODUCTS_EACH)
    return PlantedShop(_dataset(lines, community), tastes, community, hunters, promoted, fashion)


def _ordinary(rng: np.random.Generator, who: int, own: NDArray[Any]) -> list[tuple[int, int, int, float]]:
    """Lines out of the own communities, some of them much liked by all of it, and a few out of all."""
    shares = rng.dirichlet(np.full(TASTES, 6.0))
    home = rng.choice(own, LINES, p=shares)
    home = np.where(rng.random(LINES) < NOISE, rng.integers(0, COMMUNITIES, LINES), home)
    days = rng.integers(0, DAYS, LINES)
    paid = np.where(rng.random(LINES) < USUAL_DEALS, DEAL, 1.0)
    products = home * PRODUCTS_EACH + rng.choice(PRODUCTS_EACH, LINES, p=_liking())
    return [(who, *row) for row in zip(products.tolist(), days.tolist(), paid.tolist(), strict=True)]


def _hunted(rng: np.random.Generator, who: int, promoted: int) -> list[tuple[int, int, int, float]]:
    products = promoted * PRODUCTS_EACH + rng.choice(PRODUCTS_EACH, HUNTED, p=_liking())
    return [(who, product, int(rng.integers(0, DAYS)), HUNTED_AT) for product in products.tolist()]


def _followed(rng: np.random.Generator, who: int, fashion: int) -> list[tuple[int, int, int, float]]:
    products = fashion * PRODUCTS_EACH + rng.choice(TRENDY, 2, replace=False)
    return [(who, product, DAYS - 1 - int(rng.integers(0, TREND_DAYS)), 1.0) for product in products.tolist()]


def _liking() -> Floats:
    """How a community's likes fall on its products: a few on many, many on a few."""
    weight = 1.0 / np.sqrt(np.arange(1, PRODUCTS_EACH + 1))
    return weight / weight.sum()


def _dataset(lines: list[tuple[int, int, int, float]], community: Ints) -> Dataset:
    table = np.asarray(lines, dtype=np.float64)
    products = tuple(
        Product(f"p{n}", f"Product {n}", tags=(Tag(f"kind {home}"), Tag(f"kind {home} {n % 3}")))
        for n, home in enumerate(community.tolist())
    )
    at = START + table[:, 2].astype(np.int64) * 86_400 + table[:, 0].astype(np.int64)
    return Dataset(
        name="planted",
        identities=tuple(f"i{n}" for n in range(IDENTITIES)),
        products=products,
        interactions=Interactions(
            identity=table[:, 0].astype(np.int64),
            product=table[:, 1].astype(np.int64),
            weight=np.ones(len(table)),
            at=at,
            price_paid=10.0 * table[:, 3],
            list_price=np.full(len(table), 10.0),
        ),
    )
