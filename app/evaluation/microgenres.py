"""What became of a run's microgenres: whether they cross the shop's categories, and fit what is bought together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from app.domain.catalogue import above
from app.domain.models import Product
from app.evaluation.datasets.values import Floats, Ints
from app.graph.database import Database

MOSTLY = 0.9
"""A microgenre is of one category where that holds more than this share of its products."""


@dataclass(frozen=True, slots=True)
class Purity:
    """How often two products that were bought together are of one group."""

    name: str
    groups: int
    together: float
    """Share of the pairs of one held-out basket that are of one group, each basket counting by its products."""
    by_chance: float
    """The same were baskets drawn at random."""
    across: float | None = None
    """Share of the microgenres with products of two or more of these groups; None for the microgenres themselves."""

    @property
    def lift(self) -> float:
        """How many times as often as by chance; 0 where no pair is of one group."""
        return self.together / self.by_chance if self.by_chance else 0.0


@dataclass(frozen=True, slots=True)
class MicrogenreFigures:
    """How a run's microgenres came out."""

    microgenres: int
    purity: tuple[Purity, ...]
    """Of the microgenres first, then of the shop's categories by level; () where no two products go together."""


async def measure_microgenres(
    db: Database, tenant: str, products: Sequence[Product], baskets: Sequence[Collection[int]]
) -> MicrogenreFigures | None:
    """Look at the active run; ``baskets`` are held-out places of ``products``. None when it found no microgenres."""
    rows = await db.run_long("microgenres/read_former", tenant=tenant)
    firsts = {id_: row["id"] for row in rows for id_ in row["product_ids"]}
    if not firsts:
        return None
    genre = _number([firsts.get(product.id, "") for product in products])
    levels = [_levels(product.product_type) for product in products]
    deepest = max(map(len, levels), default=0)
    found = [measure_purity("microgenres", genre, baskets)]
    for level in range(deepest):
        category = _number([one[min(level, len(one) - 1)] if one else "" for one in levels])
        purity = measure_purity(f"categories, level {level + 1}", category, baskets)
        found.append(purity and replace(purity, across=share_across(genre, category)))
    return MicrogenreFigures(int(genre.max()) + 1, tuple(one for one in found if one is not None))


def share_across(genre: Ints, category: Ints) -> float:
    """Share of the genres of which no category holds more than ``MOSTLY``; -1 stands for none of either."""
    known = (genre >= 0) & (category >= 0)
    counts = csr_array(
        (np.ones(known.sum()), (genre[known], category[known])), shape=(genre.max() + 1, category.max() + 1)
    )
    largest = np.asarray(counts.max(axis=1).todense()).ravel()
    sizes = np.asarray(counts.sum(axis=1)).ravel()
    return float((largest[sizes > 0] <= MOSTLY * sizes[sizes > 0]).mean()) if (sizes > 0).any() else 0.0


def measure_purity(name: str, group: Ints, baskets: Sequence[Collection[int]]) -> Purity | None:
    """Look at all pairs of products of one basket; products of no group, -1, are left out. None without pairs."""
    grouped = [group[sorted(basket)] for basket in baskets]
    parts = [one[one >= 0] for one in grouped if (one >= 0).sum() > 1]
    if not parts:
        return None
    same = pairs = 0.0
    for part in parts:
        counts: Floats = np.bincount(part).astype(np.float64)
        same += float((counts * (counts - 1)).sum()) / (len(part) - 1)
        pairs += len(part)
    everywhere = np.bincount(np.concatenate(parts)).astype(np.float64)
    share = everywhere / everywhere.sum()
    return Purity(name, int((everywhere > 0).sum()), same / pairs, float((share**2).sum()))


def _levels(category: str | None) -> list[str]:
    """A category and those that hold it, the widest first; [] for none."""
    return [*above(category)[::-1], category] if category else []


def _number(names: Sequence[str]) -> Ints:
    """A number for each name, in their order; -1 for ""."""
    place = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return np.asarray([place.get(name, -1) for name in names], dtype=np.int64)
