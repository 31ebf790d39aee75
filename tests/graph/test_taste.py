"""A refresh finds communities and microgenres, and carries them from run to run."""

from typing import Any

import pytest

from app.domain.models import Tag
from app.graph.database import Database, Row
from app.jobs.refresh import refresh
from app.taste.noise import REACH
from tests.graph.shop import NOW, Shop

TASTES: dict[str, tuple[str, ...]] = {
    "tea": ("tea", "cup", "pot", "honey", "spoon"),
    "tool": ("hammer", "nails", "saw", "glue", "drill"),
    "pet": ("bone", "leash", "bowl", "brush", "ball"),
}
PEOPLE = 80
"""Of each taste: so many that no noise hides what they have in common."""


@pytest.fixture
def shop(db: Database, tenant: str) -> Shop:
    return Shop(db, tenant, k_look=2)


async def fill(shop: Shop, **words: str) -> None:
    """Three tastes; everybody buys four products of their own taste and one of the next."""
    tastes = list(TASTES)
    for taste, products in TASTES.items():
        await shop.offers(*products, brand=f"{taste}-maker", tags=(Tag(words.get(taste, taste), "category"),))
    for number, taste in enumerate(tastes):
        other = TASTES[tastes[(number + 1) % 3]]
        for person in range(PEOPLE):
            mine = [product for place, product in enumerate(TASTES[taste]) if place != person % 5]
            await shop.saw(
                shop.event("purchase", f"{taste}-{person}", *mine, other[person % 5], days_ago=30),
                shop.event("purchase", f"{taste}-{person}", *mine, other[person % 5], days_ago=29),
            )
    await shop.grants(*(f"{taste}-{person}" for taste in tastes for person in range(PEOPLE)))


async def learns(shop: Shop) -> str:
    """Refresh as of a fixed moment; the run's id."""
    return (await refresh(shop.db, shop.settings, shop.tenant, now=NOW)).run


async def communities(shop: Shop, run: str) -> dict[str, set[str]]:
    """Products at home by community."""
    rows = await shop.query(
        "MATCH (c:TasteCommunity {tenant: $tenant, run: $run})<-[:AT_HOME_IN {run: $run}]-(p) "
        "RETURN c.community AS id, collect(p.id) AS products",
        run=run,
    )
    return {row["id"]: set(row["products"]) for row in rows}


async def nodes(shop: Shop, label: str, run: str) -> list[Row]:
    text = f"MATCH (n:{label} {{tenant: $tenant, run: $run}}) RETURN properties(n) AS n ORDER BY n.id"
    return [row["n"] for row in await shop.query(text, run=run)]


async def test_a_community_keeps_how_its_products_hang_together(shop: Shop) -> None:
    await fill(shop)
    run = await learns(shop)

    kept = {node["community"]: node for node in await nodes(shop, "TasteCommunity", run)}
    for community, products in (await communities(shop, run)).items():
        rows = await shop.query(
            "MATCH (a:Product {tenant: $tenant})-[speaks:SPEAKS_IN {run: $run}]->() WHERE a.id IN $products "
            "UNWIND speaks.product_ids AS id WITH id WHERE id IN $products RETURN count(*) AS edges",
            run=run,
            products=sorted(products),
        )
        assert kept[community]["products"] == len(products)
        assert kept[community]["density"] == rows[0]["edges"] / (len(products) * (len(products) - 1)) > 0


async def test_products_bought_by_the_same_people_are_at_home_together(shop: Shop) -> None:
    await fill(shop)
    found = await communities(shop, await learns(shop))

    assert set(found) == {"c1", "c2", "c3"}
    assert {frozenset(products) for products in found.values()} == {frozenset(products) for products in TASTES.values()}


