"""Why an item is shown: one reason a seed, in shares of its score."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain.models import IdentityKind
from app.domain.recommendation import Near, Popular, Ranking, Reason, ReasonCode, Repeat

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

SHARE_DIGITS = 9
"""Shares are rounded, so that the order of floating-point sums never shows."""


def near_reasons(ranking: Ranking, near: Near, scale: float) -> list[Reason]:
    """One reason a seed; being liked by many is one too, while it speaks for a product."""
    reasons = [_seed_reason(ranking, place, part * scale) for place, part in near.parts]
    if near.parts and near.popular_score > 0:
        reasons.append(Reason("popular_here", "", WHOLE_SHOP, near.popular_score * scale))
    return reasons


def repeat_reason(ranking: Ranking, repeat: Repeat, part: float) -> Reason:
    """Say that it was bought before."""
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
    if seed.kind not in ("like", "next"):
        code, unnamed = SEED_REASONS[seed.kind]
        return Reason(code, seed.id, seed.title or unnamed, part)
    if seed.via is not None:
        return _granted_reason(ranking, seed.id, seed.title, seed.via, part)
    return Reason("because_you_bought" if seed.bought else "because_you_liked", seed.id, seed.title, part)


def popular_reason(popular: Popular) -> Reason:
    """Say in what it is popular."""
    return Reason("popular_here", popular.anchor, popular.anchor or WHOLE_SHOP, 1.0)


def shares_of(reasons: Sequence[Reason], most: int = 5) -> tuple[Reason, ...]:
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
