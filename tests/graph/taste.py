"""A hand-written run: communities, microgenres, who belongs where and buys what, as a refresh leaves them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from app.domain.progress import Silent
from app.graph.database import Database
from app.jobs.people import read_people
from app.jobs.portraits import PortraitReport, write_deeds, write_portraits
from app.jobs.run import Run
from app.jobs.week import noise_of
from app.settings import Settings
from tests.conftest import HASH_KEY
from tests.graph.shop import NOW, Shop

Places = Mapping[str, Mapping[str, float]]
"""Strength by community by identity."""


ONE_PERIOD = 1_000_000
"""Days for which figures stand: the noise is the same on whatever day the tests run."""


class Taste:
    """Writes a run straight into the graph, in the shape that the communities' job writes."""

    def __init__(self, shop: Shop, run: str = "20260101T000000.000000Z") -> None:
        self.shop, self.run = shop, run

    @classmethod
    async def begins(cls, db: Database, tenant: str, run: str = "20260101T000000.000000Z") -> "Taste":
        """Begin a run that is active already."""
        taste = cls(Shop(db, tenant), run)
        await taste.shop.query(
            "MATCH (old:Run {tenant: $tenant}) SET old.active = false, old.published = false WITH count(*) AS n "
            "CREATE (:Run {tenant: $tenant, id: $run, active: true, published: true, k: 50,"
            "  finished_at: datetime(), published_at: datetime()})",
            run=run,
        )
        return taste

    async def finds(self, *communities: str, **properties: object) -> None:
        """Write communities."""
        await self.shop.query(
            "UNWIND $ids AS id "
            "CREATE (c:TasteCommunity {tenant: $tenant, id: id + '@' + $run, community: id, run: $run,"
            " label: 'Label of ' + id, terms: ['term of ' + id], size: 0}) SET c += $properties",
            ids=communities,
            run=self.run,
            properties=properties,
        )

    async def forms(self, *genres: str) -> None:
        """Write microgenres."""
        await self.shop.query(
            "UNWIND $ids AS id CREATE (:MicroGenre {tenant: $tenant, id: id + '@' + $run, genre: id, run: $run,"
            " label: 'Label of ' + id, size: 5})",
            ids=genres,
            run=self.run,
        )

    async def stocks(self, brand: str, *products: str, tags: Sequence[str] = (), genre: str | None = None) -> None:
        """Write products of a brand."""
        await self.shop.query(
            "MERGE (b:Brand {tenant: $tenant, id: $brand}) SET b.name = 'Brand ' + $brand WITH b "
            "UNWIND $products AS id "
            "MERGE (p:Product {tenant: $tenant, id: id}) SET p.title = 'Title of ' + id, p.likers = 100 "
            "MERGE (p)-[:MADE_BY]->(b) WITH p "
            "CALL (p) { UNWIND $tags AS tag MERGE (t:Tag {tenant: $tenant, id: tag}) SET t.name = tag "
            "  MERGE (p)-[:TAGGED]->(t) } "
            "OPTIONAL MATCH (g:MicroGenre {tenant: $tenant, id: $genre + '@' + $run}) "
            "FOREACH (found IN CASE WHEN g IS NULL THEN [] ELSE [g] END | "
            "  CREATE (p)-[:IN_GENRE {run: $run, weight: 1.0}]->(found))",
            brand=brand,
            products=products,
            tags=tags,
            genre=genre,
            run=self.run,
        )

    async def learns_from(self, places: Places) -> None:
        """Let identities be learned from and belong."""
        rows = [{"id": id_, "places": [list(place) for place in at.items()]} for id_, at in places.items()]
        await self.shop.query(
            "MATCH (run:Run {tenant: $tenant, id: $run}) UNWIND $rows AS row "
            "MERGE (i:Identity {tenant: $tenant, id: row.id}) "
            "MERGE (run)-[learned:LEARNED_FROM]->(i) SET learned.counts = true WITH i, row "
            "UNWIND row.places AS place "
            "MATCH (c:TasteCommunity {tenant: $tenant, id: place[0] + '@' + $run}) "
            "MERGE (i)-[m:MEMBER_OF {run: $run}]->(c) SET m.strength = place[1]",
            rows=rows,
            run=self.run,
        )

    async def hears(self, identities: Iterable[str], status: str = "granted", *, expires_in_days: float = 99) -> None:
        """Write what identities say to being learned from."""
        await self.shop.query(
            "UNWIND $ids AS id MATCH (i:Identity {tenant: $tenant, id: id}) "
            "CREATE (i)-[:GAVE]->(:Consent {tenant: $tenant, id: randomUUID(), purpose: 'model_training',"
            "  status: $status, at: datetime() - duration('P9D'), counts_from: datetime() - duration('P9D'),"
            "  expires_at: datetime($expires_at)})",
            ids=list(identities),
            status=status,
            expires_at=(datetime.now(UTC) + timedelta(days=expires_in_days)).isoformat(),
        )

    async def buy(
        self,
        identities: Iterable[str],
        *products: str,
        times: int = 1,
        days_ago: float = 10,
        paid: float = 8.0,
        list_price: float = 10.0,
    ) -> None:
        """Let identities buy products, in one basket each time, and like them."""
        await self.shop.query(
            "UNWIND $ids AS id MATCH (i:Identity {tenant: $tenant, id: id}) "
            "UNWIND range(1, $times) AS time "
            "CREATE (i)-[:DID]->(x:Interaction {tenant: $tenant, id: randomUUID(), type: 'purchase', currency: 'EUR',"
            "  at: datetime($at)}) WITH i, x "
            "UNWIND $products AS product MATCH (p:Product {tenant: $tenant, id: product}) "
            "CREATE (x)-[:OF {quantity: 1.0, price_paid: $paid, list_price: $list_price}]->(p) "
            "MERGE (i)-[l:LIKES]->(p) ON CREATE SET l.purchases = 0, l.weight = 1.0, l.last_at = datetime($at) "
            "SET l.purchases = l.purchases + 1",
            ids=list(identities),
            products=products,
            times=times,
            at=datetime.fromtimestamp(NOW.timestamp() - days_ago * 86_400, UTC).isoformat(),
            paid=paid,
            list_price=list_price,
        )

    async def matches(self, community: str, target: str, lift: float, support: int) -> None:
        """Say that a community is associated with a microgenre or a brand."""
        await self.shop.query(
            "MATCH (c:TasteCommunity {tenant: $tenant, id: $community + '@' + $run}) "
            "OPTIONAL MATCH (g:MicroGenre {tenant: $tenant, id: $target + '@' + $run}) "
            "OPTIONAL MATCH (b:Brand {tenant: $tenant, id: $target}) WITH c, coalesce(g, b) AS target "
            "CREATE (c)-[m:MATCHES {run: $run, lift: $lift, support: $support}]->(target) "
            "SET m.low = $lift * .8, m.high = $lift * 1.2",
            community=community,
            target=target,
            run=self.run,
            lift=lift,
            support=support,
        )

    async def draws(self, k: int | None = None) -> PortraitReport:
        """Run the job under test."""
        given = {} if k is None else {"k_look": k}
        settings = Settings.load(hash_key=HASH_KEY, figures_days=ONE_PERIOD, **given)
        run = Run(self.shop.db, settings, self.shop.tenant, self.run, NOW, Silent())
        await write_deeds(run, await read_people(run, all_=True))
        people = await read_people(run)
        return await write_portraits(run, noise_of(run, people.ids), people)


def people(word: str, count: int) -> list[str]:
    """Ids of so many identities."""
    return [f"{word}-{number:03}" for number in range(count)]
