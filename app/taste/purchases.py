"""What was bought when, and whether on a deal: the lines that price and trend are read from."""

from dataclasses import dataclass

import numpy as np

from app.taste.values import Floats, Ints


@dataclass(frozen=True)
class Purchases:
    """Purchase lines of those that a run learns from, columns of equal length, in any order; positions, not ids."""

    identities: int
    """How many there are; positions run below."""
    products: int
    identity: Ints
    product: Ints
    day: Ints
    """Whole days, counted from any day."""
    deal: Ints
    """1 on a deal, 0 at full price, -1 where a price is not known."""

    def only(self, chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "Purchases":
        """Keep the lines that are ``chosen``."""
        columns = (self.identity[chosen], self.product[chosen], self.day[chosen], self.deal[chosen])
        return Purchases(self.identities, self.products, *columns)

    def sums(self, values: Floats) -> Floats:
        """Add up one value a line by identity."""
        return np.bincount(self.identity, values, minlength=self.identities).astype(np.float64)

    def lines(self) -> Ints:
        """How many lines each identity has."""
        return np.bincount(self.identity, minlength=self.identities)
