"""Who may be named of a community, to whom, and that it is noted."""

from typing import Any

import pytest

from tests.api.conftest import Shop
from tests.graph.taste import Taste, people

CATS, FEW = people("cat", 60), people("few", 49)
PATH = "/v1/communities/{}/members"


@pytest.fixture
async def taste(shop: Shop) -> Taste:
    """Sixty cat people, of whom four buy, and forty-nine others who all do."""
    taste = await Taste.begins(shop.db, shop.tenant)
    await taste.finds("c1", "c2")
    await taste.stocks("meow", "cat food")
    await taste.learns_from({id_: {"c1": 0.6} for id_ in CATS})
    await taste.learns_from({id_: {"c2": 0.6} for id_ in FEW})
    await taste.hears([*CATS, *FEW])
    await taste.buy(["cat-007"], "cat food", times=5, paid=1.0)
    await taste.buy(["cat-009", "cat-003"], "cat food", times=3, paid=5.0)
    await taste.buy(["cat-001"], "cat food", paid=100.0)
    await taste.buy(FEW, "cat food")
    await taste.draws()
    return taste


async def members(shop: Shop, community: str = "c1", **asked: str) -> dict[str, Any]:
    answer = await shop.call("GET", PATH.format(community), params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.json()


async def entries(shop: Shop, **asked: str) -> list[dict[str, Any]]:
    asked = {"action": "list_members", **asked}
    return (await shop.call("GET", "/v1/audit", params=asked)).json()["entries"]


async def test_members_who_bought_are_listed_most_active_or_most_valuable_first(shop: Shop, taste: Taste) -> None:
    listed = await members(shop)

    assert listed["identity_ids"] == ["cat-007", "cat-003", "cat-009", "cat-001"]
    assert (await members(shop, by="value"))["identity_ids"] == ["cat-001", "cat-003", "cat-009", "cat-007"]
    assert (await members(shop, by="value", limit="2"))["identity_ids"] == ["cat-001", "cat-003"]
    for asked in ({"limit": "101"}, {"limit": "0"}, {"by": "age"}):
        assert (await shop.call("GET", PATH.format("c1"), params=asked)).status_code == 422


async def test_nothing_but_ids_is_told(shop: Shop, taste: Taste) -> None:
    rows = [{"id": id_, "kind": "work", "person_id": "tom", "account_id": "login"} for id_ in ("cat-007", "tom-home")]
    assert (await shop.call("PUT", "/v1/identities", {"identities": rows})).is_success

    assert await members(shop, limit="1") == {
        "community_id": "c1",
        "run": taste.run,
        "by": "activity",
        "too_few": False,
        "identity_ids": ["cat-007"],
    }


async def test_who_takes_the_consent_back_or_is_erased_is_gone_at_once(shop: Shop, taste: Taste) -> None:
    said = await shop.call("PUT", "/v1/identities/cat-007/consents/model_training", {"status": "withdrawn"})
    assert said.is_success, said.text
    assert (await shop.call("DELETE", "/v1/identities/cat-009")).is_success

    assert (await members(shop))["identity_ids"] == ["cat-003", "cat-001"]


async def test_who_was_not_learned_from_or_whose_consent_ran_out_is_not_listed(shop: Shop, taste: Taste) -> None:
    await shop.query(
        "MATCH (c:TasteCommunity {tenant: $tenant, community: 'c1'}), (:Run {tenant: $tenant})-[l:LEARNED_FROM]->(i) "
        "WHERE i.id = 'cat-003' DELETE l"
    )
    await taste.hears(["cat-009"], expires_in_days=-1)

    assert (await members(shop))["identity_ids"] == ["cat-007", "cat-001"]


async def test_members_of_an_earlier_run_are_not_listed(shop: Shop, taste: Taste) -> None:
    later = await Taste.begins(shop.db, shop.tenant, "20260201T000000.000000Z")
    await later.finds("c1")
    await later.learns_from({id_: {"c1": 0.6} for id_ in CATS if id_ != "cat-007"})
    await later.draws()

    assert (await members(shop))["identity_ids"] == ["cat-003", "cat-009", "cat-001"]


async def test_nobody_of_fewer_than_k_is_listed(shop: Shop, taste: Taste) -> None:
    listed = await members(shop, "c2")

    assert (listed["too_few"], listed["identity_ids"]) == (True, [])
    assert (await members(shop))["too_few"] is False


@pytest.mark.parametrize("gone", ["withdrawn", "not learned from"])
async def test_who_may_not_be_listed_does_not_make_k(shop: Shop, taste: Taste, gone: str) -> None:
    if gone == "withdrawn":
        await taste.hears(CATS[20:31], "withdrawn")
    else:
        await shop.query(
            "MATCH ()-[l:LEARNED_FROM]->(i {tenant: $tenant}) WHERE i.id IN $ids DELETE l", ids=CATS[20:31]
        )
    listed = await members(shop)

    assert (listed["too_few"], listed["identity_ids"]) == (True, [])


async def test_only_a_key_for_it_may_name_anybody(shop: Shop, other_shop: Shop, taste: Taste) -> None:
    for scopes, status in (
        (("ingest", "recommend", "insight"), 403),
        (("insight:members",), 200),
        (("admin",), 200),
    ):
        key = {"X-API-Key": await shop.token(*scopes)}  # pyright: ignore[reportArgumentType]
        assert (await shop.client.get(PATH.format("c1"), headers=key)).status_code == status, scopes
    key = {"X-API-Key": await shop.token("insight:members")}
    assert (await shop.client.get("/v1/communities/c1", headers=key)).status_code == 403
    assert (await other_shop.call("GET", PATH.format("c1"))).status_code == 404


async def test_it_is_noted_who_was_listed_to_whom(shop: Shop, taste: Taste) -> None:
    await members(shop, by="value", limit="2")
    await members(shop, "c2")
    key = {"X-API-Key": await shop.token("insight")}
    assert (await shop.client.get(PATH.format("c1"), headers=key)).status_code == 403
    assert (await shop.call("GET", PATH.format("c9"))).status_code == 404

    refused, listed = await entries(shop)
    assert (listed["detail"], len(listed["subjects"])) == ({"by": "value", "community": "c1", "listed": 2}, 2)
    assert (refused["detail"]["listed"], refused["subjects"]) == (0, [])
    assert await entries(shop, identity_id="cat-001") == [listed]
    assert await entries(shop, identity_id="cat-007") == []
