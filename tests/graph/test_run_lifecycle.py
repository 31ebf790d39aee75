"""Which run is active: one that learned from too few is not, and the one before can be again."""

import asyncio
from datetime import timedelta

import numpy as np
import pytest

from app.domain.errors import ConflictError
from app.domain.models import Consent
from app.graph.database import Database
from app.graph.refreshes import RefreshGraph
from app.jobs.graph_science import projected
from app.jobs.refresh import go_back, refresh
from app.jobs.run import Run
from app.taste.values import Edges
from tests.graph.shop import NOW, Shop

PEOPLE = [f"i{place}" for place in range(8)]
OF_A_RUN = "LEARNED_FROM|SPEAKS_IN|LEADS_ON_IN|REPURCHASED|POPULAR"


async def fill(shop: Shop) -> None:
    await shop.offers("tea", "cup", "pot", "saw")
    for place, one in enumerate(PEOPLE):
        await shop.buys(one, "tea", "cup", days_ago=30 + place)
    await shop.grants(*PEOPLE)


async def lose_evidence(shop: Shop, *ids: str) -> None:
    """As after a load that went wrong: they are there and agree, and what they did is not."""
    await shop.query("MATCH (i:Identity {tenant: $tenant})-[l:LIKES]->() WHERE i.id IN $ids DELETE l", ids=list(ids))


async def withdraw(shop: Shop, *ids: str) -> None:
    for one in ids:
        await shop.says(one, Consent(f"w-{one}", "model_training", "withdrawn", NOW))


async def active(shop: Shop) -> str | None:
    return (await shop.db.read("refresh/read_state", tenant=shop.tenant))[0]["run"]


async def derived(shop: Shop) -> set[str]:
    """Runs of which anything is kept."""
    rows = await shop.query(
        f"MATCH (run:Run {{tenant: $tenant}})-[:{OF_A_RUN}]-() RETURN collect(DISTINCT run.id) AS ids"
    )
    return set(rows[0]["ids"])


@pytest.mark.parametrize("lost", [8, 5])
async def test_a_refresh_that_learned_from_nobody_or_too_few_keeps_the_old_run(shop: Shop, lost: int) -> None:
    await fill(shop)
    first = await shop.refreshes()
    second = await shop.refreshes()
    answer = await shop.asks(product_ids=("tea",))
    await lose_evidence(shop, *PEOPLE[:lost])

    with pytest.raises(ConflictError, match=rf"would learn from {8 - lost} identities.*from 8 who.*--force"):
        await shop.refreshes()

    assert await active(shop) == second.run
    assert await derived(shop) == {first.run, second.run}
    assert (await shop.asks(product_ids=("tea",))).items == answer.items
    assert await shop.count("(:Run {tenant: $tenant})") == 2


