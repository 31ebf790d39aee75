"""What counts as bought in Complete Journey, for the demo and for the figures alike."""

import numpy as np

from app.evaluation.datasets.complete_journey import read_complete_journey, read_purchases
from seed.journey import read_journey


def test_coupons_are_no_purchases_for_the_demo_and_for_the_figures() -> None:
    bought = read_purchases(["quantity"]).num_rows

    assert len(read_complete_journey().interactions.product) == len(read_journey().receipts.product) == bought
    assert np.min(read_purchases(["quantity"])["quantity"].to_numpy()) > 0
