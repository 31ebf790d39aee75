"""The whole story of who gets what: the lifespan builds ``Services``, a route names the scope its caller must have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, TypeVar

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.api.limits import RateLimiter
from app.api.metrics import Metrics
from app.domain.errors import InvalidError
from app.domain.hashing import Hasher
from app.domain.keys import ApiKey, Right, Scope
from app.domain.receipt import Controller
from app.domain.webhooks import ConnectedShops
from app.intake.event_rules import page_session
from app.services.affinities import AffinityGuide
from app.services.audiences import AudienceBook
from app.services.audit import AuditStore
from app.services.belonging import Belongings
from app.services.brands import BrandGuide
from app.services.channels import ChannelStore
from app.services.claims import ClaimStore
from app.services.communities import CommunityGuide
from app.services.consents import ConsentStore
from app.services.counterfactual import Counterfactuals
from app.services.creatives import CreativeBook
from app.services.customers import CustomerDesk, RequestStore
from app.services.decide import Decider
from app.services.describe_identity import IdentityDescriber
from app.services.erase import Eraser
from app.services.exclusions import ExclusionStore
from app.services.experiments import ExperimentBook, ExperimentReport
from app.services.export import Exporter
from app.services.export_plan import PlanDesk
from app.services.exposure import ExposureStore
from app.services.feeds import FeedDesk
from app.services.grants import GrantStore
from app.services.idempotency import Repetitions
from app.services.identifier_health import HealthStore
from app.services.influence import InfluenceGuide
from app.services.journey_figures import FlowGuide
from app.services.journeys import JourneyGuide
from app.services.key_watch import KeyWatch
from app.services.keys import KeyRing, KeyStore
from app.services.link_proposals import ProposalBook
from app.services.links import LinkBook
from app.services.list_members import MemberRoll
from app.services.microgenres import GenreStore
from app.services.privacy_signals import PrivacySignals
from app.services.read_products import CatalogueReader
from app.services.readiness import ReadinessCheck
from app.services.recommend import Recommender
from app.services.record_events import EventStore
from app.services.recorded_events import RecordedEventStore
from app.services.refreshes import Refreshes
from app.services.resolve_identity import IdentityResolver
from app.services.retention import RetentionGuide
from app.services.rules import RuleBook
from app.services.scenarios import ScenarioBook
from app.services.session_tokens import SessionTokens, ShownSession
from app.services.shared_sessions import Attributor
from app.services.shop_catalogue import StockStore
from app.services.simulate_link import LinkSimulator
from app.services.unmatched_products import UnmatchedStore
from app.services.unsubscribe import Unsubscriber
from app.services.upsert_identities import IdentityStore
from app.services.upsert_products import ProductStore

Row = TypeVar("Row")

TOKEN_HEADER = "X-Session-Token"  # noqa: S105 (a header's name)
"""Where a page shows that a session is its own; answers carry it anew."""

IDEMPOTENCY_HEADER = "Idempotency-Key"
"""Says that a call is the one that was sent before."""
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
"""Methods of calls that may change something."""
_LONGEST_IDEMPOTENCY_KEY = 256

_OWN_ONLY = "This key speaks for its own session or identity only."


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that routes call; one of each in a process."""

    keys: KeyRing
    key_store: KeyStore
    session_tokens: SessionTokens
    limiter: RateLimiter
    metrics: Metrics
    readiness: ReadinessCheck
    key_watch: KeyWatch
    products: ProductStore
    catalogue: CatalogueReader
    identities: IdentityStore
    consents: ConsentStore
    controller: Controller
    """Who is responsible, for receipts."""
    privacy_signals: PrivacySignals
    grants: GrantStore
    claims: ClaimStore
    events: EventStore
    exclusions: ExclusionStore
    recorded_events: RecordedEventStore
    unmatched: UnmatchedStore
    recommender: Recommender
    affinities: AffinityGuide
    attributor: Attributor
    counterfactuals: Counterfactuals
    describer: IdentityDescriber
    audit: AuditStore
    eraser: Eraser
    exporter: Exporter
    data_requests: RequestStore
    customers: CustomerDesk
    shopify_secret: str | None
    shopify_shops: ConnectedShops
    woocommerce_shops: ConnectedShops
    stock: StockStore
    links: LinkBook
    proposals: ProposalBook
    link_simulator: LinkSimulator
    belongings: Belongings
    rules: RuleBook
    resolver: IdentityResolver
    identifier_health: HealthStore
    communities: CommunityGuide
    retention: RetentionGuide
    journeys: JourneyGuide
    flows: FlowGuide
    influence: InfluenceGuide
    exposure: ExposureStore
    members: MemberRoll
    microgenres: GenreStore
    scenarios: ScenarioBook
    experiments: ExperimentBook
    experiment_report: ExperimentReport
    repetitions: Repetitions
    refreshes: Refreshes
    channels: ChannelStore
    creatives: CreativeBook
    decider: Decider
    unsubscriber: Unsubscriber
    audiences: AudienceBook
    plans: PlanDesk
    feeds: FeedDesk
    brands: BrandGuide
    hasher: Callable[[str], Hasher]
    """The hash of identifiers, by tenant."""
    future_hours: float
    max_public_lines: int


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
    is_repeated: bool = False
    """Whether the same call came before under its idempotency key."""

    @property
    def is_page(self) -> bool:
        """Say whether anybody who visits the shop could be calling: what is told of a session takes its token."""
        return self.key.is_public and not self.key.is_bound

    def shown_session(self, request: Request) -> ShownSession | None:
        """Return the session whose token a page has sent; ``None`` for no good token, and for a server."""
        token = request.headers.get(TOKEN_HEADER)
        return self.services.session_tokens.check(self.key, token) if token and self.is_page else None

    def session_of(self, session_id: str, shown: ShownSession | None) -> str:
        """Return the session that is meant by a name: that very one only for whom it is its own.

        Its own is a server's any session, a bound key's the one it is bound to, and a page's the one whose token it has
        sent. Any other name that a page or a bound key makes up means a session apart (``page_session``), whether or
        not there is one of that name; nothing is looked up.
        """
        if not self.key.is_restricted or session_id in (self.key.session_id, shown and shown.session_id):
            return session_id
        return page_session(session_id)


