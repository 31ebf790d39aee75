"""What was bought before and is due again."""

import numpy as np

from app.domain.models import IdentityKind
from app.recommend.history import MS_A_DAY
from app.recommend.sources.base import Ask
from app.taste.values import Floats, Ints

SHARE_POWER = 0.75
"""Exponent on the share of buyers who buy again."""
EARLY_POWER = 0.3
"""Exponent on the part of a quarter interval that has passed."""
HABITUAL = 2
"""Days of purchases from which on a product counts as bought again by oneself."""
OF_A_REGULAR = 0.5
"""Share of buyers who buy again that a regular interval of one's own stands for at least."""
LAPSED = 3.0
"""Of one's own intervals without a purchase, after which it is regular no more."""


def score_repeats(ask: Ask) -> tuple[Ints, Floats, tuple[IdentityKind | None, ...]]:
    """Places, scores above 0 and whose they are, of owned products that are bought again.

    What was bought on one day alone is, where most buyers buy it again; what was bought on several, where enough do.
    A regular interval of one's own is evidence whatever others do.
    """
    owned, model = ask.history.owned, ask.model
    known = np.flatnonzero(owned.places >= 0)
    places, own_interval = owned.places[known], owned.interval_days[known]
    share, interval = (column[places].astype(np.float64) for column in (model.repeat_share, model.repeat_days))
    days = (ask.query.now_ms - owned.bought_ms[known]) / MS_A_DAY
    regular = (own_interval > 0) & (days <= LAPSED * own_interval)
    share = np.where(regular, np.maximum(share, OF_A_REGULAR), share)
    interval = np.where(regular, own_interval, interval)
    early = 4 * days < interval
    due = np.where(early, np.maximum(4 * days, 0.0) / np.maximum(interval, 1e-12), 1.0) ** EARLY_POWER
    score = owned.weights[known] * share**SHARE_POWER * np.where(days <= 0, 0.0, due)
    kept = np.flatnonzero((score > 0) & (regular | (share >= _least(ask, owned.days[known]))))
    entries: list[int] = known[kept].tolist()
    return places[kept], score[kept], tuple(owned.via[one] for one in entries)


def _least(ask: Ask, days: Ints) -> Floats:
    """The share of buyers who buy again that each needs."""
    several = np.full(len(days), max(ask.tuning.repurchase_min_share, 1e-12))
    if ask.query.shelf == "ranking":
        return several
    return np.where(days >= HABITUAL, several, np.maximum(several, ask.tuning.repurchase_share_once))
