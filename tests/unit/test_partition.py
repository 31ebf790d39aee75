"""Settling betters parts of a graph by single moves and then leaves them alone."""

import numpy as np
import pytest

from app.taste.partition import is_kept, modularity, number_by_size, settle
from app.taste.values import Edges, Ints


def two_cliques() -> Edges:
    """Nodes 0 to 3 and 4 to 7, each tied to each, with one weak tie between; node 8 has none."""
    pairs = [(a + base, b + base, 1.0) for base in (0, 4) for a in range(4) for b in range(a + 1, 4)]
    return Edges(*(np.asarray(column) for column in zip(*[*pairs, (3, 4, 0.1)], strict=True)))


def random_graph(seed: int, nodes: int = 60) -> Edges:
    rng = np.random.default_rng(seed)
    source, target = np.nonzero(np.triu(rng.random((nodes, nodes)) < 0.15, 1))
    return Edges(source, target, rng.random(len(source)) + 0.1)


TWO: Ints = np.asarray([0, 0, 0, 0, 1, 1, 1, 1, -1])


def test_modularity_is_that_of_the_book() -> None:
    ends = (6.1**2 + 6.1**2) * 2**2 / (4 * 6.1**2 * 4)

    assert modularity(two_cliques(), TWO, 1.0) == pytest.approx(12 / 12.1 - ends)


def test_nodes_in_none_find_their_clique() -> None:
    settled = settle(two_cliques(), np.full(9, -1), 1.0)

    assert number_by_size(settled).tolist() == TWO.tolist()


def test_a_strayed_node_goes_home() -> None:
    strayed = TWO.copy()
    strayed[0] = 1

    assert settle(two_cliques(), strayed, 1.0).tolist() == TWO.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_what_is_settled_stays_and_is_no_worse(seed: int) -> None:
    edges = random_graph(seed)
    parts = np.random.default_rng(seed).integers(0, 6, 60)
    settled = settle(edges, parts, 1.0)

    assert settle(edges, settled, 1.0).tolist() == settled.tolist()
    assert modularity(edges, settled, 1.0) > modularity(edges, parts, 1.0)


def test_communities_are_numbered_by_size() -> None:
    assert number_by_size(np.asarray([5, 9, 9, -1, 7, 7, 9])).tolist() == [2, 0, 0, -1, 1, 1, 0]


@pytest.mark.parametrize(
    ("parts", "kept"),
    [([7, 7, 4, 4, 2], True), ([7, 7, 4, 4, 4], False), ([7, 7, 7, 7, 2], False), ([7, 6, 4, 4, 2], False)],
)
def test_former_parts_are_kept_when_nothing_moved(parts: list[int], kept: bool) -> None:
    assert is_kept(np.asarray([0, 0, 1, 1, -1]), np.asarray(parts)) is kept
