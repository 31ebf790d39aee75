"""Who is contacted with which products: an assignment under slots, stock, a number of contacts and a least gain. Pure.

Small ones are solved exactly (HiGHS). Large ones go by prices of stock: each product that is short gets a price by
subgradient steps, contacts choose at these prices, and the Lagrangian dual bounds what any plan could gain, so the gap
that is told is a true one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from app.recommend.history import Flags
from app.taste.values import Floats, Ints

MOST_EXACT = 4_000
"""Proposals of one problem that are solved exactly."""
_STEPS, _TRIES = 60, 3
"""Steps of the prices, and how often a plan is made by them."""
_SECONDS, _NODES = 20.0, 2_000
_EDGE = 1e-9
"""Sums that differ by less are one."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """Products that could be shown to each contact, a row each, and what each is expected to gain."""

    starts: Ints
    """Where the proposals of each contact begin, and the end."""
    products: Ints
    """Places of products in ``Limits.stock``; none twice in a contact."""
    gains: Floats
    """Above 0."""

    @property
    def contacts(self) -> int:
        """How many could be contacted."""
        return len(self.starts) - 1

    @property
    def rows(self) -> Ints:
        """The contact of each proposal."""
        return np.repeat(np.arange(self.contacts), np.diff(self.starts))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan must keep to."""

    slots: int
    """Products a contact, at most."""
    stock: Ints
    """Contacts that each product may be shown to; below 0: any number."""
    most_contacts: int | None = None
    cost: float = 0.0
    """Of a contact, in the unit of gains."""
    least_gain: float = 0.0
    """Of a contact, when its cost is taken off; 0 or more."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A plan that keeps to all limits."""

    chosen: Ints
    """Proposals, ascending."""
    value: float
    """Sum of gains less the contacts' cost."""
    bound: float
    """No plan is worth more."""
    is_exact: bool

    @property
    def gap(self) -> float:
        """By which part of the bound it could be better at most."""
        return max(0.0, 1 - self.value / self.bound) if self.bound > _EDGE else 0.0


def solve(asked: Proposals, limits: Limits) -> Assignment:
    """Find the best plan where that is quick, else a good one with its gap; the same for the same input."""
    wide = _Wide(asked, limits)
    free = wide.at(np.zeros(len(limits.stock)))
    if free.is_kept(limits):
        return Assignment(free.chosen, free.value, free.value, is_exact=True)
    if len(asked.gains) <= MOST_EXACT and (exact := _solve_exactly(asked, limits, wide.able)) is not None:
        return exact
    return _by_prices(asked, limits, wide)


def solve_by_prices(asked: Proposals, limits: Limits) -> Assignment:
    """Find a good plan by prices of stock, whatever the size."""
    return _by_prices(asked, limits, _Wide(asked, limits))


@dataclass(frozen=True, slots=True)
class _Wish:
    """What contacts would choose at some prices, were there enough of everything."""

    chosen: Ints
    worth: Floats
    """Of each contact at these prices; below 0 where it is not worth its cost."""
    wanted: Ints
    """By product."""
    value: float
    """Without prices."""
    bound: float

    def is_kept(self, limits: Limits) -> bool:
        """Whether it keeps to the stock."""
        return bool(np.all((limits.stock < 0) | (self.wanted <= limits.stock)))


