"""The whole story of who gets what: the lifespan builds ``Services``, a route names the scope its caller must have."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.api.limits import RateLimiter
from app.api.metrics import Metrics
from app.domain.hashing import Hasher
from app.domain.keys import ApiKey, Scope
from app.domain.receipt import Controller
from app.services.audit import AuditStore
from app.services.belonging import Belongings
from app.services.brands import BrandGuide
from app.services.claims import ClaimStore
from app.services.communities import CommunityGuide
from app.services.consents import ConsentStore
from app.services.counterfactual import Counterfactuals
from app.services.describe_identity import IdentityDescriber
from app.services.erase import Eraser
from app.services.export import Exporter
from app.services.grants import GrantStore
from app.services.identifier_health import HealthStore
from app.services.keys import KeyRing, KeyStore
from app.services.links import LinkBook
from app.services.list_members import MemberRoll
from app.services.microgenres import GenreStore
from app.services.privacy_signals import PrivacySignals
from app.services.readiness import ReadinessCheck
from app.services.recommend import Recommender
from app.services.record_events import EventStore
from app.services.resolve_identity import IdentityResolver
from app.services.rules import RuleBook
from app.services.shopify import RequestStore, ShopifyDesk
from app.services.similar_products import SimilarStore
from app.services.simulate_link import LinkSimulator
from app.services.upsert_identities import IdentityStore
from app.services.upsert_products import ProductStore


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that routes call; one of each in a process."""

    keys: KeyRing
    key_store: KeyStore
    limiter: RateLimiter
    metrics: Metrics
    readiness: ReadinessCheck
    products: ProductStore
    identities: IdentityStore
    consents: ConsentStore
    controller: Controller
    """Who is responsible, for receipts."""
    privacy_signals: PrivacySignals
    grants: GrantStore
    claims: ClaimStore
    events: EventStore
    similar: SimilarStore
    recommender: Recommender
    counterfactuals: Counterfactuals
    describer: IdentityDescriber
    audit: AuditStore
    eraser: Eraser
    exporter: Exporter
    data_requests: RequestStore
    shopify: ShopifyDesk
    shopify_secret: str | None
    shopify_shops: Mapping[str, str]
    """Tenant by shop domain, in lower case."""
    links: LinkBook
    link_simulator: LinkSimulator
    belongings: Belongings
    rules: RuleBook
    resolver: IdentityResolver
    identifier_health: HealthStore
    communities: CommunityGuide
    members: MemberRoll
    microgenres: GenreStore
    brands: BrandGuide
    hasher: Callable[[str], Hasher]
    """The hash of identifiers, by tenant."""
    future_hours: float


async def _services(request: Request) -> Services:
    return request.app.state.services


ServicesDep = Annotated[Services, Depends(_services)]


@dataclass(frozen=True, slots=True)
class Caller:
    """For which tenant a request asks, and what there is to answer it with."""

    tenant: str
    actor: str
    """Id of the key: who did it, for the audit log."""
    key: ApiKey
    services: Services


def _caller_with(*scopes: Scope) -> Callable[[Request], Coroutine[Any, Any, Caller]]:
    async def caller(request: Request) -> Caller:
        key: ApiKey = request.state.key  # the gate has checked it
        if not key.allows(*scopes):
            raise HTTPException(403, f"This key lacks the scope {scopes[0]!r}; make one with it.")
        return Caller(key.tenant, key.id, key, request.app.state.services)

    return caller


Ingesting = Annotated[Caller, Depends(_caller_with("ingest"))]
Recommending = Annotated[Caller, Depends(_caller_with("recommend"))]
Looking = Annotated[Caller, Depends(_caller_with("insight"))]
Naming = Annotated[Caller, Depends(_caller_with("insight:members"))]
Administering = Annotated[Caller, Depends(_caller_with("admin"))]
# The two calls that a page in a browser makes itself; they ask the key for whom it may speak.
Telling = Annotated[Caller, Depends(_caller_with("ingest", "browser"))]
Asking = Annotated[Caller, Depends(_caller_with("recommend", "browser"))]


def require_voice(
    caller: Caller, identity_id: str | None, session_id: str | None, *, has_identifiers: bool = False
) -> None:
    """Refuse (403) a subject that the key may not speak for; whom identifiers name is not even looked up for it."""
    if (has_identifiers and caller.key.is_restricted) or not caller.key.speaks_for(identity_id, session_id):
        raise HTTPException(403, "This key speaks for its own session or identity only.")
