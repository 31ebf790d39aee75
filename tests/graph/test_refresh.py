"""One refresh: derived beside the old run, then one flip."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.errors import ConflictError
from app.domain.models import Consent
from app.graph.database import Database
from app.graph.migrations import load_migrations
from app.jobs.refresh import refresh
from tests.graph.shop import NOW, Shop

DERIVED = "(:Product {tenant: $tenant})-[d:SIMILAR_TO|SPEAKS_IN|LEADS_ON_IN|REPURCHASED]->() WHERE d.run = $run"


async def fill(shop: Shop) -> None:
    """Two tastes: tea people and tool people, and everybody buys bags."""
    await shop.offers("tea", "cup", "pot", "hammer", "nails", "saw", "bags")
    baskets = {"tea": ("tea", "cup", "pot", "bags"), "tool": ("hammer", "nails", "saw", "bags")}
    await shop.saw(
        *(
            shop.event("purchase", f"{taste}-{place}", *basket, days_ago=30 + place)
            for taste, basket in baskets.items()
            for place in range(4)
        )
    )
    await shop.grants(*(f"{taste}-{place}" for taste in ("tea", "tool") for place in range(4)))


async def edges(shop: Shop) -> list[tuple[str, str, float]]:
    rows = await shop.query(
        "MATCH (a:Product {tenant: $tenant})-[s:SPEAKS_IN]->(:Run {active: true}) "
        "UNWIND range(0, size(s.product_ids) - 1) AS rank "
        "RETURN a.id AS a, s.product_ids[rank] AS b, s.weights[rank] AS w ORDER BY a, b"
    )
    return [(row["a"], row["b"], row["w"]) for row in rows]


async def test_products_that_the_same_identities_like_are_similar(shop: Shop) -> None:
    await fill(shop)
    report = await shop.refreshes()

    found = {(a, b): weight for a, b, weight in await edges(shop)}
    assert found["tea", "cup"] > found["tea", "bags"] > 0
    assert ("tea", "hammer") not in found
    assert (report.learners, report.products, report.similar) == (8, 7, len(found))


async def test_the_same_data_give_the_same_edges(shop: Shop) -> None:
    await fill(shop)
    now = datetime.now(UTC)
    await refresh(shop.db, shop.settings, shop.tenant, now=now)
    first = await edges(shop)
    await refresh(shop.db, shop.settings, shop.tenant, now=now)

    assert await edges(shop) == first


async def test_an_identity_without_model_training_teaches_nothing(shop: Shop) -> None:
    await fill(shop)
    for place in range(4):
        await shop.buys(f"private-{place}", "tea", "hammer")
        await shop.grants(f"private-{place}", purposes=["personalise_content"])
    await shop.refreshes()

    assert not any({a, b} == {"tea", "hammer"} for a, b, _ in await edges(shop))


async def test_a_withdrawn_consent_is_out_of_the_next_refresh(shop: Shop) -> None:
    await fill(shop)
    several = [f"private-{place}" for place in range(4)]  # what one alone does says nothing yet
    for identity in several:
        await shop.buys(identity, "tea", "hammer")
    await shop.grants(*several)
    await shop.refreshes()
    assert any((a, b) == ("tea", "hammer") for a, b, _ in await edges(shop))

    for identity in several:
        await shop.says(identity, Consent(f"w-{identity}", "model_training", "withdrawn", NOW))
    await shop.refreshes()

    assert not any((a, b) == ("tea", "hammer") for a, b, _ in await edges(shop))


async def test_products_with_few_likers_get_no_edges(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant, similarity="cosine", similar_min_likers=3)
    await fill(shop)
    await shop.offers("rare")
    await shop.buys("tea-0", "rare")
    await shop.refreshes()

    found = await edges(shop)
    assert found
    assert not any("rare" in (a, b) for a, b, _ in found)


async def test_edges_a_product_are_bounded(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant, similar_per_product=2)
    await fill(shop)
    await shop.refreshes()

    found = await edges(shop)
    assert max(sum(1 for a, _, _ in found if a == product) for product in ("tea", "bags")) == 2


async def test_a_habit_gets_its_rhythm(shop: Shop) -> None:
    await shop.offers("milk", "kettle")
    people = [f"i{place}" for place in range(4)]
    weekly = [shop.event("purchase", one, "milk", days_ago=7 * week + 1) for one in people for week in range(4)]
    await shop.saw(*weekly, *(shop.event("purchase", one, "kettle", days_ago=50) for one in people))
    await shop.grants(*people)
    await shop.refreshes()

    rows = await shop.query(
        "MATCH (p:Product {tenant: $tenant})-[r:REPURCHASED]->(:Run {active: true}) "
        "RETURN p.id AS id, r.interval_days AS days, r.share AS share"
    )
    assert [(row["id"], row["days"]) for row in rows] == [("milk", 7.0)]
    assert 0.7 < rows[0]["share"] < 1


async def test_readers_see_one_run_at_a_time(shop: Shop) -> None:
    await fill(shop)
    first = await shop.refreshes()
    seen = set[str]()
    enough = asyncio.Event()

    async def read() -> None:
        while not enough.is_set():
            answer = await shop.asks(product_ids=("tea",))
            assert answer.run is not None
            assert answer.items
            seen.add(answer.run.id)

    reading = asyncio.create_task(read())
    second = await shop.refreshes()
    await asyncio.sleep(0.2)
    enough.set()
    await reading

    assert seen <= {first.run, second.run}
    assert (await shop.asks(product_ids=("tea",))).run.id == second.run  # pyright: ignore[reportOptionalMemberAccess]
    await shop.refreshes()
    assert await shop.count(DERIVED, run=first.run) == 0
    assert await shop.count(DERIVED, run=second.run) > 0
    assert await shop.count("(:Run {tenant: $tenant})-[l:LEARNED_FROM]->()") == 2 * 8
    assert await shop.count("()-[p:POPULAR]->(:Product {tenant: $tenant}) WHERE p.run = $run", run=first.run) == 0


async def test_a_refresh_that_dies_leaves_the_old_run_active(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(shop)
    first = await shop.refreshes()
    run_long = Database.run_long

    async def die_late(self: Database, name: str, /, **params: object) -> object:
        if name == "refresh/activate_run":
            raise KeyboardInterrupt
        return await run_long(self, name, **params)

    monkeypatch.setattr(Database, "run_long", die_late)
    with pytest.raises(KeyboardInterrupt):
        await shop.refreshes()
    monkeypatch.undo()
    assert (await shop.asks(product_ids=("tea",))).run.id == first.run  # pyright: ignore[reportOptionalMemberAccess]
    assert await shop.count("(r:Run {tenant: $tenant}) WHERE r.finished_at IS NULL") == 1

    await shop.query(
        "MATCH (r:Run {tenant: $tenant}) WHERE r.finished_at IS NULL SET r.alive_at = $then",
        then=datetime.now(UTC) - timedelta(minutes=1),
    )
    last = await shop.refreshes()

    assert await shop.count("(:Run {tenant: $tenant})") == 2
    runs = await shop.query(
        "MATCH (:Product {tenant: $tenant})-[s:SIMILAR_TO|SPEAKS_IN]->() RETURN DISTINCT s.run AS run"
    )
    assert {row["run"] for row in runs} == {first.run, last.run}


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_machine_with_another_clock_takes_no_running_refresh_for_dead(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    await shop.query(
        "CREATE (:Run {tenant: $tenant, id: 'other', active: false,"
        " started_at: datetime.realtime(), alive_at: datetime.realtime()})"
    )

    class OtherClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(hours=hours)

    monkeypatch.setattr("app.jobs.refresh.datetime", OtherClock)

    with pytest.raises(ConflictError):
        await shop.refreshes()


async def test_the_second_of_two_refreshes_says_so_and_stops(shop: Shop) -> None:
    await fill(shop)
    outcomes = await asyncio.gather(shop.refreshes(), shop.refreshes(), return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, ConflictError)]
    assert len(refused) == 1
    assert "under way" in str(refused[0])


async def test_changed_evidence_rules_reach_every_like(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant)
    await shop.offers("tea", "cup")
    await shop.buys("tom", "tea", price_paid="1", list_price="2", days_ago=0)
    await shop.buys("tom", "cup", order_id="o", days_ago=0)
    await shop.saw(shop.event("refund", "tom", "cup", order_id="o", days_ago=0))
    await shop.refreshes()

    stricter = Shop(db, tenant, discount_penalty=1.0)
    await stricter.refreshes()

    likes = await stricter.likes("tom")
    assert {id_: like["weight"] for id_, like in likes.items()} == {"tea": pytest.approx(0.5)}
    assert {id_: like["full_price_weight"] for id_, like in likes.items()} == {"tea": pytest.approx(0.3)}


async def test_likes_of_before_there_were_two_weights_get_both(shop: Shop) -> None:
    await shop.offers("tea")
    await shop.buys("tom", "tea", price_paid="1", list_price="2", days_ago=0)
    await shop.query(
        "MATCH (:Identity {tenant: $tenant})-[l:LIKES]->() SET l.weight = 0.75, l.full_price_weight = null"
    )
    await shop.query("MERGE (:Tenant {tenant: $tenant, id: $tenant})")
    (weigh_anew,) = [one for one in load_migrations() if one.name == "Weigh_anew"]
    for statement in weigh_anew.statements:
        await shop.db.run_schema(statement)
    await shop.refreshes()

    like = (await shop.likes("tom"))["tea"]
    assert (like["weight"], like["full_price_weight"]) == (1.0, 0.6)


async def test_a_shop_without_events_has_an_empty_run(shop: Shop) -> None:
    report = await shop.refreshes()

    assert (report.learners, report.products, report.similar) == (0, 0, 0)
    assert (await shop.asks()).items == ()


async def test_projections_are_given_back(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()

    rows = await shop.query("CALL gds.graph.list() YIELD graphName RETURN collect(graphName) AS names")
    assert not any(shop.tenant in name for name in rows[0]["names"])


async def test_old_decisions_are_removed(shop: Shop) -> None:
    await shop.query(
        "UNWIND [1, 80, 100] AS days "
        "CREATE (:Decision {tenant: $tenant, id: toString(days), at: $now - duration({days: days})})",
        now=NOW,
    )
    await shop.refreshes()

    rows = await shop.query("MATCH (d:Decision {tenant: $tenant}) RETURN d.id AS id")
    assert sorted(row["id"] for row in rows) == ["1", "80"]


@pytest.mark.parametrize("similarity", ["ridge", "cosine"])
async def test_the_nearest_are_edges_of_their_own(
    db: Database, tenant: str, similarity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.similarity.NEAREST", 2)
    shop = Shop(db, tenant, similarity=similarity, similar_min_likers=3, similar_share=1)
    await fill(shop)
    await shop.refreshes()
    report = await shop.refreshes()

    rows = await shop.query(
        "MATCH (a:Product {tenant: $tenant})-[s:SPEAKS_IN]->(run {active: true}) "
        "CALL (a, run) { MATCH (a)-[near:SIMILAR_TO {run: run.id}]->(b) WITH near, b ORDER BY near.weight DESC, b.id "
        "RETURN collect(b.id) AS ids, collect(near.weight) AS weights, collect(DISTINCT near.run) AS runs } "
        "RETURN s.product_ids AS ids, s.weights AS weights,"
        " ids AS near_ids, weights AS near_weights, runs + s.run + run.id AS runs"
    )
    assert any(len(row["ids"]) > 2 for row in rows)
    for row in rows:
        assert row["weights"] == sorted(row["weights"], reverse=True)
        assert (row["ids"][:2], row["weights"][:2]) == (row["near_ids"], row["near_weights"])
        assert set(row["runs"]) == {report.run}
    assert sum(len(row["ids"]) for row in rows) == report.similar


async def test_an_edge_s_run_and_weight_fit_one_property_record(shop: Shop) -> None:
    await fill(shop)

    report = await shop.refreshes()

    # Neo4j's NUMERICAL encoding takes 4 bits a character; beside weight and heads 89 of a record's 256 are left.
    assert re.fullmatch(r"[0-9 .+,'-]{1,22}", report.run)


async def test_what_is_stamped_ahead_of_the_run_weighs_no_more_than_what_is_new(shop: Shop) -> None:
    """An event may be stamped up to a day ahead; the run and the answer count it alike."""
    weights: list[float] = []
    now = datetime.now(UTC)
    for ahead in (0, 20):
        await shop.offers("old", "new")
        who = f"ahead-{ahead}"
        await shop.buys(who, "old", days_ago=30)
        await shop.saw(shop.event("purchase", who, "new", days_ago=-ahead / 24))
        await shop.grants(who)
    await refresh(shop.db, shop.settings, shop.tenant, now=now)
    for ahead in (0, 20):
        rows = await shop.query(
            "MATCH (run:Run {tenant: $tenant, active: true})-[l:LEARNED_FROM]->(:Identity {id: $who}) "
            "RETURN l.mean_weight AS mean",
            who=f"ahead-{ahead}",
        )
        weights.append(rows[0]["mean"])

    assert weights[1] == pytest.approx(weights[0], rel=1e-4)
