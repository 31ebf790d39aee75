"""What a run publishes of engagement and staying, on a shop whose threshold was planted."""

import json
from datetime import timedelta

import pytest

from app.domain.progress import Silent
from app.domain.retention import Ladder, Retention, RetentionRules, Unit
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.retention import RetentionGraph
from app.jobs.people import read_people
from app.jobs.retention import write_retention
from app.jobs.run import Run
from app.settings import Settings
from tests.conftest import HASH_KEY
from tests.graph.shop import HASHER, NOW
from tests.graph.taste import ONE_PERIOD, Taste, people

AT = 4
"""The planted threshold, in purchases of 30 days."""
GROUPS = {times: people(f"buys-{times}", 100) for times in range(1, 9)}
"""By how often each of them buys in the window."""
GONE = {times: 90 - 20 * min(times, AT) for times in GROUPS}
"""How many of each hundred are gone."""


@pytest.fixture
async def staying(db: Database, tenant: str) -> Taste:
    """All buy long ago and in the window of 60 to 90 days ago; those who stay do so last week."""
    taste = await Taste.begins(db, tenant)
    await taste.finds("c1", "c2")
    await taste.stocks("meow", "cat food", "cat toy")
    everybody = [id_ for ids in GROUPS.values() for id_ in ids]
    few = set(everybody[::25])
    await taste.learns_from({id_: {"c1": 0.6, **({"c2": 0.3} if id_ in few else {})} for id_ in everybody})
    await taste.buy(everybody, "cat food", days_ago=200)
    for times, ids in GROUPS.items():
        await taste.buy(ids, "cat food", times=times, days_ago=75)
        await taste.buy(ids[GONE[times] :], "cat food", days_ago=3)
    return taste


async def publish(taste: Taste, k: int = 50) -> Retention:
    """Run the job under test; what it published of the shop."""
    settings = Settings.load(hash_key=HASH_KEY, figures_days=ONE_PERIOD, k_look=k)
    run = Run(taste.shop.db, settings, taste.shop.tenant, taste.run, NOW, Silent())
    await write_retention(run, await read_people(run))
    found = await store(taste).read_published(taste.shop.tenant)
    assert found is not None
    return found


def store(taste: Taste) -> RetentionGraph:
    return RetentionGraph(taste.shop.db, AuditTrail(HASHER))


async def community(taste: Taste, id_: str) -> Ladder:
    found, published = await store(taste).read_published_community(taste.shop.tenant, id_)
    assert found
    assert published is not None
    return published.ladder


async def test_the_planted_threshold_of_a_shop_and_its_community_is_published(staying: Taste) -> None:
    shop_ = await publish(staying)

    assert shop_.run == staying.run
    assert shop_.cut_day == (NOW - timedelta(days=60)).date().isoformat()
    for ladder in (shop_.ladder, await community(staying, "c1")):
        assert ladder.status == "threshold", ladder
        assert ladder.threshold.value == pytest.approx(AT, rel=0.1)
        assert ladder.threshold.low is not None
        assert ladder.threshold.high is not None
        assert ladder.threshold.low <= AT <= ladder.threshold.high
        assert ladder.rungs[0].chance.value == pytest.approx(0.7, abs=0.15)
        assert ladder.gone_share.value == pytest.approx(sum(GONE.values()) / 800, abs=0.03)


async def test_of_a_community_of_fewer_than_k_nothing_is_published(staying: Taste) -> None:
    await publish(staying)
    ladder = await community(staying, "c2")

    assert ladder == Ladder("not_enough_data", ladder.reason)
    assert ladder.reason.startswith("Too few")


async def test_only_learners_who_count_are_counted(staying: Taste) -> None:
    """Others who come and go change no published number: not the unasked, and not those who do not count yet."""
    before = await publish(staying)
    strangers, newcomers = people("stranger", 200), people("newcomer", 200)
    await staying.shop.query(
        "MATCH (run:Run {tenant: $tenant}) UNWIND $ids + $new AS id MERGE (i:Identity {tenant: $tenant, id: id}) "
        "WITH run, i, id WHERE id IN $new MERGE (run)-[:LEARNED_FROM {counts: false}]->(i)",
        ids=strangers,
        new=newcomers,
    )
    await staying.buy([*strangers, *newcomers], "cat food", days_ago=200)
    await staying.buy([*strangers, *newcomers], "cat food", times=5, days_ago=75)

    assert await publish(staying) == before


