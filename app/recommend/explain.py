"""Why an item is shown: one reason a history item, in shares of its score."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain.models import IdentityKind
from app.domain.recommendation import (
    Introduced,
    Item,
    Near,
    Offer,
    Popular,
    Ranking,
    Reason,
    ReasonCode,
    Repeat,
)

WHOLE_SHOP = "the whole shop"
OF_ITS_KIND = "others of its kind"
UNNAMED = "what you like"
"""What the history has and no reason names."""

SEED_REASONS: Mapping[str, tuple[ReasonCode, str]] = {
    "context": ("goes_with", ""),
    "session": ("in_this_session", "what you looked at"),
    "followed": ("liked_by_followed", "several of those you follow"),
    "community": ("your_community", "people of like taste"),
    "likely": ("goes_with", "people who like what you look at"),
}
"""Reason by kind of seed, and what to call one that has no title."""

SHARE_DIGITS = 9
"""Shares are rounded, so that the order of floating-point sums never shows."""
MOST = 5
"""Reasons of an item, the strongest."""
LEAST = 0.1
"""Share that a reason has at least."""
SHELF, TWICE = 12, 2
"""Of so many places in a row, one reason comes first so often at most, while an item has others."""


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
    named = f"{title}, from" if title else "from"
    return Reason("from_your_identity", product_id, f"{named} {whose} {via} identity", part)


def _seed_reason(ranking: Ranking, place: int, part: float) -> Reason:
    seed = ranking.seeds[place]
    if seed.kind not in ("like", "next"):
        code, unnamed = SEED_REASONS[seed.kind]
        return Reason(code, seed.id, seed.title or unnamed, part)
    if seed.via is not None:
        return _granted_reason(ranking, seed.id, seed.title, seed.via, part)
    bought = seed.bought and seed.title
    return Reason("because_you_bought" if bought else "because_you_liked", seed.id, seed.title or UNNAMED, part)


def popular_reason(popular: Popular) -> Reason:
    """Say in what it is popular."""
    return Reason("popular_here", popular.anchor, popular.anchor or WHOLE_SHOP, 1.0)


def introduced_reason(introduced: Introduced) -> Reason:
    """Say of which kind it is that the identity likes, or else that it is new."""
    if not introduced.genre_id:
        return newest_reason()
    return Reason("your_microgenre", introduced.genre_id, introduced.genre_label or "more of a kind that you like", 1.0)


def newest_reason() -> Reason:
    """Say that it is new."""
    return Reason("new_here", "", WHOLE_SHOP, 1.0)


def shares_of(reasons: Sequence[Reason], offer: Offer) -> tuple[Reason, ...]:
    """Turn parts of a score into shares that sum to 1, strongest first; of many, the strongest stand for all.

    One label is named once, none below a tenth of what is named, and none that is the item's own title: what was
    bought of the same name is no reason that a person would take for one, its category is.
    """
    by_label: dict[str, list[Reason]] = {}
    for reason in reasons:
        named = _without_own_title(reason, offer)
        by_label.setdefault(named.label.casefold(), []).append(named)
    joined = [_join(same) for same in by_label.values()]
    whole = sum(reason.share for reason in joined) or 1.0
    rounded = [replace(reason, share=round(reason.share / whole, SHARE_DIGITS)) for reason in joined]
    strongest = sorted(rounded, key=lambda reason: (-reason.share, reason.id, reason.code))[:MOST]
    named = sum(reason.share for reason in strongest)
    return _scaled([reason for place, reason in enumerate(strongest) if place == 0 or reason.share >= LEAST * named])


def vary_first(items: Sequence[Item]) -> tuple[Item, ...]:
    """Let the reasons that come first differ along a shelf, by changing their order inside an item."""
    firsts: deque[tuple[str, str]] = deque(maxlen=SHELF - 1)
    varied: list[Item] = []
    for item in items:
        if not item.reasons:
            varied.append(item)
            continue
        used = Counter(firsts)
        # What was never first comes before what was once; twice is enough, unless there is nothing else.
        first = min(item.reasons, key=lambda reason: used[_named(reason)] >= TWICE)
        firsts.append(_named(first))
        others = (reason for reason in item.reasons if reason is not first)
        varied.append(replace(item, reasons=(first, *others)))
    return tuple(varied)


def _named(reason: Reason) -> tuple[str, str]:
    return reason.code, reason.label.casefold()


def _without_own_title(reason: Reason, offer: Offer) -> Reason:
    if reason.code == "buy_again" or reason.label.casefold() != offer.title.casefold():
        return reason
    category = offer.category
    return replace(
        reason, id="", label=category if category and category.casefold() != offer.title.casefold() else OF_ITS_KIND
    )


def _join(same: Sequence[Reason]) -> Reason:
    """All reasons of one label as the strongest of them."""
    strongest = min(same, key=lambda reason: (-reason.share, reason.id, reason.code))
    return replace(strongest, share=sum(reason.share for reason in same))


def _scaled(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    total = sum(reason.share for reason in reasons) or 1.0
    return tuple(replace(reason, share=round(reason.share / total, SHARE_DIGITS)) for reason in reasons)