class _Wide:
    """The proposals as a table of contacts by place, so that all contacts choose at once."""

    def __init__(self, asked: Proposals, limits: Limits) -> None:
        self._asked, self._limits = asked, limits
        lengths = np.diff(asked.starts)
        self._width = int(lengths.max(initial=0))
        self._rows = asked.rows
        self._columns = np.arange(len(asked.gains)) - np.repeat(asked.starts[:-1], lengths)
        best, _ = self._top(asked.gains)
        self.able = best - limits.cost >= limits.least_gain - _EDGE
        """Contacts that the least gain can be had from, were there enough of everything."""

    def at(self, prices: Floats) -> _Wish:
        """What is wished for at some prices; where nothing is short, the best plan."""
        asked, limits = self._asked, self._limits
        adjusted = asked.gains - prices[asked.products]
        sums, is_top = self._top(adjusted)
        worth = np.where(self.able, sums - limits.cost, -np.inf)
        order = np.lexsort((np.arange(len(worth)), -worth))[: limits.most_contacts]
        chosen_contacts = np.zeros(asked.contacts, dtype=np.bool_)
        chosen_contacts[order] = worth[order] >= 0
        chosen: Ints = np.flatnonzero(is_top & chosen_contacts[self._rows])
        wanted = np.bincount(asked.products[chosen], minlength=len(limits.stock))
        paid = float(prices @ np.maximum(limits.stock, 0))
        value = float(asked.gains[chosen].sum() - limits.cost * chosen_contacts.sum())
        return _Wish(chosen, worth, wanted, value, float(worth[chosen_contacts].sum()) + paid)

    def _top(self, values: Floats) -> tuple[Floats, Flags]:
        """The sum of the best of each contact that are above 0, and which they are."""
        contacts, slots = self._asked.contacts, self._limits.slots
        table = np.full((contacts, max(1, self._width)), -np.inf)
        table[self._rows, self._columns] = values
        order = np.argsort(-table, axis=1, kind="stable")[:, :slots]
        best = np.take_along_axis(table, order, axis=1)
        taken = np.zeros(table.shape, dtype=np.bool_)
        np.put_along_axis(taken, order, best > 0, axis=1)
        return np.maximum(best, 0.0).sum(axis=1), taken[self._rows, self._columns]


