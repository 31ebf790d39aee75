"""The figures of a community, of what each of its members did."""

from dataclasses import dataclass

import numpy as np

from app.domain.communities import PURCHASE_BINS, STRENGTH_BINS, Portrait, Structure
from app.domain.disclosure import Measured
from app.taste.alive import TENTHS, Chances
from app.taste.intervals import mean, mean_share, median, ratio_of_counts, wilson
from app.taste.values import Edges, Floats, Ints


@dataclass(frozen=True)
class Deeds:
    """What each learner did, a value each, in one order. Money is of one currency; unknown values are NaN."""

    purchases: Ints
    recent: Ints
    """Of the last ``WINDOW_DAYS``."""
    earlier: Ints
    """Of as many days before."""
    days_since_last: Floats
    spend: Floats
    full_price_spend: Floats
    priced_lines: Ints
    """Lines whose paid and list price are known."""
    deal_lines: Ints
    products: Ints
    again: Ints
    """Products bought more than once."""
    alive: Chances
    """To be a customer still."""
    currency: str | None = None


def draw_portrait(deeds: Deeds, members: Ints, strengths: Floats) -> Portrait:
    """Measure one community: positions of its members in ``deeds``, and how strongly each belongs."""
    purchases, spend = deeds.purchases[members], deeds.spend[members]
    return Portrait(
        size=len(members),
        strength=median(strengths),
        strength_counts=_counts(strengths, STRENGTH_BINS),
        purchases=mean(purchases.astype(np.float64)),
        purchase_counts=_counts(purchases, PURCHASE_BINS),
        days_since_last=median(_known(deeds.days_since_last[members])),
        active=int(np.count_nonzero(deeds.recent[members])),
        momentum=_momentum(deeds, members),
        spend=mean(_known(spend)),
        currency=deeds.currency,
        full_price_share=mean_share(_shares(deeds.full_price_spend[members], spend)),
        deal_share=mean_share(_shares(deeds.deal_lines[members], deeds.priced_lines[members])),
        repeat_share=mean_share(_shares(deeds.again[members], deeds.products[members])),
        alive_share=_alive_share(deeds.alive, members),
        top_members=len(members) // 10,
        top_purchases_share=_top_share(purchases.astype(np.float64), len(members) // 10),
        top_spend_share=_top_share(_known(spend), len(members) // 10),
    )


def measure_structures(similar: Edges, home: Ints, communities: int) -> list[Structure]:
    """Measure how the products of each community hang together, in order of their numbers.

    ``similar`` are the run's similarities, ``home`` is the community of each product, -1 for none.
    """
    inside = (home[similar.source] >= 0) & (home[similar.source] == home[similar.target])
    said: Floats = np.bincount(similar.source, similar.weight, minlength=len(home)).astype(np.float64)
    said_inside: Floats = np.bincount(similar.source[inside], similar.weight[inside], minlength=len(home)).astype(
        np.float64
    )
    edges = np.bincount(home[similar.source[inside]], minlength=communities).tolist()
    at_home = [np.flatnonzero(home == community) for community in range(communities)]
    return [_structure(said[own], said_inside[own], count) for own, count in zip(at_home, edges, strict=True)]


def _structure(said: Floats, said_inside: Floats, edges: int) -> Structure:
    """Of one community: what each of its products says in all and inside, and its edges inside."""
    products, weight = len(said), float(said.sum())
    return Structure(
        products=products,
        density=edges / (products * (products - 1)) if products > 1 else None,
        conductance=1 - float(said_inside.sum()) / weight if weight > 0 else None,
        core_share=float(np.mean(said_inside > said / 2)) if products else None,
    )


def _counts(values: Ints | Floats, lower_ends: tuple[float, ...]) -> tuple[int, ...]:
    places = np.searchsorted(np.asarray(lower_ends), values, side="right") - 1
    return tuple(int(count) for count in np.bincount(np.maximum(places, 0), minlength=len(lower_ends)))


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _shares(parts: Ints | Floats, wholes: Ints | Floats) -> Floats:
    """Of those who have a whole."""
    known = np.nan_to_num(wholes) > 0
    return np.asarray(parts[known] / wholes[known], dtype=np.float64)


def _alive_share(alive: Chances, members: Ints) -> Measured | None:
    """Measure how many are expected to be customers still, of those who ever bought.

    In doubt is who of them has left, as with any share, and what their habits are: how much the share moves with each
    tenth of the shop's customers left out (jackknife). The interval is that of a share of so many fewer people.
    """
    known = members[~np.isnan(alive.value[members])]
    if not len(known):
        return None
    share = float(alive.value[known].mean())
    moves = alive.without[:, known].mean(axis=1) - share
    by_chance = share * (1 - share) / len(known)
    by_habits = float(np.sum(moves**2)) * (TENTHS - 1) / TENTHS
    people = len(known) * by_chance / (by_chance + by_habits) if by_chance > 0 else len(known)
    return Measured(share, *wilson(share * people, people), len(known))


def _momentum(deeds: Deeds, members: Ints) -> Measured | None:
    """Purchases cluster by person, so the interval is that of people: by the members that made each sum."""
    now, before = deeds.recent[members], deeds.earlier[members]
    buyers_now, buyers_before = int(np.count_nonzero(now)), int(np.count_nonzero(before))
    if not buyers_now or not buyers_before:
        return None
    ratio = float(now.sum() / before.sum())
    low, high = (end * buyers_before / buyers_now for end in ratio_of_counts(buyers_now, buyers_before))
    return Measured(ratio, ratio * low, ratio * high, len(members))


def _top_share(values: Floats, most: int) -> float | None:
    total = float(values.sum())
    return float(np.sort(values)[len(values) - most :].sum()) / total if most and total > 0 else None
