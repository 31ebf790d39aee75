"""What an identity does not want to be recommended, or to be known by: "not my taste". No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.recommendation import Rule

ExclusionKind = Literal["product", "brand", "tag", "microgenre", "order", "event"]

MOST = 1000
"""Exclusions that an identity may have at a time."""

_CATEGORY = "category:"


@dataclass(frozen=True, slots=True)
class Excluding:
    """What is to be excluded."""

    kind: ExclusionKind
    value: str
    """Id of a product, microgenre, order or event; a brand's or tag's name, or a tag's id, in lower case."""
    product_id: str | None = None
    """Of an order or event, only this product."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """It, as it is kept."""

    id: str
    what: Excluding
    at: datetime


@dataclass(frozen=True, slots=True)
class Unwanted:
    """What somebody's answers do not show; an excluded purchase is none of it, since its product may be liked."""

    product_ids: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    microgenres: tuple[str, ...] = ()

    @classmethod
    def of(cls, exclusions: Iterable[tuple[str, str]]) -> "Unwanted":
        """Sort (kind, value) pairs by kind."""
        by_kind: dict[str, list[str]] = {"product": [], "brand": [], "tag": [], "microgenre": []}
        for kind, value in exclusions:
            if kind in by_kind:
                by_kind[kind].append(value)
        return cls(*(tuple(dict.fromkeys(values)) for values in by_kind.values()))

    def __add__(self, other: "Unwanted") -> "Unwanted":
        return Unwanted(
            self.product_ids + other.product_ids,
            self.brands + other.brands,
            self.tags + other.tags,
            self.microgenres + other.microgenres,
        )

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Brands and tags as rules; a tag that is a category's id holds those below it."""
        categories = tuple(tag.removeprefix(_CATEGORY) for tag in self.tags if tag.startswith(_CATEGORY))
        tags = tuple(tag for tag in self.tags if not tag.startswith(_CATEGORY))
        brands = Rule("brand", self.brands, "exclude")
        rules = (brands, Rule("tag", tags, "exclude"), Rule("category", categories, "exclude"))
        return tuple(rule for rule in rules if rule.values)


ALL_WANTED = Unwanted()
