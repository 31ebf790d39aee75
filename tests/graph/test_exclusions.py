"""Not my taste: what an identity excludes is no evidence any more, at once and in all sources, and undone at once."""

from typing import Any

import pytest

from app.domain.exclusions import Excluding, Exclusion
from app.domain.models import Identity, Rating, Tag
from app.domain.recommendation import Recommendation
from app.domain.scenarios import Pin
from app.graph.audit import AuditTrail
from app.graph.evidence import EvidenceGraph
from app.graph.exclusions import ExclusionGraph
from app.graph.tombstones import Tombstones
from app.services.exclusions import end_exclusion, exclude
from tests.graph.shop import HASHER, Shop

TASTES = {"tea": ("tea", "cup", "pot", "honey"), "pet": ("bone", "leash", "bowl", "brush")}


def store(shop: Shop) -> ExclusionGraph:
    return ExclusionGraph(shop.db, Tombstones(HASHER), AuditTrail(HASHER), shop.settings.evidence_rules)


async def excludes(shop: Shop, kind: Any, value: str, product_id: str | None = None, who: str = "ann") -> Exclusion:
    return await exclude(store(shop), shop.tenant, who, Excluding(kind, value, product_id), "test")


async def opens(shop: Shop) -> None:
    """Two tastes, and Ann, who drinks tea and bought a gift for a dog; she is followed, and follows."""
    for taste, products in TASTES.items():
        await shop.offers(*products, brand=f"{taste} co", product_type=f"Home > {taste}", tags=(Tag(taste, "mood"),))
    cards = {f"{taste}-{n}": products for taste, products in TASTES.items() for n in range(6)}
    await shop.grants(*cards)
    for card, products in cards.items():
        await shop.buys(card, *products, days_ago=30)
    await shop.knows(Identity("ann", "personal", "ann"), Identity("ann-work", "work", "ann"))
    await shop.grants("ann", "ann-work")
    await shop.buys("ann", "tea", "cup", days_ago=20, id="own")
    await shop.buys("ann", "bone", days_ago=3, id="gift", order_id="o-gift")
    await shop.buys("ann-work", "bone", days_ago=3)
    await shop.refreshes()


async def shown(shop: Shop, who: str | None = "ann", **request: Any) -> list[str]:
    return [item.product_id for item in (await shop.asks(who, **request)).items]


def said(answer: Recommendation) -> object:
    return answer.items, answer.communities, answer.outcome


SOURCES = (None, ("similar",), ("community",), ("repeat",), ("session",), ("popular",))


@pytest.mark.parametrize(
    ("kind", "value"),
    [("order", "o-gift"), ("event", "gift"), ("product", "bone"), ("brand", "pet co"), ("tag", "pet")],
)
async def test_what_is_excluded_is_out_of_evidence_at_once_in_all_sources_and_undone_at_once(
    shop: Shop, kind: str, value: str
) -> None:
    await opens(shop)
    asked = [{"sources": sources, "explain": True, "shelf": "ranking"} for sources in SOURCES]
    before = [said(await shop.asks("ann", **one)) for one in asked]
    sibling = said(await shop.asks("ann-work", explain=True))
    likes = await shop.likes("ann")
    assert "bone" in likes

    kept = await excludes(shop, kind, value)

    assert {*await shop.likes("ann")} == {"tea", "cup"}
    for one in asked:
        for item in (await shop.asks("ann", **one)).items:
            assert "bone" not in {reason.id for reason in item.reasons}, one
    assert said(await shop.asks("ann-work", explain=True)) == sibling

    await end_exclusion(store(shop), shop.tenant, "ann", kept.id, "test")

    assert await shop.likes("ann") == likes
    assert [said(await shop.asks("ann", **one)) for one in asked] == before


@pytest.mark.parametrize(
    ("kind", "value", "hidden"),
    [
        ("product", "leash", {"leash"}),
        ("brand", "pet co", {*TASTES["pet"]}),
        ("tag", "mood:pet", {*TASTES["pet"]}),
        ("tag", "category:home > pet", {*TASTES["pet"]}),
        ("tag", "category:home", {*TASTES["pet"], *TASTES["tea"]}),
    ],
)
async def test_what_is_excluded_is_shown_no_more_whatever_it_is_found_by(
    shop: Shop, kind: str, value: str, hidden: set[str]
) -> None:
    await opens(shop)
    before = {*await shown(shop, shelf="ranking", limit=20)}
    assert before & hidden

    await excludes(shop, kind, value)

    after = {*await shown(shop, shelf="ranking", limit=20)}
    assert before - hidden <= after
    assert after.isdisjoint(hidden)
    assert hidden.isdisjoint(await shown(shop, limit=20))


async def test_a_microgenre_is_excluded_with_what_is_mostly_of_it(shop: Shop) -> None:
    await opens(shop)
    [row] = await shop.query(
        "MATCH (:Product {tenant: $tenant, id: 'leash'})-[:IN_GENRE {first: true}]->(g)<-[:IN_GENRE {first: true}]-(p) "
        "RETURN g.genre AS genre, collect(p.id) + ['leash'] AS products"
    )

    async def genres() -> set[str]:
        answer = await shop.asks("ann", recommend="microgenres", shelf="ranking", limit=20)
        return {item.group.id for item in answer.items if item.group}

    before = await genres()
    assert row["genre"] in before
    await excludes(shop, "microgenre", row["genre"])

    assert await genres() == before - {row["genre"]}
    assert {*row["products"]}.isdisjoint(await shown(shop, shelf="ranking", limit=20))
    assert {*row["products"]}.isdisjoint(await shop.likes("ann"))


