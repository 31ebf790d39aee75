"""The served path under test: the training part is loaded, a run derived, and the real ranking asked for everybody."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from uuid import uuid4

import numpy as np

from app.domain.errors import PluralError
from app.domain.progress import Progress
from app.domain.recommendation import Context, RecommendationRequest
from app.evaluation.communities import CommunityFigures, measure_communities
from app.evaluation.datasets.values import Floats, Ints
from app.evaluation.loading import as_moment, last_time, load_training
from app.evaluation.shelves import Question, Shelf
from app.evaluation.task import Task
from app.graph.database import Database
from app.graph.models import remove_files
from app.graph.ranking import GraphStores
from app.jobs.refresh import RunReport, refresh
from app.services.recommend import NoLog, Recommender
from app.settings import Settings

IN_FLIGHT = 4
"""Requests under way at once."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the service answered to one question for everybody on a shelf."""

    question: Question
    ranked: Ints
    """Product positions, shape (asked, k), best first, -1 where an answer is shorter."""
    seconds: Floats
    """How long each answer took with ``IN_FLIGHT`` under way, by asked identity."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a run was and answered."""

    run: RunReport
    answers: tuple[tuple[Answers, ...], ...]
    """By shelf and question, in their order."""
    communities: CommunityFigures | None
    """None when the run found none."""


async def rank_by_service(
    db: Database, settings: Settings, task: Task, shelves: Sequence[Shelf], k: int, progress: Progress
) -> Served:
    """Load, refresh and ask in a tenant of its own; nothing of it stays on a named server."""
    async with _throwaway_tenant(db, settings) as tenant:
        await load_training(db, settings, tenant, task, progress)
        run = await refresh(db, settings, tenant, now=last_time(task), progress=progress)
        recommender = Recommender(GraphStores(db, settings), settings, NoLog())
        answers = [
            tuple([await _ask_for_everybody(recommender, tenant, shelf, one, k, progress) for one in shelf.questions])
            for shelf in shelves
        ]
        communities = await measure_communities(db, tenant, task.dataset.products)
    return Served(run, tuple(answers), communities)


@asynccontextmanager
async def _throwaway_tenant(db: Database, settings: Settings) -> AsyncGenerator[str]:
    tenant = f"evaluation-{uuid4().hex[:12]}"
    try:
        yield tenant
    finally:
        remove_files(settings.models_folder, tenant, None)
        if settings.neo4j_uri is not None:
            await db.run_long("evaluate/remove_tenant", tenant=tenant)


async def _ask_for_everybody(
    recommender: Recommender, tenant: str, shelf: Shelf, question: Question, k: int, progress: Progress
) -> Answers:
    task = shelf.task
    positions = {product.id: position for position, product in enumerate(task.dataset.products)}
    ranked = np.full((len(task.asked), k), -1, dtype=np.int64)
    seconds = np.zeros(len(task.asked))
    rows = iter(range(len(task.asked)))

    async def ask(rows: Iterable[int]) -> None:
        for row in rows:
            request, now = request_of(task, row, k, question), moment_of(task, row)
            started = perf_counter()
            answer = await recommender.answer(tenant, request, now)
            seconds[row] = perf_counter() - started
            ranked[row, : len(answer.items)] = [positions[item.product_id] for item in answer.items]
            step.advance()

    name = f"Asking for every identity{', ' * bool(shelf.name)}{shelf.name}"
    with progress.step(name, len(task.asked), "answers") as step:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(IN_FLIGHT):
                    group.create_task(ask(rows))
        except* PluralError as errors:
            raise errors.exceptions[0] from errors
    return Answers(question, ranked, seconds)


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
    )


def moment_of(task: Task, row: int) -> datetime:
    """The held-out basket's time; else a day after the last interaction, when no session is open any more."""
    if task.asked_at is not None:
        return as_moment(int(task.asked_at[row]))
    return last_time(task) + timedelta(days=1)
