"""What became of the communities of a run: how many, how many an identity is in, and how well their tags fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.models import Product
from app.evaluation.datasets.values import Floats, Ints
from app.graph.database import Database

COMMUNITY_TAGS, PRODUCT_TAGS = 10, 5
"""A community's strongest tags, which should say what a product's own strongest ones say."""

NOTHING = 1e-9
"""Weight of a tag that nothing but rounding is left of."""


@dataclass(frozen=True, slots=True)
class CommunityFigures:
    """How a run's communities came out."""

    communities: int
    median_memberships: float
    """Over all that were learned from, members or not."""
    members: float
    """Share of those learned from that belong anywhere."""
    products: int
    """Products that are at home in a community and have tags."""
    tag_cover: float | None
    """Share of such a product's strongest tags that are among its community's, the product left out; None: no tags."""
    overall_cover: float | None
    """The same with the strongest tags of all communities' products together."""


async def measure_communities(db: Database, tenant: str, products: Sequence[Product]) -> CommunityFigures | None:
    """Look at the active run; ``products`` bring the tags to judge by. None when it found no communities."""
    rows = await db.run_long("evaluate/read_communities", tenant=tenant)
    if not rows or not rows[0]["homes"]:
        return None
    community, memberships = dict[str, str](rows[0]["homes"]), np.asarray(rows[0]["memberships"])
    names = sorted(set(community.values()))
    number = {name: n for n, name in enumerate(names)}
    home = np.asarray([number.get(community.get(product.id, ""), -1) for product in products], dtype=np.int64)
    counted, cover = tag_cover(products, home)
    _, overall = tag_cover(products, np.minimum(home, 0))
    return CommunityFigures(
        communities=len(names),
        median_memberships=float(np.median(memberships)) if len(memberships) else 0.0,
        members=float((memberships > 0).mean()) if len(memberships) else 0.0,
        products=counted,
        tag_cover=cover,
        overall_cover=overall,
    )


def tag_cover(products: Sequence[Product], home: Ints) -> tuple[int, float | None]:
    """How many products with tags are at home somewhere, and the mean share of their tags that their community says.

    ``home`` is the community of each product, -1 for none. A product's own tags are taken out of its community's.
    ``None`` when no such product has tags.
    """
    tags: dict[str, int] = {}
    worn = [
        (n, np.asarray([tags.setdefault(tag.id, len(tags)) for tag in product.tags]), _weights(product))
        for n, product in enumerate(products)
        if home[n] >= 0 and product.tags
    ]
    if not worn:
        return 0, None
    said = np.zeros((int(home.max()) + 1, len(tags)))
    for n, tag, weight in worn:
        np.add.at(said[home[n]], tag, weight)
    ranked = np.argsort(-said, axis=1, kind="stable")
    shares = [
        _share(said[home[n]], ranked[home[n], : COMMUNITY_TAGS + len(tag)], tag, weight) for n, tag, weight in worn
    ]
    return len(worn), float(np.mean(shares))


def _share(said: Floats, strongest: Ints, tag: Ints, weight: Floats) -> float:
    """Share of a product's strongest tags among the strongest that are ``said`` without it."""
    left = said.copy()
    np.subtract.at(left, tag, weight)
    others = strongest[np.argsort(-left[strongest], kind="stable")][:COMMUNITY_TAGS]
    own = tag[np.argsort(-weight, kind="stable")][:PRODUCT_TAGS]
    return float(np.isin(own, others[left[others] > NOTHING]).mean())


def _weights(product: Product) -> Floats:
    return np.asarray([tag.weight for tag in product.tags])