async def test_identities_belong_by_their_share_of_likes(shop: Shop) -> None:
    await fill(shop)
    run = await learns(shop)

    rows = await shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[m:MEMBER_OF {run: $run}]->(c)<-[:AT_HOME_IN]-(p:Product {id: 'tea'}) "
        "RETURN i.id AS id, m.strength AS strength",
        run=run,
    )
    assert {row["id"] for row in rows} == {f"tea-{person}" for person in range(PEOPLE)}
    assert all(row["strength"] == pytest.approx(0.8) for row in rows)


async def test_communities_favour_and_match_what_their_members_like(shop: Shop) -> None:
    await fill(shop)
    run = await learns(shop)

    (row,) = await shop.query(
        """
        MATCH (p:Product {tenant: $tenant, id: 'tea'})-[:AT_HOME_IN {run: $run}]->(c)
        MATCH (c)-[brand:MATCHES {run: $run}]->(:Brand {id: 'tea-maker'})
        MATCH (c)-[genre:MATCHES {run: $run}]->(g:MicroGenre)<-[:IN_GENRE]-(p)
        MATCH (c)-[favours:FAVOURS {run: $run}]->(liked)
        WITH c, brand, genre, liked ORDER BY favours.weight DESC
        RETURN c.label AS label, c.size AS size, c.members AS members, brand.low AS low, brand.support AS support,
          genre.lift AS lift,
          collect(liked.id)[..5] AS liked
        """,
        run=run,
    )
    assert row["size"] == PEOPLE
    assert 2 + REACH <= row["support"] <= row["members"] <= PEOPLE + REACH
    assert row["low"] > 1
    assert row["lift"] > 1.5
    assert set(row["liked"]) == set(TASTES["tea"])


async def test_a_community_of_few_has_no_name_and_no_match(shop: Shop) -> None:
    shop.settings = shop.settings.model_copy(update={"k_look": PEOPLE + 1})
    await fill(shop)
    run = await learns(shop)

    found = await nodes(shop, "TasteCommunity", run)
    assert [(one["too_few"], one.get("label"), one["terms"]) for one in found] == [(True, None, [])] * 3
    assert await shop.count("(:TasteCommunity {tenant: $tenant})-[m:MATCHES]->() WHERE m.run = $run", run=run) == 0
    assert len(await communities(shop, run)) == 3


async def test_a_rerun_changes_nothing_but_the_run(shop: Shop) -> None:
    await fill(shop)
    first = await _all(shop, await learns(shop))
    await shop.query("MATCH (r:Run {tenant: $tenant}) SET r.published_at = r.published_at - duration('P7D')")
    second = await _all(shop, await learns(shop))

    assert second == first
    rows = await shop.query(
        "MATCH (:TasteCommunity {tenant: $tenant})-[e:EVOLVED_TO]->() RETURN e.event AS event, e.overlap AS o"
    )
    assert [(row["event"], row["o"]) for row in rows] == [("stayed", 1.0)] * 3


async def _all(shop: Shop, run: str) -> list[str]:
    """All that is derived of taste, without the run's name."""
    rows = await shop.query(
        """
        MATCH (a {tenant: $tenant})-[r:AT_HOME_IN|MEMBER_OF|FAVOURS|MATCHES|IN_GENRE {run: $run}]->(b)
        RETURN a.id AS a, type(r) AS type, properties(r) AS r, b.id AS b,
          CASE WHEN b:MicroGenre OR b:TasteCommunity THEN b.label END AS label
        """,
        run=run,
    )
    return sorted(repr(sorted(row.items())).replace(run, "") for row in rows)


