"""Puts the training part of a task into a tenant, through the same use cases as a shop's own data."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

import numpy as np

from app.domain.links import Link, seen_link
from app.domain.models import Consent, Identity, Interaction, Line, Product, Purpose
from app.domain.progress import Progress
from app.evaluation.datasets.values import Interactions, Ints
from app.evaluation.task import Task
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Database
from app.graph.event_writer import EventWriter
from app.graph.identities import IdentityGraph
from app.graph.links import LinkGraph
from app.graph.products import ProductGraph
from app.graph.tombstones import Tombstones
from app.services.consents import record_consents
from app.services.hashing import tenant_hashers
from app.services.links import add_links
from app.services.record_events import record_events
from app.services.upsert_identities import upsert_identities
from app.services.upsert_products import upsert_products
from app.settings import Settings

UNTIMED = datetime(2026, 1, 1, tzinfo=UTC)
"""When interactions happened that come without a time."""

PURPOSES: tuple[Purpose, ...] = ("personalise_content", "model_training")
ROWS_A_BATCH = 1_000
LINKS_A_BATCH = 10_000
LINES_A_BATCH = 20_000

SOURCE = "evaluation"
"""Who says all of it."""

Row = TypeVar("Row")


async def load_training(db: Database, settings: Settings, tenant: str, task: Task, progress: Progress) -> None:
    """Load catalogue, identities with their consents, friends, and the training interactions as purchases."""
    identities = [Identity(id_, "personal", source=SOURCE) for id_ in _training_identities(task)]
    # One node holds one record of each purpose; the records are older than all that was done.
    consented_at = first_time(task) - timedelta(days=1)
    consents = [
        (identity.id, Consent(f"{identity.id}/{purpose}", purpose, "granted", consented_at, source=SOURCE))
        for identity in identities
        for purpose in PURPOSES
    ]
    hasher = tenant_hashers(settings)
    tombstones, people = Tombstones(hasher), IdentityGraph(db, hasher)
    products, records = ProductGraph(db), ConsentGraph(db, tombstones)
    links = LinkGraph(db, AuditTrail(hasher), hasher)
    await _in_batches(progress, "products", to_catalogue(task), lambda rows: upsert_products(products, tenant, rows))
    await _in_batches(progress, "identities", identities, lambda rows: upsert_identities(people, tenant, rows))
    await _in_batches(progress, "consents", consents, lambda rows: record_consents(records, tenant, rows))
    await _in_batches(
        progress, "friends", to_links(task), lambda rows: add_links(links, tenant, rows, SOURCE), LINKS_A_BATCH
    )
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


def to_catalogue(task: Task) -> Sequence[Product]:
    """The products, without their tags where the task says so."""
    if task.with_tags:
        return task.dataset.products
    return [replace(product, tags=()) for product in task.dataset.products]


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


def to_links(task: Task) -> list[Link]:
    """Follows as links, and friends as two, one each way; pairs of whom one is neither learned from nor asked are out.

    They are older than all that was done, so that no answer comes before them.
    """
    friends = task.dataset.friends
    every = np.concatenate([task.dataset.follows, np.stack([friends, friends[:, ::-1]], axis=1).reshape(-1, 2)])
    loaded = np.isin(every, _loaded_positions(task)).all(axis=1)
    seen_at = first_time(task) - timedelta(days=1)
    ids = task.dataset.identities
    pairs: list[tuple[int, int]] = every[loaded].tolist()
    return [seen_link("follows", ids[one], ids[other], SOURCE, seen_at) for one, other in pairs]


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
    positions: list[int] = _loaded_positions(task).tolist()
    return [task.dataset.identities[position] for position in positions]


def _loaded_positions(task: Task) -> Ints:
    return np.unique(np.concatenate([task.train.identity, task.asked]))


async def _in_batches(
    progress: Progress,
    name: str,
    rows: Sequence[Row],
    write: Callable[[Sequence[Row]], Awaitable[object]],
    size: int = ROWS_A_BATCH,
) -> None:
    with progress.step(f"Loading {name}", len(rows), name) as step:
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            await write(batch)
            step.advance(len(batch))
