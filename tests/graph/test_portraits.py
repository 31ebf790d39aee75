"""What a run measures of its communities, on a small graph whose figures can be counted by hand."""

from typing import Any

import pytest

from app.domain.disclosure import Figure
from app.domain.progress import Silent
from app.graph.brands import BrandGraph
from app.graph.communities import CommunityGraph
from app.graph.database import Database
from app.jobs.people import read_people
from app.jobs.portraits import remove_portraits, write_portraits
from app.jobs.run import Run
from app.jobs.week import noise_of
from app.settings import Settings
from app.taste.noise import REACH
from tests.graph.shop import NOW
from tests.graph.taste import ONE_PERIOD, Taste, people

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


async def test_a_portrait_is_of_what_members_did(taste: Taste) -> None:
    report = await taste.draws(k=5)
    found = await CommunityGraph(taste.shop.db).read_community(taste.shop.tenant, "c1")

    assert report.portraits == 2
    assert found is not None
    portrait = found.portrait
    assert portrait.size is not None
    assert portrait.size == about(80)
    figures = portrait.figures
    assert figures["strength"].value == pytest.approx(0.6, abs=0.05)
    assert sum(one or 0 for one in portrait.strength_counts) <= portrait.size
    assert figures["active_share"].value == pytest.approx(1, abs=0.13)
    assert figures["purchases_per_member"].value == pytest.approx(2.25, abs=1)
    assert figures["purchases_per_member"].n == portrait.size
    assert holds(figures["spend_per_member"], (60 * 20 + 20 * 28) / 80)
    assert portrait.currency == "EUR"
    assert holds(figures["deal_share"], 20 * (1 / 3) / 80)
    assert holds(figures["repeat_share"], (60 + 20 * 0.5) / 80)
    assert [one.id for one in found.neighbours] == ["c2"]
    assert holds(found.neighbours[0].shared, 20 / 80)


def about(people: int) -> Any:
    """As many, give or take the most that noise can be."""
    return pytest.approx(people, abs=REACH)


def holds(figure: Figure, value: float) -> bool:
    """Whether a value lies in the interval, or as far outside as one of them in 20 may."""
    if figure.low is None or figure.high is None:
        return False
    room = (figure.high - figure.low) / 2
    return figure.low - room <= value <= figure.high + room


async def test_what_is_written_is_what_noise_lies_on(taste: Taste) -> None:
    """In no property of the graph does an exact number of people stand that a run published."""
    await taste.draws(k=5)
    other = Settings.load(hash_key="another-key-for-tests-another-key", figures_days=ONE_PERIOD, k_look=5)
    first = await written(taste)
    run = Run(taste.shop.db, other, taste.shop.tenant, taste.run, NOW, Silent())
    people_ = await read_people(run)
    await taste.shop.query("MATCH (:TasteCommunity {tenant: $tenant})-[b:BUYS|OVERLAPS]->() DELETE b")
    await write_portraits(run, noise_of(run, people_.ids), people_)
    second = await written(taste)

    both = first.keys() & second.keys()  # a figure that drowns in one draw is not published
    assert len(both) > 0.9 * len(first.keys() | second.keys())
    same = [name for name in both if first[name] == second[name]]  # two draws of whole numbers may be one number
    assert len(same) < len(both) / 3


async def written(taste: Taste) -> dict[str, object]:
    rows = await taste.shop.query(
        "MATCH (c:TasteCommunity {tenant: $tenant}) OPTIONAL MATCH (c)-[b:BUYS|OVERLAPS]->(d) "
        "RETURN c.community AS c, properties(c) AS p, collect([d.id, properties(b)]) AS edges ORDER BY c"
    )
    made = ("members", "most_active")
    nodes = {
        f"{row['c']} {name}": value
        for row in rows
        for name, value in row["p"].items()
        if name in made or "figure_" in name
    }
    kept = ("members", "buyers", "overall", "expected")
    for row in rows:
        numbers = {to: [edge[name] for name in kept if name in edge] for to, edge in row["edges"] if to}
        nodes |= {f"{row['c']} to {to}": value for to, value in numbers.items()}
    return nodes


