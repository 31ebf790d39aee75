"""What a run finds of how deals and trends move identities."""

import pytest
import pytest_asyncio

from app.domain.progress import Silent
from app.graph.database import Database
from app.graph.descriptions import DescriptionGraph
from app.jobs.run import Run
from app.jobs.susceptibility import Susceptibility, write_susceptibility
from tests.graph.shop import NOW, Shop

HUNTERS = [f"hunter-{place}" for place in range(4)]
OTHERS = [f"other-{place}" for place in range(8)]


@pytest_asyncio.fixture
async def grocer(db: Database, tenant: str) -> Shop:
    """Hunters buy everything on deals, others hardly anything; a fashion of others reaches one of each."""
    shop = Shop(db, tenant)
    await shop.offers("tea", "cup", "pot", "yoyo")
    events = [
        shop.event(
            "purchase",
            who,
            "tea",
            "cup",
            "pot",
            days_ago=250 - 10 * week,
            list_price="10",
            price_paid="6" if who in HUNTERS or week == 0 else "10",
        )
        for who in (*HUNTERS, *OTHERS)
        for week in range(20)
    ]
    crowd = [f"crowd-{place}" for place in range(20)]
    events += [shop.event("purchase", who, "yoyo", days_ago=10 + place % 5) for place, who in enumerate(crowd)]
    events += [shop.event("purchase", who, "yoyo", days_ago=9) for who in ("hunter-0", "other-0")]
    await shop.saw(*events)
    await shop.grants(*HUNTERS, *OTHERS, *crowd)
    await shop.buys("private", "tea", price_paid="1", list_price="10")
    await shop.grants("private", purposes=["personalise_content"])
    return shop


async def learns(shop: Shop, *communities: tuple[str, list[str]]) -> Susceptibility:
    """Refresh, let identities belong to these communities instead of those that were found, and estimate."""
    report = await shop.refreshes()
    await shop.query("MATCH (found:TasteCommunity {tenant: $tenant}) DETACH DELETE found")
    for community, people in communities:
        await shop.query(
            "CREATE (c:TasteCommunity {tenant: $tenant, id: $community + '@' + $run, run: $run}) "
            "SET c.community = $community WITH c UNWIND $people AS id MATCH (i:Identity {tenant: $tenant, id: id}) "
            "CREATE (i)-[:MEMBER_OF {tenant: $tenant, run: $run, strength: 0.5}]->(c)",
            community=community,
            run=report.run,
            people=people,
        )
    return await write_susceptibility(Run(shop.db, shop.settings, shop.tenant, report.run, NOW, Silent()))


async def test_deal_hunters_and_who_follows_a_fashion_are_told(grocer: Shop) -> None:
    report = await learns(grocer)
    store = DescriptionGraph(grocer.db, grocer.settings.evidence_rules)
    hunter, trendy, other = [
        await store.read_susceptibility(grocer.tenant, id_) for id_ in ("hunter-1", "hunter-0", "other-1")
    ]

    assert report.known == len(HUNTERS) + len(OTHERS) + 20
    assert hunter.price_sensitivity is not None
    assert other.price_sensitivity is not None
    assert other.price_sensitivity.high < hunter.price_sensitivity.low
    assert (hunter.price_sensitivity.n, other.price_sensitivity.n) == (60, 60)
    assert hunter.trend_susceptibility is None  # all its purchases are deals
    assert trendy.trend_susceptibility is not None
    assert other.trend_susceptibility is not None
    assert trendy.trend_susceptibility.estimate > other.trend_susceptibility.high
    assert trendy.trend_susceptibility.n == 1


async def test_a_rise_in_ones_own_communities_is_no_trend(grocer: Shop) -> None:
    crowd = [f"crowd-{place}" for place in range(20)]
    await learns(grocer, ("c1", [*crowd, "hunter-0"]))

    rows = await grocer.query(
        "MATCH (:Run {tenant: $tenant, active: true})-[l:LEARNED_FROM]->(i) "
        "WHERE i.id IN ['hunter-0', 'other-0', 'other-1'] "
        "RETURN l.trend_susceptibility AS trend, l.trend_n AS n ORDER BY i.id"
    )
    inside, outside, never = rows
    assert (inside["n"], outside["n"], never["n"]) == (1, 31, 30)
    assert outside["trend"] > inside["trend"]
    assert outside["trend"] > never["trend"]


async def test_who_may_not_be_learned_from_is_not_estimated(grocer: Shop) -> None:
    await learns(grocer)
    store = DescriptionGraph(grocer.db, grocer.settings.evidence_rules)

    found = await store.read_susceptibility(grocer.tenant, "private")

    assert (found.price_sensitivity, found.trend_susceptibility) == (None, None)


async def test_a_shop_without_purchases_has_no_figures(shop: Shop) -> None:
    await shop.saw(shop.event("view", "tom", "tea"))
    await shop.grants("tom")

    assert (await learns(shop)).known == 0


@pytest.mark.parametrize("page", [1, 1000])
async def test_pages_do_not_show(grocer: Shop, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.jobs.susceptibility.PAGE", page)
    await learns(grocer)

    rows = await grocer.query(
        "MATCH (:Run {tenant: $tenant, active: true})-[l:LEARNED_FROM]->(i) WHERE l.price_n = 60 RETURN count(*) AS n"
    )
    assert rows[0]["n"] == len(HUNTERS) + len(OTHERS)
