"""Purchases of products that no feed has, and what that looks like. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Likeness = Literal["group", "ambiguous", "unknown"]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A product by the text that events call it by, which is no product's id in the catalogue."""

    product_id: str
    purchases: int
    variants: int
    """Products of the catalogue in a group of this id."""
    alternatives: int
    """Products of the catalogue with such a gtin, mpn or sku; more than one cannot be told apart."""

    @property
    def likeness(self) -> Likeness:
        """What the text seems to be."""
        if self.variants:
            return "group"
        return "ambiguous" if self.alternatives > 1 else "unknown"


def explain(unmatched: Sequence[Unmatched]) -> str | None:
    """Say what the list looks like as a whole; ``None`` where nothing is unmatched."""
    if not unmatched:
        return None
    every = sum(one.purchases for one in unmatched)
    parents = sum(one.purchases for one in unmatched if one.likeness == "group")
    if 2 * parents >= every:
        return (
            f"{parents} of {every} purchases name a group (item_group_id): the feed seems to have variants and the "
            "tags parents. Each counts for a variant of its group; send the variant's id to know which."
        )
    return (
        "The feed and the events seem to call products by different ids: put the events' ids into the feed's id, gtin, "
        "mpn or sku, or load the feed that has them."
    )
