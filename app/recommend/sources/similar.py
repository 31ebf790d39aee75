"""What the history is evidence for: item-item weights of the run."""

from app.domain.recommendation import SeedKind, Source
from app.recommend.sources.base import NO_SCORES, Ask, Scores, scores_of


class Similar:
    """A candidate's mean weight over the history, by the share of each like."""

    source: Source = "similar"
    kinds: tuple[SeedKind, ...] = ("like",)

    def score(self, ask: Ask) -> Scores:
        """Every weight of every like counts."""
        liked = ask.history.liked
        if not len(liked):
            return NO_SCORES
        seeds = liked.as_seeds("like") if ask.query.explain else ()
        return scores_of(ask.model.similar.spread(liked.places, ask.history.shares), seeds)
