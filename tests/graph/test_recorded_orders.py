"""What is said of one order ends in one state, whatever comes first, and everybody who reads purchases sees it."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from app.domain.evidence import sum_likes
from app.domain.models import Identity, Interaction, Line
from app.domain.orders import NAMED, PAGE, SERVER, counted, waiting_place, with_summed_lines, without_returned
from app.graph.audit import AuditTrail
from app.graph.claims import ClaimGraph
from app.graph.database import Database
from tests.graph.shop import HASHER, NOW, Shop


async def kept(shop: Shop) -> dict[tuple[str, str, str], float]:
    """What counts of every purchase: by whose, message and product; what is 0 is left out."""
    rows = await shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x:Interaction {type: 'purchase'})-[o:OF]->(p:Product) "
        "WITH i, x, p, coalesce(o.kept, o.quantity) AS kept WHERE kept > 0 "
        "RETURN i.id AS who, x.id AS id, p.id AS product, kept ORDER BY who, id, product"
    )
    return {(row["who"], row["id"], row["product"]): row["kept"] for row in rows}


async def test_two_lines_of_one_product_are_one_purchase(shop: Shop) -> None:
    await shop.buys("tom", "sofa", "sofa", order_id="o")

    like = (await shop.likes("tom"))["sofa"]
    assert (like["count"], like["purchases"]) == (1, 1)
    assert await kept(shop) == {("tom", "event-1", "sofa"): 2.0}


async def test_a_server_takes_a_purchase_from_the_page_that_was_first(shop: Shop) -> None:
    await shop.buys("session:s", "tea", order_id="o", days_ago=2, trust=PAGE)
    await shop.buys("tom", "tea", order_id="o", days_ago=1)

    assert await shop.likes("session:s") == {}
    assert (await shop.likes("tom"))["tea"]["purchases"] == 1


async def test_a_refund_reaches_who_claimed_the_purchase(shop: Shop) -> None:
    claims = ClaimGraph(shop.db, AuditTrail(HASHER), shop.settings.evidence_rules)
    await shop.buys("session:s", "tea", order_id="o", session_id="s")
    await shop.knows(Identity("tom", "personal"))
    await shop.saw(shop.event("view", "tom", "cup"))
    await claims.claim(shop.tenant, "tom", "s", "claim", NOW, "test")
    assert set(await shop.likes("tom")) == {"tea", "cup"}

    await shop.saw(shop.event("refund", waiting_place("o"), order_id="o", trust=SERVER))

    assert set(await shop.likes("tom")) == {"cup"}


@pytest.mark.parametrize("first", ["refund", "purchase"])
async def test_a_refund_that_names_nobody_becomes_whose_the_order_is(shop: Shop, first: str) -> None:
    back = shop.event("refund", waiting_place("o"), "tea", order_id="o", trust=SERVER)
    bought = shop.event("purchase", "tom", "tea", "cup", order_id="o")
    for one in (back, bought) if first == "refund" else (bought, back):
        await shop.saw(one)

    assert set(await shop.likes("tom")) == {"cup"}
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom'})-[:DID]->(:Interaction {type: 'refund'})") == 1
    assert await shop.count("(:Identity {tenant: $tenant})") == 1


async def test_a_refund_of_a_part_leaves_the_rest_a_purchase(shop: Shop) -> None:
    await shop.saw(replace(shop.event("purchase", "tom", order_id="o"), lines=(Line("tea", 3),)))
    await shop.saw(shop.event("refund", "tom", "tea", order_id="o"))
    assert list((await kept(shop)).values()) == [2.0]

    await shop.saw(replace(shop.event("refund", "tom", order_id="o"), lines=(Line("tea", 2),)))
    assert (await kept(shop), await shop.likes("tom")) == ({}, {})


async def test_readers_of_a_shop_are_told_when_an_order_changes_under_them(shop: Shop) -> None:
    await shop.buys("tom", "tea", order_id="o")
    before = await shop.query("MATCH (i:Identity {tenant: $tenant, id: 'tom'}) RETURN i.version AS version")
    await shop.saw(shop.event("refund", "clerk", order_id="o"))

    after = await shop.query("MATCH (i:Identity {tenant: $tenant, id: 'tom'}) RETURN i.version AS version")
    assert after[0]["version"] > before[0]["version"]


MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["purchase", "purchase", "refund"]),
        st.sampled_from([(PAGE, "session:a"), (PAGE, "session:b"), (SERVER, "web.1"), (NAMED, "tom"), (NAMED, "eve")]),
        st.lists(st.tuples(st.sampled_from(["tea", "cup"]), st.integers(1, 3)), max_size=3),
        st.integers(0, 9),
        st.none() | st.integers(0, 9),
    ),
    min_size=2,
    max_size=6,
)


def made_of(shop: Shop, place: int, message: Any) -> Interaction:
    type_, (trust, who), lines, day, updated = message
    if type_ == "refund":
        who, trust = (waiting_place("o"), SERVER) if who.startswith("session") else (who, NAMED)
    elif not lines:
        lines = [("pot", 1)]
    return replace(
        shop.event(type_, who, order_id="o", days_ago=day, trust=trust, id=f"m{place}"),
        lines=tuple(Line(product, float(number)) for product, number in lines),
        updated_at=None if updated is None else NOW - timedelta(days=updated),
    )


@example_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages=MESSAGES, random=st.randoms(use_true_random=False), batch=st.integers(1, 3))
async def test_messages_of_one_order_end_in_one_state_however_they_arrive(
    db: Database, messages: list[Any], random: Random, batch: int
) -> None:
    shop = Shop(db, f"shop-{uuid4().hex[:12]}")
    made = [made_of(shop, place, message) for place, message in enumerate(messages)]
    arriving = random.sample(made, len(made)) + random.choices(made, k=2)
    for start in range(0, len(arriving), batch):
        await shop.saw(*arriving[start : start + batch])

    left = without_returned(counted(made))
    assert await kept(shop) == {
        (one.identity_id, one.id, ln.product_id): ln.quantity for one in left for ln in one.lines
    }
    for who in {one.identity_id for one in made}:
        likes = await shop.likes(who)
        expected = sum_likes([one for one in left if one.identity_id == who], shop.settings.evidence_rules)
        assert {id_: pytest.approx(like["weight"]) for id_, like in likes.items()} == {
            like.product_id: like.weight for like in expected
        }
        assert {(id_, like["purchases"]) for id_, like in likes.items()} == {
            (like.product_id, like.purchases) for like in expected
        }


async def test_a_refresh_settles_the_orders_that_came_before_there_was_a_rule(shop: Shop) -> None:
    await shop.offers("tea", "cup")
    await shop.grants("tom")
    bought = with_summed_lines(shop.event("purchase", "tom", "tea", "cup", order_id="o", days_ago=3))
    await shop.saw(bought, shop.event("purchase", "tom", "tea", order_id="o", days_ago=2))
    await shop.saw(shop.event("refund", "tom", "cup", order_id="o", days_ago=1))
    settled, likes = await kept(shop), await shop.likes("tom")
    await shop.query("MATCH (:Interaction {tenant: $tenant})-[o:OF]->() SET o.kept = null")
    await shop.query("MATCH (:Identity {tenant: $tenant})-[l:LIKES]->() DELETE l")
    await shop.query("MERGE (s:Tenant {tenant: $tenant, id: $tenant}) SET s.unsettled = true, s.evidence_rules = ''")

    await shop.refreshes()

    assert (await kept(shop), await shop.likes("tom")) == (settled, likes)
