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


def score_repeats(ask: Ask) -> tuple[Ints, Floats, tuple[IdentityKind | None, ...]]:
    """Places, scores above 0 and whose they are, of owned products that enough buyers buy again."""
    owned, model = ask.history.owned, ask.model
    known = np.flatnonzero(owned.places >= 0)
    places = owned.places[known]
    share, interval = (column[places].astype(np.float64) for column in (model.repeat_share, model.repeat_days))
    days = (ask.query.now_ms - owned.bought_ms[known]) / MS_A_DAY
    early = 4 * days < interval
    due = np.where(early, np.maximum(4 * days, 0.0) / np.maximum(interval, 1e-12), 1.0) ** EARLY_POWER
    score = owned.weights[known] * share**SHARE_POWER * np.where(days <= 0, 0.0, due)
    kept = np.flatnonzero((score > 0) & (share >= max(ask.tuning.repurchase_min_share, 1e-12)))
    entries: list[int] = known[kept].tolist()
    return places[kept], score[kept], tuple(owned.via[one] for one in entries)
