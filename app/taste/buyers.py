"""Noisy numbers of buyers, which keep within each other as what they count does."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from app.domain.disclosure import Noisy
from app.taste.facets import Buyers, Lines, mark
from app.taste.niches import Expected
from app.taste.noise import Keys, Noise
from app.taste.values import Floats, Matrix


class Till:
    """Counts the buyers of groups of products, by community and overall."""

    def __init__(
        self, noise: Noise, members: Matrix, communities: Sequence[str], bought: Matrix, sizes: Floats
    ) -> None:
        """``members`` is of shape (people, communities), ``bought`` (people, products), ``sizes`` as published."""
        self._noise = noise
        self._members, self._bought, self._sizes = members, mark(bought), sizes
        self._rows = noise.names(communities)

    @cached_property
    def people(self) -> Noisy:
        """All people."""
        return self._noise.count(np.arange(self._bought.shape[0]), "everybody")

    def count(self, groups: Matrix, names: Sequence[str]) -> Buyers:
        """Count who buys something of each group, shape (products, groups)."""
        return self._count(groups, self._noise.names(names))

    def count_lines(
        self, lines: Lines, kind: str, others: Sequence[str], brands: Sequence[str], whole: Buyers
    ) -> Buyers:
        """Count the buyers of each line of brands, who are among those of the whole brand."""
        of_brand = self._noise.names([f"brand {id_}" for id_ in brands])[lines.brand]
        of_other = self._noise.names([f"{kind} {id_}" for id_ in others])[lines.other]
        found = self._count(lines.groups, of_brand * np.uint64(31) + of_other)
        by_community = np.minimum(found.by_community, whole.by_community[:, lines.brand])
        return Buyers(by_community, np.minimum(found.overall, whole.overall[lines.brand]))

    def expect(self, exact: Expected, brands: Sequence[str]) -> Expected:
        """Lay noise on expected buyers, of whom each member is one at most."""
        columns = self._noise.names([f"expected {id_}" for id_ in brands])
        everybody = csr_array(np.ones((self._members.shape[0], 1)))
        buyers = self._noise.lay(exact.buyers, self._members, everybody, np.ones(len(brands)), self._rows, columns)
        squares = self._noise.lay(
            exact.spread**2, self._members, everybody, np.full(len(brands), 0.25), self._rows, columns
        )
        return Expected(np.minimum(buyers.value, self._sizes[:, None]), np.sqrt(squares.value))

    def _count(self, groups: Matrix, columns: Keys) -> Buyers:
        has = mark(self._bought @ mark(groups))
        here = self._noise.table(self._members, has, self._rows, columns).within(self._sizes[:, None])
        all_ = csr_array(np.ones((self._members.shape[0], 1)))
        overall = self._noise.table(all_, has, self._noise.names(["everybody"]), columns).value[0]
        overall = np.maximum(here.value.max(axis=0, initial=0.0), np.minimum(overall, self.people.value))
        return Buyers(here.value, overall.astype(np.int64))
