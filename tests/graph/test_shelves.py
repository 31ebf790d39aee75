"""What a shelf is for: never empty, page by page, one place a product, and what is bought again only on evidence."""

from typing import Any

import pytest
import pytest_asyncio

from app.domain.models import Tag
from app.domain.recommendation import Context, Recommendation, Rule
from app.graph.database import Database
from tests.graph.shop import Shop

PEOPLE = 8


def shown(answer: Recommendation) -> list[str]:
    return [item.product_id for item in answer.items]


@pytest_asyncio.fixture
async def bazaar(db: Database, tenant: str) -> Shop:
    """Forty toys that children like more or less, three new ones, bread for every week, a bed that none buys twice."""
    shop = Shop(db, tenant, popular_per_list=5)
    wood, clay = (
        {"product_type": of[0], "brand": "Play", "tags": tuple(Tag(name, "kind") for name in of[1:])}
        for of in (("Blocks", "wood", "building", "towers"), ("Figures", "clay", "animals", "farm"))
    )
    await shop.offers(*(f"toy-{n:02}" for n in range(20)), **wood)
    await shop.offers(*(f"toy-{n:02}" for n in range(20, 40)), **clay)
    await shop.offers("new-1", "new-2", "new-3", **wood)
    await shop.offers("bread", "bed", product_type="Home")
    events = [
        shop.event("purchase", f"kid-{who}", *(f"toy-{n:02}" for n in range(40) if (n + who) % 4), "bed", days_ago=40)
        for who in range(PEOPLE)
    ]
    events += [
        shop.event("purchase", f"kid-{who}", "bread", days_ago=7 * w + 5) for who in range(PEOPLE) for w in range(4)
    ]
    await shop.saw(*events)
    await shop.grants(*(f"kid-{who}" for who in range(PEOPLE)), "tom")
    await shop.refreshes()
    return shop


async def sells_out(shop: Shop, *ids: str) -> None:
    await shop.offers(*ids, product_type="Toys", brand="Play", availability="out_of_stock")


async def test_what_is_sold_out_takes_nobodys_place(bazaar: Shop) -> None:
    """Of each list five are kept, and all of those are gone."""
    first = shown(await bazaar.asks(limit=30))
    await sells_out(bazaar, *(id_ for id_ in first if id_ != "bread" and id_ != "bed"))

    assert len(shown(await bazaar.asks(limit=12))) == 12
    assert not {*first} - {"bread", "bed"} & {*shown(await bazaar.asks(limit=12))}


@pytest.mark.parametrize("who", [None, "kid-0", "never-seen"])
async def test_no_list_is_shorter_than_what_there_is(bazaar: Shop, who: str | None) -> None:
    toys = [n for n in range(40) if who != "kid-0" or n % 4 == 0]  # it owns the others
    everything = {f"toy-{n:02}" for n in toys} | {"new-1", "new-2", "new-3", "bread"}

    assert {*shown(await bazaar.asks(who, limit=100))} >= everything
    but_two = (*(everything - {"toy-00", "toy-36"}), "bed")
    assert sorted(shown(await bazaar.asks(who, limit=2, exclude=but_two))) == ["toy-00", "toy-36"]
    assert shown(await bazaar.asks(who, limit=5, rules=(Rule("brand", ("Play",), "exclude"),)))


async def test_rules_are_applied_before_the_cut(bazaar: Shop) -> None:
    """Whatever is popular is of another brand; what the rule leaves nobody ever bought."""
    await bazaar.offers("lamp-1", "lamp-2", product_type="Lamps", brand="Light")
    for field, value in (("brand", "Light"), ("category", "Lamps"), ("tag", "lamps")):
        rule = Rule(field, (value,), "include")  # pyright: ignore[reportArgumentType]
        assert sorted(shown(await bazaar.asks("kid-1", rules=(rule,)))) == ["lamp-1", "lamp-2"]


