"""Graphs with planted communities (LFR: Lancichinetti, Fortunato and Radicchi, 2008), by networkit's generator."""

# networkit comes without types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from dataclasses import dataclass

import networkit as nk
import numpy as np

from app.taste.values import Edges, Ints

MEAN_DEGREE, MOST_DEGREE, DEGREE_EXPONENT, SIZE_EXPONENT = 20, 50, -2, -1
ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """How big the graph and its communities are."""

    name: str
    nodes: int
    smallest: int
    largest: int


KINDS = (
    Kind("1000 S", 1_000, 10, 50),
    Kind("1000 B", 1_000, 20, 100),
    Kind("5000 S", 5_000, 10, 50),
    Kind("5000 B", 5_000, 20, 100),
)

LEIDEN = {
    "1000 S": {0.1: 0.990, 0.3: 0.982, 0.5: 0.958, 0.6: 0.920},
    "1000 B": {0.1: 1.000, 0.3: 0.998, 0.5: 0.992, 0.6: 0.904},
    "5000 S": {0.1: 0.954, 0.3: 0.923, 0.5: 0.880, 0.6: 0.852},
    "5000 B": {0.1: 0.995, 0.3: 0.980, 0.5: 0.944, 0.6: 0.910},
}
"""NMI of leidenalg 0.12.0 to convergence on such graphs, by kind and mixing."""


def generate(kind: Kind, mixing: float, seed: int) -> tuple[Edges, Ints]:
    """Edges, each once, weight 1, and the planted community of each node.

    The generator refuses some draws as not realisable; then the next seed is tried.
    """
    for attempt in range(ATTEMPTS):
        nk.engineering.setSeed(seed * ATTEMPTS + attempt, False)
        generator = nk.generators.LFRGenerator(kind.nodes)
        generator.generatePowerlawDegreeSequence(MEAN_DEGREE, MOST_DEGREE, DEGREE_EXPONENT)
        generator.generatePowerlawCommunitySizeSequence(kind.smallest, kind.largest, SIZE_EXPONENT)
        generator.setMu(mixing)
        try:
            graph = generator.generate()
        except RuntimeError:
            continue
        pairs = np.sort(np.asarray(list(graph.iterEdges()), dtype=np.int64), axis=1)
        pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
        planted = np.asarray(generator.getPartition().getVector(), dtype=np.int64)
        return Edges(pairs[:, 0], pairs[:, 1], np.ones(len(pairs))), planted
    raise RuntimeError(f"no graph of {kind.name} with mixing {mixing} could be drawn")