async def test_only_who_counts_is_counted(taste: Taste) -> None:
    await taste.shop.query(
        "MATCH (c:TasteCommunity {tenant: $tenant, community: 'c1'}), (r:Run {tenant: $tenant}) "
        "UNWIND range(1, 90) AS n "
        "CREATE (i:Identity {tenant: $tenant, id: 'silent-' + n})-[:MEMBER_OF {run: c.run, strength: .9}]->(c) "
        "WITH i, r, n WHERE n > 45 CREATE (r)-[:LEARNED_FROM {counts: false}]->(i)"
    )
    await taste.draws(k=5)
    found = await CommunityGraph(taste.shop.db).read_community(taste.shop.tenant, "c1")

    assert found is not None
    assert found.portrait.size == about(80)


async def test_who_has_been_silent_for_long_is_hardly_a_customer(taste: Taste) -> None:
    for time in range(1, 8):
        await taste.buy([*CATS, *BOTH], "cat food", days_ago=10 + 5 * time)
        await taste.buy(DOGS, "bone", days_ago=40 + time)
    await taste.draws(k=5)
    cats, dogs = [await CommunityGraph(taste.shop.db).read_community(taste.shop.tenant, id_) for id_ in ("c1", "c2")]

    assert cats is not None
    assert dogs is not None
    here, there = cats.portrait.figures["alive_share"], dogs.portrait.figures["alive_share"]
    assert here.low is not None
    assert there.high is not None
    assert there.high < here.low
    assert here.value is not None
    assert here.value > 0.8


async def test_a_brand_is_what_its_buyers_there_buy_of_it(taste: Taste) -> None:
    await taste.buy(DOGS[:30], "dog food")
    await taste.draws(k=5)
    read = await BrandGraph(taste.shop.db).read_facets(taste.shop.tenant, "meow")

    assert read is not None
    brand, facets = read
    by_community = {one.community_id: one for one in facets}
    cats, dogs = by_community["c1"], by_community["c2"]
    assert (brand.name, cats.people.value) == ("Brand meow", about(130))
    assert (cats.buyers.value, dogs.buyers.value, cats.overall.value) == (about(80), about(50), about(110))
    aspects = {(one.kind, one.id): one for one in dogs.aspects}
    for known in (("product", "dog food"), ("tag", "dog"), ("microgenre", "g2")):
        assert (aspects[known].buyers.value, aspects[known].overall.value) == (about(30), about(30))
    assert aspects["product", "dog food"].label == "Title of dog food"
    for one in facets:
        assert one.buyers.value <= min(one.size.value, one.overall.value)
        assert one.overall.value <= one.people.value
        assert all(part.buyers.value <= one.buyers.value for part in one.aspects)
        assert all(part.buyers.value <= part.overall.value <= one.overall.value for part in one.aspects)


async def test_a_niche_buys_in_the_microgenre_and_not_the_brand(taste: Taste) -> None:
    rest = people("rest", 90)
    await taste.learns_from({id_: {"c1": 0.1} for id_ in rest})
    await taste.buy(rest, "bone", "dog food")
    await taste.matches("c2", "g2", 2.5, 60)
    await taste.draws(k=5)
    read = await BrandGraph(taste.shop.db).read_niches(taste.shop.tenant, "meow", 5)

    assert read is not None
    (niche,) = [one for one in read[1] if one.community_id == "c2"]
    assert niche.buyers.value == about(20)
    assert 20 < niche.expected.value < 70
    assert [(one.id, one.label) for one in niche.fits] == [("g2", "Label of g2")]
    assert niche.entry_products == (("dog food", "Title of dog food"),)
    assert [(one.id, one.buyers.value) for one in niche.similar] == [("woof", about(70))]
    assert niche.similar[0].products == (("bone", "Title of bone"),)


async def test_what_earlier_runs_say_of_brands_is_removed(taste: Taste) -> None:
    """As soon as another run has published."""
    await taste.draws(k=5)
    run = Run(taste.shop.db, taste.shop.settings, taste.shop.tenant, "next", None, None)  # pyright: ignore[reportArgumentType]
    await taste.shop.query("CREATE (:Run {tenant: $tenant, id: 'next', active: true})")
    await remove_portraits(run)
    assert await taste.shop.count("(:TasteCommunity {tenant: $tenant})-[:BUYS]->()") > 0

    await taste.shop.query("MATCH (r:Run {tenant: $tenant}) SET r.published = r.id = 'next'")
    await remove_portraits(run)

    assert await taste.shop.count("(:TasteCommunity {tenant: $tenant})-[:BUYS|OVERLAPS]->()") == 0
    assert await taste.shop.count("(c:TasteCommunity {tenant: $tenant}) WHERE c.members IS NOT NULL") == 2
