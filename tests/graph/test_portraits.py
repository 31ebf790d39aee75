"""What a run measures of its communities, on a small graph whose figures can be counted by hand."""

import pytest

from app.graph.brands import BrandGraph
from app.graph.communities import CommunityGraph
from app.graph.database import Database
from app.jobs.portraits import remove_portraits
from app.jobs.run import Run
from tests.graph.taste import Taste, people

CATS, DOGS, BOTH = people("cat", 60), people("dog", 50), people("both", 20)


@pytest.fixture
async def taste(db: Database, tenant: str) -> Taste:
    """Cat people, dog people, some who are both; Meow is a brand for both, and cats know it better."""
    taste = await Taste.begins(db, tenant)
    await taste.finds("c1", "c2")
    await taste.forms("g1", "g2")
    await taste.stocks("meow", "cat food", "cat toy", tags=["cat"], genre="g1")
    await taste.stocks("meow", "dog food", tags=["dog"], genre="g2")
    await taste.stocks("woof", "bone", tags=["dog"], genre="g2")
    await taste.learns_from({id_: {"c1": 0.6} for id_ in CATS})
    await taste.learns_from({id_: {"c2": 0.7} for id_ in DOGS})
    await taste.learns_from({id_: {"c1": 0.3, "c2": 0.4} for id_ in BOTH})
    await taste.buy([*CATS, *BOTH], "cat food", times=2, paid=10.0)
    await taste.buy([*DOGS, *BOTH], "bone", days_ago=40)
    return taste


async def test_a_portrait_counts_what_members_did(taste: Taste) -> None:
    report = await taste.draws(k=5)
    found = await CommunityGraph(taste.shop.db).read_community(taste.shop.tenant, "c1")

    assert report.portraits == 2
    assert found is not None
    portrait = found.portrait
    assert (portrait.size, portrait.active) == (80, 80)
    assert portrait.strength is not None
    assert portrait.strength.value == 0.6
    assert portrait.strength_counts == (0, 20, 0, 60)
    assert portrait.purchases is not None
    assert (portrait.purchases.value, portrait.purchases.n) == (pytest.approx(2.25), 80)
    assert portrait.spend is not None
    assert portrait.spend.value == pytest.approx((60 * 20 + 20 * 28) / 80)
    assert portrait.currency == "EUR"
    assert portrait.deal_share is not None
    assert portrait.deal_share.value == pytest.approx(20 * (1 / 3) / 80)
    assert portrait.repeat_share is not None
    assert portrait.repeat_share.value == pytest.approx((60 + 20 * 0.5) / 80)
    assert [(one.id, one.shared) for one in found.neighbours] == [("c2", 20)]


async def test_nobody_is_counted_who_was_not_learned_from(taste: Taste) -> None:
    await taste.shop.query(
        "MATCH (c:TasteCommunity {tenant: $tenant, community: 'c1'}) "
        "CREATE (:Identity {tenant: $tenant, id: 'silent'})-[:MEMBER_OF {run: c.run, strength: .9}]->(c)"
    )
    await taste.draws(k=5)
    found = await CommunityGraph(taste.shop.db).read_community(taste.shop.tenant, "c1")

    assert found is not None
    assert found.portrait.size == 80


async def test_who_has_been_silent_for_long_is_hardly_a_customer(taste: Taste) -> None:
    for time in range(1, 8):
        await taste.buy([*CATS, *BOTH], "cat food", days_ago=10 + 5 * time)
        await taste.buy(DOGS, "bone", days_ago=40 + time)
    await taste.learns_from({"never": {"c1": 0.5}})
    await taste.draws(k=5)
    cats, dogs = [await CommunityGraph(taste.shop.db).read_community(taste.shop.tenant, id_) for id_ in ("c1", "c2")]

    assert cats is not None
    assert dogs is not None
    assert cats.portrait.alive_share is not None
    assert dogs.portrait.alive_share is not None
    assert (cats.portrait.size, cats.portrait.alive_share.n, dogs.portrait.alive_share.n) == (81, 80, 70)
    assert dogs.portrait.alive_share.high < cats.portrait.alive_share.low
    assert cats.portrait.alive_share.value > 0.8


async def test_a_brand_is_what_its_buyers_there_buy_of_it(taste: Taste) -> None:
    await taste.buy(DOGS[:30], "dog food")
    await taste.draws(k=5)
    read = await BrandGraph(taste.shop.db).read_facets(taste.shop.tenant, "meow")

    assert read is not None
    brand, facets = read
    assert (brand.name, brand.people) == ("Brand meow", 130)
    by_community = {one.community_id: one for one in facets}
    assert (by_community["c1"].buyers, by_community["c2"].buyers, by_community["c1"].overall) == (80, 50, 110)
    dogs = {(one.kind, one.id): (one.buyers, one.overall) for one in by_community["c2"].aspects}
    assert dogs["product", "dog food"] == dogs["tag", "dog"] == dogs["microgenre", "g2"] == (30, 30)
    assert dogs["product", "cat food"] == (20, 80)
    first = next(one for one in by_community["c2"].aspects if one.kind == "product")
    assert (first.label, first.id) == ("Title of dog food", "dog food")


async def test_a_niche_buys_in_the_microgenre_and_not_the_brand(taste: Taste) -> None:
    rest = people("rest", 90)
    await taste.learns_from({id_: {"c1": 0.1} for id_ in rest})
    await taste.buy(rest, "bone", "dog food")
    await taste.matches("c2", "g2", 2.5, 60)
    await taste.draws(k=5)
    read = await BrandGraph(taste.shop.db).read_niches(taste.shop.tenant, "meow", 5)

    assert read is not None
    (niche,) = [one for one in read[1] if one.community_id == "c2"]
    assert niche.buyers == 20
    assert 25 < niche.expected < 70
    assert [(one.id, one.label) for one in niche.fits] == [("g2", "Label of g2")]
    assert niche.doors == (("dog food", "Title of dog food"),)
    assert [(one.id, one.buyers) for one in niche.similar] == [("woof", 70)]
    assert niche.similar[0].products == (("bone", "Title of bone"),)


async def test_what_earlier_runs_say_of_brands_is_removed(taste: Taste) -> None:
    await taste.draws(k=5)
    run = Run(taste.shop.db, taste.shop.settings, taste.shop.tenant, "next", None, None)  # pyright: ignore[reportArgumentType]
    await remove_portraits(run, [taste.run])
    assert await taste.shop.count("(:TasteCommunity {tenant: $tenant})-[:BUYS]->()") > 0

    await remove_portraits(run, ["next"])

    assert await taste.shop.count("(:TasteCommunity {tenant: $tenant})-[:BUYS|OVERLAPS]->()") == 0
    assert await taste.shop.count("(:TasteCommunity {tenant: $tenant, size: 80})") == 1
