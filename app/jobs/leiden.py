"""Parts a graph of numbers into communities with GDS: project, part, drop."""

import numpy as np

from app.jobs.run import Run
from app.taste.values import Edges, Ints

SEED = 42


async def find_partition(run: Run, edges: Edges, nodes: int, resolution: float, *, seed: int = SEED) -> Ints:
    """Part nodes 0 to ``nodes`` - 1 into communities by modularity (Leiden, one thread, seeded): the same for the same.

    Edges are undirected, each pair once, weights above 0. The answer numbers communities from 0 in no order that
    means anything; a node without an edge is in none, -1.
    """
    parts = np.full(nodes, -1, dtype=np.int64)
    if not len(edges):
        return parts
    graph = f"plural/{run.tenant}/{run.id}/parts"
    try:
        await run.db.run_long(
            "communities/project_graph",
            graph=graph,
            ends=[edges.source.tolist(), edges.target.tolist()],
            weights=edges.weight.tolist(),
        )
        rows = await run.db.run_long("communities/find_partition", graph=graph, resolution=resolution, seed=seed)
    finally:
        await run.db.run_long("refresh/drop_projection", tenant=run.tenant, graph=graph)
    numbers = np.asarray([row["community"] for row in rows], dtype=np.int64)
    parts[[row["node"] for row in rows]] = np.unique(numbers, return_inverse=True)[1]
    return parts