async def test_half_of_the_learners_are_enough(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()
    await lose_evidence(shop, *PEOPLE[:4])

    assert (await shop.refreshes()).learners == 4


async def test_force_makes_a_run_of_few_active(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()
    await lose_evidence(shop, *PEOPLE[:7])

    report = await refresh(shop.db, shop.settings, shop.tenant, force=True)

    assert (report.learners, await active(shop)) == (1, report.run)


async def test_who_withdrew_or_ran_out_or_was_erased_does_not_count_as_lost(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()
    await withdraw(shop, *PEOPLE[:3])
    await shop.query(
        "MATCH (:Identity {tenant: $tenant, id: 'i3'})-[:GAVE]->(c:Consent {purpose: 'model_training'}) "
        "SET c.expires_at = $then",
        then=NOW - timedelta(days=1),
    )
    await shop.query("MATCH (i:Identity {tenant: $tenant}) WHERE i.id IN ['i4', 'i5'] DETACH DELETE i")

    assert (await shop.refreshes()).learners == 2


async def test_a_shop_in_which_all_have_withdrawn_forgets_them(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()
    await withdraw(shop, *PEOPLE)

    report = await shop.refreshes()

    assert (report.learners, await active(shop)) == (0, report.run)


async def test_a_clock_that_is_behind_withdraws_nobody(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()

    with pytest.raises(ConflictError, match="the clock"):
        await refresh(shop.db, shop.settings, shop.tenant, now=NOW - timedelta(days=2000))


async def test_going_back_gives_the_answers_of_before(shop: Shop) -> None:
    await fill(shop)
    first = await shop.refreshes()
    before = await shop.asks("i0"), await shop.asks(product_ids=("tea",))
    likers = await shop.query("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.likers AS n ORDER BY id")
    await withdraw(shop, *PEOPLE[1:4])
    await shop.buys("newcomer", "saw", "pot")
    await shop.grants("newcomer")
    second = await shop.refreshes()
    assert (await shop.asks(product_ids=("tea",))).items != before[1].items

    assert await go_back(shop.db, shop.settings, shop.tenant) == first.run

    after = await shop.asks("i0"), await shop.asks(product_ids=("tea",))
    assert [(one.run, one.items) for one in after] == [(one.run, one.items) for one in before]
    found = await shop.query("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.likers AS n ORDER BY id")
    assert found == likers
    assert await go_back(shop.db, shop.settings, shop.tenant) == second.run


async def test_the_former_run_is_kept_until_the_next_refresh_and_no_longer(shop: Shop) -> None:
    await fill(shop)
    runs = [await shop.refreshes() for _ in range(3)]

    assert await derived(shop) == {runs[1].run, runs[2].run}
    assert await go_back(shop.db, shop.settings, shop.tenant) == runs[1].run
    last = await shop.refreshes()
    assert await derived(shop) == {runs[1].run, last.run}


async def test_without_a_former_run_going_back_says_so(shop: Shop) -> None:
    await fill(shop)
    run = await shop.refreshes()

    with pytest.raises(ConflictError, match="no former run"):
        await go_back(shop.db, shop.settings, shop.tenant)

    assert await active(shop) == run.run
    assert await shop.count("(:Run {tenant: $tenant})") == 1


async def test_nobody_goes_back_while_a_refresh_is_under_way(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()
    second = await shop.refreshes()
    await shop.query("CREATE (:Run {tenant: $tenant, id: 'busy', active: false, alive_at: datetime()})")

    with pytest.raises(ConflictError, match="under way"):
        await go_back(shop.db, shop.settings, shop.tenant)

    assert await active(shop) == second.run


async def test_nobody_goes_back_to_half_of_a_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(shop)
    await shop.refreshes()
    second = await shop.refreshes()
    run_long = Database.run_long

    async def die_while_it_is_removed(self: Database, name: str, /, **params: object) -> object:
        if name == "refresh/remove_learned" and await shop.count("(r:Run {tenant: $tenant}) WHERE r.former") == 0:
            raise KeyboardInterrupt
        return await run_long(self, name, **params)

    monkeypatch.setattr(Database, "run_long", die_while_it_is_removed)
    with pytest.raises(KeyboardInterrupt):
        await shop.refreshes()
    monkeypatch.undo()
    await shop.query("MATCH (r:Run {tenant: $tenant}) WHERE r.finished_at IS NULL SET r.alive_at = $then",
                     then=NOW - timedelta(minutes=1))  # fmt: skip

    with pytest.raises(ConflictError, match="no former run"):
        await go_back(shop.db, shop.settings, shop.tenant)
    assert await active(shop) == second.run


async def test_a_refresh_that_is_under_way_says_which_step_it_is_at(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(shop)
    runs = RefreshGraph(shop.db, shop.settings.refresh_silence_seconds)

    async def be_asked(run: Run, *_: object) -> None:
        with run.progress.step("Taking its time", 4) as bar:
            bar.advance(1)
            async with asyncio.timeout(60):
                while (status := await runs.read(shop.tenant)).underway is None or status.underway.share is None:
                    await asyncio.sleep(0.05)
        assert (status.state, status.underway.step, status.underway.share) == ("running", "Taking its time", 0.25)

    monkeypatch.setattr("app.jobs.refresh.write_next", be_asked)
    await shop.refreshes()

    done = await runs.read(shop.tenant)
    assert (done.state, done.underway) == ("idle", None)


async def test_a_refresh_whose_place_another_one_took_stops_at_once_and_leaves_no_graph(
    db: Database, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(db, tenant, refresh_silence_seconds=1.1)
    await fill(shop)

    async def held() -> list[str]:
        rows = await shop.query("CALL gds.graph.list() YIELD graphName RETURN collect(graphName) AS names")
        return [name for name in rows[0]["names"] if tenant in name]

    async def lose_the_lease(run: Run, *_: object) -> None:
        edges = Edges(np.array([0]), np.array([1]), np.ones(1))
        async with projected(run, edges, 2) as graph:
            await graph.compute(lambda gds, one: gds.page_rank.stream(one))
            assert await held()
            await shop.query("MATCH (run:Run {tenant: $tenant, id: $run}) DETACH DELETE run", run=run.id)
            await asyncio.Event().wait()

    monkeypatch.setattr("app.jobs.refresh.write_next", lose_the_lease)
    with pytest.raises(ConflictError, match="no sign of life"):
        await shop.refreshes()

    assert await held() == []