def _by_prices(asked: Proposals, limits: Limits, wide: _Wide) -> Assignment:
    prices, best_prices = np.zeros(len(limits.stock)), np.zeros(len(limits.stock))
    bound, best = np.inf, _Filling(asked, limits, wide.able).fill(prices, wide.at(prices).worth)
    value = _value(asked, limits, best)
    for step in range(_STEPS):
        wish = wide.at(prices)
        if wish.bound < bound:
            bound, best_prices = wish.bound, prices
        short = np.where(limits.stock < 0, 0, wish.wanted - limits.stock)
        # A price above 0 sinks where not all is wanted; one of 0 cannot.
        slope = np.where((short < 0) & (prices <= 0), 0, short).astype(np.float64)
        if not slope.any():
            break
        # Polyak's step towards what is known to be possible; smaller ones later.
        length = max(wish.bound - value, _EDGE) / float(slope @ slope)
        prices = np.maximum(0.0, prices + length * slope / (1 + step / 20))
        if (step + 1) % (_STEPS // _TRIES) == 0:
            best, value = _better(asked, limits, wide, best_prices, best, value)
    best, value = _better(asked, limits, wide, best_prices, best, value)
    bound = max(bound, value)
    return Assignment(best, value, bound, is_exact=bound - value <= _EDGE * max(1.0, bound))


def _better(
    asked: Proposals, limits: Limits, wide: _Wide, prices: Floats, best: Ints, value: float
) -> tuple[Ints, float]:
    found = _Filling(asked, limits, wide.able).fill(prices, wide.at(prices).worth)
    worth = _value(asked, limits, found)
    return (found, worth) if worth > value else (best, value)


def _value(asked: Proposals, limits: Limits, chosen: Ints) -> float:
    contacts = len(np.unique(asked.rows[chosen]))
    return float(asked.gains[chosen].sum()) - limits.cost * contacts


class _Filling:
    """One contact after the other takes what is left."""

    def __init__(self, asked: Proposals, limits: Limits, able: Flags) -> None:
        self._asked, self._limits, self._able = asked, limits, able
        self._left: list[float] = np.where(limits.stock < 0, np.inf, limits.stock).tolist()
        self._products: list[int] = asked.products.tolist()
        self._gains: list[float] = asked.gains.tolist()
        self._starts: list[int] = asked.starts.tolist()
        self._taken: dict[int, list[int]] = {}

    def fill(self, prices: Floats, worth: Floats) -> Ints:
        """Let contacts choose at these prices, those first whom it is worth most; then what is left, at none."""
        adjusted = self._asked.gains - prices[self._asked.products]
        order = np.lexsort((np.arange(len(worth)), -worth))
        contacts: list[int] = order[self._able[order]].tolist()
        for values, cheapest in ((adjusted, 0.0), (self._asked.gains, -np.inf)):
            ranked = self._ranked(values)
            listed: list[float] = values.tolist()
            for contact in contacts:
                self._serve(contact, [one for one in ranked[contact] if listed[one] >= cheapest])
        taken = [one for some in self._taken.values() for one in some]
        return np.sort(np.asarray(taken, dtype=np.int64))

    def _ranked(self, values: Floats) -> list[list[int]]:
        """The proposals of each contact, best first."""
        order: list[int] = np.lexsort((np.arange(len(values)), -values, self._asked.rows)).tolist()
        return [order[start:end] for start, end in pairwise(self._starts)]

    def _serve(self, contact: int, wanted: Sequence[int]) -> None:
        """Give a contact what is left of what it wants, if that is enough; or more of it."""
        had = self._taken.get(contact, [])
        most = self._limits.most_contacts
        if not had and most is not None and len(self._taken) >= most:
            return
        more = [one for one in wanted if one not in had and self._left[self._products[one]] >= 1]
        picked = more[: self._limits.slots - len(had)]
        gain = sum(self._gains[one] for one in (*had, *picked))
        if not picked or gain - self._limits.cost < self._limits.least_gain - _EDGE:
            return
        for one in picked:
            self._left[self._products[one]] -= 1
        self._taken[contact] = [*had, *picked]


def _solve_exactly(asked: Proposals, limits: Limits, able: Flags) -> Assignment | None:
    """Solve with HiGHS; ``None`` where it takes too long, or where its tolerance let a contact below the least gain."""
    proposals, contacts = len(asked.gains), asked.contacts
    rows, entries = asked.rows, np.arange(proposals)
    costs = np.concatenate([-asked.gains, np.full(contacts, limits.cost)])
    upper = np.concatenate([able[rows], able]).astype(np.float64)
    found = milp(
        costs,
        integrality=np.ones(proposals + contacts, dtype=np.int64),
        bounds=Bounds(np.zeros(proposals + contacts), upper),
        constraints=_constraints(asked, limits, rows, entries),
        options={"mip_rel_gap": 0.0, "time_limit": _SECONDS, "node_limit": _NODES},
    )
    if found.status != 0:
        return None
    chosen: Ints = np.flatnonzero(np.asarray(found.x)[:proposals] > 0.5)
    net = np.bincount(rows[chosen], weights=asked.gains[chosen], minlength=contacts) - limits.cost
    if np.any(net[np.unique(rows[chosen])] < limits.least_gain - _EDGE):
        return None
    value = _value(asked, limits, chosen)
    return Assignment(chosen, value, value, is_exact=True)


def _constraints(asked: Proposals, limits: Limits, rows: Ints, entries: Ints) -> list[LinearConstraint]:
    proposals, contacts = len(asked.gains), asked.contacts
    width, places = proposals + contacts, proposals + np.arange(contacts)
    both = np.concatenate([rows, np.arange(contacts)]), np.concatenate([entries, places])

    def of_contacts(values: Floats, of_contact: float) -> csr_array:
        weights = np.concatenate([values, np.full(contacts, of_contact)])
        return csr_array(coo_array((weights, both), shape=(contacts, width)))

    short = limits.stock >= 0
    of_product = csr_array(coo_array((np.ones(proposals), (asked.products, entries)), shape=(len(limits.stock), width)))
    rules = [
        LinearConstraint(of_contacts(np.ones(proposals), -limits.slots), -np.inf, 0),
        LinearConstraint(of_contacts(asked.gains, -(limits.least_gain + limits.cost)), 0, np.inf),
    ]
    if short.any():
        rules.append(LinearConstraint(of_product[np.flatnonzero(short)], -np.inf, limits.stock[short]))
    if limits.most_contacts is not None:
        all_contacts = np.concatenate([np.zeros(proposals), np.ones(contacts)])
        rules.append(LinearConstraint(all_contacts[None, :], -np.inf, limits.most_contacts))
    return rules
