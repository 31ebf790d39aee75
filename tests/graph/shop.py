"""A small shop on the real graph: what the tests of this folder put in and ask for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from shutil import rmtree
from typing import Any, LiteralString, cast

from app.domain.grants import GrantRequest
from app.domain.hashing import Hasher
from app.domain.models import Consent, Identity, Interaction, InteractionType, Line, Product, Purpose
from app.domain.recommendation import Decision, Recommendation, RecommendationRequest
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Database, Row
from app.graph.event_writer import EventWriter
from app.graph.grants import GrantGraph
from app.graph.identities import IdentityGraph
from app.graph.models import model_path
from app.graph.products import ProductGraph
from app.graph.ranking import GraphStores
from app.graph.tombstones import Tombstones
from app.jobs.refresh import RunReport, refresh
from app.services.grants import give_grant
from app.services.recommend import Recommender
from app.settings import Settings
from tests.conftest import HASH_KEY

NOW = datetime.now(UTC).replace(microsecond=0)
HASHER = partial(Hasher, keys={1: HASH_KEY.encode()})


class Outside:
    """Keeps what is noted of erasures outside the database."""

    def __init__(self) -> None:
        self.noted: dict[tuple[str, str], set[str]] = {}

    def note(self, graves: Mapping[tuple[str, str], Collection[str]]) -> None:
        self.noted |= {key: set(digests) for key, digests in graves.items()}


class Decisions:
    """Keeps what the recommender offers to the log."""

    def __init__(self) -> None:
        self.offered: list[Decision] = []

    def offer(self, tenant: str, decision: Decision) -> None:
        self.offered.append(decision)


class Shop:
    """One tenant; every method goes the way that the service goes."""

    def __init__(self, db: Database, tenant: str, **settings: Any) -> None:
        small = {"similar_min_likers": 1, "similar_shrinkage": 0.0, "log_level": "INFO", "model_patience_seconds": 60}
        self.db, self.tenant = db, tenant
        self.settings = Settings.load(**{**small, **settings})
        self.decisions = Decisions()
        self.products = ProductGraph(db)
        self.stores = GraphStores(db, self.settings)
        self.recommender = Recommender(self.stores, self.settings, self.decisions)
        self.events_made = 0

    async def offers(self, *ids: str, **properties: Any) -> None:
        """Put products into the catalogue."""
        products = [Product(id_, id_.title(), **properties) for id_ in ids]
        await self.products.upsert(self.tenant, products)

    async def knows(self, *identities: Identity) -> None:
        await IdentityGraph(self.db, HASHER).upsert(self.tenant, identities, "test")

    async def grants(
        self, *ids: str, purposes: Sequence[Purpose] = ("personalise_content", "model_training"), days_ago: float = 900
    ) -> None:
        """Give consents that do not expire."""
        at = NOW - timedelta(days=days_ago)
        records = [(id_, Consent(f"{id_}-{p}-{days_ago}", p, "granted", at)) for id_ in ids for p in purposes]
        await ConsentGraph(self.db, Tombstones(HASHER)).append(self.tenant, records)

    async def shares(self, giver: str, to: str) -> None:
        """Let one use for a month what another likes."""
        asked = GrantRequest(giver, to, ("personalise_content",), NOW + timedelta(days=30))
        await give_grant(GrantGraph(self.db, AuditTrail(HASHER)), self.tenant, asked, NOW, "test")

    async def says(self, identity_id: str, consent: Consent) -> Consent:
        """Write one record; as it is stored."""
        [kept] = await ConsentGraph(self.db, Tombstones(HASHER)).append(self.tenant, [(identity_id, consent)])
        return kept

    async def saw(self, *interactions: Interaction) -> int:
        """Record interactions; the number that was new."""
        async with self.writer() as writer:
            return (await writer.append(self.tenant, interactions)).accepted

    def writer(self) -> EventWriter:
        return EventWriter(self.db, Tombstones(HASHER), self.settings.evidence_rules, 1000)

    async def buys(self, identity_id: str, *product_ids: str, days_ago: float = 10, **given: Any) -> None:
        """Record one purchase of all these products."""
        await self.saw(self.event("purchase", identity_id, *product_ids, days_ago=days_ago, **given))

    def event(
        self,
        type_: InteractionType,
        identity_id: str,
        *product_ids: str,
        days_ago: float = 10,
        price_paid: str | None = None,
        list_price: str | None = None,
        **given: Any,
    ) -> Interaction:
        """Make one event, with an id of its own unless one is given."""
        self.events_made += 1
        paid, full = (None if price is None else Decimal(price) for price in (price_paid, list_price))
        fields: dict[str, Any] = {"id": f"event-{self.events_made}", **given}
        return Interaction(
            type=type_,
            identity_id=identity_id,
            at=NOW - timedelta(days=days_ago),
            lines=tuple(Line(id_, 1, paid, full) for id_ in product_ids),
            **fields,
        )

    async def refreshes(self) -> RunReport:
        return await refresh(self.db, self.settings, self.tenant)

    async def asks(self, identity_id: str | None = None, **request: Any) -> Recommendation:
        asked = RecommendationRequest(identity_id=identity_id, **request)
        return await self.recommender.answer(self.tenant, asked)

    async def likes(self, identity_id: str) -> dict[str, Row]:
        """LIKES by product id, as they stand in the graph."""
        rows = await self.query(
            "MATCH (:Identity {tenant: $tenant, id: $id})-[l:LIKES]->(p:Product) RETURN p.id AS id, properties(l) AS l",
            id=identity_id,
        )
        return {row["id"]: row["l"] for row in rows}

    async def query(self, text: str, **params: object) -> list[Row]:
        """Look into the graph past the catalogue of statements; ``$tenant`` is this shop."""
        # The run may be changed by hand here: its model is read anew.
        self.stores.models.forget(self.tenant)
        rmtree(model_path(self.settings.models_folder, self.tenant, "").parent, ignore_errors=True)
        async with self.db._session("WRITE") as session:  # pyright: ignore[reportPrivateUsage]
            result = await session.run(cast("LiteralString", text), {"tenant": self.tenant, **params})
            return await result.data()

    async def count(self, pattern: str, **params: object) -> int:
        """How many there are of a pattern that names ``$tenant``."""
        return (await self.query(f"MATCH {pattern} RETURN count(*) AS n", **params))[0]["n"]
