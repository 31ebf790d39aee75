"""What a run of `plural evaluate` found: one row a ranking, the service first."""

from dataclasses import dataclass

import numpy as np

from app.domain.progress import Progress
from app.evaluation import metrics
from app.evaluation.baselines import baselines_of
from app.evaluation.datasets.values import Floats, Ints
from app.evaluation.served import rank_by_service
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
    answer_ms_median: float | None = None
    answer_ms_p95: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation."""

    dataset: str
    part: str
    k: int
    identities: int
    """Asked identities."""
    products: int
    interactions: int
    """Training rows."""
    scores: tuple[Score, ...]
    run: RunReport
    left_out: tuple[str, ...] = ()
    """Baselines that the data is too big for, with the reason."""


async def evaluate(db: Database, settings: Settings, task: Task, part: str, k: int, progress: Progress) -> Report:
    """Score the served ranking beside the baselines that fit the protocol."""
    served = await rank_by_service(db, settings, task, k, progress)
    scores = [score(task, "service", served.ranked, served.answer_seconds)]
    left_out: list[str] = []
    for baseline in baselines_of(task):
        if reason := baseline.too_big(task):
            left_out.append(f"{baseline.name} ({reason})")
            continue
        with progress.step(f"Ranking by {baseline.name}"):
            scores.append(score(task, baseline.name, baseline.rank(task, k)))
    return Report(
        dataset=task.dataset.name,
        part=part,
        k=k,
        identities=len(task.asked),
        products=len(task.dataset.products),
        interactions=len(task.train),
        scores=tuple(scores),
        run=served.run,
        left_out=tuple(left_out),
    )


def score(task: Task, ranking: str, ranked: Ints, answer_seconds: Floats | None = None) -> Score:
    """Score lists of product positions, shape (asked, k)."""
    hits, held_out = metrics.find_hits(ranked, task.relevant), metrics.sizes(task.relevant)
    ndcg, ndcg_all = metrics.ndcg(hits, held_out), metrics.ndcg_all(hits, held_out)
    own = ndcg_all if task.repeats else ndcg
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
