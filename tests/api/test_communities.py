"""Communities, microgenres, matches and brands over HTTP: what is told, and what is not told of fewer than k."""

from typing import Any

import pytest

from app.taste.noise import REACH
from tests.api.conftest import Shop
from tests.graph.taste import Taste, people

CATS, DOGS, FEW = people("cat", 300), people("dog", 280), people("few", 49)
UNKNOWN = {"value": None, "low": None, "high": None, "n": None, "note": "not enough data"}


@pytest.fixture
async def taste(shop: Shop) -> Taste:
    """A community of cat people, one of dog people who hardly know Meow, and one of 49."""
    taste = await Taste.begins(shop.db, shop.tenant)
    await taste.finds("c1", "c2", "c3")
    await taste.forms("g1", "g2")
    await taste.stocks("meow", "cat food", "cat toy", tags=["cat"], genre="g1")
    await taste.stocks("meow", "dog food", tags=["dog"], genre="g2")
    await taste.stocks("woof", "bone", tags=["dog"], genre="g2")
    await taste.learns_from({id_: {"c1": 0.6} for id_ in CATS})
    await taste.learns_from({id_: {"c2": 0.7} for id_ in DOGS})
    await taste.learns_from({id_: {"c3": 0.7} for id_ in FEW})
    await taste.buy(CATS, "cat food", "dog food", times=2, paid=10.0)
    await taste.buy(CATS[:150], "cat toy", "bone")
    await taste.buy([*DOGS, *FEW], "bone", days_ago=40)
    await taste.matches("c1", "g1", 2.0, 300)
    await taste.matches("c1", "meow", 1.5, 300)
    await taste.matches("c2", "g2", 1.4, 280)
    await taste.draws()
    return taste


def about(people: int) -> Any:
    """As many, give or take the most that noise can be."""
    return pytest.approx(people, abs=REACH)


