"""What a run of `plural evaluate` found: one row a ranking, the service first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain.progress import Progress
from app.evaluation import metrics
from app.evaluation.communities import CommunityFigures
from app.evaluation.datasets.values import Floats, Ints
from app.evaluation.lists import ListWriter
from app.evaluation.microgenres import MicrogenreFigures
from app.evaluation.served import Answers, rank_by_service
from app.evaluation.shelves import Shelf, shelves_of
from app.evaluation.task import Task
from app.graph.database import Database
from app.jobs.refresh import RunReport
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one ranking; means over the identities asked."""

    ranking: str
    recall: float
    ndcg: float
    """Ideal over min(k, held out)."""
    ndcg_all: float
    """Ideal over all that was held out."""
    ndcg_error: float
    """Standard error of the protocol's own NDCG over identities."""
    mrr: float
    hit: float
    precision: float
    coverage: float
    """Share of the catalogue that is shown to anybody."""
    novelty: float
    """Bits."""
    diversity: float | None
    """1 - mean tag cosine inside a list; None without tags."""
    ahead: float | None = None
    """How far the list's first ranking is ahead of this one: mean paired difference of the protocol's own NDCG,"""
    ahead_error: float | None = None
    """... and its standard error; None for the first one itself."""
    answer_ms_median: float | None = None
    answer_ms_p95: float | None = None


@dataclass(frozen=True, slots=True)
class ShelfReport:
    """The figures of one further list."""

    name: str
    identities: int
    """Those with anything to find on it."""
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation."""

    dataset: str
    protocol: str
    """How rows were held out."""
    part: str
    k: int
    identities: int
    """Asked identities."""
    products: int
    interactions: int
    """Training rows."""
    scores: tuple[Score, ...]
    run: RunReport
    shelves: tuple[ShelfReport, ...] = ()
    """Further lists that the same run was asked for."""
    communities: CommunityFigures | None = None
    """None when the run found none."""
    microgenres: MicrogenreFigures | None = None
    """None when the run found none."""
    left_out: tuple[str, ...] = ()
    """Baselines that the data is too big for, with the reason."""
    notes: tuple[str, ...] = ()
    """Who and what of the data was left out; a sentence each."""


async def evaluate(
    db: Database,
    settings: Settings,
    task: Task,
    part: str,
    k: int,
    progress: Progress,
    lists: ListWriter | None = None,
) -> Report:
    """Score the served ranking beside the baselines that fit the protocol; all lists go to ``lists``."""
    shelves = shelves_of(task, settings)
    served = await rank_by_service(db, settings, task, shelves, k, progress)
    scored = [
        ShelfReport(shelf.name, len(shelf.task.asked), _score_shelf(shelf, answers, k, progress, lists))
        for shelf, answers in zip(shelves, served.answers, strict=True)
    ]
    return Report(
        dataset=task.dataset.name + " without tags" * (not task.with_tags),
        protocol=task.protocol,
        part=part,
        k=k,
        identities=len(task.asked),
        products=len(task.dataset.products),
        interactions=len(task.train),
        scores=scored[0].scores,
        run=served.run,
        shelves=tuple(scored[1:]),
        communities=served.communities,
        microgenres=served.microgenres,
        left_out=tuple(_left_out(shelves)),
        notes=task.notes,
    )


def _score_shelf(
    shelf: Shelf, answers: Sequence[Answers], k: int, progress: Progress, lists: ListWriter | None
) -> tuple[Score, ...]:
    task = shelf.task
    ranked: list[tuple[str, Ints, Floats | None]] = [(one.question.ranking, one.ranked, one.seconds) for one in answers]
    for baseline in shelf.baselines:
        if baseline.too_big(task) is None:
            with progress.step(f"Ranking by {baseline.name}"):
                ranked.append((baseline.name, baseline.rank(task, k), None))
    if lists is not None:
        for name, rows, _ in ranked:
            lists.add(shelf.name, name, task, rows)
    first = own_ndcg(task, ranked[0][1])
    return tuple(
        _beside(score(task, name, rows, seconds), first - own_ndcg(task, rows) if place else None)
        for place, (name, rows, seconds) in enumerate(ranked)
    )


def _beside(scored: Score, ahead: Floats | None) -> Score:
    if ahead is None:
        return scored
    return replace(scored, ahead=float(ahead.mean()), ahead_error=float(ahead.std() / np.sqrt(len(ahead))))


def own_ndcg(task: Task, ranked: Ints) -> Floats:
    """The NDCG by which the protocol goes, one number an identity."""
    hits, held_out = metrics.find_hits(ranked, task.relevant), metrics.sizes(task.relevant)
    return metrics.ndcg_all(hits, held_out) if task.repeats else metrics.ndcg(hits, held_out)


def _left_out(shelves: Sequence[Shelf]) -> list[str]:
    reasons = [(baseline.name, baseline.too_big(shelf.task)) for shelf in shelves for baseline in shelf.baselines]
    return list(dict.fromkeys(f"{name} ({reason})" for name, reason in reasons if reason is not None))


def score(task: Task, ranking: str, ranked: Ints, answer_seconds: Floats | None = None) -> Score:
    """Score lists of product positions, shape (asked, k)."""
    hits, held_out = metrics.find_hits(ranked, task.relevant), metrics.sizes(task.relevant)
    ndcg, ndcg_all = metrics.ndcg(hits, held_out), metrics.ndcg_all(hits, held_out)
    own = own_ndcg(task, ranked)
    times = None if answer_seconds is None else np.quantile(answer_seconds * 1000, [0.5, 0.95])
    return Score(
        ranking=ranking,
        recall=float(metrics.recall(hits, held_out).mean()),
        ndcg=float(ndcg.mean()),
        ndcg_all=float(ndcg_all.mean()),
        ndcg_error=float(own.std() / np.sqrt(len(own))),
        mrr=float(metrics.reciprocal_rank(hits).mean()),
        hit=float(metrics.hit(hits).mean()),
        precision=float(metrics.precision(hits).mean()),
        coverage=metrics.coverage(ranked, len(task.dataset.products)),
        novelty=metrics.novelty(ranked, _holders(task), len(np.unique(task.train.identity))),
        diversity=metrics.diversity(ranked, task.dataset.products),
        answer_ms_median=None if times is None else float(times[0]),
        answer_ms_p95=None if times is None else float(times[1]),
    )


def _holders(task: Task) -> Ints:
    """How many identities have each product in train."""
    products = len(task.dataset.products)
    pairs = np.unique(task.train.identity * products + task.train.product)
    return np.bincount(pairs % products, minlength=products)
