"""How much deals and trends move the members of each community, as it is published."""

from dataclasses import dataclass

import numpy as np

from app.domain.disclosure import Figure
from app.taste.noise import published_count
from app.taste.publisher import Publisher
from app.taste.shrinkage import Estimates
from app.taste.values import Floats, Ints


@dataclass(frozen=True)
class Susceptible:
    """What is known of people one by one, in one order; shares from 0 to 1, NaN where nothing is known."""

    price: Floats
    trend: Floats
    trend_shares: tuple[Floats, ...]
    """Of each community, the trend shares of its members, a value each of all people: outside of whom depends on it."""

    def figures_of(self, publisher: Publisher, members: Ints, place: int, size: int, name: str) -> dict[str, Figure]:
        """Publish the averages of one community, the ``place``-th one: positions of its members, its published size."""
        values = {
            "price_sensitivity": self.price,
            "trend_susceptibility": self.trend,
            "trend_share": self.trend_shares[place],
        }
        people = published_count(size)
        return {
            figure: publisher.average(members, one[members], 1.0, people, f"{name} {figure}")
            for figure, one in values.items()
        }


def known_values(estimates: Estimates, places: Ints) -> Floats:
    """The estimates at some places, NaN where they rest on nothing."""
    return np.where(estimates.n[places] > 0, estimates.value[places], np.nan).astype(np.float64)
