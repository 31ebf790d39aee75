"""How each kind of file of `plural load` gets into the database: the same use cases as over HTTP."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from app.cli.load_feeds import Feeds
from app.domain import clock
from app.domain.hashing import identify
from app.domain.models import IngestReport, Interaction
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Database
from app.graph.event_writer import EventWriter
from app.graph.identifiers import IdentifierGraph
from app.graph.identities import IdentityGraph
from app.graph.links import LinkGraph
from app.graph.products import ProductGraph
from app.graph.rules import RulesGraph
from app.graph.tombstones import Tombstones
from app.intake.batches import Parsed
from app.intake.chunks import locate_rows
from app.intake.consents import IdentityConsent, parse_consents
from app.intake.events import parse_events
from app.intake.identities import parse_identities
from app.intake.lines import Located
from app.intake.links import parse_links
from app.intake.products import parse_products
from app.services.consents import record_consents
from app.services.google_taxonomy import load_taxonomy
from app.services.hashing import tenant_hashers
from app.services.links import add_links
from app.services.record_events import record_events
from app.services.resolve_identity import IdentityResolver
from app.services.rules import RuleBook
from app.services.upsert_identities import upsert_identities
from app.services.upsert_products import upsert_products
from app.settings import Settings

ROWS_A_CHUNK = 2_000


class Kind(StrEnum):
    """What a file holds."""

    products = "products"
    identities = "identities"
    events = "events"
    consents = "consents"
    links = "links"
    dump = "dump"


@dataclass(frozen=True, slots=True)
class Route:
    """How one kind of file gets into the database."""

    locate: Callable[[Path], Iterator[Located]]
    parse: Callable[[Sequence[object]], Parsed[Any]]
    write: Callable[[Sequence[Any]], Awaitable[IngestReport]]
    lines_a_chunk: int = ROWS_A_CHUNK


async def written_nowhere(values: Sequence[Any]) -> IngestReport:
    """Count what would be written."""
    return IngestReport(accepted=len(values))


def plain_route(kind: Kind, settings: Settings, feeds: Feeds) -> Route | None:
    """How a kind is read that no database is needed for; ``None`` for the others."""
    now = clock.now()
    if kind is Kind.products:
        return Route(feeds.locate, parse_products, written_nowhere)
    if kind is Kind.events:
        parse = partial(parse_events, now=now, future_hours=settings.future_hours)
        return Route(feeds.locate_events, parse, written_nowhere, settings.commit_lines)
    if kind is Kind.consents:
        return Route(locate_rows, partial(parse_consents, now=now, future_hours=settings.future_hours), written_nowhere)
    return None


@asynccontextmanager
async def open_route(
    kind: Kind, db: Database, settings: Settings, tenant: str, feeds: Feeds | None = None
) -> AsyncGenerator[Route]:
    """Yield the route of a kind; what it needs in the background runs as long as the block."""
    now = clock.now()
    feeds = feeds or Feeds()
    plain = plain_route(kind, settings, feeds)
    hasher = tenant_hashers(settings)
    rules = RuleBook(RulesGraph(db, hasher, settings.identity_rules), settings.rules_cache_seconds)
    if plain is not None and kind is Kind.events:
        resolver = IdentityResolver(IdentifierGraph(db), rules, hasher)
        tombstones = Tombstones(hasher)
        async with EventWriter(db, tombstones, settings.evidence_rules, settings.commit_lines) as writer:
            yield replace(plain, write=partial(_record, resolver, writer, tenant))
    elif plain is not None and kind is Kind.products:
        products = ProductGraph(db, load_taxonomy(settings.google_taxonomy))
        yield replace(plain, write=_counted(partial(upsert_products, products, tenant)))
    elif kind is Kind.identities:
        people = IdentityGraph(db, hasher)
        known = partial(identify, hasher(tenant), await rules.read(tenant))
        parse_rows = partial(parse_identities, identify=known, source="file")
        yield Route(feeds.locate_identities, parse_rows, partial(upsert_identities, people, tenant, actor="cli"))
    elif kind is Kind.links:
        links = LinkGraph(db, AuditTrail(hasher), hasher)
        known = partial(identify, hasher(tenant), await rules.read(tenant))
        parse_rows = partial(parse_links, identify=known, now=now, future_hours=settings.future_hours)
        yield Route(locate_rows, parse_rows, partial(add_links, links, tenant, actor="cli"))
    elif plain is not None:
        store = ConsentGraph(db, Tombstones(hasher), AuditTrail(hasher))

        async def write(given: Sequence[IdentityConsent]) -> IngestReport:
            kept = await record_consents(store, tenant, [(one.identity_id, one.consent) for one in given])
            return IngestReport(accepted=len(kept), erased=len(given) - len(kept))

        yield replace(plain, write=write)


async def _record(
    resolver: IdentityResolver, writer: EventWriter, tenant: str, given: Sequence[Interaction]
) -> IngestReport:
    return await record_events(writer, tenant, await resolver.name(tenant, given))


def _counted(upsert: Callable[[Sequence[Any]], Awaitable[int]]) -> Callable[[Sequence[Any]], Awaitable[IngestReport]]:
    async def write(values: Sequence[Any]) -> IngestReport:
        await upsert(values)
        return IngestReport(accepted=len(values))

    return write
