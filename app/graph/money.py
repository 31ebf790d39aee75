"""Money as the graph keeps it."""

from decimal import Decimal


def as_float(amount: Decimal | None) -> float | None:
    """Money as the graph keeps it: a double gives back up to 15 digits exactly, and intake takes no more."""
    return None if amount is None else float(amount)


def as_decimal(amount: float | None) -> Decimal | None:
    """Give money back as it came in."""
    return None if amount is None else Decimal(repr(amount))