async def test_before_any_event_the_newest_come_first(shop: Shop) -> None:
    await shop.offers("old")
    await shop.offers("gone", availability="out_of_stock")
    await shop.offers("new")
    await shop.refreshes()

    assert shown(await shop.asks()) == shown(await shop.asks("tom")) == ["new", "old"]
    await shop.offers("old", description="mended")
    assert shown(await shop.asks()) == ["new", "old"]  # it is none the newer for that


async def test_what_came_after_the_run_is_shown_where_a_place_is_open(bazaar: Shop) -> None:
    await bazaar.offers("late", product_type="Toys")

    assert "late" in shown(await bazaar.asks("kid-1", limit=100))


@pytest.mark.parametrize("shelf", ["mixed", "for_you", "buy_again"])
@pytest.mark.parametrize("who", [None, "kid-0"])
@pytest.mark.parametrize("diversity", [0.0, 0.4])
async def test_no_page_repeats_another(bazaar: Shop, who: str | None, shelf: Any, diversity: float) -> None:
    asked = {"shelf": shelf, "diversity": diversity}
    pages = [shown(await bazaar.asks(who, limit=5, offset=5 * page, **asked)) for page in range(4)]

    assert [id_ for page in pages for id_ in page] == shown(await bazaar.asks(who, limit=20, **asked))
    assert len({id_ for page in pages for id_ in page}) == sum(map(len, pages))


async def test_pages_that_are_drawn_do_not_repeat_each_other_either(bazaar: Shop) -> None:
    drawing = Shop(bazaar.db, bazaar.tenant, exploration=0.9)
    pages = [shown(await drawing.asks(limit=4, offset=4 * page)) for page in range(3)]

    assert len({id_ for page in pages for id_ in page}) == 12


async def test_a_mixed_shelf_has_at_most_a_third_repeats(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant, introduced_every=0)
    daily, others = [f"daily-{n:02}" for n in range(12)], [f"other-{n:02}" for n in range(12)]
    await shop.offers(*daily, *others)
    events = [shop.event("purchase", f"a-{w}", *daily, days_ago=d) for w in range(6) for d in (5, 12, 19)]
    events += [shop.event("purchase", f"b-{w}", *daily, *others, days_ago=30) for w in range(6)]
    await shop.saw(*events)
    await shop.grants(*(f"{kind}-{w}" for kind in "ab" for w in range(6)))
    await shop.refreshes()

    mixed = (await shop.asks("a-0")).items
    assert [item.rank for item in mixed if item.source == "repeat"] == [3, 6, 9, 12]
    assert {item.product_id for item in (await shop.asks("a-0", shelf="for_you")).items} <= {*others}
    again = await shop.asks("a-0", shelf="buy_again", limit=20)
    assert sorted(shown(again)) == daily
    assert [item.source for item in (await shop.asks("a-0", shelf="ranking")).items] == ["repeat"] * 12


async def test_who_has_everything_gets_some_of_it_again(shop: Shop) -> None:
    await shop.offers("tea", "cup")
    await shop.buys("tom", "tea", "cup")
    await shop.grants("tom", "ann")
    await shop.refreshes()

    assert sorted(shown(await shop.asks("tom"))) == ["cup", "tea"]
    assert shown(await shop.asks("tom", shelf="for_you")) == []


async def test_one_day_is_no_habit_unless_most_buy_it_again(bazaar: Shop) -> None:
    await bazaar.offers("soap", product_type="Home")
    for who in range(PEOPLE):
        for days_ago in (30, 20) if who % 3 == 0 else (30,):
            await bazaar.buys(f"kid-{who}", "soap", days_ago=days_ago)
    await bazaar.buys("tom", "soap", "bread", days_ago=15)
    await bazaar.buys("eve", "soap", days_ago=31)
    await bazaar.buys("eve", "soap", "bread", days_ago=15)
    await bazaar.grants("eve")
    await bazaar.refreshes()

    assert shown(await bazaar.asks("tom", shelf="buy_again")) == ["bread"]
    assert sorted(shown(await bazaar.asks("eve", shelf="buy_again"))) == ["bread", "soap"]


