"""Interactions are written once, with the likes that follow from them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from neo4j._async.io import AsyncBolt

from app.domain.evidence import sum_likes
from app.domain.models import IngestReport, Interaction, InteractionType, Line
from app.domain.orders import counted, without_returned
from app.graph.database import Database
from tests.graph.shop import NOW, Shop


async def test_an_interaction_keeps_its_lines_and_prices(shop: Shop) -> None:
    await shop.offers("tea", "cup")
    await shop.buys("tom", "tea", "cup", price_paid="2.10", list_price="2.99", order_id="o1", session_id="s1")

    rows = await shop.query(
        "MATCH (:Identity {tenant: $tenant, id: 'tom'})-[:DID]->(x)-[o:OF]->(p) "
        "RETURN p.id AS id, properties(o) AS o, x.type AS type, x.order_id AS order_id ORDER BY id"
    )
    assert [row["id"] for row in rows] == ["cup", "tea"]
    assert rows[0]["o"] == {"quantity": 1.0, "price_paid": 2.1, "list_price": 2.99}
    assert (rows[0]["type"], rows[0]["order_id"]) == ("purchase", "o1")


async def test_an_event_that_comes_again_changes_nothing(shop: Shop) -> None:
    event = shop.event("purchase", "tom", "tea")

    assert await shop.saw(event, event) == 1
    before = await shop.likes("tom")
    assert await shop.saw(event) == 0
    assert await shop.likes("tom") == before
    assert await shop.count("(:Interaction {tenant: $tenant})") == 1


async def test_an_unknown_identity_becomes_an_anonymous_one(shop: Shop) -> None:
    await shop.buys("nobody-yet", "tea")

    assert await shop.count("(:Identity {tenant: $tenant, id: 'nobody-yet', kind: 'anonymous'})") == 1


async def test_an_event_for_an_unknown_product_joins_it_when_it_comes(shop: Shop) -> None:
    await shop.buys("tom", "tea")
    assert await shop.count("(:Product {tenant: $tenant, id: 'tea', availability: 'unknown'})") == 1

    await shop.offers("tea")

    rows = await shop.query(
        "MATCH (:Identity {tenant: $tenant, id: 'tom'})-[:LIKES]->(p) RETURN p.title AS title, p.availability AS a"
    )
    assert rows == [{"title": "Tea", "a": "in_stock"}]


async def test_evidence_ages_from_one_event_to_the_next(shop: Shop) -> None:
    await shop.buys("tom", "tea", days_ago=120)
    await shop.buys("tom", "tea", days_ago=0)

    like = (await shop.likes("tom"))["tea"]
    assert like["weight"] == pytest.approx(1 + 0.36788, abs=1e-4)
    assert (like["count"], like["purchases"]) == (2, 2)
    assert like["first_bought_at"].to_native() == NOW - timedelta(days=120)
    assert like["last_bought_at"].to_native() == NOW


async def test_a_deal_counts_fully_in_one_weight_and_less_in_the_other(shop: Shop) -> None:
    await shop.buys("tom", "tea", days_ago=120, price_paid="5", list_price="10")
    await shop.buys("tom", "tea", "cup", days_ago=0, price_paid="10", list_price="10")

    likes = await shop.likes("tom")
    assert likes["tea"]["weight"] == pytest.approx(1 + 0.36788, abs=1e-4)
    assert likes["tea"]["full_price_weight"] == pytest.approx(1 + 0.6 * 0.36788, abs=1e-4)
    assert (likes["cup"]["weight"], likes["cup"]["full_price_weight"]) == (1.0, 1.0)


async def test_a_like_from_before_there_were_two_weights_is_added_to(shop: Shop) -> None:
    await shop.buys("tom", "tea", days_ago=120)
    await shop.query("MATCH (:Identity {tenant: $tenant})-[l:LIKES]->() SET l.full_price_weight = null")
    await shop.buys("tom", "tea", days_ago=0, price_paid="5", list_price="10")

    like = (await shop.likes("tom"))["tea"]
    assert (like["weight"], like["full_price_weight"]) == (
        pytest.approx(1 + 0.36788, abs=1e-4),
        pytest.approx(0.6 + 0.36788, abs=1e-4),
    )


async def test_a_view_after_a_purchase_is_no_purchase(shop: Shop) -> None:
    await shop.buys("tom", "tea", days_ago=5)
    await shop.saw(shop.event("view", "tom", "tea", days_ago=0))

    like = (await shop.likes("tom"))["tea"]
    assert (like["count"], like["purchases"]) == (2, 1)
    assert like["last_bought_at"].to_native() == NOW - timedelta(days=5)


async def test_a_refund_takes_back_what_its_purchase_said(shop: Shop) -> None:
    await shop.buys("tom", "tea", "cup", order_id="o1")
    await shop.saw(shop.event("refund", "tom", "tea", order_id="o1", days_ago=1))

    assert set(await shop.likes("tom")) == {"cup"}


async def test_a_refund_of_a_whole_order_may_come_before_its_purchase(shop: Shop) -> None:
    await shop.saw(shop.event("refund", "tom", order_id="o1", days_ago=1))
    await shop.buys("tom", "tea", "cup", order_id="o1")

    assert await shop.likes("tom") == {}


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["purchase", "purchase", "view", "refund"]),
        st.lists(st.sampled_from(["tea", "cup", "pot"]), max_size=2, unique=True),
        st.sampled_from(["o1", "o2", None]),
        st.integers(0, 200),
        st.sampled_from(["10", "7", None]),
    ),
    min_size=1,
    max_size=8,
)


@example_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=EVENTS, random=st.randoms(use_true_random=False), batch=st.integers(1, 4))
async def test_likes_are_independent_of_order_and_batching(
    db: Database,
    events: list[tuple[InteractionType, list[str], str | None, int, str | None]],
    random: Random,
    batch: int,
) -> None:
    shop = Shop(db, f"shop-{uuid4().hex[:12]}")
    made = [
        shop.event(type_, "tom", *ids, order_id=order, days_ago=day, price_paid=paid, list_price="10")
        for type_, ids, order, day, paid in events
    ]
    expected = {
        like.product_id: like for like in sum_likes(without_returned(counted(made)), shop.settings.evidence_rules)
    }
    arriving = random.sample(made, len(made))

    for start in range(0, len(arriving), batch):
        await shop.saw(*arriving[start : start + batch])

    likes = await shop.likes("tom")
    for name in ("weight", "full_price_weight"):
        assert {id_: pytest.approx(like[name]) for id_, like in likes.items()} == {
            id_: getattr(like, name) for id_, like in expected.items()
        }
    assert all((likes[id_]["count"], likes[id_]["purchases"]) == (e.count, e.purchases) for id_, e in expected.items())


async def test_a_hundred_callers_of_one_best_seller_share_commits(shop: Shop) -> None:
    await shop.offers("best-seller")
    events = [shop.event("view", f"visitor-{place % 40}", "best-seller") for place in range(100)]
    async with shop.writer() as writer:
        new = await asyncio.gather(*(writer.append(shop.tenant, [event]) for event in (*events, *events)))

    assert sorted(report.accepted for report in new) == [0] * 100 + [1] * 100
    assert await shop.count("(:Interaction {tenant: $tenant})-[:OF]->(:Product {id: 'best-seller'})") == 100


async def test_one_callers_bad_rows_do_not_cost_another_his(shop: Shop) -> None:
    bad = Interaction("bad", "view", "tom", NOW, (Line("tea", quantity=object()),))  # pyright: ignore[reportArgumentType]
    good = shop.event("view", "tom", "tea")
    async with shop.writer() as writer:
        outcomes = await asyncio.gather(
            writer.append(shop.tenant, [bad]), writer.append(shop.tenant, [good]), return_exceptions=True
        )

    assert isinstance(outcomes[0], TypeError)
    assert outcomes[1] == IngestReport(accepted=1)


async def test_a_batch_of_which_nothing_is_known_takes_three_round_trips(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To begin, to look and write, and to commit; where something is known, there are more."""
    await shop.offers("tea", "cup")
    trips = count_trips(monkeypatch)

    await shop.saw(shop.event("view", "tom", "tea"), shop.event("purchase", "ann", "cup", order_id="o"))
    assert trips() == 3
    await shop.saw(shop.event("purchase", "ann", "tea", order_id="o"), shop.event("view", "ann", "tea"))
    assert trips() > 3


@pytest.mark.parametrize("first", ["tea", "a product that no feed has"])
async def test_what_is_written_at_once_is_what_is_written_after_a_look(shop: Shop, first: str) -> None:
    """In one batch with something that is known, everything goes the long way."""
    await shop.offers("tea", "cup")
    bought = shop.event("purchase", "tom", first, "cup", "tea", price_paid="8.00", list_price="10.00", id="e1")
    await shop.saw(bought)
    at_once = await shop.likes("tom")
    await shop.saw(replace(bought, id="e2", identity_id="ann"), shop.event("dislike", "eve", "cup"))

    assert await shop.likes("ann") == at_once


def count_trips(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Say how often the driver sent something since it was last asked."""
    sent = 0
    send = AsyncBolt.send_all

    async def counting(connection: AsyncBolt) -> None:
        nonlocal sent
        sent += 1
        await send(connection)

    def taken() -> int:
        nonlocal sent
        seen, sent = sent, 0
        return seen

    monkeypatch.setattr(AsyncBolt, "send_all", counting)
    return taken
