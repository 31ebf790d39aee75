"""One refresh: everything derived is computed beside the old run, then the pointer flips."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from app.domain.errors import ConflictError
from app.domain.progress import Progress, Silent
from app.graph.database import Database
from app.graph.erasure import finish_erasures
from app.graph.models import keep_file, remove_files
from app.graph.status import read_events
from app.jobs.blend import write_blend
from app.jobs.communities import REMOVALS, write_communities
from app.jobs.exposure import write_exposure
from app.jobs.followed import write_followed
from app.jobs.graph_science import drop_all
from app.jobs.habits import settle_sessions, write_habits
from app.jobs.influence import write_influence
from app.jobs.journeys import write_journeys
from app.jobs.leads import Led, write_leads
from app.jobs.learners import choose_learners
from app.jobs.lifetime import begin_run, new_run_id, replaced, signs_of_life
from app.jobs.likes import recount_all_likes
from app.jobs.matches import write_matches
from app.jobs.microgenres import Genres, write_microgenres
from app.jobs.order import write_next
from app.jobs.orders import settle_all_orders
from app.jobs.people import read_people
from app.jobs.portraits import remove_portraits, write_deeds, write_portraits
from app.jobs.reading import read_follows, read_taste
from app.jobs.retention import write_retention
from app.jobs.run import Run
from app.jobs.similarity import write_similar
from app.jobs.susceptibility import Susceptibility, write_susceptibility
from app.jobs.telling import Told
from app.jobs.week import is_due, noise_of
from app.recommend.learn_weights import Blend
from app.settings import Settings
from app.taste.values import Likes


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a refresh did; also kept as the Run's metrics."""

    run: str
    learners: int
    """Identities that were learned from: with a live model_training consent and any evidence."""
    events: int
    """Events that there are, of whomever."""
    products: int
    """Products that they like."""
    similar: int
    """Pairs of products of which one speaks for the other (SPEAKS_IN)."""
    followed: int
    """FOLLOWED_LIKE edges."""
    microgenres: int
    communities: int
    blend: Blend
    """How loudly each source speaks, as learned."""
    rhythms: int
    """Products that somebody bought again."""
    seconds: float


async def refresh(
    db: Database,
    settings: Settings,
    tenant: str,
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
    force: bool = False,
) -> RunReport:
    """Derive a new run of ``tenant`` and make it the one that readers see.

    Readers see the old run until the flip and never a mixture; the old one is kept until the next refresh, for
    ``go_back``. A refresh that dies leaves the old run active, and the next one cleans up. The same data give the same
    edges. ``now`` is the moment to which evidence ages (default: the present). Raises ``ConflictError`` while another
    refresh of the tenant is under way, and, unless ``force``, where there are too few to learn from
    (``choose_learners``); the old run is active then, and the former one kept.
    """
    started = monotonic()
    began = await db.now()
    moment = now or began
    told = Told(progress or Silent())
    run = Run(db, settings, tenant, new_run_id(began), moment, told)
    await begin_run(run)
    with db.patience():
        return await _refresh(run, told, started, force=force)


async def _refresh(run: Run, told: Told, started: float, *, force: bool) -> RunReport:
    db, settings, tenant = run.db, run.settings, run.tenant
    async with signs_of_life(run, told):
        await _clean_up(run)
        await finish_erasures(db, tenant, settings.evidence_rules)
        await settle_all_orders(run)
        await settle_sessions(run)
        await recount_all_likes(run)
        learners = await _choose(run, force)
        is_published = await is_due(run)
        report = await _derive(run, learners, started, is_published=is_published)
        with run.progress.step("Keeping the run's model"):
            await keep_file(db, settings.models_folder, tenant, run.id)
        await _activate(run, report, is_published=is_published)
        remove_files(settings.models_folder, tenant, run.id)
        await db.run_long("communities/remove_communities", tenant=tenant, keep=[run.id])  # the eleventh of the history
        await db.run_long("erase/finish_receipts", tenant=tenant, run=run.id, now=await db.now())
    return report


async def go_back(db: Database, settings: Settings, tenant: str) -> str:
    """Make the run active that was before the last refresh, and the active one the former; the id of the active one.

    What the graph says of products alone (how many like them) is counted anew from whom that run learned from, and its
    model is written again, before readers see it. ``ConflictError`` when there is none, or while a refresh is on.
    """
    now = await db.now()
    marker = Run(db, settings, tenant, new_run_id(now), now, Silent())
    await begin_run(marker)
    try:
        state = (await db.run_long("refresh/read_state", tenant=tenant))[0]
        if state["former"] is None:
            raise ConflictError(f"There is no former run of {tenant!r}: only the one before the last refresh is kept.")
        former = replace(marker, id=state["former"], now=state["former_started_at"].to_native())
        async with signs_of_life(marker, Told(marker.progress)):
            await _score(former)
            await keep_file(db, settings.models_folder, tenant, former.id)
            await db.run_long("refresh/go_back", tenant=tenant)
        remove_files(settings.models_folder, tenant, former.id)
    finally:
        await db.run_long("refresh/drop_run", tenant=tenant, run=marker.id)
    return former.id


