"""New products of the microgenres that the history is in, which too few like yet to be known by it."""

import numpy as np

from app.domain.recommendation import Seed, SeedKind, Source
from app.recommend.model import add_up
from app.recommend.sources.base import NO_SCORES, Ask, Scores, scores_of

MOST = 8
"""Microgenres that are used, those of most interest."""


class Microgenre:
    """A new product's place in each microgenre, by the history's share there."""

    source: Source = "microgenre"
    kinds: tuple[SeedKind, ...] = ("genre",)

    def score(self, ask: Ask) -> Scores:
        """The reader's own likes alone show its interest."""
        spread = ask.model.in_genre.spread(ask.history.own.places, ask.history.own_shares)
        interest = add_up(spread.targets, spread.values, len(ask.model.genres))
        order = np.lexsort((np.arange(len(interest)), -interest))
        best = order[interest[order] > 0][:MOST]
        if not len(best):
            return NO_SCORES
        seeds = ()
        if ask.query.explain:
            ids, labels = ask.model.genres, ask.model.genre_labels
            places: list[int] = best.tolist()
            seeds = tuple(Seed(ids[place], labels[place], bought=False, kind="genre") for place in places)
        return scores_of(ask.model.introduces.spread(best, interest[best]), seeds)
