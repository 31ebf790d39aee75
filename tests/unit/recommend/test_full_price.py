"""What is asked at full price goes by how often a product is bought so."""

import numpy as np
import pytest

from app.recommend.full_price import PRIOR_LIKERS, lean_to_full_price
from app.recommend.pipeline import draft
from app.recommend.tuning import Tuning
from tests.unit.recommend.shop import a_model, full_query


def test_a_share_is_read_beside_the_shops_and_drawn_to_it_where_few_like_a_product() -> None:
    popularity, likers = np.asarray([100.0, 100.0, 2.0, 0.0, 1.0]), np.asarray([50.0, 50.0, 1.0, 0.0, 1.0])

    lean = lean_to_full_price(popularity, np.asarray([90.0, 10.0, 2.0, 0.0, np.nan]), likers)

    usual = 102 / 202
    assert lean[0] == pytest.approx((50 * 0.9 / usual + PRIOR_LIKERS) / (50 + PRIOR_LIKERS))
    assert 0 < lean[1] < 0.4 < 1 < lean[2] < 1.2 < lean[0]
    assert lean[3:].tolist() == [1, 1]


@pytest.mark.parametrize("full_price", [np.nan, 0.0])
def test_where_nothing_is_known_of_full_prices_all_products_lean_alike(full_price: float) -> None:
    lean = lean_to_full_price(np.asarray([3.0, 1.0]), np.full(2, full_price), np.asarray([2.0, 1.0]))

    assert lean.tolist() == [1, 1]
    assert lean_to_full_price(np.zeros(0), np.zeros(0), np.zeros(0)).tolist() == []


@pytest.mark.parametrize("shelf", ["ranking", "for_you", "mixed"])
def test_at_full_price_what_is_always_on_a_deal_comes_later_and_otherwise_it_does_not(shelf: str) -> None:
    model = a_model(full_price=np.asarray([1.2, 0.1, 1, 1, 1, 1], np.float32))

    def scores(objective: str) -> dict[int, float]:
        near = draft(full_query(shelf=shelf, objective=objective), model, Tuning(calibration=0.0)).near
        return dict(zip(near.places.tolist(), near.scores.tolist(), strict=True))

    balanced, full = scores("balanced"), scores("full_price")
    assert balanced.keys() == full.keys()
    assert full == {place: pytest.approx(score * model.full_price[place]) for place, score in balanced.items()}
