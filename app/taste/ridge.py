"""Which products speak for which: ridge regression over likes and tags with weights that are never negative.

Each product is predicted from the others (SLIM, Ning and Karypis, 2011) with a ridge that grows with a speaker's
likers, and without negative weights: so the solution is sparse by itself and loses little when it becomes edges,
where a dense one (EASE) loses a tenth. Solved by coordinate descent, many products at a time.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, diags_array, vstack

from app.taste.values import Edges, Ints, Likes, Tagging, are_best, choose

BATCH = 512
"""Products solved at a time; bounds memory."""
THREADS = 2
"""Batches at a time; the order of their results is that of the products."""
FIRST_SWEEPS, LAST_SWEEPS = 10, 15
"""Coordinate descent goes through all candidates first, then only through those that matter."""
KEPT = 80
"""Candidates that are left after the first sweeps."""
REACHED_BY = 5
"""Speakers that every product keeps where these have places left, so that a new one can be found."""

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class RidgeRules:
    """How the regression is held back; the same for every shop."""

    ridge: float = 40.0
    ridge_per_liker: float = 1.0
    busy: float = 0.2
    """How much less a busy identity's likes prove: its row is divided by (its likes / their mean) to this power."""
    sparsity: float = 1.0
    """The l1 penalty: how much a speaker must add before it is heard."""
    candidates: int = 200
    """Speakers that come into question for one product."""
    speakers: int = 20_000
    """Most liked products that may speak for others; their Gram matrix is held in memory (4 bytes a pair)."""
    per_product: int = 100
    """Edges kept a speaker, the heaviest ones,"""
    share: float = 0.85
    """... and no more of them than hold this share of all that it says; what is new would be dropped first, so places
    that are left go to products of which the speaker is one of the ``REACHED_BY`` that say most."""


def fit_similar(
    likes: Likes,
    tagging: Tagging,
    rules: RidgeRules,
    advance: Callable[[int], None] = lambda products: None,
    *,
    of_speakers_only: bool = False,
) -> Edges:
    """Edges from product to product by how much liking the first says of liking the second; sorted, weights above 0.

    Every product that is liked or wears a tag is spoken for; the ``rules.speakers`` most liked ones speak. Tags are
    rows beside the identities, so that products alike in their tags are close even where nobody likes both yet.
    With ``of_speakers_only`` no others are spoken for. ``advance`` is told how many products were solved. No edges
    when nobody likes anything.
    """
    liked = np.flatnonzero(likes.likers > 0)
    if not len(liked):
        return Edges(liked, liked, np.empty(0))
    rows = _stack(likes, tagging, rules.busy)
    worn = np.bincount(tagging.edges.source, minlength=len(likes.products))
    speakers = np.sort(np.argsort(-likes.likers, kind="stable")[: min(rules.speakers, len(liked))])
    reachable = speakers if of_speakers_only else np.flatnonzero((likes.likers > 0) | (worn > 0))
    problem = _Problem(rows, speakers, likes.likers[speakers], rules)
    batches = [reachable[start : start + BATCH] for start in range(0, len(reachable), BATCH)]
    found: list[Edges] = []
    with ThreadPoolExecutor(THREADS) as threads:  # numpy lets go of the interpreter while it reckons
        for targets, edges in zip(batches, threads.map(problem.solve, batches), strict=True):
            found.append(edges)
            advance(len(targets))
    source, target, weight = (
        np.concatenate([getattr(edges, column) for edges in found]) for column in ("source", "target", "weight")
    )
    return _keep(Edges(source, target, weight), rules)


def _keep(edges: Edges, rules: RidgeRules) -> Edges:
    """Keep what each speaker says loudest; places that are left go to what others hardly speak for."""
    loud = are_best(edges, rules.per_product, by=edges.source, share=rules.share)
    wanted = loud | are_best(edges, REACHED_BY, by=edges.target)
    loud_first = Edges(edges.source, edges.target, edges.weight + loud * edges.weight.max(initial=0.0))
    kept, ranked = choose(edges, wanted), choose(loud_first, wanted)
    return choose(kept, are_best(ranked, rules.per_product, by=ranked.source))


