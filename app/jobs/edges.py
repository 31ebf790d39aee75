"""Writes derived edges in chunks, so that no transaction grows with the shop."""

from collections.abc import Sequence

import numpy as np

from app.domain.progress import Step
from app.jobs.run import Run
from app.taste.values import Edges

CHUNK = 20_000
"""Edges a transaction."""


async def write_edges(
    run: Run,
    statement: str,
    edges: Edges,
    sources: Sequence[str],
    targets: Sequence[str],
    step: Step,
) -> int:
    """Write ``edges`` (grouped by source) by a statement that takes rows of [source, targets, weights]; their number.

    ``sources`` and ``targets`` are ids by position. ``step`` advances by what was written.
    """
    borders = np.flatnonzero(np.diff(edges.source)) + 1
    starts: list[int] = [0, *borders.tolist()] if len(edges) else []
    ends: list[int] = [*borders.tolist(), len(edges)]
    rows: list[list[object]] = []
    waiting = 0
    for start, end in zip(starts, ends, strict=False):
        reached = [targets[place] for place in edges.target[start:end].tolist()]
        rows.append([sources[int(edges.source[start])], reached, edges.weight[start:end].tolist()])
        waiting += end - start
        if waiting >= CHUNK or end == len(edges):
            await run.db.run_long(statement, tenant=run.tenant, run=run.id, rows=rows)
            step.advance(waiting)
            rows, waiting = [], 0
    return len(edges)
