"""How far evidence for a product speaks for buying it at full price, beside what it says of all products."""

import numpy as np

from app.recommend.model import Weights
from app.taste.values import Floats

PRIOR_LIKERS = 5.0
"""A product's share is drawn towards the shop's as if so many more liked it as all are liked."""


def lean_to_full_price(popularity: Floats, full_price: Floats, likers: Floats) -> Weights:
    """By product, its share of evidence for full price over the shop's; 1 where nothing is known, never 0.

    ``popularity`` is all evidence, ``full_price`` its part for full price (NaN: unknown), each of shape (products,).
    """
    known = (popularity > 0) & (full_price >= 0)
    usual = full_price[known].sum() / popularity[known].sum() if known.any() else 0.0
    lean = np.ones(len(popularity))
    if usual > 0:
        share = np.minimum(full_price[known] / popularity[known], 1.0)
        lean[known] = (share * likers[known] / usual + PRIOR_LIKERS) / (likers[known] + PRIOR_LIKERS)
    return lean.astype(np.float32)
