"""Parts of a graph: how good they are, and how far they can be bettered without parting anew."""

import numpy as np
from scipy.sparse import csr_array

from app.taste.values import Edges, Floats, Ints

GAIN = 1e-9
"""Moves that gain less, as a share of all weight, are rounding."""


def number_by_size(parts: Ints) -> Ints:
    """Number communities from 0, the largest first, equal ones by their first node; -1 (in none) stays."""
    inside = parts >= 0
    _, first, numbers, sizes = np.unique(parts[inside], return_index=True, return_inverse=True, return_counts=True)
    places = np.empty(len(sizes), dtype=np.int64)
    places[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    numbered = np.full(len(parts), -1, dtype=np.int64)
    numbered[inside] = places[numbers]
    return numbered


def modularity(edges: Edges, parts: Ints, resolution: float) -> float:
    """How much more weight lies inside the parts than chance would put there, at most 1; 0 without edges.

    ``edges`` are undirected, each once, and all their ends are in some part; ``resolution`` weighs the chance.
    """
    total = float(edges.weight.sum())
    if total == 0:
        return 0.0
    inside = float(edges.weight[parts[edges.source] == parts[edges.target]].sum()) / total
    strength = np.bincount(parts[np.concatenate([edges.source, edges.target])], weights=np.tile(edges.weight, 2))
    return inside - resolution * float(((strength / (2 * total)) ** 2).sum())


def is_kept(former: Ints, parts: Ints) -> bool:
    """Whether ``parts`` has the former parts unchanged, numbers aside, and what was in none of them in others."""
    inside = (former >= 0) & (parts >= 0)
    pairs = len({*zip(former[inside].tolist(), parts[inside].tolist(), strict=True)})
    same = pairs == len(np.unique(former[inside])) == len(np.unique(parts[inside]))
    return same and not np.isin(parts[~inside & (parts >= 0)], parts[inside]).any()


def can_join(edges: Edges, nodes: int, resolution: float) -> bool:
    """Whether modularity gains when any two nodes, each alone, become one part."""
    ends = np.concatenate([edges.source, edges.target])
    degree = np.bincount(ends, weights=np.tile(edges.weight, 2), minlength=nodes)
    chance = resolution * degree[edges.source] * degree[edges.target] / max(float(degree.sum()), GAIN)
    return bool((edges.weight > chance).any())


def settle(edges: Edges, parts: Ints, resolution: float) -> Ints:
    """Move single nodes to the part of a neighbour as long as modularity gains by it; a node in none begins alone.

    Goes by the nodes' order and ends where no move gains, so what is settled stays. A node without an edge is in
    none.
    """
    return _Settling(edges, parts, resolution).settled()


class _Settling:
    """Local moving (Blondel et al., 2008) from given parts, with a queue of nodes whose neighbours moved.

    Plain lists and numbers: for some twenty neighbours at a time they are faster than arrays.
    """

    def __init__(self, edges: Edges, parts: Ints, resolution: float) -> None:
        nodes = len(parts)
        one_way = edges.matrix(nodes, nodes)
        graph = csr_array(one_way + one_way.T)
        degree: Floats = np.asarray(graph.sum(axis=1)).ravel()
        begun = np.where(parts >= 0, parts, parts.max(initial=-1) + 1 + np.arange(nodes))
        self._ends: list[int] = graph.indptr.tolist()
        self._nodes: list[int] = graph.indices.tolist()
        self._weights: list[float] = graph.data.tolist()
        self._degree: list[float] = degree.tolist()
        self._parts: list[int] = begun.tolist()
        self._strength: list[float] = np.bincount(begun, weights=degree, minlength=nodes).tolist()
        self._scale = resolution / max(float(degree.sum()), GAIN)
        self._least = GAIN * float(degree.sum())

    def settled(self) -> Ints:
        connected = [node for node, degree in enumerate(self._degree) if degree > 0]
        # A move changes what chance says of nodes far away, so the end is a pass over all without a move.
        while waiting := self._pass(connected):
            while waiting:
                waiting = self._pass(waiting)
        return np.where(np.asarray(self._degree) > 0, np.asarray(self._parts, dtype=np.int64), -1)

    def _pass(self, nodes: list[int]) -> list[int]:
        """Go through ``nodes`` once; the neighbours of those that moved, in order."""
        stirred: set[int] = set()
        for node in nodes:
            if self._moves(node):
                stirred.update(self._nodes[self._ends[node] : self._ends[node + 1]])
        return sorted(stirred)

    def _moves(self, node: int) -> bool:
        """Move one node where it gains most, if it gains."""
        parts, mine, degree = self._parts, self._parts[node], self._degree[node]
        tied: dict[int, float] = {mine: 0.0}
        for place in range(self._ends[node], self._ends[node + 1]):
            part = parts[self._nodes[place]]
            tied[part] = tied.get(part, 0.0) + self._weights[place]
        self._strength[mine] -= degree
        chance = self._scale * degree
        stays = tied[mine] - chance * self._strength[mine]
        gain, best = max((weight - chance * self._strength[part], -part) for part, weight in tied.items())
        moved = gain > stays + self._least
        parts[node] = -best if moved else mine
        self._strength[parts[node]] += degree
        return moved
