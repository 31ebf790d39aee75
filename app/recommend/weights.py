"""How much each source counts: by the length of the history, as the run learned it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.recommend.sources.base import Ask, ScoringSource


@dataclass(frozen=True, slots=True)
class SourceWeights:
    """Weights of the scores, and of being liked by many, which ranks candidates and makes none."""

    by_kind: Mapping[str, float]
    """By the first kind of a source's seeds."""
    popularity: float
    bracket: int
    """Of the history's length, by its place in the run's model."""

    def of(self, source: ScoringSource) -> float:
        """The weight of one source."""
        return self.by_kind[source.kinds[0]]


def weigh_sources(ask: Ask) -> SourceWeights:
    """Weights for one question.

    Beside the history's 1 the run's weights count times the root of the sum of its squared shares (the inverse root of
    the effective history size): what many likes are evidence for is spread over many products. A source that is
    alone needs no measure.
    """
    model, query = ask.model, ask.query
    by_likes = "similar" in query.sources
    likes = len(ask.history.liked) if by_likes else 0
    damping = float(np.linalg.norm(ask.history.shares)) if likes else 1.0
    bracket = int(np.searchsorted(model.brackets[1:], likes, side="right"))
    followed = damping * float(model.followed_weight[bracket])
    seeds = likes + len(query.page) + len(ask.history.recent) + len(query.session.product_ids)
    if not by_likes or (seeds == 0 and followed == 0):
        followed = 1.0
    community = damping * float(model.community_weight[bracket]) if by_likes else 1.0
    follows = "followed" in query.sources and bool(query.followed.product_ids)
    popularity = damping * float(model.popularity_weight[bracket]) if by_likes and (likes or follows) else 0.0
    on = query.sources
    return SourceWeights(
        {
            "like": 1.0 if by_likes else 0.0,
            "next": float(model.next_weight[bracket]) if by_likes else 0.0,
            "session": 1.0 if "session" in on else 0.0,
            "context": 1.0,
            "followed": followed if "followed" in on else 0.0,
            "community": community if "community" in on else 0.0,
        },
        popularity,
        bracket,
    )
