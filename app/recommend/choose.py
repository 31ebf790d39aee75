"""From ranked lists to the places of a shelf: joined, ruled, diversified, its purpose kept, filled and explained."""

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, count, islice

from app.domain.recommendation import Item, Near, Offer, Ranking, RecommendationRequest, Source
from app.recommend.candidate import Candidate
from app.recommend.diversify import diversify
from app.recommend.explain import (
    introduced_reason,
    near_reasons,
    newest_reason,
    popular_reason,
    repeat_reason,
    shares_of,
)
from app.recommend.rules import rules_as_factor
from app.recommend.tuning import Tuning

SOURCE_WEIGHTS: Mapping[Source, float] = {"repeat": 1.0, "similar": 0.1, "session": 0.3, "popular": 0.05}
"""How much the best candidate of each source scores; followed and communities are part of "similar"."""

HALF = 0.5 - 1e-9
"""From here on the session speaks; below one half, so that at exactly one half the order of sums decides nothing."""

SCORE_DIGITS = 6
"""Scores are rounded to so many significant digits, so that the order of floating-point sums never shows."""

A_SHELF = 12
"""Places among which no name stands twice, be it of two brands or sizes, while there is anything else."""

BAR = 0.05
"""A new product that scores less than this part of the best new one gives way to a repeat, however many there are."""


def choose_items(
    ranking: Ranking,
    request: RecommendationRequest,
    weights: Mapping[Source, float] = SOURCE_WEIGHTS,
    tuning: Tuning | None = None,
) -> tuple[Item, ...]:
    """Fill the places of a shelf from its beginning, at most ``request.offset + request.limit``.

    Repeats and near products are blended by their scores in units of each list's best; popular and then the newest ones
    fill what is left and never score above a blended one. ``()`` when nothing that is offered and allowed is left. A
    short shelf is the beginning of a long one. Reasons are there when the request wants an explanation; their shares
    sum to 1 per item. Raises ``InvalidError`` for a rule that cannot be read.
    """
    tuning = tuning or Tuning()
    factor = rules_as_factor(request.rules, ranking.currency)
    blended, popular, newest = (
        diversify(_rank(candidates, factor), request.diversity)
        for candidates in (_blend(ranking, weights), _popular(ranking, weights), _newest(ranking))
    )
    filling = [popular, newest]
    introduced = _rank(_introduced(ranking, weights), factor)
    if request.shelf in ("ranking", "buy_again") or not tuning.introduced_every:
        filling.append(introduced)
        introduced = []
    if request.shelf == "mixed":
        blended, filling = _with_few_repeats(blended, popular, tuning.repeats_every), [newest, *filling[2:]]
    ordered = _below_each_other(blended, filling)
    placed = _places(ordered, introduced, tuning.introduced_every, folds=request.variants == "fold")
    return _items([*islice(placed, request.offset + request.limit)], explain=request.explain)


def take_turns(
    members: Sequence[Sequence[Item]], rest: Sequence[Item], limit: int, *, folds: bool = True
) -> tuple[Item, ...]:
    """Join the answers of a household's members: each in turn names its best product that nobody has named yet.

    So with ``limit`` at least the number of members, everybody who has anything to name has a place. What is left is
    filled from ``rest``. Ranks count anew; a score never exceeds the one above it.
    """
    chosen: list[Item] = []
    taken: set[str] = set()

    def take(items: Iterator[Item]) -> bool:
        item = next((item for item in items if taken.isdisjoint(_keys(item, folds=folds))), None)
        if item is not None:
            chosen.append(item)
            taken.update(_keys(item, folds=folds))
        return item is not None

    queues = [iter(items) for items in members]
    while queues and len(chosen) < limit:
        queue = queues.pop(0)
        if take(queue):
            queues.append(queue)
    left = iter(rest)
    while len(chosen) < limit and take(left):
        pass
    ceiling = accumulate((item.score for item in chosen), min)
    return tuple(
        replace(item, rank=rank, score=score)
        for rank, (item, score) in enumerate(zip(chosen, ceiling, strict=True), start=1)
    )


def _keys(item: Item, *, folds: bool) -> tuple[str, ...]:
    return (f"id {item.product_id}", *(item.offer.keys if folds and item.offer else ()))


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
        source = _strongest(near)
        scale = weights["session" if source == "session" else "similar"] / best_near
        reasons = near_reasons(ranking, near, scale)
        known = found.get(near.offer.id)
        if known is None:
            found[near.offer.id] = Candidate(near.offer, near.score * scale, source, reasons)
        else:
            known.score += near.score * scale
            known.reasons += reasons
    return list(found.values())


def _strongest(near: Near) -> Source:
    """The session where half of the score is of it, else what most of it is of; similar products before all others."""
    if near.session_score >= HALF * near.score:
        return "session"
    parts: dict[Source, float] = {
        "followed": near.followed_score,
        "community": near.community_score,
        "popular": max(0.0, near.popular_score),
    }
    by_seeds = near.score - near.popular_score - near.followed_score - near.community_score
    strongest = max(parts, key=lambda source: parts[source])
    return strongest if parts[strongest] > by_seeds + 1e-9 else "similar"


def _popular(ranking: Ranking, weights: Mapping[Source, float]) -> list[Candidate]:
    best = max((popular.score for popular in ranking.popular), default=1.0)
    return [
        Candidate(one.offer, weights["popular"] * one.score / best, "popular", [popular_reason(one)])
        for one in ranking.popular
    ]


