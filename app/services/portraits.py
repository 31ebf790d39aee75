"""Tell what a run measured of communities: nothing of fewer than k, and every number with what it stands on."""

from collections.abc import Sequence
from itertools import pairwise

from app.domain.communities import (
    PURCHASE_BINS,
    STRENGTH_BINS,
    Bin,
    Epoch,
    FoundCommunity,
    FoundMatch,
    FoundNeighbour,
    FoundStep,
    Match,
    Neighbour,
    Portrait,
    Step,
    Structure,
    Summary,
    Told,
    Top,
)
from app.domain.disclosure import UNKNOWN, Disclosure, Figure, significant
from app.taste.intervals import ratio_of_counts
from app.taste.told import tell_lift, tell_share


def tell_summary(rule: Disclosure, found: FoundCommunity, matches: Sequence[Match]) -> Summary:
    """Tell one line of the list; of a community under k only that it is there."""
    size = rule.count(found.portrait.size)
    if size is None:
        return Summary(found.id, too_few=True)
    return Summary(found.id, too_few=False, label=found.label, size=size, matches=tuple(matches))


def tell_portrait(rule: Disclosure, found: FoundCommunity, matches: Sequence[Match]) -> Told:
    """Tell all that may be told of one community, its matches best first."""
    portrait = found.portrait
    size = rule.count(portrait.size)
    if size is None:
        return Told(found.id, found.run, too_few=True)
    return Told(
        id=found.id,
        run=found.run,
        too_few=False,
        label=found.label,
        terms=found.terms,
        size=size,
        figures={**_of_people(rule, found), **_of_structure(found.structure)},
        strengths=_bins(rule, STRENGTH_BINS, portrait.strength_counts),
        purchases=_bins(rule, PURCHASE_BINS, portrait.purchase_counts),
        currency=portrait.currency,
        most_active=_top(rule, portrait, portrait.top_purchases_share),
        most_valuable=_top(rule, portrait, portrait.top_spend_share),
        neighbours=_neighbours(rule, portrait.size, found.neighbours),
        microgenres=tuple(one for one in matches if one.kind == "microgenre"),
        brands=tuple(one for one in matches if one.kind == "brand"),
    )


def tell_epoch(rule: Disclosure, found: FoundCommunity) -> Epoch:
    """Tell what a community was in one run."""
    size = rule.count(found.portrait.size)
    return Epoch(
        run=found.run,
        at=found.run_at,
        too_few=size is None,
        label=None if size is None else found.label,
        size=size,
        growth=_growth(rule, found),
        born=found.born,
        died_in=found.died_in,
        steps=tuple(Step(step.event, step.before_id, tell_overlap(rule, step)) for step in found.came_from),
    )


def tell_matches(rule: Disclosure, found: Sequence[FoundMatch]) -> list[Match]:
    """Tell associations that rest on k and more, of communities of k and more; highest lift first."""
    told = [
        Match(
            one.community_id, one.community_label, one.kind, one.id, one.label, tell_lift(rule, one.lift, one.support)
        )
        for one in found
        if not rule.is_too_few(min(one.support, one.community_size))
    ]
    return sorted(told, key=lambda one: (-(one.lift.value or 0.0), one.community_id, one.kind, one.id))


def tell_overlap(rule: Disclosure, step: FoundStep) -> Figure:
    """Tell which share of two communities of neighbouring runs is common to both."""
    size = min(step.size, step.before_size)
    return UNKNOWN if step.overlap is None else tell_share(rule, round(step.overlap * size), size)


def _of_people(rule: Disclosure, found: FoundCommunity) -> dict[str, Figure]:
    portrait = found.portrait
    measured = {
        "strength": portrait.strength,
        "purchases_per_member": portrait.purchases,
        "days_since_last_purchase": portrait.days_since_last,
        "momentum": portrait.momentum,
        "spend_per_member": portrait.spend,
        "full_price_share": portrait.full_price_share,
        "repeat_share": portrait.repeat_share,
        "deal_share": portrait.deal_share,
        "price_sensitivity": found.price_sensitivity,
        "trend_susceptibility": found.trend_susceptibility,
        "trend_share": found.trend_share,
        "alive_share": portrait.alive_share,
    }
    before = _predecessor(found)
    return {
        **{name: rule.figure(one) for name, one in measured.items()},
        "active_share": tell_share(rule, portrait.active, portrait.size),
        "growth": _growth(rule, found),
        "stayed_share": UNKNOWN if before is None else tell_overlap(rule, before),
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
    told = {name: None if one is None else significant(one) for name, one in values.items()}
    return {name: UNKNOWN if one is None else Figure(one, one, one, structure.products) for name, one in told.items()}


def _predecessor(found: FoundCommunity) -> FoundStep | None:
    """The community of the run before that has the same id."""
    return next((step for step in found.came_from if step.before_id == found.id), None)


def _growth(rule: Disclosure, found: FoundCommunity) -> Figure:
    before = _predecessor(found)
    if before is None:
        return UNKNOWN
    now, then = rule.count(found.portrait.size), rule.count(before.before_size)
    middle_now, middle_then = rule.middle(found.portrait.size), rule.middle(before.before_size)
    if now is None or then is None or middle_now is None or middle_then is None:
        return UNKNOWN
    low = ratio_of_counts(now, rule.most(before.before_size))[0] - 1
    high = ratio_of_counts(rule.most(found.portrait.size), then)[1] - 1
    return Figure(significant(middle_now / middle_then - 1), significant(low), significant(high), min(now, then))


def _bins(rule: Disclosure, lower_ends: Sequence[float], counts: Sequence[int]) -> tuple[Bin, ...]:
    ends = [*pairwise(lower_ends), (lower_ends[-1], None)]
    return tuple(Bin(low, high, told) for (low, high), told in zip(ends, rule.histogram(counts), strict=False))


def _top(rule: Disclosure, portrait: Portrait, share: float | None) -> Top:
    """Tell what a tenth accounts for: of a whole, so its interval is what rounding hides."""
    told = rule.count(portrait.top_members)
    if told is None or share is None:
        return Top(None, UNKNOWN)
    value = significant(share)
    return Top(told, Figure(value, round(value - 0.005, 3), round(value + 0.005, 3), told))


def _neighbours(rule: Disclosure, size: int, found: Sequence[FoundNeighbour]) -> tuple[Neighbour, ...]:
    return tuple(
        Neighbour(one.id, one.label, tell_share(rule, one.shared, size))
        for one in found
        if not rule.is_too_few(min(one.shared, one.size))
    )
