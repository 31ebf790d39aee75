"""Put together what is told of communities from what a run published of them."""

from collections.abc import Sequence
from itertools import pairwise

from app.domain.communities import (
    PURCHASE_BINS,
    STRENGTH_BINS,
    Bin,
    Epoch,
    FoundCommunity,
    FoundStep,
    Match,
    Step,
    Structure,
    Summary,
    Told,
    Top,
)
from app.domain.disclosure import UNKNOWN, Disclosure, Figure, significant
from app.taste.figures import change
from app.taste.lineage import CHANGE
from app.taste.noise import published_count

FIGURES = (
    *("strength", "purchases_per_member", "days_since_last_purchase", "momentum", "spend_per_member"),
    *("full_price_share", "repeat_share", "deal_share", "price_sensitivity", "trend_susceptibility", "trend_share"),
    *("alive_share", "active_share"),
)
"""Names of the figures of people that a run publishes; ``app/taste/`` makes them."""


def tell_summary(found: FoundCommunity, matches: Sequence[Match]) -> Summary:
    """Tell one line of the list; of a community that may be under k only that it is there."""
    size = found.portrait.size
    if size is None:
        return Summary(found.id, too_few=True)
    return Summary(found.id, too_few=False, label=found.label, size=size, matches=tuple(matches))


def tell_portrait(rule: Disclosure, found: FoundCommunity, matches: Sequence[Match]) -> Told:
    """Tell all that was published of one community, its matches best first."""
    portrait = found.portrait
    if portrait.size is None:
        return Told(found.id, found.run, too_few=True)
    return Told(
        id=found.id,
        run=found.run,
        too_few=False,
        label=found.label,
        terms=found.terms,
        size=portrait.size,
        figures={**_of_people(rule, found), **_of_structure(found.structure)},
        strengths=_bins(STRENGTH_BINS, portrait.strength_counts),
        purchases=_bins(PURCHASE_BINS, portrait.purchase_counts),
        currency=portrait.currency,
        most_active=Top(portrait.most_active.n, portrait.most_active),
        most_valuable=Top(portrait.most_valuable.n, portrait.most_valuable),
        neighbours=found.neighbours,
        microgenres=tuple(one for one in matches if one.kind == "microgenre"),
        brands=tuple(one for one in matches if one.kind == "brand"),
    )


def tell_epoch(rule: Disclosure, found: FoundCommunity) -> Epoch:
    """Tell what a community was one time that figures were published."""
    size = found.portrait.size
    return Epoch(
        run=found.run,
        at=found.run_at,
        too_few=size is None,
        label=None if size is None else found.label,
        size=size,
        growth=_growth(rule, found),
        born=found.born,
        died_in=found.died_in,
        steps=tuple(Step(_event(found, step), step.before_id, _overlap(step)) for step in found.came_from),
    )


def sort_matches(found: Sequence[Match]) -> list[Match]:
    """Highest lift first."""
    return sorted(found, key=lambda one: (-(one.lift.value or 0.0), one.community_id, one.kind, one.id))


def _of_people(rule: Disclosure, found: FoundCommunity) -> dict[str, Figure]:
    stayed = next((step for step in found.came_from if step.before_id == found.id), None)
    return {
        **{name: found.portrait.figures.get(name, UNKNOWN) for name in FIGURES},
        "growth": _growth(rule, found),
        "stayed_share": UNKNOWN if stayed is None else _overlap(stayed),
    }


def _of_structure(structure: Structure | None) -> dict[str, Figure]:
    """Figures of products and their similarities: counted whole, so there is nothing to estimate but the value."""
    if structure is None:
        return dict.fromkeys(("density", "conductance", "core_share"), UNKNOWN)
    values = {
        "density": structure.density,
        "conductance": structure.conductance,
        "core_share": structure.core_share,
    }
    return {name: _of_products(value, structure.products) for name, value in values.items()}


def _overlap(step: FoundStep) -> Figure:
    return _of_products(step.overlap, step.products or 0)


def _of_products(value: float | None, products: int) -> Figure:
    if value is None or not products:
        return UNKNOWN
    told = significant(value)
    return Figure(told, told, told, products)


def _event(found: FoundCommunity, step: FoundStep) -> str:
    """What became of it: of one that lived on, as far as published sizes say."""
    now, before = found.portrait.size, found.before
    if step.before_id != found.id:
        return step.event
    if now is None or before is None or abs(now - before) <= CHANGE * before:
        return "stayed"
    return "grew" if now > before else "shrank"


def _growth(rule: Disclosure, found: FoundCommunity) -> Figure:
    now, before = found.portrait.size, found.before
    if now is None or before is None:
        return UNKNOWN
    return change(rule, published_count(now), published_count(before))


def _bins(lower_ends: Sequence[float], counts: Sequence[int | None]) -> tuple[Bin, ...]:
    ends = [*pairwise(lower_ends), (lower_ends[-1], None)]
    return tuple(Bin(low, high, members) for (low, high), members in zip(ends, counts, strict=False))
