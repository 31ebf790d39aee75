"""Influence in figures: of noisy counts and sums alone, how far and how fast what one takes up spreads to others."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from app.domain.disclosure import UNKNOWN, Figure, Noisy
from app.domain.influence_figures import FIGURES, FlowFigures, InfluenceFigures, InfluenceStatus, write_reason
from app.taste import figures
from app.taste.discoveries import Mask
from app.taste.leads import WINDOW_DAYS, Leads
from app.taste.publisher import Publisher
from app.taste.uptake import Uptake
from app.taste.values import Floats, Ints

INNOVATORS = 0.025
"""The first so many of all who take up a product (Rogers 1962)."""
LEAST_TAKERS = 40
"""Of a product, so that anybody can be among the first."""
NEW_AFTER_DAYS = 30
"""A product is new on record when nobody took it up in so many first days."""
MOST_FLOWS = 10
_DAYS = (
    0.5,
    1.5,
    3.5,
    7.5,
    14.5,
    21.5,
    30.5,
    45.5,
    60.5,
    90.5,
    120.5,
    180.5,
    270.5,
    365.5,
    545.5,
    730.5,
    1095.5,
    3650.5,
)


@dataclass(frozen=True)
class Spreading:
    """What each of some people took up and passed on: one value each, in the order of the noise; NaN where unknown."""

    follows: Floats
    """1 where it follows anybody."""
    excess: Floats
    """Of what it took up, the share in excess after those it follows."""
    branching: Floats
    innovation: Floats
    delays: Floats
    """Shares of what it took up within each of ``_DAYS`` after the first in the shop; rows of NaN."""
    leader: Ints
    """Leads among these people."""
    follower: Ints
    lag_days: Floats

    @classmethod
    def of(cls, uptake: Uptake, leads: Leads, followers: Ints, places: Ints) -> Self:
        """``followers`` are all who follow anybody; ``places``: of those wanted in ``uptake``, -1 for none there."""
        took = np.maximum(1, np.bincount(uptake.who, minlength=uptake.people))
        more = leads.excess * leads.n
        sums = [np.bincount(end, more, minlength=uptake.people) / took for end in (leads.follower, leads.leader)]
        tied = np.zeros(uptake.people)
        tied[followers] = 1.0
        at = np.full(uptake.people, -1, dtype=np.int64)
        at[places[places >= 0]] = np.flatnonzero(places >= 0)
        inside = (at[leads.leader] >= 0) & (at[leads.follower] >= 0)
        return cls(
            follows=_pick(tied, places),
            excess=_pick(np.minimum(1.0, sums[0]), places),
            branching=_pick(sums[1], places),
            innovation=_pick(_innovation(uptake), places),
            delays=_pick(_delays(uptake), places),
            leader=at[leads.leader[inside]],
            follower=at[leads.follower[inside]],
            lag_days=leads.lag_days[inside],
        )


def _pick(column: Floats, places: Ints) -> Floats:
    """The values of those wanted; NaN for who is not there."""
    picked = np.full((len(places), *column.shape[1:]), np.nan)
    picked[places >= 0] = column[places[places >= 0]]
    return picked


def _innovation(uptake: Uptake) -> Floats:
    """Of each: the share of what it took up (of many takers) in which it was among the first."""
    order = np.lexsort((uptake.day, uptake.what))
    takers = np.bincount(uptake.what, minlength=uptake.products)
    days = uptake.what * (int(uptake.day.max(initial=0)) + 1) + uptake.day
    before = np.searchsorted(days[order], days) - np.searchsorted(uptake.what[order], uptake.what)
    many = takers[uptake.what] >= LEAST_TAKERS
    first = many & (before < INNOVATORS * takers[uptake.what])
    return _shares(uptake, first, many)


def _delays(uptake: Uptake) -> Floats:
    """Of each and each of ``_DAYS``: the share of what is new on record that it took up within so many days."""
    first = np.full(uptake.products, np.iinfo(np.int64).max)
    np.minimum.at(first, uptake.what, uptake.day)
    begin = int(uptake.day.min()) if len(uptake.day) else 0
    new = first[uptake.what] >= begin + NEW_AFTER_DAYS
    delay = uptake.day - first[uptake.what]
    return np.stack([_shares(uptake, new & (delay <= end), new) for end in _DAYS], axis=1)


def _shares(uptake: Uptake, some: Mask, of: Mask) -> Floats:
    hits, all_ = (np.bincount(uptake.who, column, minlength=uptake.people) for column in (some, of))
    return np.where(all_ > 0, hits / np.maximum(all_, 1), np.nan)


@dataclass(frozen=True)
class Drawing:
    """Draws the figures of communities."""

    publisher: Publisher
    spreading: Spreading
    run: str

    def draw(self, members: Ints, name: str) -> InfluenceFigures:
        """Publish one community, its flows aside: positions of its members, and its id."""
        found = {**dict.fromkeys(FIGURES, UNKNOWN), **self._speed(members, name), **self._excess(members, name)}
        status = _status(found["excess_share"])
        return InfluenceFigures(self.run, WINDOW_DAYS, status, write_reason(status, WINDOW_DAYS), found)

    def _excess(self, members: Ints, name: str) -> dict[str, Figure]:
        spreading, noise, rule = self.spreading, self.publisher.noise, self.publisher.rule
        who = members[spreading.follows[members] > 0]
        people = noise.count(who, f"{name} follow")
        led = self._led(who, np.ones(len(spreading.leader), dtype=np.bool_), f"{name} led")
        of_it = np.isin(spreading.leader, members)
        inside, outside = (self._led(who, one, f"{name} led {at}") for at, one in enumerate((of_it, ~of_it)))
        cap = noise.cap(spreading.excess, "influence excess")
        return {
            "excess_share": self.publisher.average(who, spreading.excess[who], cap, people, f"{name} excess"),
            "led_share": figures.share(rule, led, people),
            "inside_share": figures.share(rule, inside, led),
            "outside_share": figures.share(rule, outside, led),
        }

    def _led(self, who: Ints, chosen: Mask, name: str) -> Noisy:
        led = np.intersect1d(who, self.spreading.follower[chosen])
        return self.publisher.noise.count(led, name)

    def _speed(self, members: Ints, name: str) -> dict[str, Figure]:
        spreading, noise, rule = self.spreading, self.publisher.noise, self.publisher.rule
        who = members[~np.isnan(spreading.branching[members])]
        people = noise.count(who, f"{name} take up")
        cap = noise.cap(np.nan_to_num(spreading.branching), "branching")
        shares = spreading.delays[who]
        known = ~np.isnan(shares[:, 0])
        takers = noise.count(who[known], f"{name} delays").within(people)
        below = figures.rising(
            [
                noise.total(who[known], shares[known, place], 1.0, f"{name} delay<{end}")
                for place, end in enumerate(_DAYS)
            ],
            takers,
        )
        return {
            "branching": self.publisher.average(who, spreading.branching[who], cap, people, f"{name} branching"),
            "innovator_share": self.publisher.average(
                who, spreading.innovation[who], 1.0, people, f"{name} innovation"
            ),
            **{
                f"days_to_{percent}": figures.quantile(rule, _DAYS, below, takers, percent / 100)
                for percent in (10, 50, 90)
            },
        }

    def flows(self, members: dict[str, Ints]) -> dict[tuple[str, str], tuple[Figure, Figure]]:
        """Publish from which community to which members are led, and after how many days; where enough are.

        Where nobody is, noise could never make it enough, so nothing is drawn.
        """
        found: dict[tuple[str, str], tuple[Figure, Figure]] = {}
        for to, led in members.items():
            who = led[self.spreading.follows[led] > 0]
            people = self.publisher.noise.count(who, f"{to} follow")
            here = np.isin(self.spreading.follower, led)
            for from_, leading in members.items():
                chosen = here & np.isin(self.spreading.leader, leading)
                if from_ != to and chosen.any():
                    found[from_, to] = self._flow(chosen, people, f"flow from {from_} to {to}")
        return {ends: one for ends, one in found.items() if one[0].value is not None}

    def _flow(self, chosen: Mask, people: Noisy, name: str) -> tuple[Figure, Figure]:
        followers, place = np.unique(self.spreading.follower[chosen], return_inverse=True)
        lags = np.bincount(place, self.spreading.lag_days[chosen]) / np.maximum(1, np.bincount(place))
        some = self.publisher.noise.count(followers, name)
        ends = [day + 0.5 for day in range(WINDOW_DAYS + 1)]
        lag = self.publisher.median(followers, lags, ends, some, f"{name} lag", of_all=True)
        return figures.share(self.publisher.rule, some, people), lag


def with_flows(
    drawn: dict[str, InfluenceFigures], flows: dict[tuple[str, str], tuple[Figure, Figure]]
) -> dict[str, InfluenceFigures]:
    """Put each flow at both of its ends."""

    def ends(id_: str, own: int) -> tuple[FlowFigures, ...]:
        some = [FlowFigures(ends[1 - own], *one) for ends, one in flows.items() if ends[own] == id_]
        return tuple(sorted(some, key=lambda one: (-(one.share.value or 0.0), one.community_id))[:MOST_FLOWS])

    return {
        id_: InfluenceFigures(one.run, one.window_days, one.status, one.reason, one.figures, ends(id_, 1), ends(id_, 0))
        for id_, one in drawn.items()
    }


def _status(excess: Figure) -> InfluenceStatus:
    if excess.value is None:
        return "not_enough_data"
    return "excess" if (excess.low or 0.0) > 0 else "no_excess"
