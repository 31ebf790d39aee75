"""The service: its routes and what every request passes."""

import gc
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app import __version__
from app.api import (
    affinities,
    audiences,
    brands,
    channels,
    communities,
    consents,
    counterfactual,
    creatives,
    data_requests,
    decisions,
    docs_page,
    erasure,
    events,
    exclusions,
    experiments,
    export,
    exposure,
    feeds,
    grants,
    health,
    identifiers,
    identities,
    influence,
    journey_figures,
    journeys,
    keys,
    link_proposals,
    links,
    matches,
    microgenres,
    persons,
    plans,
    products,
    receipts,
    recommendations,
    recorded_events,
    refreshes,
    retention,
    rules,
    scenarios,
    segment,
    session_consents,
    sessions,
    shopify,
    signpost,
    snippet,
    tags,
    unsubscribe,
    woocommerce,
)
from app.api import audit as audit_log
from app.api.batches import BatchRoute
from app.api.boundary import Boundary
from app.api.document import complete_document, name_operation
from app.api.errors import add_error_handlers
from app.api.gate import Gate
from app.api.head import HeadAnswers
from app.api.limits import BodyLimit
from app.api.metrics import Metrics
from app.api.packed_bodies import PackedBodies
from app.api.paths import Paths, restore_slashes
from app.api.queries import refuse_unknown_queries
from app.api.rights import rights_of
from app.building import build_services
from app.graph.database import Database
from app.opening import open_database
from app.refreshing import ProcessRefreshing
from app.services.refreshes import Refreshing
from app.settings import Settings
from app.telemetry import telemetry_of

_PACKED_FROM_BYTES = 2_000
"""Answers of fewer bytes are sent as they are: packing them would take longer than it saves."""

OpenDatabase = Callable[[], AbstractAsyncContextManager[Database]]

_ROUTERS = (
    recommendations.router,
    counterfactual.router,
    affinities.router,
    events.router,
    recorded_events.router,
    products.router,
    feeds.router,
    identities.router,
    identifiers.router,
    consents.router,
    receipts.router,
    grants.router,
    exclusions.router,
    keys.router,
    links.router,
    link_proposals.router,
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
    retention.router,
    journeys.router,
    influence.router,
    journey_figures.router,
    exposure.router,
    microgenres.router,
    scenarios.router,
    refreshes.router,
    channels.router,
    creatives.router,
    audiences.router,
    plans.router,
    decisions.router,
    experiments.router,
    unsubscribe.router,
    matches.router,
    brands.router,
    segment.router,
    tags.router,
    shopify.router,
    woocommerce.router,
    health.router,
    docs_page.router,
)


def create_app(
    settings: Settings, database: OpenDatabase | None = None, refreshing: Refreshing | None = None
) -> FastAPI:
    """Build the service; its database is opened (default: as the settings say) when it starts, closed when it ends.

    ``refreshing`` derives the runs that are asked for over HTTP (default: a process of its own each time).
    """
    derive = refreshing or ProcessRefreshing(settings)
    open_it = database or partial(open_database, settings, share=False, patient=False)
    metrics = Metrics()
    exporting = ExitStack()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            stack.enter_context(exporting)
            db = await stack.enter_async_context(open_it())
            app.state.services = await build_services(settings, db, metrics, derive, stack)
            # What was built lives as long as the process: a full collection need not look at it again.
            gc.collect()
            gc.freeze()
            yield

    app = FastAPI(
        title="Plural",
        summary="Recommends to identities, not to people.",
        version=__version__,
        lifespan=lifespan,
        telemetry=telemetry_of(os.environ, exporting),
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
