"""Price sensitivity: how often somebody buys on a deal, beyond how often what they buy is on one for others."""

import numpy as np
from scipy.special import expit, logit

from app.taste.purchases import Purchases
from app.taste.shrinkage import Estimates
from app.taste.values import Floats

PRIOR_LINES = 5.0
"""Lines of others that the shop's deal share counts for in a product's own."""
ROUNDS = 30
_Z = 1.959964
_LEAST_SPREAD = 1e-4
_CLOSE = 1e-3


def estimate_price_sensitivity(bought: Purchases) -> Estimates:
    """Estimate the share of deals that each identity would have, were it to buy what the shop sells, 0 to 1.

    So who buys what is always discounted is not taken for a deal hunter, and who buys only the discounted part of a
    shelf is. With few purchases the estimate is near the shop's deal share. ``n`` counts lines with both prices.

    A logistic regression with one leaning an identity, normally distributed around 0 (empirical Bayes), beside how
    often others buy the same product on a deal.
    """
    priced = bought.only(bought.deal >= 0)
    deals = priced.deal.astype(np.float64)
    common = float(np.clip(deals.mean(), 1e-3, 1 - 1e-3)) if len(deals) else 0.5
    usual = np.asarray(logit(_deal_share_of_others(priced, deals, common)), dtype=np.float64)
    leaning, doubt = _leanings(priced, deals, usual)
    middle = logit(common)
    value, low, high = (
        np.asarray(expit(middle + leaning + side * _Z * doubt), dtype=np.float64) for side in (0.0, -1.0, 1.0)
    )
    return Estimates(value, low, high, priced.lines())


def _deal_share_of_others(priced: Purchases, deals: Floats, common: float) -> Floats:
    """Of each line's product, the share that others bought on a deal; near ``common`` where they bought little."""
    _, pair = np.unique(priced.identity * priced.products + priced.product, return_inverse=True)
    own_lines, own_deals = np.bincount(pair)[pair], np.bincount(pair, deals)[pair]
    all_lines = np.bincount(priced.product, minlength=priced.products)[priced.product]
    all_deals = np.bincount(priced.product, deals, minlength=priced.products)[priced.product]
    return (all_deals - own_deals + PRIOR_LINES * common) / (all_lines - own_lines + PRIOR_LINES)


def _leanings(priced: Purchases, deals: Floats, usual: Floats) -> tuple[Floats, Floats]:
    """Return each identity's log odds of a deal over the usual, and their standard deviation.

    Newton's method, and between its steps the spread among identities is learned anew (EM).
    """
    leaning, spread = np.zeros(priced.identities), 1.0
    doubt = np.full(priced.identities, np.sqrt(spread))
    known = priced.lines() > 0
    for _ in range(ROUNDS if known.any() else 0):
        chance = np.asarray(expit(usual + leaning[priced.identity]), dtype=np.float64)
        curve = priced.sums(chance * (1 - chance)) + 1 / spread
        leaning = leaning + (priced.sums(deals - chance) - leaning / spread) / curve
        doubt = np.sqrt(1 / curve)
        before, spread = spread, max(_LEAST_SPREAD, float(np.mean(leaning[known] ** 2 + doubt[known] ** 2)))
        if abs(spread - before) < _CLOSE * spread:
            break
    return leaning, doubt
