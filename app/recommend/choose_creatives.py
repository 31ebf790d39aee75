"""Chooses the creatives of one answer: of those that fit a product one is drawn, with the chance that it has. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from app.domain.channels import Channel, ChannelRules
from app.domain.creatives import Creative, KnownCreative, render
from app.domain.decisions import RenderedItem, WhyNot, WhyNotCode
from app.domain.recommendation import Choice, Item, Offer
from app.recommend.model import RunModel
from app.recommend.placing import fits_product
from app.taste.values import Floats

Chances = Callable[[tuple[str, ...]], Floats]
"""Chances of creatives, by id, for whoever asks."""


@dataclass(frozen=True, slots=True)
class _Fitting:
    creative: Creative
    image_link: str | None
    headline: str | None
    text: str | None


def usable(
    creatives: Sequence[KnownCreative], channel: Channel, rules: ChannelRules, now: datetime
) -> tuple[list[Creative], list[WhyNot]]:
    """Part the creatives of a channel into those that may be used, and why the others may not."""
    good: list[Creative] = []
    bad: list[WhyNot] = []
    for known in creatives:
        one = known.creative
        if channel not in one.channels:
            continue
        unused = known.unused(now)
        part = one.lacks(rules.must_have)
        if unused:
            bad.append(WhyNot(unused[0], unused[1], channel, one.id))
        elif part:
            bad.append(WhyNot("lacks_part", f"has no {part}, which {channel} needs", channel, one.id))
        else:
            good.append(one)
    return good, bad


def choose_creatives(
    items: Sequence[Item],
    creatives: Sequence[Creative],
    chances: Chances,
    model: RunModel | None,
    limit: int,
    seed: str,
) -> tuple[RenderedItem, ...]:
    """Give products, best first, a creative each, until there are ``limit``; what no creative fits is left out.

    No creative is used twice in an answer. The same seed draws the same.
    """
    draw = Random(seed)  # noqa: S311 (it hides nothing: the seed is the decision's public id)
    used: set[str] = set()
    shown: list[RenderedItem] = []
    for item in items:
        if len(shown) == limit:
            break
        offer = item.offer
        if offer is None:
            continue
        fitting = [
            one for creative in creatives if creative.id not in used and (one := _fitting(creative, offer, model))
        ]
        if fitting:
            choice = _choose(fitting, chances, draw)
            one = next(one for one in fitting if one.creative.id == choice.creative_id)
            used.add(choice.creative_id)
            shown.append(RenderedItem(item, choice, one.image_link, one.headline, one.text))
    return tuple(shown)


def why_not_chosen(creatives: Sequence[Creative], shown: Sequence[RenderedItem], channel: Channel) -> list[WhyNot]:
    """Say why the other usable creatives were not chosen."""
    used = {one.choice.creative_id for one in shown}
    likely = {id_: chance for one in reversed(shown) for id_, chance in one.choice.eligible}

    def why(creative: Creative) -> WhyNot:
        chance = likely.get(creative.id)
        code: WhyNotCode = "fits_nothing" if chance is None else "less_likely"
        text = "fits none of the products" if chance is None else f"had a chance of {chance:.1%}"
        return WhyNot(code, text, channel, creative.id)

    return [why(one) for one in creatives if one.id not in used]


def _fitting(creative: Creative, offer: Offer, model: RunModel | None) -> _Fitting | None:
    """The creative filled in for a product; ``None`` where it is not for it, or has a variable without a value."""
    if not fits_product(creative, offer, model):
        return None
    headline, text = render(creative.headline, offer), render(creative.text, offer)
    if (creative.headline and headline is None) or (creative.text and text is None):
        return None
    return _Fitting(creative, creative.image_link or offer.image_link, headline, text)


def _choose(fitting: Sequence[_Fitting], chances: Chances, draw: Random) -> Choice:
    pinned = [one.creative.id for one in fitting if one.creative.pinned]
    if pinned:
        return Choice(pinned[0], 1.0, is_deterministic=True, eligible=((pinned[0], 1.0),))
    ids = tuple(one.creative.id for one in fitting)
    likely: list[float] = chances(ids).tolist()
    chosen = draw.choices(range(len(ids)), weights=likely)[0]
    return Choice(ids[chosen], likely[chosen], is_deterministic=False, eligible=tuple(zip(ids, likely, strict=True)))