async def test_a_new_taste_is_born_and_a_lost_one_dies(shop: Shop) -> None:
    await fill(shop)
    first = await learns(shop)
    before = await communities(shop, first)
    await shop.offers("seed", "soil", "vase", "rake")
    for person in range(PEOPLE):
        await shop.buys(f"garden-{person}", "seed", "soil", "vase", "rake")
        await shop.grants(f"garden-{person}")
    second = await learns(shop)
    after = await communities(shop, second)

    assert {id_: products for id_, products in after.items() if id_ in before} == before
    assert after["c4"] == {"seed", "soil", "vase", "rake"}
    assert {one["community"] for one in await nodes(shop, "TasteCommunity", second) if one["born"]} == {"c4"}

    await shop.grants(*(f"garden-{person}" for person in range(PEOPLE)), purposes=(), days_ago=1)
    await shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[:GAVE]->(c) WHERE i.id STARTS WITH 'garden' DETACH DELETE c"
    )
    third = await learns(shop)

    assert await communities(shop, third) == before
    assert [
        (one["community"], one["died_in"]) for one in await nodes(shop, "TasteCommunity", second) if "died_in" in one
    ] == [("c4", third)]
    assert await communities(shop, second) == after  # of the former run, to which one may go back
    assert await communities(shop, first) == {}


async def test_history_keeps_ten_runs_and_their_numbers_only(shop: Shop) -> None:
    await fill(shop)
    runs = [await learns(shop) for _ in range(12)]

    rows = await shop.query("MATCH (c:TasteCommunity {tenant: $tenant}) RETURN DISTINCT c.run AS run ORDER BY run")
    assert [row["run"] for row in rows] == [runs[0], *runs[-10:]]  # the first published figures
    assert (
        await shop.count("(:TasteCommunity {tenant: $tenant})-[e:FAVOURS]->() WHERE NOT e.run IN $runs", runs=runs[-2:])
        == 0
    )
    kept = [runs[0], *runs[-2:]]
    assert await shop.count("(g:MicroGenre {tenant: $tenant}) WHERE NOT g.run IN $kept", kept=kept) == 0


async def test_the_last_ten_runs_are_those_that_were_finished_last(shop: Shop) -> None:
    """Whatever their ids look like; those of older versions sort otherwise."""
    await fill(shop)
    await shop.query(
        "UNWIND range(1, 10) AS day CREATE (:Run {tenant: $tenant, id: 'run ' + (10 - day),"
        " active: day = 10, finished_at: datetime({year: 2020, month: 1, day: day})}), "
        "(:TasteCommunity {tenant: $tenant, id: 'run ' + (10 - day) + '/c1', run: 'run ' + (10 - day)})"
    )

    last = await learns(shop)

    rows = await shop.query("MATCH (c:TasteCommunity {tenant: $tenant}) RETURN DISTINCT c.run AS run ORDER BY run")
    assert [row["run"] for row in rows] == [last, *(f"run {n}" for n in range(9))]


async def test_a_name_that_somebody_gave_survives_every_run(shop: Shop) -> None:
    await fill(shop)
    (genre, *_) = await nodes(shop, "MicroGenre", await learns(shop))
    await shop.query(
        "CREATE (:GenreName {tenant: $tenant, id: $id, name: 'cosy evenings'})",
        id=genre["genre"],
    )
    rows = await nodes(shop, "MicroGenre", await learns(shop))

    assert genre["genre"] in {row["genre"] for row in rows}
    terms = await shop.query("MATCH (c:TasteCommunity {tenant: $tenant}) RETURN c.label AS label, c.terms AS terms")
    assert any("cosy evenings" in row["terms"] for row in terms)


async def test_no_community_is_called_by_a_sensitive_word(shop: Shop) -> None:
    await fill(shop, tea="laxatives", tool="christian books", pet="women's shoes")
    run = await learns(shop)

    said: list[Any] = [(one.get("label"), one["terms"]) for one in await nodes(shop, "TasteCommunity", run)]
    assert not any(word in repr(said).lower() for word in ("laxative", "christian", "women"))
    assert await shop.count("(:TasteCommunity)-[m:MATCHES]->(g:MicroGenre {tenant: $tenant}) WHERE g.sensitive") == 0


async def test_an_empty_shop_has_no_communities(shop: Shop) -> None:
    run = await learns(shop)

    assert await nodes(shop, "TasteCommunity", run) == await nodes(shop, "MicroGenre", run) == []
