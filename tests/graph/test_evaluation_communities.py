"""What `plural evaluate` tells of the communities that a run found."""

from app.domain.models import Product, Tag
from app.evaluation.communities import measure_communities
from app.graph.database import Database
from tests.graph.taste import Taste

PRODUCTS = [Product(id_, id_, tags=(Tag(word),)) for id_, word in (("p1", "rock"), ("p2", "rock"), ("p3", "tea"))]


async def test_communities_and_memberships_of_the_active_run_are_counted(db: Database, tenant: str):
    taste = await Taste.begins(db, tenant)
    await taste.finds("c1", "c2")
    await taste.learns_from({"ann": {"c1": 0.5, "c2": 0.3}, "bob": {"c1": 0.9}, "cat": {}})
    await taste.shop.query(
        "MATCH (run:Run {tenant: $tenant}) UNWIND [['p1', 'c1'], ['p2', 'c1'], ['p3', 'c2']] AS row "
        "CREATE (p:Product {tenant: $tenant, id: row[0]}) WITH run, p, row "
        "MATCH (c:TasteCommunity {tenant: $tenant, community: row[1]}) CREATE (p)-[:AT_HOME_IN {run: run.id}]->(c)"
    )

    found = await measure_communities(db, tenant, PRODUCTS)

    assert found is not None
    assert (found.communities, found.median_memberships, found.products) == (2, 1.0, 3)
    assert round(found.members, 2) == 0.67
    assert found.tag_cover == 2 / 3


async def test_a_run_without_communities_has_no_figures(db: Database, tenant: str):
    await Taste.begins(db, tenant)

    assert await measure_communities(db, tenant, PRODUCTS) is None
