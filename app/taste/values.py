"""The shapes that everything here takes and gives: who likes what, what wears which tag, weighted edges."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Matrix = csr_array[np.float64, tuple[int, int]]


@dataclass(frozen=True)
class Edges:
    """Weighted edges between two lists of things, three columns of equal length; positions, not ids."""

    source: Ints
    target: Ints
    weight: Floats

    def __len__(self) -> int:
        return len(self.source)

    def matrix(self, sources: int, targets: int) -> Matrix:
        """As a sparse matrix of shape (sources, targets); parallel edges are added up."""
        return csr_array((self.weight, (self.source, self.target)), shape=(sources, targets))


@dataclass(frozen=True)
class Moments:
    """When likes came, a value an edge of ``Likes``; in milliseconds since 1970."""

    first_ms: Floats
    """When a product was first bought, else when it was seen last."""
    last_ms: Floats
    lasting: Floats
    """The weight that the edge has when evidence does not age."""

    def only(self, chosen: "Ints | NDArray[np.bool_]") -> "Moments":
        """Those of some edges."""
        return Moments(self.first_ms[chosen], self.last_ms[chosen], self.lasting[chosen])


@dataclass(frozen=True)
class Likes:
    """Who likes what how much, of those that a run learns from.

    ``identities`` and ``products`` are ids, each sorted; ``edges`` run from identity to product, sorted by both, one a
    pair. Weights are log(1 + evidence / the identity's mean evidence), as of the run, so that neither busy identities
    nor one heavy habit speak for everything.
    """

    identities: tuple[str, ...]
    products: tuple[str, ...]
    edges: Edges
    moments: Moments | None = None
    """None where no times are known."""

    @property
    def lasting(self) -> "Likes":
        """The same with weights that did not age: what goes with what does not change with the years."""
        if self.moments is None:
            return self
        edges = Edges(self.edges.source, self.edges.target, self.moments.lasting)
        return Likes(self.identities, self.products, edges, self.moments)

    def only(self, chosen: NDArray[np.bool_]) -> "Likes":
        """Keep some of the edges."""
        edges = Edges(self.edges.source[chosen], self.edges.target[chosen], self.edges.weight[chosen])
        return Likes(self.identities, self.products, edges, self.moments.only(chosen) if self.moments else None)

    @cached_property
    def matrix(self) -> Matrix:
        """Shape (identities, products)."""
        return self.edges.matrix(len(self.identities), len(self.products))

    @cached_property
    def starts(self) -> Ints:
        """Where each identity's edges begin; one more than there are identities, so that the last one ends, too."""
        return np.searchsorted(self.edges.source, np.arange(len(self.identities) + 1))

    @cached_property
    def likers(self) -> Ints:
        """How many identities like each product."""
        return np.bincount(self.edges.target, minlength=len(self.products))


@dataclass(frozen=True)
class Tagging:
    """Which product wears which tag: ``edges`` from product to tag, in positions of ``Likes.products`` and ``tags``."""

    tags: tuple[str, ...]
    """Tag ids, sorted; "facet:name" or a bare name."""
    edges: Edges


def keep_best(edges: Edges, most: int, *, by: Ints) -> Edges:
    """Keep the ``most`` heaviest edges of each group ``by`` (one number an edge), equal weights by source and target.

    The result is sorted by source and target.
    """
    return choose(edges, are_best(edges, most, by=by))


def are_best(edges: Edges, most: int, *, by: Ints, share: float = 1.0) -> NDArray[np.bool_]:
    """Which edges are among the ``most`` heaviest of their group ``by``, equal weights by source and target.

    With a ``share`` below 1 no more of them than hold that share of the group's weight. Weights are above 0.
    """
    order = np.lexsort((edges.target, edges.source, -edges.weight, by))
    grouped = by[order]
    starts = np.flatnonzero(np.concatenate([[True], grouped[1:] != grouped[:-1]])) if len(order) else order
    lengths = np.diff(np.append(starts, len(order)))
    first = np.arange(len(order)) - np.repeat(starts, lengths) < most
    if share < 1.0:
        before = np.concatenate([[0.0], np.cumsum(edges.weight[order])])
        heavier = before[:-1] - np.repeat(before[starts], lengths)
        first &= heavier < share * np.repeat(before[starts + lengths] - before[starts], lengths)
    best = np.zeros(len(order), dtype=np.bool_)
    best[order[first]] = True
    return best


def heaviest_first(edges: Edges) -> Edges:
    """The edges sorted by source, each source's heaviest first, equal weights by target."""
    order = np.lexsort((edges.target, -edges.weight, edges.source))
    return Edges(edges.source[order], edges.target[order], edges.weight[order])


def choose(edges: Edges, chosen: NDArray[np.bool_]) -> Edges:
    """Some of the edges, sorted by source and target."""
    kept = np.flatnonzero(chosen)
    kept = kept[np.lexsort((edges.target[kept], edges.source[kept]))]
    return Edges(edges.source[kept], edges.target[kept], edges.weight[kept])
