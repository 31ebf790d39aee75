"""The seed's cast with a made-up crowd: what the saved queries draw, without the year of real receipts."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

from app.domain.models import Identifier, Identity, Interaction, Line, Product, Tag
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.grants import GrantGraph
from app.graph.tombstones import Tombstones
from app.services.grants import give_grant
from seed.story import (
    read_habits,
    read_looks,
    story_consents,
    story_grants,
    story_identities,
    story_interactions,
)
from tests.graph.shop import HASHER, NOW, Shop
from tests.graph.taste import Taste

PRICE = Decimal("2.50")
CARDS_EACH = 4
"""Cards of the crowd that shop like one of the cast."""
PRODUCTS_BESIDE = 9
"""What these cards buy besides, which the one of the cast does not have yet."""
PIZZA = {"838602": "Economy frozen pizza, 10.5 oz"}
"""The product whose neighbours are drawn; the crowd knows it, the cast does not."""

BY_HAND = """
    MERGE (former:Run {tenant: $tenant, id: $earlier})
    SET former.active = false, former.published_at = datetime('2000-01-01T00:00Z')
    WITH *
    MATCH (c:TasteCommunity {tenant: $tenant, run: $run})
    MATCH (before:TasteCommunity {tenant: $tenant, id: c.community + '@' + $earlier})
    CREATE (before)-[:EVOLVED_TO {event: 'stayed', overlap: .9}]->(c)
    WITH collect(c) AS communities
    UNWIND range(0, size(communities) - 1) AS place
    WITH communities[place] AS c, communities[(place + 1) % size(communities)] AS next
    MATCH (merged:TasteCommunity {tenant: $tenant, id: next.community + '@' + $earlier})
    CREATE (c)-[:OVERLAPS {run: $run, members: 55}]->(next), (merged)-[:EVOLVED_TO {event: 'merged', overlap: .2}]->(c)
    WITH c WHERE c.community = 'c1'
    MATCH (c)-[:MATCHES]->(g:MicroGenre)
    CALL (g) {
      MATCH (p:Product {tenant: $tenant})
      WHERE p.likers > 0
      RETURN p
      ORDER BY p.likers DESC, p.id + g.id
      LIMIT 6
    }
    CREATE (p)-[:IN_GENRE {run: $run, weight: 1.0}]->(g)
    WITH DISTINCT c, p
    MERGE (b:Brand {tenant: $tenant, id: 'maker'})
    SET b.name = 'A maker'
    CREATE (c)-[:FAVOURS {run: $run, weight: 1.0}]->(p), (p)-[:MADE_BY]->(b)
"""


async def open_shop(shop: Shop) -> None:
    """Put the cast and its crowd into the shop and learn from them."""
    shelves = _shelves()
    catalogue = {product.id: product for shelf in shelves.values() for product in shelf}
    await shop.products.upsert(shop.tenant, list(catalogue.values()))
    cards = {f"card-{taste}-{place}": shelf for taste, shelf in shelves.items() for place in range(CARDS_EACH)}
    await shop.knows(*story_identities(_digest), *(Identity(card, "shared", account_id=card) for card in cards))
    await ConsentGraph(shop.db, Tombstones(HASHER)).append(shop.tenant, story_consents(NOW))
    for grant in story_grants(NOW):
        await give_grant(GrantGraph(shop.db, AuditTrail(HASHER)), shop.tenant, grant, NOW, "test")
    await shop.grants(*cards)
    await shop.saw(*story_interactions(NOW, catalogue), *_baskets(cards))
    await shop.refreshes()
    await _belongs(shop)


async def _belongs(shop: Shop) -> None:
    """Write communities by hand, of two runs, each large enough to be drawn; the crowd is too small for any."""
    await shop.query("MATCH (n:TasteCommunity|MicroGenre {tenant: $tenant}) DETACH DELETE n")
    run = (await shop.query("MATCH (r:Run {tenant: $tenant, active: true}) RETURN r.id AS id"))[0]["id"]
    earlier, taste = Taste(shop, "20000101T000000.000000Z"), Taste(shop, run)
    places = [f"c{place}" for place in range(1, 7)]
    genres = [f"g{place}" for place in range(1, 7)]
    for one in (earlier, taste):
        # Published figures alone are large: what draws by the exact size draws nothing.
        await one.finds(*places, size=3, members=80)
    await taste.forms(*genres)
    for place, community in enumerate(places):
        for genre in (genres[place], genres[(place + 1) % 6]):
            await taste.matches(community, genre, 2.0, 60)
    await shop.query(BY_HAND, run=run, earlier=earlier.run)


def _shelves() -> dict[str, list[Product]]:
    """Who of the cast buys where: a category of products each."""
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    for one in (*read_habits(), *read_looks()):
        titles[one.identity_id][one.product_id] = one.product
    titles["aaron-loud"] |= PIZZA
    for taste, shelf in titles.items():
        shelf |= {f"beside-{taste}-{place}": f"Something else, {place} oz" for place in range(PRODUCTS_BESIDE)}
    return {taste: [_product(id_, title, taste) for id_, title in shelf.items()] for taste, shelf in titles.items()}


def _product(id_: str, title: str, category: str) -> Product:
    return Product(id_, title, price=PRICE, currency="USD", product_type=category, tags=(Tag(category, "category"),))


def _baskets(cards: dict[str, list[Product]]) -> Iterator[Interaction]:
    """Every card buys its shelf three times, but for a product here and there."""
    for place, (card, shelf) in enumerate(cards.items()):
        for weeks in (1, 5, 9):
            bought = [product for spot, product in enumerate(shelf) if (spot + place) % 5]
            lines = tuple(Line(product.id, 1, PRICE, PRICE) for product in bought)
            yield Interaction(f"{card}-{weeks}", "purchase", card, NOW - timedelta(weeks=weeks), lines)


def _digest(kind: str, value: str) -> Identifier:
    return Identifier(kind, sha256(f"{kind}:{value}".encode()).hexdigest())
