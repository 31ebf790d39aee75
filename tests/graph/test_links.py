"""Links on a real graph: what is walked, and what an ended link leaves."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.identity_rules import IdentityRules
from app.domain.linkage import partition
from app.domain.links import Link, seen_link
from app.domain.models import Identifier, Identity
from app.graph.belonging import walk
from app.graph.database import Database
from tests.graph.shop import HASHER, NOW, Shop
from tests.promises.linked import START, WHO, Linked, assertions

ON_A_GRAPH = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ON_A_GRAPH
@given(st.lists(assertions(day=3), min_size=1, max_size=12))
async def test_what_is_walked_is_judged_like_all_that_is_there(db: Database, links: list[Link]) -> None:
    shop, rules = Linked(db, f"shop-{uuid4().hex[:12]}"), IdentityRules()
    await shop.opens()
    await shop.hears(links)
    now = datetime.now(UTC)
    everything = await shop.reader.read_component(shop.tenant, rules, now, identity_ids=WHO)

    whole = partition(everything, rules, now)
    for id_ in WHO:
        walked = await shop.reader.read_component(shop.tenant, rules, now, identity_ids=[id_])
        assert partition(walked, rules, now).group_of(id_) == whole.group_of(id_)


async def test_a_walk_is_bounded_and_says_so(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant)
    chain = [Identity(f"i{n}", "personal", identifiers=(link_to(n), link_to(n + 1))) for n in range(8)]
    await shop.knows(*chain)

    part = await walk(db.read, tenant, IdentityRules(), NOW + timedelta(days=1), identity_ids=["i0"], most=3)
    whole = await walk(db.read, tenant, IdentityRules(), NOW + timedelta(days=1), identity_ids=["i0"])

    assert (len(part.members), part.is_complete) == (3, False)
    assert (len(whole.members), whole.is_complete) == (8, True)


def link_to(number: int) -> Identifier:
    return Identifier("email", f"chain-{number}")


async def test_an_ended_link_is_found_by_the_keyed_hash_of_either_end(db: Database, tenant: str) -> None:
    shop = Linked(db, tenant)
    await shop.opens()
    await shop.hears([seen_link("person_identity", "p1", "tom", "crm", START)])
    await shop.ends(0, NOW)
    hasher = HASHER(tenant)

    (ended,) = await shop.shop.query("MATCH (n:EndedLink {tenant: $tenant}) RETURN properties(n) AS n")
    assert ended["n"]["start_hash"] == hasher.subject("person", "p1")
    assert ended["n"]["end_hash"] == hasher.subject("identity", "tom")
    assert "tom" not in str(ended["n"])