def _introduced(ranking: Ranking, weights: Mapping[Source, float]) -> list[Candidate]:
    best = max((one.score for one in ranking.introduced), default=1.0) or 1.0
    return [
        Candidate(one.offer, weights["popular"] * one.score / best, "introduced", [introduced_reason(one)])
        for one in ranking.introduced
    ]


def _newest(ranking: Ranking) -> list[Candidate]:
    """The newest first: their places are all that their scores say."""
    return [
        Candidate(offer, 1 / (2 + place), "newest", [newest_reason()]) for place, offer in enumerate(ranking.newest)
    ]


def _rank(candidates: list[Candidate], factor: Callable[[Offer], float]) -> list[Candidate]:
    """Apply the rules and sort, best first, equal scores by product id."""
    for candidate in candidates:
        candidate.score = _rounded(candidate.score * factor(candidate.offer))
    return sorted((c for c in candidates if c.score > 0), key=lambda c: (-c.score, c.offer.id))


def _rounded(score: float) -> float:
    return round(score, SCORE_DIGITS - 1 - math.floor(math.log10(score))) if score > 0 else 0.0


def _with_few_repeats(blended: Sequence[Candidate], popular: Sequence[Candidate], every: int) -> list[Candidate]:
    """Of any so many first places at most one in ``every`` is a repeat, while anything new clears the bar.

    New is also what is popular, behind all that the history is evidence for.
    """
    repeats = [one for one in blended if one.source == "repeat"]
    near = [one for one in blended if one.source != "repeat"]
    known = {one.offer.id for one in near}
    others = [*near, *(one for one in popular if one.offer.id not in known)]
    bar = BAR * max((one.score for one in others), default=0.0)
    new, weak = [one for one in others if one.score >= bar], [one for one in others if one.score < bar]
    placed: list[Candidate] = []
    shown = 0
    while shown < len(repeats) and len(placed) - shown < len(new):
        next_new = new[len(placed) - shown]
        has_room = shown < (len(placed) + 1) // every
        if has_room and repeats[shown].score >= next_new.score:
            placed.append(repeats[shown])
            shown += 1
        else:
            placed.append(next_new)
    return [*placed, *new[len(placed) - shown :], *repeats[shown:], *weak]


def _below_each_other(blended: Sequence[Candidate], filling: Sequence[Sequence[Candidate]]) -> Iterator[Candidate]:
    """The lists one after the other; no score of a later one exceeds any before it."""
    ceiling = math.inf
    for candidates in (blended, *filling):
        lowest = ceiling
        scale = min(1.0, ceiling / candidates[0].score) if candidates else 1.0
        for candidate in candidates:
            candidate.score = _rounded(candidate.score * scale)
            lowest = min(lowest, candidate.score)
            yield candidate
        ceiling = lowest


def _places(
    candidates: Iterator[Candidate], introduced: Sequence[Candidate], every: int, *, folds: bool
) -> Iterator[Candidate]:
    """Candidates place by place, each product once; where variants fold, each group once and no name twice in a row.

    One place in ``every`` is a new product's that was introduced; where candidates run out, all that are left are. What
    is called as something near above waits until that is a shelf away, or nothing else is left.
    """
    taken: set[str] = set()
    named: deque[str] = deque(maxlen=A_SHELF - 1 if folds else 0)
    others, turns = _fresh(candidates, taken, folds=folds), _fresh(introduced, taken, folds=folds)
    waiting: list[Candidate] = []
    above: Candidate | None = None
    for place in count(1):
        turn = _next(turns, [], named) if every and place % every == 0 else None
        candidate = turn or _next(others, waiting, named) or next(iter(waiting), None)
        if candidate is None:
            turn = candidate = next(turns, None)
        if candidate is None:
            return
        if candidate in waiting:
            waiting.remove(candidate)
        if turn is not None and above is not None:
            turn.score = above.score
        named.append(candidate.offer.name)
        yield candidate
        above = candidate


def _next(candidates: Iterator[Candidate], waiting: list[Candidate], named: Collection[str]) -> Candidate | None:
    """The first that is not called as one ``named``, of those that waited before others; None when there is none."""
    for candidate in waiting:
        if candidate.offer.name not in named:
            return candidate
    for candidate in candidates:
        if candidate.offer.name not in named:
            return candidate
        waiting.append(candidate)
    return None


def _fresh(candidates: Iterable[Candidate], taken: set[str], *, folds: bool) -> Iterator[Candidate]:
    """Those that nothing which was taken before is one with; they are taken as they come."""
    for candidate in candidates:
        keys = {f"id {candidate.offer.id}", *(candidate.offer.keys if folds else ())}
        if taken.isdisjoint(keys):
            taken |= keys
            yield candidate


def _items(chosen: Sequence[Candidate], *, explain: bool) -> tuple[Item, ...]:
    """Places from 1; a score never exceeds the one above it, so that whoever sorts by it keeps the order."""
    scores = accumulate((candidate.score for candidate in chosen), min)
    return tuple(
        Item(
            product_id=candidate.offer.id,
            rank=rank,
            score=score,
            source=candidate.source,
            title=candidate.offer.title,
            reasons=shares_of(candidate.reasons, candidate.offer) if explain else (),
            offer=candidate.offer,
        )
        for rank, (candidate, score) in enumerate(zip(chosen, scores, strict=True), start=1)
    )
