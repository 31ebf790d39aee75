"""What the taste communities of the history favour."""

import numpy as np

from app.domain.recommendation import Seed, SeedKind, Source
from app.recommend.membership import NEAREST
from app.recommend.sources.base import NO_SCORES, Ask, Scores, scores_of
from app.taste.values import Floats, Ints


class Community:
    """A candidate's score in each near community, by the history's share there.

    Who likes nothing yet is probably near to the communities of what it looks at; it belongs to none of them.
    """

    source: Source = "community"
    kinds: tuple[SeedKind, ...] = ("community", "likely")

    def score(self, ask: Ask) -> Scores:
        """Of the few nearest communities, without the one that is imagined away."""
        belonging = ask.belonging
        if len(belonging.communities):
            near, strengths, kind = belonging.communities, belonging.strengths, "community"
        else:
            (near, strengths), kind = _looked_at(ask), "likely"
        away = ask.query.without_community
        kept = np.asarray([ask.model.communities[place] != away for place in near.tolist()], dtype=np.bool_)
        if not kept.any():
            return NO_SCORES
        seeds = _seeds(ask, near, kind) if ask.query.explain else ()
        seeds = tuple(seed for seed, stays in zip(seeds, kept.tolist(), strict=False) if stays)
        return scores_of(ask.model.favourites.spread(near[kept], strengths[kept]), seeds)


def _looked_at(ask: Ask) -> tuple[Ints, Floats]:
    """The communities of this session's and the page's products, by how many of them."""
    looked = (*ask.query.session.product_ids, *ask.query.page)
    places = ask.model.places(looked)
    homes = ask.model.homes[places[places >= 0]]
    products = np.bincount(homes[homes >= 0], minlength=len(ask.model.communities))
    order = np.lexsort((np.arange(len(products)), -products))
    near = order[products[order] > 0][:NEAREST]
    return near, products[near] / max(1, len(looked))


def _seeds(ask: Ask, near: Ints, kind: SeedKind) -> tuple[Seed, ...]:
    """Communities by name where the reader belongs to them; nameless where it may not."""
    if kind == "likely":
        return tuple(Seed("", "", bought=False, kind=kind) for _ in near)
    labels, ids = ask.model.community_labels, ask.model.communities
    places: list[int] = near.tolist()
    return tuple(
        Seed(ids[place], labels[place], bought=False, kind=kind) if member else Seed("", "", bought=False, kind=kind)
        for place, member in zip(places, ask.belonging.member, strict=True)
    )
