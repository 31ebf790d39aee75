"""From ranked lists to the places of an answer: joined, ruled, diversified, filled and explained."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from app.domain.recommendation import Item, Near, Offer, Ranking, RecommendationRequest, Source
from app.recommend.candidate import Candidate
from app.recommend.diversify import diversify
from app.recommend.explain import near_reasons, popular_reason, repeat_reason, shares_of
from app.recommend.rules import rules_as_factor

SOURCE_WEIGHTS: Mapping[Source, float] = {"repeat": 1.0, "similar": 0.1, "session": 0.3, "popular": 0.05}
"""How loudly the best candidate of each source speaks; peers, communities and microgenres speak inside "similar"."""

HALF = 0.5 - 1e-9
"""From here on the session speaks; below one half, so that at exactly one half the order of sums decides nothing."""

SCORE_DIGITS = 6
"""Scores are rounded, so that the order of floating-point sums never shows."""


def choose_items(
    ranking: Ranking, request: RecommendationRequest, weights: Mapping[Source, float] = SOURCE_WEIGHTS
) -> tuple[Item, ...]:
    """Fill the places of an answer, best first, at most ``request.limit``; ``()`` when nothing speaks for anything.

    Repeats and near products are blended by their scores in units of each list's best; popular ones fill what is
    left and never rank above a blended one. Reasons are there when the request wants an explanation; their shares
    sum to 1 per item. Raises ``InvalidError`` for a rule that cannot be read.
    """
    allowed = rules_as_factor(request.rules)
    blended = _rank(_blend(ranking, weights), allowed)
    chosen = diversify(blended, request.limit, request.diversity)
    if len(chosen) < request.limit:
        taken = {candidate.offer.id for candidate in chosen}
        fill = [c for c in _rank(_popular(ranking, weights), allowed) if c.offer.id not in taken]
        fill = diversify(fill, request.limit - len(chosen), request.diversity)
        chosen += _below(fill, chosen[-1].score if chosen else 1.0)
    return tuple(_item(candidate, rank, request.explain) for rank, candidate in enumerate(chosen, start=1))


def take_turns(members: Sequence[Sequence[Item]], rest: Sequence[Item], limit: int) -> tuple[Item, ...]:
    """Join the answers of a household's members: each in turn names its best product that nobody has named yet.

    So with ``limit`` at least the number of members, everybody who has anything to name has a place. What is left is
    filled from ``rest``. Ranks count anew; a score never exceeds the one above it.
    """
    chosen: list[Item] = []
    taken: set[str] = set()
    queues = [iter(items) for items in members]
    while queues and len(chosen) < limit:
        queue = queues.pop(0)
        item = next((item for item in queue if item.product_id not in taken), None)
        if item is not None:
            chosen.append(item)
            taken.add(item.product_id)
            queues.append(queue)
    chosen += [item for item in rest if item.product_id not in taken][: limit - len(chosen)]
    ceiling = accumulate((item.score for item in chosen), min)
    return tuple(
        replace(item, rank=rank, score=score)
        for rank, (item, score) in enumerate(zip(chosen, ceiling, strict=True), start=1)
    )


def _blend(ranking: Ranking, weights: Mapping[Source, float]) -> list[Candidate]:
    """Join repeats and near products; a product in both lists gets both scores."""
    found: dict[str, Candidate] = {}
    best_repeat = max((repeat.score for repeat in ranking.repeats), default=1.0)
    for repeat in ranking.repeats:
        score = weights["repeat"] * repeat.score / best_repeat
        offer = repeat.offer
        found[offer.id] = Candidate(offer, score, "repeat", [repeat_reason(ranking, repeat, score)])
    best_near = max((near.score for near in ranking.near if near.score > 0), default=1.0)
    for near in ranking.near:
        source = _loudest(near)
        scale = weights["session" if source == "session" else "similar"] / best_near
        reasons = near_reasons(ranking, near, scale)
        known = found.get(near.offer.id)
        if known is None:
            found[near.offer.id] = Candidate(near.offer, near.score * scale, source, reasons)
        else:
            known.score += near.score * scale
            known.reasons += reasons
    return list(found.values())


def _loudest(near: Near) -> Source:
    """The session where it says half of it, else whatever says most; similar products before all others."""
    if near.session_score >= HALF * near.score:
        return "session"
    said: dict[Source, float] = {
        "peers": near.peers_score,
        "community": near.community_score,
        "microgenre": near.genre_score,
        "popular": max(0.0, near.popular_score),
    }
    by_seeds = near.score - near.popular_score - near.peers_score - near.community_score - near.genre_score
    loudest = max(said, key=lambda source: said[source])
    return loudest if said[loudest] > by_seeds + 1e-9 else "similar"


def _popular(ranking: Ranking, weights: Mapping[Source, float]) -> list[Candidate]:
    best = max((popular.score for popular in ranking.popular), default=1.0)
    return [
        Candidate(
            one.offer,
            weights["popular"] * one.score / best,
            "popular",
            [popular_reason(one)],
        )
        for one in ranking.popular
    ]


def _rank(candidates: list[Candidate], factor: Callable[[Offer], float]) -> list[Candidate]:
    """Apply the rules and sort, best first, equal scores by product id."""
    for candidate in candidates:
        candidate.score = round(candidate.score * factor(candidate.offer), SCORE_DIGITS)
    return sorted((c for c in candidates if c.score > 0), key=lambda c: (-c.score, c.offer.id))


def _below(fill: list[Candidate], ceiling: float) -> list[Candidate]:
    """Scale scores so that none exceeds the lowest of the places above."""
    top = fill[0].score if fill else 1.0
    if top > ceiling:
        for candidate in fill:
            candidate.score = round(candidate.score * ceiling / top, SCORE_DIGITS)
    return fill


def _item(candidate: Candidate, rank: int, explain: bool) -> Item:
    return Item(
        product_id=candidate.offer.id,
        rank=rank,
        score=candidate.score,
        source=candidate.source,
        title=candidate.offer.title,
        reasons=shares_of(candidate.reasons) if explain else (),
    )