async def test_an_excluded_purchase_hides_nothing_and_its_product_may_be_bought_for_oneself(shop: Shop) -> None:
    await opens(shop)

    assert "bone" not in await shown(shop, shelf="ranking", limit=20)
    await excludes(shop, "order", "o-gift")
    assert "bone" in await shown(shop, shelf="ranking", limit=20)
    await shop.buys("ann", "bone", days_ago=0)

    assert (await shop.likes("ann"))["bone"]["purchases"] == 1


async def test_of_an_order_a_single_product_may_be_excluded(shop: Shop) -> None:
    await opens(shop)

    await excludes(shop, "event", "own", "cup")

    assert {*await shop.likes("ann")} == {"tea", "bone"}


async def test_what_is_done_later_with_what_is_excluded_is_no_evidence_either(shop: Shop) -> None:
    await opens(shop)
    await excludes(shop, "brand", "pet co")

    await shop.buys("ann", "leash", "tea", days_ago=1)

    assert {*await shop.likes("ann")} == {"tea", "cup"}


async def test_a_run_does_not_learn_from_it(shop: Shop) -> None:
    await opens(shop)
    await excludes(shop, "product", "bone")

    await shop.refreshes()

    assert {*await shop.likes("ann")} == {"tea", "cup"}


async def test_the_variants_of_a_product_are_excluded_with_it(shop: Shop) -> None:
    await shop.offers("red", "blue", item_group_id="shirt")
    await shop.offers("hat")
    await shop.grants("ann")
    await shop.buys("ann", "blue", "hat")
    await shop.refreshes()

    await excludes(shop, "product", "red")

    assert {*await shop.likes("ann")} == {"hat"}
    assert await shown(shop, shelf="buy_again", variants="fold", sources=("repeat", "popular")) in (["hat"], [])


async def test_the_same_exclusion_is_one_and_an_unknown_identity_has_none(shop: Shop) -> None:
    await opens(shop)
    one, again = await excludes(shop, "brand", "pet co"), await excludes(shop, "brand", "pet co")

    assert one == again
    assert await store(shop).list(shop.tenant, "ann", "", 10) == [one]
    assert await store(shop).list(shop.tenant, "ann", one.id, 10) == []
    assert not await store(shop).end(shop.tenant, "ann-work", one.id, "test")
    assert await store(shop).exclude(shop.tenant, "nobody", one.what, "x", "test", of_page=False) is None
    assert await shop.count("(:Identity {tenant: $tenant, id: 'nobody'})") == 0


async def test_a_dislike_hides_its_product_until_it_is_bought_again(shop: Shop) -> None:
    await opens(shop)
    assert "honey" in await shown(shop)

    await shop.saw(shop.event("dislike", "ann", "honey", "tea", days_ago=1))

    assert {"honey", "tea"}.isdisjoint(await shown(shop, shelf="ranking", limit=20))
    assert {*await shop.likes("ann")} == {"cup", "bone"}
    await shop.buys("ann", "tea", days_ago=0)
    assert "tea" in await shop.likes("ann")


async def test_a_low_rating_counts_against_a_purchase(shop: Shop) -> None:
    await opens(shop)

    await shop.saw(shop.event("rating", "ann", "bone", days_ago=2, rating=Rating(1, 5)))
    assert "bone" not in await shop.likes("ann")
    await shop.saw(shop.event("rating", "ann", "bone", days_ago=1, rating=Rating(5, 5)))

    assert (await shop.likes("ann"))["bone"]["weight"] > 1


async def test_a_wish_that_was_taken_back_leaves_nothing(shop: Shop) -> None:
    await opens(shop)
    likes = await shop.likes("ann")

    await shop.saw(shop.event("wish", "ann", "leash", days_ago=2))
    await shop.saw(shop.event("unwish", "ann", "leash", days_ago=1))

    assert await shop.likes("ann") == likes


async def test_without_consent_nothing_is_excluded_since_nothing_is_known(shop: Shop) -> None:
    await opens(shop)
    await shop.knows(Identity("bob", "personal"))
    before = said(await shop.asks("bob"))

    await excludes(shop, "brand", "pet co", who="bob")

    assert said(await shop.asks("bob")) == before == said(await shop.asks("nobody"))


async def test_a_visitor_excludes_for_the_session_before_anything_was_done_in_it(shop: Shop) -> None:
    await opens(shop)
    await shop.grants("session:s1")
    assert "bone" in await shown(shop, None, session_id="s1", limit=20)

    await excludes(shop, "product", "bone", who="session:s1")

    assert "bone" not in await shown(shop, None, session_id="s1", limit=20)
    assert "bone" in await shown(shop, None, session_id="s2", limit=20)


async def test_a_counterfactual_sees_no_evidence_that_is_excluded(shop: Shop) -> None:
    await opens(shop)
    await excludes(shop, "order", "o-gift")

    found = await EvidenceGraph(shop.db).read_evidence(shop.tenant, "ann", "personalise_content", None)

    assert {line.product_id for one in found for line in one.lines} == {"tea", "cup"}


@pytest.mark.parametrize(("kind", "value"), [("product", "leash"), ("brand", "pet co"), ("tag", "pet")])
async def test_a_pin_does_not_bring_back_what_is_excluded(shop: Shop, kind: str, value: str) -> None:
    await opens(shop)
    pins = (Pin("leash", 1),)
    assert (await shown(shop, pins=pins))[0] == "leash"

    await excludes(shop, kind, value)

    assert "leash" not in await shown(shop, pins=pins)
