"""What people come to next after the history: order, where similar products know only company."""

from app.domain.recommendation import SeedKind, Source
from app.recommend.sources.base import NO_SCORES, Ask, Scores, scores_of


class NextTo:
    """A candidate's mean weight over the history, from the earlier product to the later, by the share of each like."""

    source: Source = "similar"
    kinds: tuple[SeedKind, ...] = ("next",)

    def score(self, ask: Ask) -> Scores:
        """Every weight of every like counts."""
        liked = ask.history.liked
        if not len(liked):
            return NO_SCORES
        seeds = liked.as_seeds("next") if ask.query.explain else ()
        return scores_of(ask.model.next.spread(liked.places, ask.history.shares), seeds)
