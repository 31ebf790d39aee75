"""A graph of numbers is parted by GDS: seeded and undirected."""

from datetime import UTC, datetime

import numpy as np

from app.domain.progress import Silent
from app.jobs.leiden import find_partition
from app.jobs.run import Run
from app.taste.values import Edges, Ints
from tests.graph.shop import Shop


def run_of(shop: Shop) -> Run:
    return Run(shop.db, shop.settings, shop.tenant, "a-run", datetime.now(UTC), Silent())


def groups(seed: int, nodes: int = 90, parts: int = 3) -> Edges:
    """Dense inside each third of the nodes, sparse between; of no parts, sparse all over."""
    rng = np.random.default_rng(seed)
    home = np.arange(nodes) * parts // nodes if parts else np.arange(nodes)
    likely = np.where(home[:, None] == home[None, :], 0.4, 0.04)
    source, target = np.nonzero(np.triu(rng.random((nodes, nodes)) < likely, 1))
    return Edges(source, target, np.ones(len(source)))


def same(one: Ints, other: Ints) -> bool:
    """Whether two partitions are equal but for the numbers."""
    return len({*zip(one.tolist(), other.tolist(), strict=True)}) == len({*one.tolist()}) == len({*other.tolist()})


async def test_groups_are_found_and_a_lone_node_is_in_none(shop: Shop) -> None:
    parts = await find_partition(run_of(shop), groups(1), 92, 1.0)

    assert same(parts[:90], np.arange(90) * 3 // 90)
    assert parts[90:].tolist() == [-1, -1]


async def test_the_same_graph_is_parted_the_same_way(shop: Shop) -> None:
    noise = groups(2, parts=0)
    first = await find_partition(run_of(shop), noise, 90, 1.0)
    again = await find_partition(run_of(shop), noise, 90, 1.0)
    others = [await find_partition(run_of(shop), noise, 90, 1.0, seed=seed) for seed in range(5)]

    assert again.tolist() == first.tolist()
    assert not all(same(first, other) for other in others)


async def test_edges_have_no_direction(shop: Shop) -> None:
    edges = groups(3)
    turned = Edges(edges.target, edges.source, edges.weight)

    forth, back = [await find_partition(run_of(shop), each, 90, 1.0) for each in (edges, turned)]

    assert same(forth, back)


async def test_a_higher_resolution_gives_more_communities(shop: Shop) -> None:
    coarse, fine = [await find_partition(run_of(shop), groups(4), 90, resolution) for resolution in (1.0, 8.0)]

    assert len({*fine.tolist()}) > len({*coarse.tolist()})


async def test_no_edges_make_no_communities(shop: Shop) -> None:
    none = np.empty(0, dtype=np.int64)

    assert (await find_partition(run_of(shop), Edges(none, none, np.empty(0)), 3, 1.0)).tolist() == [-1, -1, -1]


async def test_where_nothing_gains_by_joining_each_node_is_alone(shop: Shop) -> None:
    parts = await find_partition(run_of(shop), groups(6), 90, 64.0)

    assert len({*parts.tolist()}) == 90
