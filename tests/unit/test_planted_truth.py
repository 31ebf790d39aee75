"""Generated data is what it is said to be, or what is measured on it means nothing."""

import numpy as np

from app.domain.models import Product
from app.evaluation.datasets import Dataset, Interactions
from tests.bench.planted_shop import COMMUNITIES, PRODUCTS_EACH, TASTES, TREND_DAYS, generate
from tests.bench.rewiring import rewire


def two_tastes() -> Dataset:
    """Twenty people like ten of the first products, twenty ten of the others."""
    rng = np.random.default_rng(0)
    pairs = [(who, who // 20 * 30 + int(n)) for who in range(40) for n in rng.choice(30, 10, replace=False)]
    table = np.asarray(pairs, dtype=np.int64)
    return Dataset(
        name="two tastes",
        identities=tuple(f"i{n}" for n in range(40)),
        products=tuple(Product(f"p{n}", f"P{n}") for n in range(60)),
        interactions=Interactions(table[:, 0], table[:, 1], (1 + table[:, 0]).astype(np.float64)),
    )


def test_rewiring_keeps_how_much_everybody_and_everything_has():
    before, after = two_tastes().interactions, rewire(two_tastes(), seed=0).interactions

    assert np.array_equal(np.bincount(after.identity), np.bincount(before.identity))
    assert np.array_equal(np.bincount(after.product, minlength=60), np.bincount(before.product, minlength=60))
    assert len(set(zip(after.identity.tolist(), after.product.tolist(), strict=True))) == len(before)
    assert np.array_equal(after.weight, 1.0 + after.identity)


def test_rewiring_leaves_nothing_of_the_tastes():
    rows = rewire(two_tastes(), seed=0).interactions
    own = (rows.identity < 20) == (rows.product < 30)

    assert 0.4 < own.mean() < 0.6


def test_a_planted_shop_sells_everybody_mostly_what_is_of_three_tastes():
    shop = generate(0, deals=False, trend=False)
    rows = shop.dataset.interactions
    of_taste = shop.tastes[rows.identity, shop.community[rows.product]]

    assert set(shop.tastes.sum(axis=1).tolist()) == {TASTES}
    assert np.bincount(shop.community).tolist() == [PRODUCTS_EACH] * COMMUNITIES
    assert 0.9 < of_taste.mean() < 0.95  # a quarter of what is bought by chance is of an own taste


def test_deal_hunters_buy_the_promoted_community_at_a_discount_and_have_no_taste_for_it():
    shop, without = generate(0, trend=False), generate(0, deals=False, trend=False)
    more = len(shop.dataset.interactions) - len(without.dataset.interactions)
    rows = shop.dataset.interactions
    promoted = shop.hunters[rows.identity] & (shop.community[rows.product] == shop.promoted)

    assert not shop.tastes[shop.hunters, shop.promoted].any()
    assert more == 12 * shop.hunters.sum()
    assert rows.discounted is not None
    assert rows.discounted[promoted].mean() > 0.9
    assert np.array_equal(shop.tastes, without.tastes)


def test_a_trend_is_bought_late_and_by_half_of_all():
    shop, without = generate(0), generate(0, trend=False)
    at, earlier = shop.dataset.interactions.at, without.dataset.interactions.at
    assert at is not None
    assert earlier is not None
    last_month = at.max() - TREND_DAYS * 86_400
    more = len(at) - len(earlier)

    assert 0.45 < more / 2 / len(shop.dataset.identities) < 0.55
    assert (at > last_month).sum() - (earlier > last_month).sum() > 0.95 * more
