"""Who leads whom: found along ties alone, written for the run, and gone with whatever it rested on."""

from datetime import timedelta

import pytest_asyncio

from app.domain.grants import GrantRequest
from app.domain.models import Consent, Identity, Interaction
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.erasure import ErasureGraph
from app.graph.grants import GrantGraph
from app.services.erase import Eraser
from tests.graph.shop import HASHER, NOW, Outside, Shop

PRODUCTS = [f"p{number:03}" for number in range(120)]
PAIRS = (("ann", "ben", PRODUCTS[:60]), ("mum", "kid", PRODUCTS[60:]))


@pytest_asyncio.fixture
async def shop(db: Database, tenant: str) -> Shop:
    """Ben follows Ann, kid lives with mum; either buys what the other did three days before, and things of its own."""
    shop = Shop(db, tenant)
    await shop.offers(*PRODUCTS)
    await shop.knows(
        Identity("mum", "personal", "mum-herself", "login-1", "home", ()),
        Identity("kid", "personal", "kid-itself", "login-2", "home", ()),
    )
    bought: list[Interaction] = []
    for leader, follower, products in PAIRS:
        for place, product in enumerate(products[:40]):
            bought.append(shop.event("purchase", leader, product, days_ago=700 - 15 * place))
        for place, product in enumerate(products[:16]):
            bought.append(shop.event("purchase", follower, product, days_ago=697 - 15 * place))
        for place, product in enumerate(products[40:]):
            bought.append(shop.event("purchase", follower, product, days_ago=690 - 34 * place))
    await shop.saw(*bought)
    await shop.grants(*(id_ for pair in PAIRS for id_ in pair[:2]))
    await shop.query(
        "MATCH (a:Identity {tenant: $tenant, id: 'ann'}), (b:Identity {tenant: $tenant, id: 'ben'}) "
        "MATCH (m:Identity {tenant: $tenant, id: 'mum'}), (k:Identity {tenant: $tenant, id: 'kid'}) "
        "CREATE (b)-[:FOLLOWS {source: 'test', first_seen: $past}]->(a), "
        "(k)-[:FOLLOWS {source: 'test', first_seen: $past}]->(m)",
        past=NOW - timedelta(days=800),
    )
    return shop


async def leads(shop: Shop) -> set[tuple[str, str]]:
    """Ends of all that there are, which are of the active run and the former one at most."""
    rows = await shop.query(
        "MATCH (a:Identity {tenant: $tenant})-[l:LEADS]->(b) RETURN a.id AS a, b.id AS b, properties(l) AS l"
    )
    runs = await shop.query("MATCH (r:Run {tenant: $tenant}) WHERE r.active OR r.former RETURN r.id AS id")
    assert {row["l"]["run"] for row in rows} <= {run["id"] for run in runs}
    assert all(0 < row["l"]["low"] < row["l"]["excess"] < row["l"]["high"] <= 1 for row in rows)
    assert all((row["l"]["lag_days"], row["l"]["n"]) == (3.0, 40) for row in rows)
    return {(row["a"], row["b"]) for row in rows}


async def withdraw(shop: Shop, id_: str) -> None:
    await shop.says(id_, Consent(f"{id_}-no", "model_training", "withdrawn", NOW))


async def test_whom_one_follows_may_lead_it_and_a_sibling_does_not_until_withdrawn(shop: Shop) -> None:
    await shop.refreshes()
    assert await leads(shop) == {("ann", "ben")}
    await withdraw(shop, "ann")
    assert await leads(shop) == set()


async def test_a_sibling_leads_by_a_grant_for_learning_until_it_is_revoked(shop: Shop) -> None:
    grants = GrantGraph(shop.db, AuditTrail(HASHER))
    until = NOW + timedelta(days=30)
    await shop.grants("mum", purposes=("household_share",))
    await grants.give(shop.tenant, GrantRequest("mum", "kid", ("personalise_content",), until), "g1", NOW, "test")
    await shop.refreshes()
    assert await leads(shop) == {("ann", "ben")}

    await grants.give(shop.tenant, GrantRequest("mum", "kid", ("model_training",), until), "g2", NOW, "test")
    await shop.refreshes()
    assert await leads(shop) == {("ann", "ben"), ("mum", "kid")}

    await shop.refreshes()  # leaves no more than two runs
    assert await leads(shop) == {("ann", "ben"), ("mum", "kid")}
    assert await grants.revoke(shop.tenant, "g2", "test")
    assert await leads(shop) == {("ann", "ben")}

    eraser = Eraser(
        ErasureGraph(shop.db, AuditTrail(HASHER), HASHER, shop.settings.evidence_rules), Outside(), shop.recommender
    )
    await eraser.erase(HASHER(shop.tenant), "identity", "ben", "key-1")
    assert await leads(shop) == set()
