"""Which products speak for which: learned by ridge regression, or compared with GDS."""

import asyncio
from contextlib import suppress

from app.domain.progress import Step
from app.jobs.edges import write_edges
from app.jobs.reading import read_similar
from app.jobs.run import Run
from app.settings import Settings
from app.taste.ridge import RidgeRules, fit_similar
from app.taste.values import Edges, Likes, Tagging, heaviest_first, keep_best

NEAREST = 20
"""SIMILAR_TO of a product, the heaviest, for whoever walks the graph; all weights are in SPEAKS_IN."""


async def write_similar(run: Run, likes: Likes, tagging: Tagging) -> Edges:
    """Write what products say of others (SPEAKS_IN, SIMILAR_TO) and return it; no edges when nobody likes anything."""
    if run.settings.similarity == "cosine":
        await _compare(run)
        return await read_similar(run, likes)
    similar = await learn_similar(run, likes, tagging)
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


async def _compare(run: Run) -> None:
    """Write SIMILAR_TO and SPEAKS_IN by GDS: weighted cosine of products over those who like them.

    Each identity's evidence counts in units of its own mean; shrunk where evidence is thin and damped by popularity
    (cypher/refresh/write_similar.cypher).
    """
    settings = run.settings
    graph = f"plural/{run.tenant}/{run.id}"
    try:
        with run.progress.step("Projecting likes"):
            rows = await run.db.run_long(
                "refresh/project_likes", graph=graph, likes_per_identity=settings.likes_per_identity, **run.moment
            )
        if not rows:
            return
        with run.progress.step("Comparing products", total=100, unit="%") as step:
            watching = asyncio.create_task(_watch(run, step))
            try:
                await run.db.run_long(
                    "refresh/write_similar",
                    tenant=run.tenant,
                    run=run.id,
                    graph=graph,
                    job=run.id,
                    per_product=settings.similar_per_product,
                    min_likers=settings.similar_min_likers,
                    max_likers=max(settings.similar_max_likers, settings.similar_min_likers),
                    shrinkage=settings.similar_shrinkage,
                    damp_from=settings.similar_damp_from,
                    damp_to=settings.similar_damp_to,
                    concurrency=settings.gds_concurrency,
                )
            finally:
                watching.cancel()
        await run.db.run_long("refresh/part_similar", tenant=run.tenant, run=run.id, nearest=NEAREST)
    finally:
        await run.db.run_long("refresh/drop_projection", tenant=run.tenant, graph=graph)


async def _watch(run: Run, step: Step) -> None:
    """Move the bar to where GDS says that the job is."""
    shown = 0.0
    while True:
        await asyncio.sleep(1)
        rows = await run.db.run_long("refresh/read_progress", job=run.id)
        with suppress(ValueError, IndexError):
            now = float(rows[0]["progress"].rstrip("%"))
            step.advance(max(0.0, now - shown))
            shown = max(now, shown)
