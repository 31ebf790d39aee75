"""The figures of a community, of what each of its members did."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.communities import PURCHASE_BINS, STRENGTH_BINS, Portrait, Structure
from app.taste.alive import TENTHS, Chances
from app.taste.figures import share
from app.taste.publisher import Publisher
from app.taste.values import Edges, Floats, Ints

_DAYS = (
    0.0,
    1.0,
    2.0,
    3.0,
    5.0,
    7.0,
    10.0,
    14.0,
    21.0,
    28.0,
    42.0,
    56.0,
    84.0,
    112.0,
    182.0,
    273.0,
    365.0,
    730.0,
    3650.0,
)
"""Days between which a median is looked for."""
_STRENGTHS = tuple(step / 20 for step in range(21))


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

    @cached_property
    def shares(self) -> dict[str, Floats]:
        """Shares of each, 0 to 1, by the name of their figure; NaN where there is no whole."""
        return {
            "full_price_share": _shares(self.full_price_spend, self.spend),
            "deal_share": _shares(self.deal_lines, self.priced_lines),
            "repeat_share": _shares(self.again, self.products),
        }

    @cached_property
    def doubt_of_habits(self) -> float:
        """How sure it is how this shop's customers come and go: the standard deviation of the share that stays.

        By leaving each tenth of them out in turn (jackknife).
        """
        known = ~np.isnan(self.alive.value)
        if not known.any():
            return 0.0
        moves = self.alive.without[:, known].mean(axis=1) - self.alive.value[known].mean()
        return float(np.sqrt(np.sum(moves**2) * (TENTHS - 1) / TENTHS))


@dataclass(frozen=True)
class Caps:
    """What one member can add to a sum at most."""

    purchases: float
    window: float
    """Purchases of ``WINDOW_DAYS``."""
    spend: float


def find_caps(publisher: Publisher, deeds: Deeds) -> Caps:
    """Find the caps of a shop's sums."""
    noise = publisher.noise
    window = np.maximum(deeds.recent, deeds.earlier).astype(np.float64)
    return Caps(
        purchases=noise.cap(deeds.purchases.astype(np.float64), "purchases"),
        window=noise.cap(window, "window"),
        spend=noise.cap(np.nan_to_num(deeds.spend), "spend"),
    )


def draw_portrait(
    publisher: Publisher, caps: Caps, deeds: Deeds, members: Ints, strengths: Floats, name: str
) -> Portrait:
    """Publish one community: positions of its members in ``deeds``, how strongly each belongs, and its id."""
    people = publisher.noise.count(members, name)
    if (size := publisher.rule.count(people)) is None:
        return Portrait()
    purchases, spend = deeds.purchases[members].astype(np.float64), deeds.spend[members]
    recent, earlier = (one[members].astype(np.float64) for one in (deeds.recent, deeds.earlier))
    active = publisher.noise.count(members[recent > 0], f"{name} active")
    return Portrait(
        size=size,
        figures={
            "strength": publisher.median(members, strengths, _STRENGTHS, people, f"{name} strength", of_all=True),
            "purchases_per_member": publisher.average(
                members, purchases, caps.purchases, people, f"{name} purchases", of_all=True
            ),
            "days_since_last_purchase": publisher.median(
                members, deeds.days_since_last[members], _DAYS, people, f"{name} days"
            ),
            "momentum": publisher.momentum(members, (recent, earlier), caps.window, people, f"{name} momentum"),
            "spend_per_member": publisher.average(members, spend, caps.spend, people, f"{name} spend"),
            "active_share": share(publisher.rule, active, people),
            "alive_share": publisher.average(
                members, deeds.alive.value[members], 1.0, people, f"{name} alive", doubt=deeds.doubt_of_habits
            ),
            **{
                figure: publisher.average(members, shares[members], 1.0, people, f"{name} {figure}")
                for figure, shares in deeds.shares.items()
            },
        },
        strength_counts=tuple(publisher.histogram(members, strengths, STRENGTH_BINS[1:], people, f"{name} strength")),
        purchase_counts=tuple(publisher.histogram(members, purchases, PURCHASE_BINS[1:], people, f"{name} bought")),
        currency=deeds.currency,
        most_active=publisher.top_part(members, purchases, caps.purchases, people, f"{name} purchases"),
        most_valuable=publisher.top_part(members, spend, caps.spend, people, f"{name} spend"),
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


def _shares(parts: Ints | Floats, wholes: Ints | Floats) -> Floats:
    known = np.nan_to_num(wholes) > 0
    return np.where(known, parts / np.where(known, wholes, 1), np.nan).astype(np.float64)