async def _choose(run: Run, force: bool) -> int:
    """Choose whom to learn from; only then the former run gives way, so that there are two at a time and no more."""
    try:
        learners = await choose_learners(run, force=force)
    except ConflictError:
        state = (await run.db.run_long("refresh/read_state", tenant=run.tenant))[0]
        await _remove_all_but(run, state["run"], state["former"])
        await run.db.run_long("refresh/drop_run", tenant=run.tenant, run=run.id)
        raise
    state = (await run.db.run_long("refresh/read_state", tenant=run.tenant))[0]
    if state["former"]:
        await run.db.run_long("refresh/forget_former", tenant=run.tenant)
        await _remove_all_but(run, state["run"], run.id)
    return learners


async def _activate(run: Run, report: RunReport, *, is_published: bool) -> None:
    metrics = json.dumps(asdict(report), sort_keys=True)
    rows = await run.db.run_long(
        "refresh/activate_run",
        tenant=run.tenant,
        run=run.id,
        now=await run.db.now(),
        metrics=metrics,
        published_at=run.now if is_published else None,
        k=run.settings.k_look,
    )
    if not rows:
        raise replaced(run)


async def _derive(run: Run, learners: int, started: float, *, is_published: bool) -> RunReport:
    """Write everything that the run derives."""
    products = await _score(run)
    with run.progress.step("Reading likes and tags"):
        likes, tagging = await read_taste(run)
        follows = await read_follows(run, likes)
    similar = await write_similar(run, likes, tagging)
    await write_next(run, likes)
    followed = await write_followed(run, likes, follows)
    blend = await write_blend(run, likes, tagging, follows)
    genres = await write_microgenres(run, likes, tagging, similar)
    await write_habits(run)
    found = await write_communities(run, likes, similar, genres)
    susceptibility = await write_susceptibility(run)
    everybody = await read_people(run, all_=True)
    await write_deeds(run, everybody)
    led = await write_leads(run, likes, follows, everybody)
    if is_published:
        await _publish(run, likes, genres, susceptibility, led)
    rhythms = await _rank_products(run)
    return RunReport(
        run=run.id,
        learners=learners,
        events=await read_events(run.db, run.tenant),
        products=products,
        similar=len(similar),
        followed=followed,
        microgenres=len(genres.ids),
        communities=found.communities,
        blend=blend,
        rhythms=rhythms,
        seconds=round(monotonic() - started, 1),
    )


async def _publish(run: Run, likes: Likes, genres: Genres, susceptibility: Susceptibility, led: Led) -> None:
    """Write all figures of people, with the noise of these days."""
    people = await read_people(run)
    noise = noise_of(run, people.ids)
    drawn = await write_portraits(run, noise, people, susceptibility.of(people))
    await write_matches(run, noise, people, drawn.sizes, likes, genres)
    await write_influence(run, noise, people, led)
    await write_retention(run, people)
    await write_journeys(run, people)
    await write_exposure(run)


async def _score(run: Run) -> int:
    """Weigh the products that the run's learners like; their number."""
    with run.progress.step("Weighing products"):
        await run.db.run_long("refresh/clear_scores", tenant=run.tenant)
        rows = await run.db.run_long("refresh/score_products", deal_factor=run.settings.deal_factor, **run.moment)
    return rows[0]["products"] if rows else 0


async def _rank_products(run: Run) -> int:
    """Write rhythms of repurchase, and what is popular; the number of rhythms."""
    settings, here = run.settings, {"tenant": run.tenant, "run": run.id}
    with run.progress.step("Finding rhythms of repurchase"):
        rhythms = await _write_rhythms(run)
    with run.progress.step("Ranking popular products"):
        for statement in ("rank_popular", "rank_popular_by_tag", "rank_popular_by_brand"):
            await run.db.run_long(f"refresh/{statement}", per_list=settings.popular_per_list, **here)
    return rhythms


async def _write_rhythms(run: Run) -> int:
    prior = await run.db.run_long("refresh/read_repurchase_share", tenant=run.tenant, run=run.id)
    rows = await run.db.run_long(
        "refresh/write_rhythms",
        tenant=run.tenant,
        run=run.id,
        prior_share=prior[0]["share"],
        prior_buyers=run.settings.rhythm_prior_buyers,
    )
    return rows[0]["rhythms"] if rows else 0


async def _clean_up(run: Run) -> None:
    """Remove what died refreshes left behind, and decisions past their retention."""
    state = (await run.db.run_long("refresh/read_state", tenant=run.tenant))[0]
    await drop_all(run)
    await _remove_all_but(run, state["run"], state["former"])
    await run.db.run_long("refresh/remove_dead_runs", tenant=run.tenant, run=run.id)
    oldest = run.now - timedelta(days=run.settings.decision_retention_days)
    await run.db.run_long("refresh/remove_old_decisions", tenant=run.tenant, before=oldest)
    await run.db.run_long("audiences/remove_expired", tenant=run.tenant, now=run.now)


async def _remove_all_but(run: Run, *runs: str | None) -> None:
    """Remove the derived edges of all other runs."""
    keep = [id_ for id_ in runs if id_ is not None]
    with run.progress.step("Removing what earlier runs derived"):
        for statement in ("remove_similar", "remove_followed", "remove_leads", "remove_popular", "remove_learned"):
            await run.db.run_long(f"refresh/{statement}", tenant=run.tenant, keep=keep)
        await remove_portraits(run)
        for statement in REMOVALS:
            await run.db.run_long(statement, tenant=run.tenant, keep=keep)
