"""What is sensitive is not inferred: it comes back to whoever bought it, and where the page is about it."""

from typing import Any

import pytest
import pytest_asyncio

from app.domain.identity_rules import IdentityRules
from app.domain.models import Identity, Tag
from app.domain.recommendation import Context, Recommendation, Rule, Source
from app.graph.database import Database
from app.graph.rules import RulesGraph
from tests.graph.shop import HASHER, Shop

ILLNESS = {"pregnancy-test", "plaster", "pills"}
SENSITIVE = ILLNESS | {"choir"}
INFERRED: tuple[Source, ...] = ("similar", "session", "followed", "community", "introduced")


def shown(answer: Recommendation) -> set[str]:
    return {item.product_id for item in answer.items}


@pytest_asyncio.fixture
async def market(db: Database, tenant: str) -> Shop:
    """Everybody who buys tea buys nearly all else that there is; Tom has bought tea, and Ann has headaches."""
    shop = Shop(db, tenant)
    await shop.offers("tea", "cup", product_type="Kitchen")
    await shop.offers("pregnancy-test", product_type="Home")
    await shop.offers("plaster", product_type="First aid")
    await shop.offers("pills", tags=(Tag("painkiller"),))
    await shop.offers("choir", tags=(Tag("gospel", weight=1.0), Tag("rock", weight=9.0)))
    await shop.offers("band", tags=(Tag("gospel", weight=0.9), Tag("rock", weight=9.0)))
    others = ("cup", "band", *sorted(SENSITIVE))
    for who in range(24):
        await shop.buys(f"p-{who}", "tea", *(id_ for place, id_ in enumerate(others) if place != who % len(others)))
    for days_ago in (55, 40, 25, 10):
        await shop.buys("ann", "pills", days_ago=days_ago)
    await shop.buys("tom", "tea")
    await shop.grants(*(f"p-{who}" for who in range(24)), "tom", "ann")
    await shop.refreshes()
    return shop


async def test_nobody_is_led_to_what_is_sensitive(market: Shop) -> None:
    for sources in (INFERRED, *((one,) for one in INFERRED)):
        assert not SENSITIVE & shown(await market.asks("tom", sources=sources))
    assert {"cup", "band"} <= shown(await market.asks("tom", sources=INFERRED))


async def test_it_is_popular_only_behind_all_else(market: Shop) -> None:
    await market.offers("late-1", "late-2")
    ids = [item.product_id for item in (await market.asks()).items]

    assert {*ids[-len(SENSITIVE) - 2 : -2]} == SENSITIVE
    assert {*ids[:-6]} == {"tea", "cup", "band"}


async def test_a_shop_with_little_else_shows_it(shop: Shop) -> None:
    await shop.offers("pills", "plaster", product_type="Medicine")
    assert shown(await shop.asks()) == {"pills", "plaster"}

    await shop.buys("ann", "pills")
    await shop.grants("ann", "tom")
    await shop.refreshes()
    assert shown(await shop.asks("tom")) == {"pills", "plaster"}
    assert shown(await shop.asks("tom", channel="email")) == set()


@pytest.mark.parametrize("shelf", ["mixed", "buy_again"])
async def test_it_comes_back_to_who_bought_it_where_nobody_else_looks(market: Shop, shelf: Any) -> None:
    assert "pills" in shown(await market.asks("ann", shelf=shelf))
    for channel in ("email", "direct_mail", "packaging", "paid_social"):
        assert not SENSITIVE & shown(await market.asks("ann", shelf=shelf, channel=channel))
    await market.grants("ann", purposes=["packaging"])
    assert not SENSITIVE & shown(await market.asks("ann", shelf=shelf, purpose="packaging"))


async def test_a_household_does_not_show_one_members_to_the_others(market: Shop) -> None:
    await market.knows(Identity("home", "household"))
    await market.grants("home", purposes=["personalise_content"])
    await market.grants("ann", purposes=["household_share"])
    await market.shares("ann", "home")

    shelf = await market.asks("home", limit=100, explain=True)
    assert "pills" not in {item.product_id for item in shelf.items if item.source != "popular"}
    assert "pills" not in shown(await market.asks("home", shelf="buy_again"))


async def test_a_page_that_is_about_it_shows_more_of_it_and_nothing_else_sensitive(market: Shop) -> None:
    looking = await market.asks("tom", sources=INFERRED, context=Context(viewing=("pills",)))
    assert {"plaster", "pregnancy-test"} <= shown(looking)
    assert "choir" not in shown(looking)
    for asked in (
        {"context": Context(categories=("First aid",))},
        {"rules": (Rule("category", ("First aid",), "include"),)},
    ):
        assert "plaster" in shown(await market.asks("tom", sources=INFERRED, **asked))
    assert not SENSITIVE & shown(await market.asks(context=Context(viewing=("pills",)), channel="email"))


async def test_no_reason_names_a_sensitive_purchase_but_its_own_where_it_comes_back(market: Shop) -> None:
    await market.buys("ann", "tea", days_ago=5)
    asked = [{"sources": INFERRED}, {}, {"channel": "email"}, {"session_id": "s1"}, {"shelf": "ranking"}]
    answers = [await market.asks("ann", explain=True, limit=100, **one) for one in asked]

    named = {
        (item.product_id, reason.id, reason.label)
        for answer in answers
        for item in answer.items
        for reason in item.reasons
        if reason.id in SENSITIVE or "Pills" in reason.label
    }
    assert named <= {("pills", "pills", "Pills")}
    assert any(reason.id == "tea" for answer in answers for item in answer.items for reason in item.reasons)
    assert any(reason.label == "what you like" for item in answers[0].items for reason in item.reasons)


async def test_a_page_that_is_about_it_names_it(market: Shop) -> None:
    looking = await market.asks("ann", explain=True, sources=INFERRED, context=Context(viewing=("plaster",)))

    assert "plaster" in {reason.id for item in looking.items for reason in item.reasons}


async def test_a_granted_like_that_is_sensitive_is_not_named(market: Shop) -> None:
    await market.knows(Identity("tom-work", "work"))
    await market.grants("tom-work", purposes=["personalise_content"])
    await market.grants("ann", purposes=["household_share"])
    await market.shares("ann", "tom-work")

    items = (await market.asks("tom-work", explain=True, sources=("similar",))).items

    assert {reason.label for item in items for reason in item.reasons} == {"from your anonymous identity"}
    assert {reason.id for item in items for reason in item.reasons} == {""}


async def test_the_shops_own_terms_hold_at_once(market: Shop) -> None:
    assert shown(await market.asks("tom", sources=INFERRED)) == {"cup", "band"}
    rules = RulesGraph(market.db, HASHER)
    terms = IdentityRules(sensitive_terms=frozenset({"cup"}), harmless_terms=frozenset({"pregnancy test", "gospel"}))
    await rules.write(market.tenant, terms, "me")

    assert (await rules.read(market.tenant)).sensitive_terms == {"cup"}
    assert shown(await market.asks("tom", sources=INFERRED)) == {"band", "pregnancy-test", "choir"}
