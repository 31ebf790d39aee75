"""Parts graphs of numbers into communities with GDS, as finely as wanted, and near to how they were parted before."""

from dataclasses import dataclass

import numpy as np

from app.jobs.graph_science import Projection, projected
from app.jobs.run import Run
from app.taste.partition import can_join, is_kept, modularity, number_by_size, settle
from app.taste.values import Edges, Ints

SEED = 42
PATIENCE = 0.01
"""Modularity by which a fresh partition must be better before the former one is given up."""
RESOLUTIONS = tuple(round(2 ** (step / 2), 4) for step in range(-4, 13))
"""From a quarter to 64, half a doubling at a time."""
PLAIN = RESOLUTIONS.index(1.0)
"""The resolution that plain modularity has."""


@dataclass(frozen=True, slots=True)
class Grain:
    """How fine to part."""

    most: int
    """Parts at most, roughly."""
    typical: int
    """Nodes that the median part has at least, or else parting is no finer than plain modularity would have it."""

    def allows(self, parts: Ints, place: int) -> bool:
        """Whether parts that were found at a place of ``RESOLUTIONS`` are not too many, nor too small for it."""
        sizes = np.bincount(parts[parts >= 0])
        coarse_enough = place <= PLAIN or (len(sizes) > 0 and bool(np.median(sizes) >= self.typical))
        return len(sizes) <= self.most and coarse_enough


@dataclass(frozen=True, slots=True)
class Partition:
    """What was parted."""

    parts: Ints
    """The part of each node, numbered by size from 0; -1 for a node without an edge."""
    resolution: float


async def part(graph: Projection, resolution: float, seed: int = SEED) -> Ints:
    """Part by modularity (Leiden, one thread, seeded): the same for the same. Numbers mean nothing; -1: in none."""
    parts = np.full(graph.nodes, -1, dtype=np.int64)
    if not can_join(graph.edges, graph.nodes, resolution):  # GDS fails where there is nothing to do
        connected = np.unique(np.concatenate([graph.edges.source, graph.edges.target]))
        parts[connected] = np.arange(len(connected))
        return parts
    found = await graph.compute(
        lambda gds, projected: gds.leiden.stream(
            projected, relationship_weight_property="weight", gamma=resolution, random_seed=seed, concurrency=1
        )
    )
    numbers = np.asarray(found["communityId"], dtype=np.int64)
    parts[np.asarray(found["nodeId"], dtype=np.int64)] = np.unique(numbers, return_inverse=True)[1]
    return parts


async def find_partition(run: Run, edges: Edges, nodes: int, resolution: float, *, seed: int = SEED) -> Ints:
    """Part a graph once, see ``part``."""
    async with projected(run, edges, nodes) as graph:
        return await part(graph, resolution, seed)


async def find_finest(graph: Projection, grain: Grain) -> Partition:
    """The finest partition that fits, by bisection; the coarsest when none does."""
    found = {PLAIN: await part(graph, RESOLUTIONS[PLAIN])}
    plain_fits = grain.allows(found[PLAIN], PLAIN)
    # Finer parts are smaller yet, so a small shop is parted once and no more.
    small = plain_fits and not grain.allows(found[PLAIN], PLAIN + 1)
    low, high = (PLAIN, PLAIN if small else len(RESOLUTIONS) - 1) if plain_fits else (0, PLAIN - 1)
    while low < high:
        middle = (low + high + 1) // 2
        found[middle] = await part(graph, RESOLUTIONS[middle])
        low, high = (middle, high) if grain.allows(found[middle], middle) else (low, middle - 1)
    parts = found[low] if low in found else await part(graph, RESOLUTIONS[low])
    return Partition(parts, RESOLUTIONS[low])


async def find_grained_partition(
    graph: Projection, former: Ints, grain: Grain, former_resolution: float | None = None
) -> Partition:
    """Part as finely as ``grain`` allows, staying with the ``former`` parts where that costs next to nothing.

    ``former`` has the part of each node in the run before, -1 for none. How many parts a resolution gives differs from
    shop to shop, so it is looked for and not set; the former one is kept while it does. Leiden finds one of many
    partitions of nearly equal quality, so that a little new data would rename everything (GDS takes a partition to
    begin with, but ends up far worse from it). So the former one is bettered by single moves, and given up only for one
    that is better by ``PATIENCE``. On unchanged data it stays as it is.
    """
    if former_resolution is not None:
        fresh = await part(graph, former_resolution)
        parts = _steady(graph.edges, former, fresh, former_resolution)
        if grain.most / 4 <= parts.max(initial=-1) + 1 <= grain.most * 1.25:
            return Partition(parts, former_resolution)
    finest = await find_finest(graph, grain)
    return Partition(_steady(graph.edges, former, finest.parts, finest.resolution), finest.resolution)


def _steady(edges: Edges, former: Ints, fresh: Ints, resolution: float) -> Ints:
    """The former parts, bettered, or the fresh ones where those are much better; numbered by size."""
    new = settle(edges, fresh, resolution)
    if (former < 0).all() or is_kept(former, new):
        return number_by_size(new)
    kept = settle(edges, former, resolution)
    gain = modularity(edges, new, resolution) - modularity(edges, kept, resolution)
    return number_by_size(new if gain > PATIENCE else kept)
