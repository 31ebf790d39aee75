"""Price ranges of rules: `5..20`, `..20`, `5..` or `5..20 EUR`. No I/O."""

import re
from typing import NamedTuple

_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})?\s*\.\.\s*({_NUMBER})?\s*([A-Za-z]{{3}})?\s*")


class PriceRange(NamedTuple):
    """From ``low`` to ``high``, both within it, in one currency."""

    low: float
    high: float
    currency: str | None
    """ISO 4217; ``None``: the one in which the shop prices most of what it offers."""

    def holds(self, paid: float | None, currency: str | None, shops: str | None) -> bool:
        """Whether a price lies in it; amounts of two currencies are never compared.

        A price without a currency is taken for the shop's (``shops``).
        """
        return paid is not None and (currency or shops) == (self.currency or shops) and self.low <= paid <= self.high


def parse_price_range(text: str) -> PriceRange:
    """Read a range, either end open; ``ValueError`` says what is wanted."""
    found = _RANGE.fullmatch(text)
    if found is None or not (found[1] or found[2]):
        raise ValueError('a price wants ranges like "5..20", "..20", "5.." or "5..20 EUR"')
    low, high = float(found[1] or "-inf"), float(found[2] or "inf")
    if low > high:
        raise ValueError("a price range begins with its lower end")
    return PriceRange(low, high, found[3] and found[3].upper())
