"""From the graph's lists to the places of an answer: blend, rules, diversity, reasons. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from app.domain.errors import InvalidError
from app.domain.models import IdentityKind
from app.domain.recommendation import (
    Item,
    Near,
    Offer,
    Ranking,
    Reason,
    ReasonCode,
    RecommendationRequest,
    Repeat,
    Rule,
    Source,
)

SOURCE_WEIGHTS: Mapping[Source, float] = {"repeat": 1.0, "similar": 0.1, "session": 0.3, "popular": 0.05}
"""How loudly the best candidate of each source speaks; peers, communities and microgenres speak inside "similar"."""

HALF = 0.5 - 1e-9
"""From here on the session speaks; below one half, so that at exactly one half the order of sums decides nothing."""

WHOLE_SHOP = "the whole shop"

SEED_REASONS: Mapping[str, tuple[ReasonCode, str]] = {
    "context": ("goes_with", ""),
    "session": ("in_this_session", ""),
    "peers": ("liked_by_followed", "several of those you follow"),
    "community": ("your_community", "people of like taste"),
    "likely": ("goes_with", "people who like what you look at"),
    "genre": ("your_microgenre", "more of a kind that you like"),
}
"""Reason by kind of seed, and what to call one that has no title."""

SCORE_DIGITS = 6
SHARE_DIGITS = 9
"""Scores and shares are rounded, so that the order of floating-point sums never shows."""


@dataclass(slots=True)
class _Candidate:
    """One product on its way into the answer."""

    offer: Offer
    score: float
    source: Source
    reasons: list[Reason]


def choose_items(
    ranking: Ranking, request: RecommendationRequest, weights: Mapping[Source, float] = SOURCE_WEIGHTS
) -> tuple[Item, ...]:
    """Fill the places of an answer, best first, at most ``request.limit``; ``()`` when nothing speaks for anything.

    Repeats and near products are blended by their scores in units of each list's best; popular ones fill what is
    left and never rank above a blended one. Reasons are there when the request wants an explanation; their shares
    sum to 1 per item. Raises ``InvalidError`` for a rule that cannot be read.
    """
    allowed = _rules_as_factor(request.rules)
    blended = _rank(_blend(ranking, weights), allowed)
    chosen = _diversify(blended, request.limit, request.diversity)
    if len(chosen) < request.limit:
        taken = {candidate.offer.id for candidate in chosen}
        fill = [c for c in _rank(_popular(ranking, weights), allowed) if c.offer.id not in taken]
        fill = _diversify(fill, request.limit - len(chosen), request.diversity)
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


def _blend(ranking: Ranking, weights: Mapping[Source, float]) -> list[_Candidate]:
    """Join repeats and near products; a product in both lists gets both scores."""
    found: dict[str, _Candidate] = {}
    best_repeat = max((repeat.score for repeat in ranking.repeats), default=1.0)
    for repeat in ranking.repeats:
        score = weights["repeat"] * repeat.score / best_repeat
        offer = repeat.offer
        found[offer.id] = _Candidate(offer, score, "repeat", [_repeat_reason(ranking, repeat, score)])
    best_near = max((near.score for near in ranking.near if near.score > 0), default=1.0)
    for near in ranking.near:
        source = _loudest(near)
        scale = weights["session" if source == "session" else "similar"] / best_near
        reasons = _near_reasons(ranking, near, scale)
        known = found.get(near.offer.id)
        if known is None:
            found[near.offer.id] = _Candidate(near.offer, near.score * scale, source, reasons)
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


def _near_reasons(ranking: Ranking, near: Near, scale: float) -> list[Reason]:
    """One reason a seed; being liked by many is one too, while it speaks for a product."""
    reasons = [_seed_reason(ranking, place, part * scale) for place, part in near.parts]
    if near.parts and near.popular_score > 0:
        reasons.append(Reason("popular_here", "", WHOLE_SHOP, near.popular_score * scale))
    return reasons


def _repeat_reason(ranking: Ranking, repeat: Repeat, part: float) -> Reason:
    offer = repeat.offer
    if repeat.via is not None:
        return _granted_reason(ranking, offer.id, offer.title, repeat.via, part)
    return Reason("buy_again", offer.id, offer.title, part)


def _granted_reason(ranking: Ranking, product_id: str, title: str, via: IdentityKind, part: float) -> Reason:
    """Say that another identity's likes speak here, which that identity granted."""
    whose = "a member's" if ranking.kind == "household" else "your"
    return Reason("from_your_identity", product_id, f"{title}, from {whose} {via} identity", part)


