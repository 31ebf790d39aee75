"""The served path under test: the training part is loaded, a run derived, and the real ranking asked for everybody."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from uuid import uuid4

import numpy as np

from app.domain.progress import Progress
from app.domain.recommendation import Context, RecommendationRequest
from app.evaluation.communities import CommunityFigures, measure_communities
from app.evaluation.datasets.values import Floats, Ints
from app.evaluation.loading import as_moment, last_time, load_training
from app.evaluation.microgenres import MicrogenreFigures, measure_microgenres
from app.evaluation.readers import AT_ONCE, ReadersInBatches
from app.evaluation.shelves import Question, Shelf
from app.evaluation.task import Task
from app.graph.database import Database
from app.graph.items import Items
from app.graph.models import RunModels, remove_files
from app.graph.ranking import GraphStores
from app.jobs.refresh import RunReport, refresh
from app.services.recommend import NoLog, Recommender
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Answers:
    """What the service answered to one question for everybody on a shelf."""

    question: Question
    ranked: Ints
    """Product positions, shape (asked, k), best first, -1 where an answer is shorter."""
    seconds: Floats
    """How long each answer took once its history was read, by asked identity."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a run was and answered."""

    run: RunReport
    answers: tuple[tuple[Answers, ...], ...]
    """By shelf and question, in their order."""
    communities: CommunityFigures | None
    """None when the run found none."""
    microgenres: MicrogenreFigures | None
    """None when the run found none."""


async def rank_by_service(
    db: Database, settings: Settings, task: Task, shelves: Sequence[Shelf], k: int, progress: Progress
) -> Served:
    """Load, refresh and ask in a tenant of its own; nothing of it stays on a named server."""
    async with _throwaway_tenant(db, settings) as tenant:
        await load_training(db, settings, tenant, task, progress)
        run = await refresh(db, settings, tenant, now=last_time(task), progress=progress)
        asker = _Asker(db, settings, tenant)
        answers = [
            tuple([await asker.ask_for_everybody(shelf, one, k, progress) for one in shelf.questions])
            for shelf in shelves
        ]
        communities = await measure_communities(db, tenant, task.dataset.products)
        microgenres = await measure_microgenres(db, tenant, task.dataset.products, task.relevant)
    return Served(run, tuple(answers), communities, microgenres)


@asynccontextmanager
async def _throwaway_tenant(db: Database, settings: Settings) -> AsyncGenerator[str]:
    tenant = f"evaluation-{uuid4().hex[:12]}"
    try:
        yield tenant
    finally:
        remove_files(settings.models_folder, tenant, None)
        if settings.neo4j_uri is not None:
            await db.run_long("evaluate/remove_tenant", tenant=tenant)


class _Asker:
    """Asks the service's own use case, with histories that are read in batches."""

    def __init__(self, db: Database, settings: Settings, tenant: str) -> None:
        stores = GraphStores(db, settings)
        self._readers = ReadersInBatches(db, tenant, stores.readers)
        self._recommender = Recommender(_Stores(self._readers, stores.models, stores.items), settings, NoLog())
        self._tenant = tenant

    async def ask_for_everybody(self, shelf: Shelf, question: Question, k: int, progress: Progress) -> Answers:
        """One list an identity that is asked for on the shelf."""
        task = shelf.task
        positions = {product.id: position for position, product in enumerate(task.dataset.products)}
        ranked = np.full((len(task.asked), k), -1, dtype=np.int64)
        seconds = np.zeros(len(task.asked))
        name = f"Asking for every identity{', ' * bool(shelf.name)}{shelf.name}"
        with progress.step(name, len(task.asked), "answers") as step:
            for start in range(0, len(task.asked), AT_ONCE):
                rows = range(start, min(start + AT_ONCE, len(task.asked)))
                ids = [task.dataset.identities[int(task.asked[row])] for row in rows]
                await self._readers.announce(ids, moment_of(task, start))
                for row in rows:
                    request, now = request_of(task, row, k, question), moment_of(task, row)
                    started = perf_counter()
                    answer = await self._recommender.answer(self._tenant, request, now)
                    seconds[row] = perf_counter() - started
                    ranked[row, : len(answer.items)] = [positions[item.product_id] for item in answer.items]
                step.advance(len(rows))
        return Answers(question, ranked, seconds)


@dataclass(frozen=True, slots=True)
class _Stores:
    """What a ranking reads from; implements ``RankingStores``."""

    readers: ReadersInBatches
    models: RunModels
    items: Items


def request_of(task: Task, row: int, k: int, question: Question) -> RecommendationRequest:
    """What is asked for one identity: the service itself leaves out what it owns."""
    products = task.dataset.products
    viewed = task.viewed[row] if task.viewed else frozenset[int]()
    return RecommendationRequest(
        identity_id=task.dataset.identities[int(task.asked[row])],
        limit=k,
        context=Context(viewing=tuple(products[position].id for position in sorted(viewed))),
        exclude=tuple(products[position].id for position in sorted(task.barred[row])),
        sources=question.sources,
        objective=question.objective,
        shelf=question.shelf,
        variants="all" if question.shelf == "ranking" else "fold",
    )


def moment_of(task: Task, row: int) -> datetime:
    """The held-out basket's time; else a day after the last interaction, when no session is open any more."""
    if task.asked_at is not None:
        return as_moment(int(task.asked_at[row]))
    return last_time(task) + timedelta(days=1)