async def get(shop: Shop, path: str) -> Any:
    answer = await shop.call("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_communities_are_listed_largest_first_and_small_ones_are_silent(shop: Shop, taste: Taste) -> None:
    listed = await get(shop, "/v1/communities")

    assert [(one["id"], one["size"], one["too_few"]) for one in listed["communities"]] == [
        ("c1", about(300), False),
        ("c2", about(280), False),
        ("c3", None, True),
    ]
    first, _, small = listed["communities"]
    assert first["label"] == "Label of c1"
    assert [(one["label"], one["measure"]) for one in first["matches"]] == [("Label of g1", "association")]
    assert small == {"id": "c3", "too_few": True, "label": None, "size": None, "matches": []}
    assert listed["next_after"] is None


async def test_communities_are_listed_in_pages(shop: Shop, taste: Taste) -> None:
    first = await get(shop, "/v1/communities?limit=2")
    second = await get(shop, f"/v1/communities?limit=2&after={first['next_after']}")

    assert [one["id"] for one in [*first["communities"], *second["communities"]]] == ["c1", "c2", "c3"]
    assert second["next_after"] is None
    assert (await shop.call("GET", "/v1/communities?after=gone")).status_code == 422


async def test_a_portrait_tells_every_figure_with_what_it_stands_on(shop: Shop, taste: Taste) -> None:
    portrait = await get(shop, "/v1/communities/c1")

    assert (portrait["label"], portrait["terms"]) == ("Label of c1", ["term of c1"])
    assert portrait["size"] == about(300)
    spend = portrait["value"]["spend_per_member"]
    assert spend["low"] <= spend["value"] <= spend["high"]
    assert (spend["n"], spend["note"], portrait["value"]["currency"]) == (about(300), None, "EUR")
    assert portrait["strength"]["distribution"][-1] == {"from_value": 0.5, "to_value": None, "members": about(300)}
    assert 0.95 <= portrait["activity"]["active_share"]["value"] <= 1.0
    assert portrait["dynamics"]["growth"] == UNKNOWN
    assert portrait["activity"]["most_active"]["members"] is None
    assert [one["id"] for one in portrait["microgenres"]] == ["g1"]
    assert [one["label"] for one in portrait["brands"]] == ["Brand meow"]


async def test_who_is_still_a_customer_is_told_of_fifty_buyers_and_more(shop: Shop, taste: Taste) -> None:
    await taste.finds("c4")
    await taste.learns_from({id_: {"c4": 0.6} for id_ in people("window", 300)})
    for days_ago in (17, 24, 31):
        await taste.buy([*CATS, *people("window", 49)], "cat food", days_ago=days_ago)
    await taste.draws()
    cats, windows = [(await get(shop, f"/v1/communities/{id_}"))["value"]["alive_share"] for id_ in ("c1", "c4")]

    assert cats["low"] <= cats["value"] <= cats["high"]
    assert (cats["n"], cats["note"]) == (about(300), None)
    assert windows == UNKNOWN


async def test_nothing_is_told_of_a_community_of_forty_nine(shop: Shop, taste: Taste) -> None:
    portrait = await get(shop, "/v1/communities/c3")

    told = {name: value for name, value in portrait.items() if value not in (None, [])}
    assert told == {"id": "c3", "run": taste.run, "too_few": True}
    assert (await get(shop, "/v1/matches?community_id=c3"))["matches"] == []


async def test_matches_are_told_by_lift_and_filtered_both_ways(shop: Shop, taste: Taste) -> None:
    everything = (await get(shop, "/v1/matches"))["matches"]

    assert [(one["community_id"], one["kind"], one["id"]) for one in everything] == [
        ("c1", "microgenre", "g1"),
        ("c1", "brand", "meow"),
        ("c2", "microgenre", "g2"),
    ]
    lift = everything[0]["lift"]
    assert lift["low"] < 2.0 < lift["high"]
    assert lift["n"] == 300
    assert (await get(shop, "/v1/matches?microgenre_id=g2"))["matches"] == everything[2:]
    assert (await get(shop, "/v1/matches?brand_id=meow"))["matches"] == everything[1:2]
    page = await get(shop, "/v1/matches?limit=1")
    assert (await get(shop, f"/v1/matches?after={page['next_after']}"))["matches"] == everything[1:]


async def test_a_history_tells_how_a_community_came_to_be(shop: Shop, taste: Taste) -> None:
    later = await Taste.begins(shop.db, shop.tenant, "20260201T000000.000000Z")
    await later.finds("c1", members=400)
    await later.finds("c9", size=40, born=True)
    await shop.query(
        "MATCH (a:TasteCommunity {tenant: $tenant, id: 'c1@' + $old}) "
        "MATCH (c:TasteCommunity {tenant: $tenant, id: 'c3@' + $old}) "
        "MATCH (b:TasteCommunity {tenant: $tenant, id: 'c1@' + $new}) "
        "CREATE (a)-[:EVOLVED_TO {event: 'shrank', overlap: .9, products: 40}]->(b),"
        "  (c)-[:EVOLVED_TO {event: 'merged', overlap: .2, products: 30}]->(b)",
        old=taste.run,
        new=later.run,
    )
    now, then = (await get(shop, "/v1/communities/c1/history"))["runs"]

    assert (now["run"], now["size"], then["run"], then["size"]) == (later.run, 400, taste.run, about(300))
    assert now["growth"]["low"] < 400 / 300 - 1 < now["growth"]["high"]
    assert [(one["event"], one["from_id"]) for one in now["steps"]] == [("grew", "c1"), ("merged", "c3")]
    assert now["steps"][0]["overlap"] == {"value": 0.9, "low": 0.9, "high": 0.9, "n": 40, "note": None}
    small = (await get(shop, "/v1/communities/c9/history"))["runs"][0]
    assert (small["too_few"], small["label"], small["size"], small["born"]) == (True, None, None, True)


async def test_a_run_that_is_not_active_yet_is_not_seen(shop: Shop, taste: Taste) -> None:
    coming = Taste(taste.shop, "20260301T000000.000000Z")
    await coming.finds("c1", "c7", members=500)

    assert len((await get(shop, "/v1/communities/c1/history"))["runs"]) == 1
    assert (await shop.call("GET", "/v1/communities/c7")).status_code == 404


async def test_a_microgenre_is_renamed_for_good(shop: Shop, taste: Taste) -> None:
    named = await shop.call("PATCH", "/v1/microgenres/g1", {"name": "Gourmet cat food"})

    assert named.status_code == 200
    assert named.json() == {"id": "g1", "label": "Gourmet cat food", "found_label": "Label of g1", "products": 5}
    later = await Taste.begins(shop.db, shop.tenant, "20260201T000000.000000Z")
    await later.forms("g1", "g2")
    assert await get(shop, "/v1/microgenres/g1") == named.json()
    assert [one["id"] for one in (await get(shop, "/v1/microgenres?limit=1"))["microgenres"]] == ["g1"]
    log = (await get(shop, "/v1/audit?action=name_genre"))["entries"]
    assert len(log) == 1


@pytest.mark.parametrize("name", ["Label of g2", "LABEL OF G2"])
async def test_two_microgenres_are_never_called_the_same(shop: Shop, taste: Taste, name: str) -> None:
    answer = await shop.call("PATCH", "/v1/microgenres/g1", {"name": name})

    assert (answer.status_code, answer.json()["path"]) == (409, ["g2"])
    assert (await get(shop, "/v1/microgenres/g1"))["label"] == "Label of g1"
    assert (await get(shop, "/v1/audit?action=name_genre"))["entries"] == []
    assert (await shop.call("PATCH", "/v1/microgenres/g7", {"name": "New"})).status_code == 404


async def test_a_brand_is_another_thing_to_each_community(shop: Shop, taste: Taste) -> None:
    await taste.buy(DOGS, "dog food")
    await taste.shop.query("MATCH (:TasteCommunity {tenant: $tenant})-[b:BUYS|OVERLAPS]->() DELETE b")
    await taste.draws()
    facets = (await get(shop, "/v1/brands/meow/facets"))["facets"]

    by_community = {one["community_id"]: one["aspects"] for one in facets}  # their order is that of noisy counts
    assert by_community.keys() == {"c1", "c2"}
    dogs = by_community["c2"]
    assert {(one["kind"], one["id"]) for one in dogs} == {("product", "dog food"), ("tag", "dog"), ("microgenre", "g2")}
    cats = {one["id"]: one for one in by_community["c1"]}
    assert cats["cat toy"]["lift"]["low"] < 150 / 300 / (150 / 580) < cats["cat toy"]["lift"]["high"]


async def test_a_niche_fits_and_buys_less_than_expected(shop: Shop, taste: Taste) -> None:
    told = await get(shop, "/v1/brands/meow/niches")

    (niche,) = told["niches"]
    assert (niche["community_id"], niche["size"]) == ("c2", about(280))
    actual = niche["actual_share"]
    assert {**actual, "high": None, "n": None} == {**UNKNOWN, "low": 0.0}
    assert 0.15 < actual["high"] < 0.27
    assert niche["expected_share"]["value"] > niche["actual_share"]["high"]
    assert niche["extra_buyers"]["low"] <= niche["extra_buyers"]["value"] <= niche["extra_buyers"]["high"]
    assert [one["id"] for one in niche["fits"]] == ["g2"]
    assert niche["entry_products"] == [{"id": "dog food", "label": "Title of dog food"}]
    assert [one["id"] for one in niche["similar"]] == ["woof"]


async def test_only_a_key_for_it_may_look(shop: Shop, taste: Taste) -> None:
    for scopes, status in ((("insight",), 200), (("admin",), 200), (("ingest", "recommend"), 403)):
        key = {"X-API-Key": await shop.token(*scopes)}  # pyright: ignore[reportArgumentType]
        for path in ("communities", "communities/c1", "communities/c1/history", "microgenres", "matches"):
            assert (await shop.client.get(f"/v1/{path}", headers=key)).status_code == status, (scopes, path)


async def test_before_the_first_run_there_is_nothing_to_look_at(shop: Shop) -> None:
    assert (await get(shop, "/v1/communities"))["communities"] == []
    assert (await get(shop, "/v1/matches"))["matches"] == []
    for path in (
        "communities/c1",
        "communities/c1/history",
        "microgenres/g1",
        "brands/meow/facets",
        "brands/meow/niches",
    ):
        assert (await shop.call("GET", f"/v1/{path}")).status_code == 404, path
