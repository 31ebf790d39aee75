"""Builds what the service is made of, one of each: settings and a database in, ``Services`` out."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from pydantic import SecretStr

from app.api.deps import Services
from app.api.limits import RateLimiter
from app.api.metrics import Metrics
from app.domain.disclosure import Disclosure
from app.domain.webhooks import ConnectedShops
from app.graph.audiences import AudienceGraph
from app.graph.audit import AuditGraph, AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.brands import BrandGraph
from app.graph.channels import ChannelGraph
from app.graph.claims import ClaimGraph
from app.graph.communities import CommunityGraph
from app.graph.consents import ConsentGraph
from app.graph.creatives import CreativeGraph
from app.graph.data_requests import DataRequestGraph
from app.graph.database import Database
from app.graph.decisions import DecisionGraph
from app.graph.descriptions import DescriptionGraph
from app.graph.erasure import ErasureGraph
from app.graph.event_writer import EventWriter
from app.graph.evidence import EvidenceGraph
from app.graph.exclusions import ExclusionGraph
from app.graph.experiments import ExperimentGraph
from app.graph.export import ExportGraph
from app.graph.exposure import ExposureGraph
from app.graph.feeds import FeedGraph
from app.graph.grants import GrantGraph
from app.graph.hash_keys import HashKeyGraph
from app.graph.idempotency import IdempotencyGraph
from app.graph.identifier_health import IdentifierHealthGraph
from app.graph.identifiers import IdentifierGraph
from app.graph.identities import IdentityGraph
from app.graph.influence import InfluenceGraph
from app.graph.journey_figures import JourneyFigureGraph
from app.graph.journeys import JourneyGraph
from app.graph.keys import KeyGraph
from app.graph.links import LinkGraph
from app.graph.matching import UnmatchedGraph
from app.graph.members import MemberGraph
from app.graph.microgenres import GenreGraph
from app.graph.outcomes import OutcomeGraph
from app.graph.plans import PlanGraph
from app.graph.products import ProductGraph
from app.graph.proposals import ProposalGraph
from app.graph.ranking import GraphStores
from app.graph.recorded_events import RecordedEventGraph
from app.graph.refreshes import RefreshGraph
from app.graph.retention import RetentionGraph
from app.graph.rules import RulesGraph
from app.graph.scenarios import ScenarioGraph
from app.graph.shared_sessions import SharedSessionGraph
from app.graph.status import ReadinessGraph, WarmUpGraph
from app.graph.stock import StockGraph
from app.graph.tombstones import Tombstones
from app.intake.feeds.fetched import FeedRunner
from app.opening import audit_anchors, erased_log
from app.services.affinities import AffinityGuide
from app.services.audiences import AudienceBook, Count
from app.services.belonging import Belongings
from app.services.brands import BrandGuide
from app.services.communities import CommunityGuide
from app.services.counterfactual import Counterfactuals
from app.services.creatives import PICTURE_SECONDS, CreativeBook
from app.services.customers import CustomerDesk
from app.services.decide import Decider
from app.services.decisions import DecisionLog
from app.services.describe_identity import IdentityDescriber
from app.services.erase import Eraser
from app.services.experiments import ExperimentBook, ExperimentReport
from app.services.export import Exporter
from app.services.export_plan import PlanDesk, PlanExporter
from app.services.feeds import FeedDesk
from app.services.fetch_feed import FeedFetcher
from app.services.google_taxonomy import load_taxonomy
from app.services.hashing import tenant_hashers
from app.services.idempotency import Repetitions
from app.services.influence import InfluenceGuide
from app.services.journey_figures import FlowGuide
from app.services.journeys import JourneyGuide
from app.services.key_watch import KeyWatch
from app.services.keys import KeyRing
from app.services.link_proposals import ProposalBook
from app.services.links import LinkBook
from app.services.list_members import MemberRoll
from app.services.outcomes import OutcomeBook
from app.services.plans import Planner
from app.services.privacy_signals import Denials, PrivacySignals
from app.services.readiness import ReadinessCheck
from app.services.recommend import NoLog, Recommender
from app.services.refreshes import Refreshes, Refreshing, Schedule
from app.services.resolve_identity import IdentityResolver
from app.services.retention import RetentionGuide
from app.services.rules import RuleBook
from app.services.scenarios import ScenarioBook
from app.services.session_tokens import SessionTokens
from app.services.shared_sessions import Attributor, Settling
from app.services.simulate_link import LinkSimulator
from app.services.unfinished import Unfinished
from app.services.unsubscribe import Unsubscriber
from app.services.warm_up import WarmUp
from app.settings import Settings


async def build_services(
    settings: Settings, db: Database, metrics: Metrics, refreshing: Refreshing, stack: AsyncExitStack
) -> Services:
    """Build one of each; what runs in the background ends with ``stack``, in the opposite order."""
    await db.now()  # keys and tokens are judged by the server's clock from the first request on
    rules = settings.evidence_rules
    hasher = tenant_hashers(settings)
    audit = AuditTrail(hasher)
    tombstones = Tombstones(hasher)
    book = RuleBook(RulesGraph(db, hasher, settings.identity_rules), settings.rules_cache_seconds)
    denials = Denials()
    consents_log = ConsentGraph(db, tombstones, audit, on_grant=denials.forget)
    writer = await stack.enter_async_context(EventWriter(db, tombstones, rules, settings.turn_lines))
    stores = GraphStores(db, settings)
    decisions = await stack.enter_async_context(DecisionLog(DecisionGraph(db), metrics.note_lost_decisions))
    recommender = Recommender(stores, settings, decisions)
    erasures = ErasureGraph(db, audit, hasher, rules)
    unfinished = await stack.enter_async_context(Unfinished(erasures))
    eraser = Eraser(erasures, erased_log(settings), recommender, denials, unfinished=unfinished)
    requests = DataRequestGraph(db, audit, settings.models_folder)
    await stack.enter_async_context(audit_anchors(settings, db))
    shared = SharedSessionGraph(db, audit, rules, settings.attribution_threshold, settings.session_minutes)
    await stack.enter_async_context(Settling(shared))
    belonging, identities, key_store = BelongingGraph(db), IdentityGraph(db, hasher), KeyGraph(db, audit)
    belongings, retention = Belongings(belonging, book), RetentionGraph(db, audit)
    known, products = IdentifierGraph(db), ProductGraph(db, load_taxonomy(settings.google_taxonomy))
    resolver, disclosure = IdentityResolver(known, book, hasher), Disclosure(settings.k_look)
    pictures = FeedFetcher(settings.feed_hosts, 0, PICTURE_SECONDS, what="picture")
    channels, creatives = ChannelGraph(db, audit), CreativeBook(CreativeGraph(db, audit), pictures)
    unsubscriber = Unsubscriber(hasher, consents_log)
    scenarios, experiments = ScenarioBook(ScenarioGraph(db, audit)), ExperimentGraph(db, audit)
    descriptions = DescriptionGraph(db, rules)
    count = Count.of(settings, hasher)
    audiences, outcomes = AudienceGraph(db, audit), OutcomeBook(OutcomeGraph(db, settings.credit_rules))
    plans, unlogged = PlanGraph(db, audit, audiences), _forgetful(settings, stores.without_readers())
    planner = Planner(unlogged, stores.models, channels, creatives, outcomes, audiences, plans, count)
    key_watch = await stack.enter_async_context(KeyWatch(HashKeyGraph(db), settings))
    runs = RefreshGraph(db, settings.refresh_silence_seconds)
    refreshes = await stack.enter_async_context(Refreshes(runs, refreshing, metrics.note_refresh))
    if settings.refresh_every is not None:
        await stack.enter_async_context(Schedule(refreshes, settings.refresh_every))
    return Services(
        keys=KeyRing(key_store, settings.key_cache_seconds, unknown_per_minute=settings.unknown_keys_per_minute),
        key_store=key_store,
        session_tokens=SessionTokens(hasher, 60 * settings.session_minutes),
        limiter=RateLimiter(settings.rate_limit_per_minute),
        metrics=metrics,
        readiness=ReadinessCheck(ReadinessGraph(db), db.keeper, await _warm_up(settings, db, stores, stack), key_watch),
        key_watch=key_watch,
        products=products,
        catalogue=products,
        identities=identities,
        consents=consents_log,
        controller=settings.controller,
        privacy_signals=await stack.enter_async_context(PrivacySignals(consents_log, denials)),
        grants=GrantGraph(db, audit),
        claims=ClaimGraph(db, audit, rules),
        events=writer,
        exclusions=ExclusionGraph(db, tombstones, audit, rules),
        recorded_events=RecordedEventGraph(db, audit, rules),
        unmatched=UnmatchedGraph(db),
        recommender=recommender,
        affinities=AffinityGuide(stores, settings.decay_days),
        attributor=Attributor(shared, settings.attribution_threshold),
        counterfactuals=Counterfactuals(recommender, EvidenceGraph(db), rules),
        describer=IdentityDescriber(descriptions),
        audit=AuditGraph(db),
        eraser=eraser,
        exporter=Exporter(ExportGraph(db, audit)),
        data_requests=requests,
        customers=CustomerDesk(known, book, hasher, eraser, requests, resolver, identities),
        shopify_secret=settings.shopify_secret.get_secret_value() if settings.shopify_secret else None,
        shopify_shops=_shops("SHOPIFY", settings.shopify_secrets, settings.shopify_shops),
        woocommerce_shops=_shops("WOOCOMMERCE", settings.woocommerce_secrets, settings.woocommerce_shops, alone=True),
        stock=StockGraph(db),
        links=LinkBook(LinkGraph(db, audit, hasher), book),
        proposals=ProposalBook(ProposalGraph(db, audit, hasher), book),
        link_simulator=LinkSimulator(belonging, book),
        belongings=belongings,
        rules=book,
        resolver=resolver,
        identifier_health=IdentifierHealthGraph(db),
        communities=CommunityGuide(CommunityGraph(db), disclosure),
        retention=RetentionGuide(retention),
        journeys=JourneyGuide(JourneyGraph(db), belonging, belongings, retention),
        flows=FlowGuide(JourneyFigureGraph(db)),
        influence=InfluenceGuide(InfluenceGraph(db)),
        exposure=ExposureGraph(db),
        members=MemberRoll(MemberGraph(db, audit), disclosure),
        refreshes=refreshes,
        repetitions=Repetitions(IdempotencyGraph(db), hasher),
        scenarios=scenarios,
        experiments=ExperimentBook(experiments, scenarios),
        experiment_report=ExperimentReport(
            experiments, hasher, settings.k_look, settings.figures_days, settings.experiment_hours
        ),
        channels=channels,
        creatives=creatives,
        unsubscriber=unsubscriber,
        decider=Decider(recommender, stores.models, channels, creatives, outcomes, unsubscriber, decisions),
        audiences=AudienceBook(audiences, channels, descriptions, count),
        plans=PlanDesk(planner, plans, PlanExporter(plans, stores.items, creatives, unsubscriber, count)),
        feeds=await _feeds(settings, FeedGraph(db, audit), products, stack),
        microgenres=GenreGraph(db, audit),
        brands=BrandGuide(BrandGraph(db), disclosure),
        hasher=hasher,
        future_hours=settings.future_hours,
        max_public_lines=settings.max_public_lines,
    )


async def _feeds(settings: Settings, store: FeedGraph, products: ProductGraph, stack: AsyncExitStack) -> FeedDesk:
    """Begin to fetch feeds that are due."""
    fetcher = FeedFetcher(settings.feed_hosts, settings.feed_max_mb * 1_000_000, settings.feed_timeout_seconds)
    if settings.feed_look_seconds:
        home = settings.home.expanduser()
        await stack.enter_async_context(FeedRunner(store, products, fetcher, home, settings.feed_look_seconds))
    return FeedDesk(store, fetcher.allowed)


def _shops(
    system: str, secrets: Mapping[str, SecretStr], tenants: Mapping[str, str], *, alone: bool = False
) -> ConnectedShops:
    plain = {shop: secret.get_secret_value() for shop, secret in secrets.items()}
    return ConnectedShops.of(plain, tenants, f"PLURAL_{system}", one_each=alone)


def _forgetful(settings: Settings, stores: GraphStores) -> Recommender:
    """Build a recommender that keeps nothing of those who are asked about, and logs nothing."""
    return Recommender(stores, settings.model_copy(update={"ranking_cache_size": 0}), NoLog())


async def _warm_up(settings: Settings, db: Database, stores: GraphStores, stack: AsyncExitStack) -> WarmUp:
    """Begin to ask, with a recommender that keeps nothing but the runs' models, and logs nothing."""
    recommender = _forgetful(settings, stores.without_memory())
    db.keep_plans = settings.warm_up_seconds > 0
    warm_up = WarmUp(WarmUpGraph(db), recommender, settings.warm_up_seconds)
    return await stack.enter_async_context(warm_up)
