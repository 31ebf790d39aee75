"""Product-product similarity with GDS: project, run, write, drop."""

import asyncio
from contextlib import suppress

from app.domain.progress import Step
from app.jobs.run import Run


async def write_similar(run: Run) -> int:
    """Write the run's SIMILAR_TO edges; their number, 0 when nobody likes anything.

    Weighted cosine of products over those who like them (GDS nodeSimilarity), each identity's evidence in units
    of its own mean; shrunk where evidence is thin and damped by popularity (cypher/refresh/write_similar.cypher).
    """
    settings = run.settings
    graph = f"plural/{run.tenant}/{run.id}"
    try:
        with run.progress.step("Projecting likes"):
            rows = await run.db.run_long(
                "refresh/project_likes", graph=graph, likes_per_identity=settings.likes_per_identity, **run.moment
            )
        if not rows:
            return 0
        with run.progress.step("Comparing products", total=100, unit="%") as step:
            watching = asyncio.create_task(_watch(run, step))
            try:
                rows = await run.db.run_long(
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
            return rows[0]["similar"]
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
