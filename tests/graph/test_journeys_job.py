"""What a run publishes of journeys, on a shop whose flows were planted."""

from datetime import timedelta

import pytest

from app.domain.journey_figures import JourneyFigures
from app.domain.progress import Silent
from app.domain.retention import RetentionRules
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.journey_figures import JourneyFigureGraph
from app.graph.retention import RetentionGraph
from app.jobs.journeys import write_journeys
from app.jobs.people import read_people
from app.jobs.run import Run
from app.settings import Settings
from tests.conftest import HASH_KEY
from tests.graph.shop import HASHER, NOW
from tests.graph.taste import ONE_PERIOD, Taste, people

WEEKLY, ONCE = people("weekly", 240), people("once", 160)


@pytest.fixture
async def lived(db: Database, tenant: str) -> Taste:
    """Some buy every week for 20 weeks, some bought once, 140 days ago."""
    taste = await Taste.begins(db, tenant)
    await taste.finds("c1", "c2")
    await taste.stocks("meow", "cat food")
    few = {*WEEKLY[:10], *ONCE[:10]}
    await taste.learns_from({id_: {"c1": 0.6, **({"c2": 0.3} if id_ in few else {})} for id_ in (*WEEKLY, *ONCE)})
    for weeks in range(21):
        await taste.buy(WEEKLY, "cat food", days_ago=140 - 7 * weeks)
    await taste.buy(ONCE, "cat food", days_ago=140)
    return taste


async def publish(taste: Taste) -> JourneyFigures:
    """Run the job under test; what it published of the shop."""
    settings = Settings.load(hash_key=HASH_KEY, figures_days=ONE_PERIOD)
    run = Run(taste.shop.db, settings, taste.shop.tenant, taste.run, NOW, Silent())
    await write_journeys(run, await read_people(run))
    found = await JourneyFigureGraph(taste.shop.db).read_flows(taste.shop.tenant)
    assert found is not None
    return found


async def of_community(taste: Taste, id_: str) -> JourneyFigures:
    found, published = await JourneyFigureGraph(taste.shop.db).read_community_flows(taste.shop.tenant, id_)
    assert found
    assert published is not None
    return published


async def test_planted_flows_of_a_shop_and_its_community_are_published(lived: Taste) -> None:
    shop_ = await publish(lived)

    assert (shop_.run, shop_.horizon_days, shop_.end_day) == (lived.run, 60, NOW.date().isoformat())
    for figures in (shop_, await of_community(lived, "c1")):
        first = next(one for one in figures.flows.stages if one.stage == "first_purchase")
        chances = {one.stage: (one.chance, one.median_days) for one in first.next_stage}
        assert chances["habit"][0].value == pytest.approx(0.6, abs=0.06)
        assert chances["habit"][1].value == pytest.approx(14, abs=0.5)
        assert chances["lapsing"][0].value == pytest.approx(0.4, abs=0.06)
        assert chances["lapsing"][1].value == pytest.approx(30, abs=0.5)
        gone = next(one for one in figures.flows.stages if one.stage == "gone")
        assert gone.share.value == pytest.approx(0.4, abs=0.06)


async def test_of_a_community_of_fewer_than_k_nothing_is_published(lived: Taste) -> None:
    await publish(lived)
    small = (await of_community(lived, "c2")).flows

    assert (small.people, small.stages) == (None, ())
    assert small.reason.startswith("Too few")


async def test_only_learners_who_count_are_counted_and_only_what_they_did_themselves(lived: Taste) -> None:
    before = await publish(lived)
    others = people("other", 200)
    await lived.shop.query(
        "MATCH (run:Run {tenant: $tenant}) UNWIND $ids AS id MERGE (i:Identity {tenant: $tenant, id: id}) "
        "WITH run, i, id WHERE id < 'other-100' MERGE (run)-[:LEARNED_FROM {counts: false}]->(i)",
        ids=others,
    )
    await lived.buy(others, "cat food", days_ago=100)
    await lived.shop.query(
        "MATCH (:Identity {tenant: $tenant, id: 'other-000'})-[:DID]->(x) MATCH (i:Identity {tenant: $tenant}) "
        "WHERE i.id IN $ids CREATE (i)-[:CLAIMED {id: randomUUID(), at: x.at, method: 'posterior'}]->(x)",
        ids=ONCE,
    )

    assert await publish(lived) == before


async def test_nothing_that_is_written_is_of_anybody(lived: Taste) -> None:
    """Erasure has nothing to do here."""
    await publish(lived)
    rows = await lived.shop.query(
        "MATCH (n {tenant: $tenant}) WHERE n.journeys IS NOT NULL RETURN labels(n)[0] AS label, n.journeys AS text"
    )

    assert sorted(row["label"] for row in rows) == ["Run", "TasteCommunity", "TasteCommunity"]
    assert not [row for row in rows if "weekly-" in row["text"] or "once-" in row["text"]]


async def test_the_horizon_is_the_shops_and_of_a_short_record_nothing_is_said(lived: Taste) -> None:
    stays = RetentionGraph(lived.shop.db, AuditTrail(HASHER))
    await stays.write_rules(lived.shop.tenant, RetentionRules(horizon_days=100), "test")
    found = await publish(lived)
    first = next(one for one in found.flows.stages if one.stage == "first_purchase")
    assert {one.stage: one.median_days.value for one in first.next_stage}["lapsing"] == pytest.approx(50, abs=0.5)
    await lived.shop.query(
        "MATCH (x:Interaction {tenant: $tenant}) WHERE x.at < datetime($after) DETACH DELETE x",
        after=(NOW - timedelta(days=50)).isoformat(),
    )

    found = await publish(lived)
    assert all(one.chance.value is None for stage in found.flows.stages for one in stage.next_stage)
    await lived.shop.query("MATCH (x:Interaction {tenant: $tenant}) DETACH DELETE x")
    assert (await publish(lived)).end_day is None
