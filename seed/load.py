"""Loads the demo's data through the use cases that HTTP and `plural load` use; once, and on from where it broke off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np

from app.domain.grants import GrantRequest
from app.domain.hashing import identify
from app.domain.models import Consent, Identity, Interaction, Product
from app.domain.progress import Progress, Silent, Step
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Database
from app.graph.event_writer import EventWriter
from app.graph.grants import GrantGraph
from app.graph.identities import IdentityGraph
from app.graph.products import ProductGraph
from app.graph.times import from_ms
from app.graph.tombstones import Tombstones
from app.services.consents import record_consents
from app.services.grants import give_grant
from app.services.hashing import tenant_hashers
from app.services.record_events import record_events
from app.services.upsert_identities import upsert_identities
from app.services.upsert_products import upsert_products
from app.settings import Settings
from seed.catalogue import build_catalogue, goods
from seed.crowd import (
    choose_households,
    crowd_consents,
    crowd_identities,
    crowd_interactions,
    crowd_receipts,
)
from seed.journey import HOUSEHOLDS, read_journey
from seed.shift import shift_to
from seed.story import story_consents, story_grants, story_identities, story_interactions, story_product_ids

DEFAULT_HOUSEHOLDS = 500
ROWS_A_BATCH = 2_000

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a load did."""

    loaded: bool
    """False when everything had been there before."""
    households: int
    """Households in the tenant now."""
    anchor: datetime
    """The moment that the year of the data was moved to."""
    products: int = 0
    identities: int = 0
    events: int = 0
    """Baskets that are new."""


@dataclass(frozen=True, slots=True)
class SeedData:
    """Everything that is loaded."""

    products: Sequence[Product]
    identities: Sequence[Identity]
    consents: Sequence[tuple[str, Consent]]
    crowd: Iterable[Interaction]
    crowd_lines: int
    story: Sequence[Interaction]
    grants: Sequence[GrantRequest]
    anchor: datetime


async def load_seed(
    db: Database,
    settings: Settings,
    *,
    tenant: str = "demo",
    households: int | None = DEFAULT_HOUSEHOLDS,
    anchor: datetime | None = None,
    progress: Progress | None = None,
) -> SeedReport:
    """Load the cast and ``households`` of the crowd (None: all) unless they are there.

    ``anchor`` (default: now) is the moment that the year is moved to; the first load of a tenant decides. A load
    that broke off is taken up again, and more households can be added later: whatever is there counts by its id.
    Raises ``SetupError`` when the data's package is not installed.
    """
    wanted = min(households or HOUSEHOLDS, HOUSEHOLDS)
    rows = await db.read("seed/read_seed", tenant=tenant)
    if rows and (rows[0]["households"] or 0) >= wanted:
        return SeedReport(False, rows[0]["households"], from_ms(rows[0]["anchor_ms"]))
    rows = await db.write("seed/begin_seed", tenant=tenant, anchor=anchor or datetime.now(UTC))
    moved_to = from_ms(rows[0]["anchor_ms"])
    watched = progress or Silent()
    with watched.step("Reading a year of receipts"):
        data = _read(settings, tenant, wanted, moved_to)
    events = await _write(db, settings, tenant, data, watched)
    await db.write("seed/end_seed", tenant=tenant, households=wanted)
    return SeedReport(True, wanted, moved_to, len(data.products), len(data.identities), events)


def _read(settings: Settings, tenant: str, households: int, anchor: datetime) -> SeedData:
    journey = read_journey()
    chosen = choose_households(journey, households)
    receipts = crowd_receipts(journey, chosen, goods(journey))
    shift = shift_to(anchor, journey.receipts.last_at)
    products = build_catalogue(journey, {*np.unique(receipts.product).tolist(), *story_product_ids()})
    granted_at = datetime.fromtimestamp(int(journey.receipts.second.min()), UTC) + shift
    known = partial(identify, tenant_hashers(settings)(tenant), settings.identity_rules)
    return SeedData(
        products=products,
        identities=[*crowd_identities(chosen), *story_identities(known)],
        consents=[*crowd_consents(chosen, granted_at), *story_consents(anchor)],
        crowd=crowd_interactions(receipts, shift),
        crowd_lines=len(receipts),
        story=story_interactions(anchor, {product.id: product for product in products}),
        grants=story_grants(anchor),
        anchor=anchor,
    )


async def _write(db: Database, settings: Settings, tenant: str, data: SeedData, progress: Progress) -> int:
    """Write everything; the number of baskets that were new."""
    hasher = tenant_hashers(settings)
    tombstones = Tombstones(hasher)
    with progress.step("Loading products", len(data.products), "products") as step:
        for products in _batches(data.products, step):
            await upsert_products(ProductGraph(db), tenant, products)
    people = IdentityGraph(db, hasher)
    with progress.step("Loading identities", len(data.identities), "identities") as step:
        for identities in _batches(data.identities, step):
            await upsert_identities(people, tenant, identities)
    with progress.step("Loading consents", len(data.consents), "consents") as step:
        for consents in _batches(data.consents, step):
            await record_consents(ConsentGraph(db, tombstones, AuditTrail(hasher)), tenant, consents)
    for grant in data.grants:
        await give_grant(GrantGraph(db, AuditTrail(hasher)), tenant, grant, data.anchor, "cli")
    lines = data.crowd_lines + sum(len(one.lines) for one in data.story)
    accepted = 0
    async with EventWriter(db, tombstones, settings.evidence_rules, settings.commit_lines) as writer:
        with progress.step("Loading purchases", lines, "lines") as step:
            for interactions in _batches_of_lines([*data.story, *data.crowd], settings.commit_lines):
                accepted += (await record_events(writer, tenant, interactions)).accepted
                step.advance(sum(len(one.lines) for one in interactions))
    return accepted


def _batches(values: Sequence[Value], step: Step) -> Iterator[Sequence[Value]]:
    """Batches of equal size; a batch counts as done when the next one is asked for."""
    rest = iter(values)
    while batch := list(islice(rest, ROWS_A_BATCH)):
        yield batch
        step.advance(len(batch))


def _batches_of_lines(interactions: Iterable[Interaction], most: int) -> Iterator[list[Interaction]]:
    """Batches of ``most`` lines or a few fewer."""
    batch: list[Interaction] = []
    lines = 0
    for interaction in interactions:
        if batch and lines + len(interaction.lines) > most:
            yield batch
            batch, lines = [], 0
        batch.append(interaction)
        lines += len(interaction.lines)
    if batch:
        yield batch
