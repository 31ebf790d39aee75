"""An order in which what is shown differs, by tags."""

from app.domain.recommendation import Offer
from app.recommend.candidate import Candidate

WINDOW = 120
"""So many of the best are put in order at a time, however many are wanted: so a long list begins with the short one."""


def diversify(candidates: list[Candidate], diversity: float) -> list[Candidate]:
    """Maximal marginal relevance (Carbonell and Goldstein, 1998) over tags; by score alone at ``diversity`` 0."""
    if diversity <= 0 or len(candidates) < 2:
        return candidates
    best = candidates[0].score
    chosen: list[Candidate] = []
    for start in range(0, len(candidates), WINDOW):
        rest = candidates[start : start + WINDOW]
        alike = [max((_likeness(c.offer, other.offer) for other in chosen), default=0.0) for c in rest]
        while rest:
            marginal = [
                (1 - diversity) * c.score / best - diversity * like if chosen else c.score
                for c, like in zip(rest, alike, strict=True)
            ]
            place = marginal.index(max(marginal))
            chosen.append(rest.pop(place))
            del alike[place]
            alike = [max(like, _likeness(c.offer, chosen[-1].offer)) for c, like in zip(rest, alike, strict=True)]
    return chosen


def _likeness(a: Offer, b: Offer) -> float:
    """Cosine of two tag sets, 0 to 1; 0 when either has none."""
    if not a.tags or not b.tags:
        return 0.0
    return len(a.tags & b.tags) / (len(a.tags) * len(b.tags)) ** 0.5