async def test_what_was_sent_back_is_no_purchase(staying: Taste) -> None:
    await staying.shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x)-[of:OF]->() WHERE x.at > datetime($after) SET of.kept = 0.0",
        after=(NOW - timedelta(days=10)).isoformat(),
    )
    found = await publish(staying)

    assert found.cut_day is not None
    assert found.cut_day < (NOW - timedelta(days=120)).date().isoformat()  # the record ends 75 days ago


@pytest.mark.parametrize("unit", ["visits", "categories", "communities"])
async def test_engagement_is_counted_in_the_unit_of_the_tenant(staying: Taste, unit: Unit) -> None:
    """The ladder is the one of purchases where somebody comes, and buys in categories and communities, as often."""
    await staying.finds(*(f"home-{n}" for n in range(1, 9)))
    for number in range(1, 9):
        product = f"thing-{number}"
        await staying.stocks("meow", product)
        await staying.shop.query(
            "MATCH (p:Product {tenant: $tenant, id: $product}), (c:TasteCommunity {tenant: $tenant, community: $home}) "
            "MERGE (t:Tag {tenant: $tenant, id: $product}) SET t.facet = 'category' "
            "CREATE (p)-[:TAGGED]->(t) "
            "CREATE (p)-[:AT_HOME_IN {run: $run}]->(c) CREATE (p)-[:AT_HOME_IN {run: 'old'}]->(c)",
            product=product,
            home=f"home-{number}",
            run=staying.run,
        )
        buyers = [id_ for times, ids in GROUPS.items() if times >= number for id_ in ids]
        await staying.buy(buyers, product, days_ago=61 + number)
    await staying.shop.query(
        "MATCH (x:Interaction {tenant: $tenant}) WHERE x.at < $end AND x.at > $begin "
        "AND (x)-[:OF]->(:Product {id: 'cat food'}) SET x.type = 'sent'",
        begin=NOW - timedelta(days=80),
        end=NOW - timedelta(days=70),
    )
    rules = RetentionRules(unit=unit)
    await store(staying).write_rules(staying.shop.tenant, rules, "test")
    found = await publish(staying)

    assert found.rules == rules
    assert [rung.from_value for rung in found.ladder.rungs][-1] >= 6
    assert found.ladder.threshold.value == pytest.approx(AT, rel=0.1)
    assert f"{unit} in 30 days" in found.ladder.reason


async def test_nothing_that_is_written_is_exact_or_of_anybody(staying: Taste) -> None:
    """Erasure has nothing to do here: no property that the job wrote names an identity, or counts without noise."""
    await publish(staying)
    rows = await staying.shop.query(
        "MATCH (n {tenant: $tenant}) WHERE n.retention IS NOT NULL RETURN labels(n)[0] AS label, n.retention AS text"
    )

    assert sorted(row["label"] for row in rows) == ["Run", "TasteCommunity", "TasteCommunity"]
    assert not [row for row in rows if "buys-" in row["text"]]
    numbers = [
        rung["chance"]["n"]
        for rung in json.loads(next(r["text"] for r in rows if r["label"] == "Run"))["ladder"]["rungs"]
    ]
    assert len(numbers) > 5
    assert sum(number != 100 for number in numbers) > len(numbers) / 2


async def test_a_shop_in_which_hardly_anybody_buys_says_so(db: Database, tenant: str) -> None:
    taste = await Taste.begins(db, tenant)
    await taste.finds("c1")
    await taste.stocks("meow", "cat food")
    await taste.learns_from({id_: {"c1": 0.6} for id_ in people("cat", 40)})
    await taste.buy(people("cat", 40), "cat food")
    found = await publish(taste)

    assert (found.ladder.status, found.cut_day) == ("not_enough_data", None)
    assert (await community(taste, "c1")).status == "not_enough_data"


async def test_rules_are_the_defaults_until_somebody_says_otherwise(staying: Taste) -> None:
    rules = store(staying)
    assert await rules.read_rules(staying.shop.tenant) == RetentionRules("purchases", 30, 60)
    other = RetentionRules("visits", 28, 90)
    await rules.write_rules(staying.shop.tenant, other, "somebody")

    assert await rules.read_rules(staying.shop.tenant) == other
    assert await rules.read_rules("another") == RetentionRules()
    log = await staying.shop.query("MATCH (e:AuditEntry {tenant: $tenant}) RETURN e.actor AS actor, e.action AS action")
    assert log == [{"actor": "somebody", "action": "retention_put"}]
