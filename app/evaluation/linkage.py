"""How well records of one person are found without labels: by pairs, and by the groups that come of them."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.evaluation.datasets.people import People
from app.evaluation.datasets.values import Ints
from app.linkage.clusters import cluster
from app.linkage.records import score_pairs


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far found pairs and true pairs agree."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class LinkageReport:
    """Figures of one set."""

    name: str
    records: int
    people: int
    true_pairs: int
    columns: dict[str, str]
    """Header by how the column was compared."""
    pairwise: Agreement
    """Of the pairs with a probability of one half or more."""
    clustered: Agreement
    """Of all pairs within the groups."""
    seconds: float
    cpu_seconds: float
    """Of all threads; says more than ``seconds`` on a machine that does other things."""
    peak_mb: int
    """Largest memory of this process so far."""


def evaluate_linkage(people: People, advance: Callable[[float], None] = lambda _: None) -> LinkageReport:
    """Link the records as `plural link` does, and compare with the truth, which nothing else looks at."""
    started, worked = time.perf_counter(), time.process_time()
    pairs = score_pairs(people.table, people.columns, advance=advance)
    groups = cluster(len(people.table), pairs.left, pairs.right, pairs.weight)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    likely = pairs[pairs.weight >= 0]
    right = int((people.truth[likely.left] == people.truth[likely.right]).sum())
    true_pairs = _pairs_within(people.truth)
    both = _pairs_within(groups * (people.truth.max() + 1) + people.truth)
    return LinkageReport(
        name=people.name,
        records=len(people.table),
        people=len(np.unique(people.truth)),
        true_pairs=true_pairs,
        columns={column.name: column.header for column in people.columns},
        pairwise=_agreement(right, len(likely), true_pairs),
        clustered=_agreement(both, _pairs_within(groups), true_pairs),
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def _pairs_within(groups: Ints) -> int:
    sizes = np.unique(groups, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def _agreement(right: int, found: int, true: int) -> Agreement:
    precision, recall = right / max(found, 1), right / max(true, 1)
    return Agreement(precision, recall, 2 * precision * recall / max(precision + recall, 1e-12))
