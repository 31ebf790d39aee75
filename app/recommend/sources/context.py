"""What this session and the page are evidence for: the same weights, from what is looked at now."""

import numpy as np

from app.domain.recommendation import Seed, SeedKind, Source
from app.recommend.sources.base import NO_SCORES, Ask, Scores, scores_of


class Session:
    """A candidate's mean weight over the products of this session."""

    source: Source = "session"
    kinds: tuple[SeedKind, ...] = ("session",)

    def score(self, ask: Ask) -> Scores:
        """The reader's own latest likes, and what the session's events name."""
        ids = (*ask.history.recent, *ask.query.session.product_ids)
        return _score(ask, ids, len(ids), "session")


class Page:
    """A candidate's mean weight over what the page shows; for everybody, since it says nothing of a past."""

    source: Source = "similar"
    kinds: tuple[SeedKind, ...] = ("context",)

    def score(self, ask: Ask) -> Scores:
        """Products that the shop does not have count as silent ones."""
        return _score(ask, ask.query.page, ask.query.page_size, "context")


def _score(ask: Ask, ids: tuple[str, ...], of: int, kind: SeedKind) -> Scores:
    if not ids:
        return NO_SCORES
    seeds = tuple(Seed(id_, "", bought=False, kind=kind) for id_ in ids) if ask.query.explain else ()
    return scores_of(ask.model.similar.spread(ask.model.places(ids), np.full(len(ids), 1 / of)), seeds)
