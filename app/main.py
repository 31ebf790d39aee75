"""Wires the house together: settings in, a running service out; the only file that knows every layer."""

import gc
import signal
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TypedDict

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app import __version__
from app.api import audit as audit_log
from app.api import (
    brands,
    communities,
    consents,
    counterfactual,
    data_requests,
    docs_page,
    erasure,
    events,
    export,
    grants,
    health,
    identifiers,
    identities,
    keys,
    links,
    matches,
    microgenres,
    persons,
    products,
    receipts,
    recommendations,
    rules,
    segment,
    session_consents,
    sessions,
    signpost,
    snippet,
    tags,
    webhooks,
)
from app.api.batches import BatchRoute
from app.api.boundary import Boundary
from app.api.deps import Services
from app.api.document import complete_document, name_operation
from app.api.errors import add_error_handlers
from app.api.gate import Gate
from app.api.head import HeadAnswers
from app.api.limits import BodyLimit, RateLimiter
from app.api.metrics import Metrics
from app.api.packed_bodies import PackedBodies
from app.api.paths import Paths, restore_slashes
from app.api.queries import refuse_unknown_queries
from app.api.rights import rights_of
from app.domain.disclosure import Disclosure
from app.domain.errors import UnreachableError
from app.domain.progress import Progress, Silent
from app.domain.shopify import shop_secrets
from app.embedded import EmbeddedServer, FolderBusyError, RunningServer, find_running
from app.graph.audit import AuditGraph, AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.brands import BrandGraph
from app.graph.claims import ClaimGraph
from app.graph.communities import CommunityGraph
from app.graph.consents import ConsentGraph
from app.graph.data_requests import DataRequestGraph
from app.graph.database import Database
from app.graph.decisions import DecisionGraph
from app.graph.descriptions import DescriptionGraph
from app.graph.erasure import ErasureGraph
from app.graph.event_writer import EventWriter
from app.graph.evidence import EvidenceGraph
from app.graph.export import ExportGraph
from app.graph.grants import GrantGraph
from app.graph.hash_keys import HashKeyGraph
from app.graph.identifier_health import IdentifierHealthGraph
from app.graph.identifiers import IdentifierGraph
from app.graph.identities import IdentityGraph
from app.graph.keys import KeyGraph
from app.graph.links import LinkGraph
from app.graph.members import MemberGraph
from app.graph.microgenres import GenreGraph
from app.graph.migrations import migrate
from app.graph.products import ProductGraph
from app.graph.ranking import GraphStores
from app.graph.rules import RulesGraph
from app.graph.similar import SimilarGraph
from app.graph.status import ReadinessGraph, WarmUpGraph, check_server
from app.graph.tombstones import GraveGraph, Tombstones
from app.graph.write_hold import refuse_unfinished_restore
from app.services.audit_anchor import AuditAnchors
from app.services.belonging import Belongings
from app.services.brands import BrandGuide
from app.services.communities import CommunityGuide
from app.services.counterfactual import Counterfactuals
from app.services.decisions import DecisionLog
from app.services.describe_identity import IdentityDescriber
from app.services.erase import Eraser
from app.services.erased_log import ErasedLog, note_erased
from app.services.export import Exporter
from app.services.hash_keys import confirm_hash_keys
from app.services.hashing import tenant_hashers
from app.services.key_watch import KeyWatch
from app.services.keys import KeyRing
from app.services.links import LinkBook
from app.services.list_members import MemberRoll
from app.services.privacy_signals import Denials, PrivacySignals
from app.services.readiness import ReadinessCheck
from app.services.recommend import NoLog, Recommender
from app.services.resolve_identity import IdentityResolver
from app.services.rules import RuleBook
from app.services.session_tokens import SessionTokens
from app.services.shopify import ShopifyDesk
from app.services.simulate_link import LinkSimulator
from app.services.unfinished import Unfinished
from app.services.warm_up import WarmUp
from app.settings import Settings
from app.upkeep import OWNER_GONE, Place, looked_after, wait_for_answer

_LOOK_SECONDS = 0.25