def _stack(likes: Likes, tagging: Tagging, busy: float) -> csc_array:
    """Likes above tags, shape (identities + tags, products); an average like of an average identity weighs 1."""
    tags = tagging.edges.matrix(len(likes.products), len(tagging.tags)).T
    counts = np.diff(likes.starts)
    weights = (np.maximum(counts, 1) / counts.mean()) ** -busy / np.log(2.0)
    return csc_array(vstack([diags_array(weights) @ likes.matrix, tags]))


class _Problem:
    """What all products share: the Gram matrix of the speakers and their ridge."""

    def __init__(self, rows: csc_array, speakers: Ints, likers: Ints, rules: RidgeRules) -> None:
        self._rows = rows
        self._spoken = csr_array(rows[:, speakers])
        self._speakers = speakers
        self._rules = rules
        self._gram = self._products_with(speakers)
        self._own: Singles = self._gram.diagonal().copy()
        self._scale: Singles = np.sqrt(self._own + np.float32(rules.ridge))
        self._diagonal: Singles = (self._own + rules.ridge + rules.ridge_per_liker * likers).astype(np.float32)

    def solve(self, targets: Ints) -> Edges:
        """The edges into some products."""
        speaks = self._products_with(targets)
        own = np.searchsorted(self._speakers, targets)
        mine = np.flatnonzero(self._speakers[np.minimum(own, len(self._speakers) - 1)] == targets)
        speaks[mine, own[mine]] = 0.0  # nothing speaks for itself
        chosen = np.sort(self._choose(speaks), axis=1)  # near ones in memory are fetched together
        chosen, weights = self._descend(chosen, np.take_along_axis(speaks, chosen, axis=1))
        place, column = np.nonzero(weights)
        return Edges(self._speakers[chosen[place, column]], targets[place], weights[place, column].astype(np.float64))

    def _products_with(self, products: Ints) -> Singles:
        """Inner products of some products with all speakers, shape (products, speakers)."""
        found = np.empty((len(products), len(self._speakers)), dtype=np.float32)
        for start in range(0, len(products), BATCH):
            part = products[start : start + BATCH]
            found[start : start + BATCH] = (csr_array(self._rows[:, part].T) @ self._spoken).toarray()
        return found

    def _choose(self, speaks: Singles) -> Ints:
        """The best candidates of each product, shape (products, candidates)."""
        scaled = speaks / self._scale
        most = min(self._rules.candidates, scaled.shape[1])
        return np.argpartition(-scaled, most - 1, axis=1)[:, :most]

    def _descend(self, chosen: Ints, gains: Singles) -> tuple[Ints, Singles]:
        """Coordinate descent; the candidates that are left and their weights, shape (products, kept)."""
        weights = self._sweep(chosen, gains, np.zeros_like(gains), FIRST_SWEEPS)
        most = min(KEPT, chosen.shape[1])
        kept = np.argpartition(-weights, most - 1, axis=1)[:, :most]
        chosen, gains, weights = (np.take_along_axis(column, kept, axis=1) for column in (chosen, gains, weights))
        return chosen, self._sweep(chosen, gains, weights, LAST_SWEEPS)

    def _sweep(self, chosen: Ints, gains: Singles, weights: Singles, sweeps: int) -> Singles:
        """Set each weight to its best, all others held, some times over."""
        # Candidates first, products last: each step reads whole rows in order.
        candidates = np.ascontiguousarray(chosen.T)
        gram = self._gram_among(candidates)
        gains, weights = np.ascontiguousarray(gains.T), np.ascontiguousarray(weights.T)
        ridge, own = self._diagonal[candidates], self._own[candidates]
        sparsity = np.float32(self._rules.sparsity)
        for _ in range(sweeps):
            for place, slab in enumerate(gram):
                others = np.einsum("kb,kb->b", slab, weights) - own[place] * weights[place]
                best: Singles = (gains[place] - others - sparsity) / ridge[place]
                weights[place] = best.clip(min=0)
        return np.ascontiguousarray(weights.T)

    def _gram_among(self, candidates: Ints) -> Singles:
        """The Gram matrices of each product's candidates, shape (candidates, candidates, products)."""
        most, products = candidates.shape
        found = np.empty((most, most, products), dtype=np.float32)
        pairs = self._gram.ravel()
        for place, row in enumerate(candidates * len(self._speakers)):
            # They are symmetric: half of what is scattered over a large matrix need not be fetched.
            found[place, place:] = found[place:, place] = pairs.take(row + candidates[place:])
        return found
