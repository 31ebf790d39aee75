"""Puts the training part of a task into a tenant, through the same use cases as a shop's own data."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

import numpy as np

from app.domain.models import Consent, Identity, Interaction, Line, Purpose
from app.domain.progress import Progress
from app.evaluation.datasets.values import Interactions
from app.evaluation.task import Task
from app.graph.consents import ConsentGraph
from app.graph.database import Database
from app.graph.event_writer import EventWriter
from app.graph.identities import IdentityGraph
from app.graph.products import ProductGraph
from app.graph.tombstones import Tombstones
from app.services.consents import record_consents
from app.services.hashing import tenant_hashers
from app.services.record_events import record_events
from app.services.upsert_identities import upsert_identities
from app.services.upsert_products import upsert_products
from app.settings import Settings

UNTIMED = datetime(2026, 1, 1, tzinfo=UTC)
"""When interactions happened that come without a time."""

PURPOSES: tuple[Purpose, ...] = ("personalise_content", "model_training")
ROWS_A_BATCH = 1_000
LINES_A_BATCH = 20_000

Row = TypeVar("Row")


async def load_training(db: Database, settings: Settings, tenant: str, task: Task, progress: Progress) -> None:
    """Load catalogue, identities with their consents, and the training interactions as purchases."""
    identities = [Identity(id_, "personal", source="evaluation") for id_ in _training_identities(task)]
    # One node holds one record of each purpose; the records are older than all that was done.
    consented_at = first_time(task) - timedelta(days=1)
    consents = [
        (identity.id, Consent(f"{identity.id}/{purpose}", purpose, "granted", consented_at, source="evaluation"))
        for identity in identities
        for purpose in PURPOSES
    ]
    hasher = tenant_hashers(settings)
    tombstones, people = Tombstones(hasher), IdentityGraph(db, hasher)
    products, records = ProductGraph(db), ConsentGraph(db, tombstones)
    await _in_batches(progress, "products", task.dataset.products, lambda rows: upsert_products(products, tenant, rows))
    await _in_batches(progress, "identities", identities, lambda rows: upsert_identities(people, tenant, rows))
    await _in_batches(progress, "consents", consents, lambda rows: record_consents(records, tenant, rows))
    with progress.step("Loading interactions", len(task.train), "lines") as step:
        async with EventWriter(db, tombstones, settings.evidence_rules, settings.commit_lines) as writer:
            for batch in _event_batches(task):
                await record_events(writer, tenant, batch)
                step.advance(sum(len(interaction.lines) for interaction in batch))


def first_time(task: Task) -> datetime:
    """When the first training interaction happened."""
    return UNTIMED if task.train.at is None else as_moment(int(task.train.at.min()))


def last_time(task: Task) -> datetime:
    """When the last training interaction happened."""
    return UNTIMED if task.train.at is None else as_moment(int(task.train.at.max()))


def as_moment(seconds: int) -> datetime:
    """The UTC time so many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def to_events(task: Task) -> Iterator[Interaction]:
    """One purchase for all that an identity did at one time, by identity and time; the weight is the quantity."""
    rows = task.train
    at = np.zeros(len(rows), dtype=np.int64) if rows.at is None else rows.at
    order = np.lexsort((rows.product, at, rows.identity))
    rows, at = rows[order], at[order]
    new = np.flatnonzero((np.diff(rows.identity) != 0) | (np.diff(at) != 0)) + 1
    borders: list[int] = [0, *new.tolist(), len(rows)]
    for start, end in pairwise(borders):
        identity_id = task.dataset.identities[int(rows.identity[start])]
        moment = UNTIMED if rows.at is None else as_moment(int(at[start]))
        lines = tuple(_line(task, rows, row) for row in range(start, end))
        yield Interaction(f"{identity_id}@{at[start]}", "purchase", identity_id, moment, lines)


def _line(task: Task, rows: Interactions, row: int) -> Line:
    product_id, quantity = task.dataset.products[int(rows.product[row])].id, float(rows.weight[row])
    if rows.price_paid is None or rows.list_price is None:
        return Line(product_id, quantity)
    paid, listed = (Decimal(f"{column[row]:.4f}") for column in (rows.price_paid, rows.list_price))
    return Line(product_id, quantity, paid, listed)


def _event_batches(task: Task) -> Iterator[list[Interaction]]:
    batch: list[Interaction] = []
    lines = 0
    for interaction in to_events(task):
        batch.append(interaction)
        lines += len(interaction.lines)
        if lines >= LINES_A_BATCH:
            yield batch
            batch, lines = [], 0
    if batch:
        yield batch


def _training_identities(task: Task) -> list[str]:
    positions: list[int] = np.unique(np.concatenate([task.train.identity, task.asked])).tolist()
    return [task.dataset.identities[position] for position in positions]


async def _in_batches(
    progress: Progress, name: str, rows: Sequence[Row], write: Callable[[Sequence[Row]], Awaitable[object]]
) -> None:
    with progress.step(f"Loading {name}", len(rows), name) as step:
        for start in range(0, len(rows), ROWS_A_BATCH):
            batch = rows[start : start + ROWS_A_BATCH]
            await write(batch)
            step.advance(len(batch))