async def test_two_lines_of_a_day_are_no_habit(bazaar: Shop) -> None:
    await bazaar.saw(
        bazaar.event("purchase", "tom", "toy-01", days_ago=5), bazaar.event("purchase", "tom", "toy-01", days_ago=5.01)
    )

    likes = await bazaar.likes("tom")
    assert len(likes["toy-01"]["bought_days"]) == 1
    assert shown(await bazaar.asks("tom", shelf="buy_again")) == []


async def test_ones_own_rhythm_beats_what_the_shop_thinks(bazaar: Shop) -> None:
    """Nobody else buys nappies twice; a father bought them every second Monday."""
    await bazaar.offers("nappies", product_type="Home")
    for who in range(PEOPLE):
        await bazaar.buys(f"kid-{who}", "nappies", days_ago=50)
    for fortnight in range(9):
        await bazaar.buys("tom", "nappies", days_ago=14 * fortnight + 10)
    for days_ago in (90, 88, 20, 10):
        await bazaar.buys("eve", "nappies", days_ago=days_ago)
    await bazaar.grants("eve")
    strict = Shop(bazaar.db, bazaar.tenant, rhythm_min_share=0.6)
    await strict.refreshes()

    assert "nappies" in shown(await strict.asks("tom", shelf="buy_again"))
    assert "nappies" not in shown(await strict.asks("eve", shelf="buy_again"))


async def test_days_are_counted_in_whatever_order_they_come(shop: Shop) -> None:
    await shop.offers("tea")
    for days_ago in (3, 30, 20, 3, 20.2, 40, 10):
        await shop.buys("tom", "tea", days_ago=days_ago)
    for days_ago in (0, 100, *range(50, 70)):
        await shop.buys("ann", "tea", days_ago=days_ago)

    days = (await shop.likes("tom"))["tea"]["bought_days"]
    assert days == sorted({*days})
    assert len(days) in (5, 6)  # 20 and 20.2 days ago may be two days
    latest = (await shop.likes("ann"))["tea"]["bought_days"]
    assert (len(latest), latest[-1] - latest[0]) == (12, 60)


async def test_the_variant_that_is_owned_or_best_liked_and_in_stock_is_shown(shop: Shop) -> None:
    await shop.offers("milk-a", "milk-b", "milk-c", item_group_id="milk", product_type="Dairy")
    await shop.offers("tea", "cup", product_type="Kitchen")
    for who in range(6):
        await shop.buys(f"p-{who}", "milk-b", *(["milk-a"] if who < 3 else []), *(["milk-c"] if who < 2 else []), "cup")
        await shop.buys(f"p-{who}", "milk-b", days_ago=3)
    await shop.grants(*(f"p-{who}" for who in range(6)), "tom", "ann")
    for days_ago in (40, 30, 20):
        await shop.buys("tom", "milk-c", days_ago=days_ago)
    await shop.refreshes()

    milk = {"milk-a", "milk-b", "milk-c"}
    assert [id_ for id_ in shown(await shop.asks("ann")) if id_ in milk] == ["milk-b"]
    assert [id_ for id_ in shown(await shop.asks("tom")) if id_ in milk] == ["milk-c"]
    assert not milk & {*shown(await shop.asks("tom", shelf="for_you"))}
    assert not milk & {*shown(await shop.asks("ann", context=Context(viewing=("milk-a",))))}
    assert {*shown(await shop.asks("ann", variants="all"))} >= milk
    await shop.offers("milk-b", item_group_id="milk", product_type="Dairy", availability="out_of_stock")
    assert [id_ for id_ in shown(await shop.asks("ann")) if id_ in milk] == ["milk-a"]


async def test_a_run_that_learned_from_nobody_says_so(shop: Shop) -> None:
    await shop.offers("tea")
    await shop.buys("tom", "tea")

    report = await shop.refreshes()

    assert (report.learners, report.events) == (0, 1)
