"""An order in which what is shown differs, by tags."""

from app.domain.recommendation import Offer
from app.recommend.candidate import Candidate


def diversify(candidates: list[Candidate], limit: int, diversity: float) -> list[Candidate]:
    """Maximal marginal relevance (Carbonell and Goldstein, 1998) over tags; by score alone at ``diversity`` 0."""
    if diversity <= 0 or len(candidates) < 2:
        return candidates[:limit]
    rest = candidates[: 5 * limit]
    best = rest[0].score
    chosen = [rest.pop(0)]
    while rest and len(chosen) < limit:
        marginal = [
            (1 - diversity) * c.score / best - diversity * max(_likeness(c.offer, other.offer) for other in chosen)
            for c in rest
        ]
        chosen.append(rest.pop(marginal.index(max(marginal))))
    return chosen


def _likeness(a: Offer, b: Offer) -> float:
    """Cosine of two tag sets, 0 to 1; 0 when either has none."""
    if not a.tags or not b.tags:
        return 0.0
    return len(a.tags & b.tags) / (len(a.tags) * len(b.tags)) ** 0.5
