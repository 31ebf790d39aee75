"""What is asked with the objective full_price goes by what the shop's customers pay in full."""

from app.domain.recommendation import Recommendation
from tests.graph.shop import Shop


async def fill(shop: Shop) -> None:
    """All buy all of it; coffee on a deal only, cups at full price only."""
    await shop.offers("tea", "coffee", "cup", "spoon")
    people = [f"i{place}" for place in range(12)]
    for place, one in enumerate(people):
        await shop.buys(one, "tea", days_ago=40 + place)
        await shop.buys(one, "coffee", days_ago=30 + place, price_paid="2.00", list_price="4.00")
        if place < 10:
            await shop.buys(one, "cup", days_ago=20 + place, price_paid="4.00", list_price="4.00")
    await shop.grants(*people)
    await shop.buys("new", "tea")
    await shop.grants("new", purposes=["personalise_content"])


def places(answer: Recommendation) -> list[str]:
    return [item.product_id for item in answer.items]


async def test_what_is_bought_on_deals_comes_later_at_full_price(shop: Shop) -> None:
    await fill(shop)
    await shop.refreshes()
    question = {"shelf": "ranking", "limit": 2}

    balanced, full = [places(await shop.asks("new", objective=one, **question)) for one in ("balanced", "full_price")]

    assert balanced[0] == "coffee"
    assert full[0] == "cup"


async def test_a_run_that_did_not_tell_of_full_prices_answers_alike(shop: Shop) -> None:
    """A data folder of an older version, before its next refresh."""
    await fill(shop)
    await shop.refreshes()
    await shop.query("MATCH (p:Product {tenant: $tenant}) REMOVE p.full_price_popularity")

    answers = [places(await shop.asks("new", objective=one, limit=2)) for one in ("balanced", "full_price")]

    assert answers[0] == answers[1]