def _seed_reason(ranking: Ranking, place: int, part: float) -> Reason:
    seed = ranking.seeds[place]
    if seed.kind != "like":
        code, unnamed = SEED_REASONS[seed.kind]
        return Reason(code, seed.id, seed.title or unnamed, part)
    if seed.via is not None:
        return _granted_reason(ranking, seed.id, seed.title, seed.via, part)
    return Reason("because_you_bought" if seed.bought else "because_you_liked", seed.id, seed.title, part)


def _popular(ranking: Ranking, weights: Mapping[Source, float]) -> list[_Candidate]:
    best = max((popular.score for popular in ranking.popular), default=1.0)
    return [
        _Candidate(
            one.offer,
            weights["popular"] * one.score / best,
            "popular",
            [Reason("popular_here", one.anchor, one.anchor or WHOLE_SHOP, 1.0)],
        )
        for one in ranking.popular
    ]


def _rank(candidates: list[_Candidate], factor: Callable[[Offer], float]) -> list[_Candidate]:
    """Apply the rules and sort, best first, equal scores by product id."""
    for candidate in candidates:
        candidate.score = round(candidate.score * factor(candidate.offer), SCORE_DIGITS)
    return sorted((c for c in candidates if c.score > 0), key=lambda c: (-c.score, c.offer.id))


def _below(fill: list[_Candidate], ceiling: float) -> list[_Candidate]:
    """Scale scores so that none exceeds the lowest of the places above."""
    top = fill[0].score if fill else 1.0
    if top > ceiling:
        for candidate in fill:
            candidate.score = round(candidate.score * ceiling / top, SCORE_DIGITS)
    return fill


def _diversify(candidates: list[_Candidate], limit: int, diversity: float) -> list[_Candidate]:
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


def _item(candidate: _Candidate, rank: int, explain: bool) -> Item:
    return Item(
        product_id=candidate.offer.id,
        rank=rank,
        score=candidate.score,
        source=candidate.source,
        title=candidate.offer.title,
        reasons=_shares(candidate.reasons) if explain else (),
    )


def _shares(reasons: Sequence[Reason], most: int = 5) -> tuple[Reason, ...]:
    """Turn parts of a score into shares that sum to 1, loudest first; of many, the loudest stand for all."""
    by_key: dict[tuple[str, str], Reason] = {}
    for reason in reasons:
        known = by_key.get((reason.code, reason.id))
        part = reason.share + (known.share if known else 0.0)
        by_key[reason.code, reason.id] = Reason(reason.code, reason.id, reason.label, part)
    whole = sum(reason.share for reason in by_key.values()) or 1.0
    rounded = (replace(reason, share=round(reason.share / whole, SHARE_DIGITS)) for reason in by_key.values())
    loudest = sorted(rounded, key=lambda reason: (-reason.share, reason.id, reason.code))[:most]
    total = sum(reason.share for reason in loudest) or 1.0
    return tuple(replace(reason, share=round(reason.share / total, SHARE_DIGITS)) for reason in loudest)


def _rules_as_factor(rules: Sequence[Rule]) -> Callable[[Offer], float]:
    """Compile the rules into one factor by product: 0 takes it out."""
    checks = [(_matcher(rule), rule.bias) for rule in rules]

    def factor(offer: Offer) -> float:
        product = 1.0
        for matches, bias in checks:
            hit = matches(offer)
            if bias < 0:
                product *= 1.0 if hit else 0.0
            elif hit:
                product *= bias
        return product

    return factor


def _matcher(rule: Rule) -> Callable[[Offer], bool]:
    if rule.field == "price":
        ranges = [_price_range(value) for value in rule.values]
        return lambda offer: offer.price is not None and any(low <= offer.price <= high for low, high in ranges)
    wanted = {value.lower() for value in rule.values}
    if rule.field == "tag":
        return lambda offer: any(tag in wanted or tag.partition(":")[2] in wanted for tag in offer.tags)
    if rule.field == "brand":
        return lambda offer: (offer.brand or "").lower() in wanted
    return lambda offer: (offer.category or "").lower() in wanted


def _price_range(value: str) -> tuple[float, float]:
    """Read ``"low..high"``, either end open."""
    low, dots, high = value.partition("..")
    try:
        return float(low or "-inf"), float((high or "inf") if dots else "")
    except ValueError as error:
        raise InvalidError('A price rule wants values like "5..20", "..20" or "5..".') from error