_PACKED_FROM_BYTES = 2_000
"""Answers of fewer bytes are sent as they are: packing them would take longer than it saves."""

OpenDatabase = Callable[[], AbstractAsyncContextManager[Database]]

_ROUTERS = (
    recommendations.router,
    counterfactual.router,
    events.router,
    products.router,
    identities.router,
    identifiers.router,
    consents.router,
    receipts.router,
    grants.router,
    keys.router,
    links.router,
    persons.router,
    rules.router,
    sessions.router,
    session_consents.router,
    signpost.router,
    snippet.router,
    audit_log.router,
    erasure.router,
    export.router,
    data_requests.router,
    communities.router,
    microgenres.router,
    matches.router,
    brands.router,
    segment.router,
    tags.router,
    webhooks.router,
    health.router,
    docs_page.router,
)


def create_app(settings: Settings, database: OpenDatabase | None = None) -> FastAPI:
    """Build the service; its database is opened (default: as the settings say) when it starts, closed when it ends."""
    open_it = database or partial(open_database, settings, share=False, patient=False)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            db = await stack.enter_async_context(open_it())
            app.state.services = await _build_services(settings, db, metrics, stack)
            # What was built lives as long as the process: a full collection need not look at it again.
            gc.collect()
            gc.freeze()
            yield

    app = FastAPI(
        title="Plural",
        summary="Recommends to identities, not to people.",
        version=__version__,
        lifespan=lifespan,
        dependencies=[Depends(restore_slashes), Depends(refuse_unknown_queries)],
        docs_url=None,  # ours loads nothing from elsewhere
        redoc_url=None,
        generate_unique_id_function=name_operation,
        redirect_slashes=False,  # a redirect would name an address that a proxy in front does not know
    )
    add_error_handlers(app)
    for router in _ROUTERS:
        app.include_router(router)
    rights_of(app)  # a route that declares none must not be served
    complete_document(app)
    # The last one added is the outermost.
    app.add_middleware(Paths)
    large = {route.path for router in _ROUTERS for route in router.routes if isinstance(route, BatchRoute)}
    app.add_middleware(BodyLimit, large, settings.max_body_bytes, settings.max_keyless_body_bytes)
    app.add_middleware(Gate, max_keyless_bytes=settings.max_keyless_body_bytes)
    app.add_middleware(PackedBodies)
    app.add_middleware(HeadAnswers)
    app.add_middleware(GZipMiddleware, minimum_size=_PACKED_FROM_BYTES, compresslevel=4)
    app.add_middleware(Boundary, metrics=metrics)
    return app


@asynccontextmanager
async def open_database(
    settings: Settings,
    progress: Progress | None = None,
    *,
    share: bool = True,
    prepare: bool = True,
    restoring: bool = False,
    patient: bool = True,
) -> AsyncGenerator[Database]:
    """Open the database of the settings: the named server, else the embedded one of ``home``.

    With ``share`` an embedded server that another process runs for this folder is used; without, that is an error.
    With ``prepare`` the server is checked, the schema brought up to date, and the hash keys must be the graph's own.
    What a restore left half done is opened with ``restoring`` only. A command is ``patient`` (``Database.patience``); a
    request is told to come again instead. Raises ``SetupError`` with one sentence. An embedded server that is started
    here is looked after as long as the block lasts (``Database.keeper``).
    """
    with _server(settings, progress or Silent(), share) as place:
        db = await _connect(place, settings)
        stack = AsyncExitStack()
        stack.push_async_callback(db.close)
        async with stack:
            await wait_for_answer(db, settings.start_timeout_seconds)
            await stack.enter_async_context(looked_after(db, place, settings))
            if not restoring:
                await refuse_unfinished_restore(db)
            if prepare:
                with db.patience(settings.start_timeout_seconds):  # its first statements are a server's slowest
                    await check_server(db)
                    await migrate(db)
                    await confirm_hash_keys(HashKeyGraph(db), settings)
                    await note_erased(GraveGraph(db), _erased_log(settings))
                    stack.push_async_callback(_audit_anchors(settings, db).note)  # what a command adds, at its end
            with db.patience() if patient else nullcontext():
                yield db


