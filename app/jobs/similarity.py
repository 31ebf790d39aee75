"""Which products speak for which: learned by ridge regression, or compared with GDS."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from uuid import uuid4

import numpy as np

from app.domain.progress import Step
from app.jobs.edges import write_edges
from app.jobs.graph_science import projected
from app.jobs.reading import read_evidence_norms
from app.jobs.run import Run
from app.settings import Settings
from app.taste.ridge import RidgeRules, fit_similar
from app.taste.values import Edges, Likes, Tagging, choose, heaviest_first, keep_best

NEAREST = 20
"""SIMILAR_TO of a product, the heaviest, for whoever walks the graph; all weights are in SPEAKS_IN."""


async def write_similar(run: Run, likes: Likes, tagging: Tagging) -> Edges:
    """Write what products say of others (SPEAKS_IN, SIMILAR_TO) and return it; no edges when nobody likes anything."""
    is_learned = run.settings.similarity == "ridge"
    similar = await (learn_similar(run, likes.lasting, tagging) if is_learned else compare(run, likes))
    nearest = keep_best(similar, NEAREST, by=similar.source)
    products = likes.products
    with run.progress.step("Writing similar products", len(nearest) + len(similar), "edges") as step:
        await write_edges(run, "refresh/write_similar_edges", nearest, products, products, step)
        await write_edges(run, "refresh/write_speakers", heaviest_first(similar), products, products, step)
    return similar


async def learn_similar(run: Run, likes: Likes, tagging: Tagging) -> Edges:
    """Solve the regression (``app/taste/ridge.py``) beside the event loop."""
    with run.progress.step("Learning similar products", len(likes.products), "products") as step:
        return await asyncio.to_thread(fit_similar, likes, tagging, ridge_rules(run.settings), step.advance)


def ridge_rules(settings: Settings) -> RidgeRules:
    """The regression as the settings want it."""
    return RidgeRules(
        ridge=settings.similar_ridge,
        sparsity=settings.similar_sparsity,
        candidates=settings.similar_candidates,
        speakers=settings.similar_speakers,
        per_product=settings.similar_per_product,
        share=settings.similar_share,
    )


async def compare(run: Run, likes: Likes) -> Edges:
    """Weighted cosine of products over those who like them, by GDS; sorted, no edges when nobody likes anything.

    Shrunk where evidence is thin, and damped where either end is liked by many.
    """
    products, settings = len(likes.products), run.settings
    order = np.lexsort((likes.edges.source, likes.edges.target))
    liking = Edges(likes.edges.target[order], products + likes.edges.source[order], likes.edges.weight[order])
    if not len(liking):
        return liking
    async with projected(run, liking, products + len(likes.identities), directed=True) as graph:
        with run.progress.step("Comparing products", total=100, unit="%") as step, _watching(run, step):
            found = await graph.compute(lambda gds, projected: gds.node_similarity.stream(
                projected,
                similarity_metric="COSINE",
                relationship_weight_property="weight",
                top_k=settings.similar_per_product,
                degree_cutoff=settings.similar_min_likers,
                upper_degree_cutoff=max(settings.similar_max_likers, settings.similar_min_likers),
                concurrency=settings.gds_concurrency,
                job_id=f"{run.id}/{uuid4()}",  # GDS holds on to that of a job that failed
            ))  # fmt: skip
    one, other = (np.asarray(found[end], dtype=np.int64) for end in ("node1", "node2"))
    return await _weigh(run, likes, Edges(one, other, np.asarray(found["similarity"], dtype=np.float64)))


async def _weigh(run: Run, likes: Likes, alike: Edges) -> Edges:
    """Shrink and damp cosines; what is liked only since the products were weighed is left out."""
    settings = run.settings
    likers, norms = await read_evidence_norms(run, likes.products)
    known = np.flatnonzero((norms[alike.source] > 0) & (norms[alike.target] > 0))
    one, other = alike.source[known], alike.target[known]
    evidence = norms[one] * norms[other]
    weight = alike.weight[known] * evidence / (evidence + settings.similar_shrinkage)
    weight *= likers[one] ** -settings.similar_damp_from * likers[other] ** -settings.similar_damp_to
    return choose(Edges(one, other, weight), np.ones(len(one), dtype=np.bool_))


@contextmanager
def _watching(run: Run, step: Step) -> Generator[None]:
    """Move the bar to where GDS says that the latest of the run's jobs is, while the block runs."""

    async def watch() -> None:
        shown = 0.0
        while True:
            await asyncio.sleep(1)
            rows = await run.db.run_long("refresh/read_progress", job=run.id)
            with suppress(ValueError, IndexError):
                now = float(rows[0]["progress"].rstrip("%"))
                step.advance(max(0.0, now - shown))
                shown = max(now, shown)

    watcher = asyncio.create_task(watch())
    try:
        yield
    finally:
        watcher.cancel()
