"""What an answer would be without some of the history is what it is for somebody who never had it."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.counterfactual import Counterfactual, Move, Without
from app.domain.models import Consent, Identity
from app.domain.recommendation import Item, RecommendationRequest
from app.graph.database import Database
from app.graph.evidence import EvidenceGraph
from app.services.counterfactual import Counterfactuals
from tests.graph.sealing import everything_of
from tests.graph.shop import NOW
from tests.promises.world import PRODUCTS, Act, World

DOES = ("purchase", "purchase", "view", "cart")
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
acts = st.builds(
    Act,
    st.sampled_from(DOES),
    st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=3, unique=True).map(tuple),
    st.floats(0.001, 300),
)


@pytest_asyncio.fixture(scope="module")
async def world(db: Database) -> AsyncGenerator[World]:
    shop = World(db, f"imagined-{uuid4().hex[:12]}")
    await shop.opens()
    yield shop


async def imagined(world: World, identity_id: str | None, without: Without, **request: Any) -> Counterfactual:
    compares = Counterfactuals(world.recommender, EvidenceGraph(world.db), world.settings.evidence_rules)
    asked = RecommendationRequest(identity_id=identity_id, explain=True, **request)
    return await compares.compare(world.tenant, asked, without, NOW)


def places(items: tuple[Item, ...]) -> list[tuple[str, int, Any]]:
    return [(item.product_id, item.rank, pytest.approx(item.score, abs=1e-5)) for item in items]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(st.lists(acts, min_size=1, max_size=5), st.data())
async def test_without_interactions_it_is_the_answer_of_who_never_did_them(
    world: World, history: list[Act], data: st.DataObject
) -> None:
    id_, twin = world.name("reader"), world.name("twin")
    did = world.events(id_, history)
    left_out = data.draw(st.sets(st.sampled_from([one.id for one in did])))
    twins = [event for event, own in zip(world.events(twin, history), did, strict=True) if own.id not in left_out]
    await world.grants(id_, twin, purposes=["personalise_content"])
    await world.saw(*did, *twins)

    found = await imagined(world, id_, Without(interaction_ids=tuple(left_out)))

    assert found.before == (await world.told(id_)).items
    assert places(found.after) == places((await world.told(twin)).items)
    old, new = ({item.product_id: item.rank for item in items} for items in (found.before, found.after))
    assert {move.product_id for move in found.moved} == {p for p in old | new if old.get(p) != new.get(p)}


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(st.lists(acts, min_size=1, max_size=5), st.sets(st.sampled_from(PRODUCTS), max_size=3))
async def test_without_products_it_is_the_answer_of_who_never_touched_them(
    world: World, history: list[Act], products: set[str]
) -> None:
    id_, twin = world.name("reader"), world.name("twin")
    rest = [Act(act.type, tuple(p for p in act.product_ids if p not in products), act.days_ago) for act in history]
    await world.grants(id_, twin, purposes=["personalise_content"])
    await world.saw(*world.events(id_, history), *world.events(twin, rest))

    found = await imagined(world, id_, Without(product_ids=tuple(products)))

    assert places(found.after) == places((await world.told(twin)).items)


async def test_deals_counted_fully_are_what_they_are_in_the_balanced_answer(world: World) -> None:
    id_ = world.name("hunter")
    await world.grants(id_, purposes=["personalise_content"])
    await world.buys(id_, "tea", days_ago=20, price_paid="5", list_price="10")
    await world.buys(id_, "hammer", days_ago=40)

    found = await imagined(world, id_, Without(deals_full=True), objective="full_price")

    assert found.before == (await world.told(id_, objective="full_price")).items
    assert places(found.after) == places((await world.told(id_)).items)
    assert found.moved


async def test_a_session_is_imagined_without_one_of_its_events(world: World) -> None:
    visitor, session = world.name("visitor"), world.name("session")
    await world.grants(visitor, purposes=["personalise_content"])
    await world.saw(
        world.event("view", visitor, "tea", days_ago=0, id=f"{session}-tea", session_id=session),
        world.event("view", visitor, "hammer", days_ago=0, id=f"{session}-hammer", session_id=session),
    )

    without = Without(interaction_ids=(f"{session}-tea",))
    by_event = await imagined(world, None, without, session_id=session)
    by_product = await imagined(world, None, Without(product_ids=("tea",)), session_id=session)

    assert {reason.id for item in by_event.before for reason in item.reasons} >= {"tea", "hammer"}
    assert "tea" not in {reason.id for item in by_event.after for reason in item.reasons}
    assert by_event.after == by_product.after


async def test_nothing_is_written_drawn_or_logged(db: Database) -> None:
    world = World(db, f"imagined-{uuid4().hex[:12]}", exploration=1.0)
    await world.opens()
    await world.buys("tom", "tea")
    await world.grants("tom", purposes=["personalise_content"])
    before = await everything_of(world)

    answers = [await imagined(world, "tom", Without(product_ids=("tea",), deals_full=True)) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert {item.propensity for item in answers[0].before} == {1.0}
    assert world.decisions.offered == []
    assert await everything_of(world) == before


async def test_without_consent_it_is_what_anybody_gets_twice(world: World) -> None:
    id_ = world.name("refuser")
    await world.grants(id_, purposes=["personalise_content"])
    await world.saw(*world.events(id_, [Act("purchase", ("tea",), 5)]))
    await world.says(id_, Consent(world.name("no"), "personalise_content", "withdrawn", NOW - timedelta(days=1)))

    refused = await imagined(world, id_, Without(product_ids=("tea",), deals_full=True))
    nobody = await imagined(world, world.name("nobody"), Without(product_ids=("tea",), deals_full=True))

    assert refused == nobody
    assert (refused.outcome, refused.moved) == ("contextual_only", ())
    assert refused.before == refused.after


async def test_what_others_did_cannot_be_left_out(world: World) -> None:
    id_, other = world.name("reader"), world.name("other")
    await world.grants(id_, other, purposes=["personalise_content"])
    theirs = world.events(other, [Act("purchase", ("tea",), 5)])
    await world.saw(*world.events(id_, [Act("purchase", ("tea",), 5)]), *theirs)

    found = await imagined(world, id_, Without(interaction_ids=(theirs[0].id,)))

    assert found.moved == ()


async def test_what_somebody_granted_still_speaks(world: World) -> None:
    reader, giver = world.name("reader"), world.name("giver")
    await world.knows(Identity(reader, "marketing"), Identity(giver, "personal"))
    await world.grants(reader, giver, purposes=["personalise_content", "household_share"])
    await world.buys(reader, "tea")
    await world.buys(giver, "tea")
    await world.grant(giver, reader)

    found = await imagined(world, reader, Without(product_ids=("tea",)), sources=("similar",))

    assert {(reason.code, reason.id) for item in found.after for reason in item.reasons} == {
        ("from_your_identity", "tea")
    }


async def test_without_a_community_what_it_favours_is_not_offered(world: World) -> None:
    id_ = world.name("member")
    await world.grants(id_, purposes=["personalise_content"])
    await world.offers("solo", "flute")
    await world.buys(id_, "solo")
    await world.query(
        "MATCH (run:Run {tenant: $tenant, active: true}) "
        "MATCH (solo:Product {tenant: $tenant, id: 'solo'}) MATCH (flute:Product {tenant: $tenant, id: 'flute'}) "
        "CREATE (c:TasteCommunity {tenant: $tenant, id: 'c900@' + run.id, community: 'c900', run: run.id}) "
        "CREATE (solo)-[:AT_HOME_IN {run: run.id}]->(c)-[:FAVOURS {run: run.id, weight: 1.0}]->(flute)"
    )

    found = await imagined(world, id_, Without(community="c900"), sources=("community",))
    other = await imagined(world, id_, Without(community="c901"), sources=("community",))

    assert [item.product_id for item in found.before] == ["flute"]
    assert found.after == ()
    assert found.moved == (Move("flute", 1, None),)
    assert other.moved == ()