async def _connect(place: Place, settings: Settings) -> Database:
    try:
        return await Database.connect(
            place.uri,
            place.user,
            place.password,
            settings.neo4j_database,
            pool_size=settings.driver_pool_size,
            timeout_seconds=settings.query_timeout_seconds,
        )
    except UnreachableError as error:
        if place.home is None or place.started is not None:
            raise
        raise UnreachableError(OWNER_GONE) from error  # between the look at its note and the call


@contextmanager
def _server(settings: Settings, progress: Progress, share: bool) -> Generator[Place]:
    """Yield where a server runs; one that is started here is stopped afterwards.

    Starting blocks the event loop, in which nothing else runs at that time, so that Ctrl-C reaches it at once.
    """
    if settings.neo4j_uri is not None:
        yield Place(settings.neo4j_uri, settings.neo4j_user, settings.read_neo4j_password())
        return
    server = EmbeddedServer(
        embedded_home(settings),
        bolt_port=settings.bolt_port,
        http_port=settings.browser_port,
        progress=progress,
        **embedded_options(settings),
    )
    with _interrupts_raised():
        running = _find_or_start(server, settings, share)
    if running is not None:
        yield Place(running.bolt_uri, running.user, running.password, home=running.home)
        return
    try:
        yield Place(server.bolt_uri, server.user, server.password, server.running.home, server)
    finally:
        server.stop()


def _find_or_start(server: EmbeddedServer, settings: Settings, share: bool) -> RunningServer | None:
    """Return what another process runs, also when it is only starting it; ``None`` once ``server`` was started."""
    deadline = time.monotonic() + settings.start_timeout_seconds
    while True:
        if share and (running := find_running(embedded_home(settings))):
            return running
        try:
            server.start()
        except FolderBusyError:
            if not share or time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_SECONDS)
        else:
            return None


def _erased_log(settings: Settings) -> ErasedLog:
    return ErasedLog(settings.home.expanduser())


def _audit_anchors(settings: Settings, db: Database) -> AuditAnchors:
    return AuditAnchors(AuditGraph(db), settings.home.expanduser(), tenant_hashers(settings))


class EmbeddedOptions(TypedDict):
    """What the settings say of any server that is started here."""

    heap_mb: int | None
    page_cache_mb: int
    cache: Path
    maven_url: str | None
    java_home: Path | None
    start_timeout_seconds: float


def embedded_options(settings: Settings) -> EmbeddedOptions:
    """Options of an embedded server, be it of ``home`` or thrown away."""
    return {
        "heap_mb": settings.heap_mb,
        "page_cache_mb": settings.page_cache_mb,
        "cache": settings.cache.expanduser(),
        "maven_url": settings.maven_url,
        "java_home": settings.java_home,
        "start_timeout_seconds": settings.start_timeout_seconds,
    }


def embedded_home(settings: Settings) -> Path:
    """Folder of the embedded server."""
    return settings.home.expanduser() / "neo4j"


def find_embedded(settings: Settings) -> RunningServer | None:
    """Return the embedded server that runs for ``home``; ``None`` when none does, or another server is named."""
    return None if settings.neo4j_uri else find_running(embedded_home(settings))