class Allows:
    """The dependency by which a route declares who may call it; ``rights.py`` finds it again."""

    def __init__(self, *scopes: Scope, subject: Literal["path"] | None = None) -> None:
        self.right = Right(scopes, subject)

    async def __call__(self, request: Request) -> Caller:
        """Return who calls; 403 to a key of other scopes, and to a bound key unless its own identity is in the path."""
        caller = _admit(request, self.right)
        if caller.key.is_bound and (
            self.right.subject is None or not caller.key.speaks_for(request.path_params["identity_id"], None)
        ):
            raise HTTPException(403, _OWN_ONLY)
        return replace(caller, is_repeated=await _came_before(request, caller))


class Speaks:
    """As ``Allows``, for a route whose body names the subject: it gets its ``Caller`` only for a subject it names."""

    def __init__(self, *scopes: Scope) -> None:
        self.right = Right(scopes, "body")

    async def __call__(self, request: Request) -> "Speaker":
        """Return who speaks; 403 to a key of other scopes."""
        caller = _admit(request, self.right)
        return Speaker(replace(caller, is_repeated=await _came_before(request, caller)))


class Speaker:
    """Somebody with a key who has not said yet for whom it asks or tells."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def future_hours(self) -> float:
        """How far in the future something may be said to have happened."""
        return self._caller.services.future_hours

    @property
    def most_lines(self) -> int | None:
        """Products that the events of one request may name; ``None``: as many as its rows can."""
        return self._caller.services.max_public_lines if self._caller.key.is_public else None

    @property
    def is_of_a_session(self) -> bool:
        """Whether it speaks for sessions only: a page, or a key that is bound to a session and to no identity."""
        return self._caller.key.is_restricted and self._caller.key.identity_id is None

    def speak_for(self, identity_id: str | None, session_id: str | None, *, has_identifiers: bool = False) -> Caller:
        """Return who calls; 403 for a subject that the key may not speak for.

        Whom identifiers name is not even looked up for a key that may not speak for everybody.
        """
        key = self._caller.key
        if (has_identifiers and key.is_restricted) or not key.speaks_for(identity_id, session_id):
            raise HTTPException(403, _OWN_ONLY)
        return self._caller

    def join(self, identity_id: str | None, session_id: str) -> Caller:
        """Return who calls to join an identity and a session; 403 unless both are the key's own."""
        if not self._caller.key.owns(identity_id, session_id):
            raise HTTPException(403, _OWN_ONLY)
        return self._caller

    def sift(self, rows: Sequence[Row], may_tell: Callable[[ApiKey, Row], bool]) -> tuple[Caller, list[Row], list[Row]]:
        """Return who calls, the rows that its key may tell, and those that it may not, in their order."""
        key = self._caller.key
        kept: list[Row] = []
        refused: list[Row] = []
        for row in rows:
            (kept if not key.is_restricted or may_tell(key, row) else refused).append(row)
        return self._caller, kept, refused


def _admit(request: Request, right: Right) -> Caller:
    key: ApiKey = request.state.key  # the gate has checked it
    if not key.allows(*right.scopes):
        raise HTTPException(403, f"This key lacks the scope {right.scopes[0]!r}; make one with it.")
    return Caller(key.tenant, key.id, key, request.app.state.services)


async def _came_before(request: Request, caller: Caller) -> bool:
    """Whether the call came before, by its idempotency key; refused where it came with other content."""
    key = request.headers.get(IDEMPOTENCY_HEADER)
    if key is None or request.method not in CHANGING:
        return False
    if not 0 < len(key) <= _LONGEST_IDEMPOTENCY_KEY:
        raise InvalidError(f"Idempotency-Key must have 1 to {_LONGEST_IDEMPOTENCY_KEY} characters.")
    call, query = f"{request.method} {request.scope['path']}", request.scope["query_string"]
    content = query + b"\n" + await request.body()
    return await caller.services.repetitions.check(caller.tenant, caller.key.id, key, call, content)


Ingesting = Annotated[Caller, Depends(Allows("ingest"))]
IngestingForOne = Annotated[Caller, Depends(Allows("ingest", subject="path"))]
Excluding = Annotated[Caller, Depends(Allows("ingest", "browser", subject="path"))]
Recommending = Annotated[Caller, Depends(Allows("recommend"))]
RecommendingForOne = Annotated[Caller, Depends(Allows("recommend", subject="path"))]
Looking = Annotated[Caller, Depends(Allows("insight"))]
Campaigning = Annotated[Caller, Depends(Allows("campaign"))]
ReadingCampaigns = Annotated[Caller, Depends(Allows("campaign", "insight"))]
Naming = Annotated[Caller, Depends(Allows("insight:members"))]
Administering = Annotated[Caller, Depends(Allows("admin"))]
Claiming = Annotated[Speaker, Depends(Speaks("ingest"))]
Imagining = Annotated[Speaker, Depends(Speaks("recommend"))]
# The calls that a page in a browser makes itself.
Opening = Annotated[Caller, Depends(Allows("browser"))]
Telling = Annotated[Speaker, Depends(Speaks("ingest", "browser"))]
Asking = Annotated[Speaker, Depends(Speaks("recommend", "browser"))]
