"""What several of those like whom the reader follows; nobody of them is named."""

import numpy as np

from app.domain.recommendation import Seed, SeedKind, Source
from app.recommend.sources.base import NO_SCORES, Ask, Scores


class Followed:
    """Scores that the run learned for this reader."""

    source: Source = "followed"
    kinds: tuple[SeedKind, ...] = ("followed",)

    def score(self, ask: Ask) -> Scores:
        """As they are; products that the model does not know are left out."""
        places = ask.model.places(ask.query.followed.product_ids)
        known = places >= 0
        if not known.any():
            return NO_SCORES
        seeds = (Seed("", "", bought=False, kind="followed"),) if ask.query.explain else ()
        values = np.asarray(ask.query.followed.scores, dtype=np.float64)[known]
        return Scores(places[known].astype(np.int32), values, np.asarray([len(values)]), seeds)