@contextmanager
def _interrupts_raised() -> Generator[None]:
    """Let Ctrl-C end what blocks; an event loop would only note it down for later."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    noted_down = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, noted_down)


async def _build_services(settings: Settings, db: Database, metrics: Metrics, stack: AsyncExitStack) -> Services:
    """Build one of each; what runs in the background ends with ``stack``, in the opposite order."""
    rules = settings.evidence_rules
    hasher = tenant_hashers(settings)
    audit = AuditTrail(hasher)
    tombstones = Tombstones(hasher)
    book = RuleBook(RulesGraph(db, hasher, settings.identity_rules), settings.rules_cache_seconds)
    denials = Denials()
    consents_log = ConsentGraph(db, tombstones, audit, on_grant=denials.forget)
    writer = await stack.enter_async_context(EventWriter(db, tombstones, rules, settings.turn_lines))
    stores = GraphStores(db, settings)
    recommender = await _open_recommender(settings, db, stores, metrics, stack)
    erasures = ErasureGraph(db, audit, hasher, rules)
    unfinished = await stack.enter_async_context(Unfinished(erasures))
    eraser = Eraser(erasures, _erased_log(settings), recommender, denials, unfinished=unfinished)
    requests = DataRequestGraph(db, audit, settings.models_folder)
    await stack.enter_async_context(_audit_anchors(settings, db))
    belonging = BelongingGraph(db)
    key_watch = await stack.enter_async_context(KeyWatch(HashKeyGraph(db), settings))
    return Services(
        keys=KeyRing(
            KeyGraph(db, audit),
            settings.key_cache_seconds,
            unknown_per_minute=settings.unknown_keys_per_minute,
        ),
        key_store=KeyGraph(db, audit),
        session_tokens=SessionTokens(hasher, 60 * settings.session_minutes),
        limiter=RateLimiter(settings.rate_limit_per_minute),
        metrics=metrics,
        readiness=ReadinessCheck(ReadinessGraph(db), db.keeper, await _warm_up(settings, db, stores, stack), key_watch),
        key_watch=key_watch,
        products=ProductGraph(db),
        identities=IdentityGraph(db, hasher),
        consents=consents_log,
        controller=settings.controller,
        privacy_signals=await stack.enter_async_context(PrivacySignals(consents_log, denials)),
        grants=GrantGraph(db, audit),
        claims=ClaimGraph(db, audit, rules),
        events=writer,
        similar=SimilarGraph(db),
        recommender=recommender,
        counterfactuals=Counterfactuals(recommender, EvidenceGraph(db), rules),
        describer=IdentityDescriber(DescriptionGraph(db, rules)),
        audit=AuditGraph(db),
        eraser=eraser,
        exporter=Exporter(ExportGraph(db, audit)),
        data_requests=requests,
        shopify=ShopifyDesk(
            IdentifierGraph(db),
            book,
            hasher,
            eraser,
            requests,
            IdentityResolver(IdentifierGraph(db), book, hasher),
            IdentityGraph(db, hasher),
        ),
        shopify_secret=settings.shopify_secret.get_secret_value() if settings.shopify_secret else None,
        shopify_secrets=shop_secrets({shop: one.get_secret_value() for shop, one in settings.shopify_secrets.items()}),
        shopify_shops={shop.lower(): tenant for shop, tenant in settings.shopify_shops.items()},
        links=LinkBook(LinkGraph(db, audit, hasher), book),
        link_simulator=LinkSimulator(belonging, book),
        belongings=Belongings(belonging, book),
        rules=book,
        resolver=IdentityResolver(IdentifierGraph(db), book, hasher),
        identifier_health=IdentifierHealthGraph(db),
        communities=CommunityGuide(CommunityGraph(db), Disclosure(settings.k_look)),
        members=MemberRoll(MemberGraph(db, audit), Disclosure(settings.k_look)),
        microgenres=GenreGraph(db, audit),
        brands=BrandGuide(BrandGraph(db), Disclosure(settings.k_look)),
        hasher=hasher,
        future_hours=settings.future_hours,
        max_public_lines=settings.max_public_lines,
    )


async def _open_recommender(
    settings: Settings, db: Database, stores: GraphStores, metrics: Metrics, stack: AsyncExitStack
) -> Recommender:
    """Build the recommender whose decisions are logged."""
    decisions = await stack.enter_async_context(DecisionLog(DecisionGraph(db), metrics.note_lost_decisions))
    return Recommender(stores, settings, decisions)


async def _warm_up(settings: Settings, db: Database, stores: GraphStores, stack: AsyncExitStack) -> WarmUp:
    """Begin to ask, with a recommender that keeps nothing but the runs' models, and logs nothing."""
    recommender = Recommender(stores.without_memory(), settings.model_copy(update={"ranking_cache_size": 0}), NoLog())
    db.keep_plans = settings.warm_up_seconds > 0
    warm_up = WarmUp(WarmUpGraph(db), recommender, settings.warm_up_seconds)
    return await stack.enter_async_context(warm_up)
