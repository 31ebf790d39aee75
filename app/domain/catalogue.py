"""Which products of the catalogue are meant. No I/O."""

from dataclasses import dataclass

from app.domain.models import Availability

LEVEL = " > "
"""Between the levels of a category."""


def category_path(text: str) -> str:
    """Return a category in one spelling: ``Home>Kitchen`` and ``Home > Kitchen >`` are ``Home > Kitchen``."""
    return LEVEL.join(level for part in text.split(">") if (level := part.strip()))


def holds(category: str, other: str) -> bool:
    """Whether a category is another one or holds it, at whatever depth; both as ``category_path`` says, in one case."""
    return other == category or other.startswith(category + LEVEL)


def above(category: str) -> list[str]:
    """Return the categories that hold one, the nearest first; ``[]`` for one of the first level."""
    levels = category.split(LEVEL)
    return [LEVEL.join(levels[:depth]) for depth in range(len(levels) - 1, 0, -1)]


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products are wanted; ``None`` for all."""

    availability: Availability | None = None
    brand: str | None = None
    category: str | None = None
    """The category itself, or one that holds it."""
    item_group_id: str | None = None
