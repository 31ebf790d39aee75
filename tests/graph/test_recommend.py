"""An identity asks, the graph answers: what may be read, what is offered, and why."""

import asyncio
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio

from app.domain.models import Consent, ConsentStatus, Identity, Tag
from app.domain.recommendation import NOTHING, Context, Recommendation, RecommendationRequest, Rule
from app.graph.database import Database
from app.graph.readers import Readers
from app.recommend.query import Subject
from tests.graph.shop import NOW, Shop


@pytest_asyncio.fixture
async def grocer(shop: Shop) -> Shop:
    """Tea people and tool people; milk is bought weekly, a kettle once."""
    await shop.offers("tea", "cup", "pot", tags=(Tag("tea time", "mood"),), product_type="Tea")
    await shop.offers("hammer", "nails", "saw", tags=(Tag("workshop", "mood"),), product_type="Tools", brand="Steel")
    await shop.offers("milk", "kettle", product_type="Kitchen")
    bought = [
        shop.event("purchase", f"tea-{place}", "milk", days_ago=7 * week + 3) for place in range(6) for week in range(4)
    ]
    for place in range(6):
        bought.append(shop.event("purchase", f"tea-{place}", "tea", "cup", "pot", "kettle", days_ago=30))
        bought.append(shop.event("purchase", f"tool-{place}", "hammer", "nails", "saw", days_ago=30))
    await shop.saw(*bought, shop.event("purchase", "tom", "tea", "kettle", days_ago=20))
    await shop.grants(*(f"{taste}-{place}" for taste in ("tea", "tool") for place in range(6)))
    await shop.grants("tom", purposes=["personalise_content"])
    await shop.refreshes()
    return shop


def shown(answer: Recommendation) -> list[str]:
    return [item.product_id for item in answer.items]


def sources(answer: Recommendation) -> dict[str, str]:
    return {item.product_id: item.source for item in answer.items}


async def test_an_identity_gets_what_is_similar_to_what_it_likes(grocer: Shop) -> None:
    answer = await grocer.asks("tom", explain=True, sources=("similar",))

    assert answer.outcome == "granted"
    assert set(shown(answer)) == {"cup", "pot", "milk"}
    cup = next(item for item in answer.items if item.product_id == "cup")
    assert {reason.id for reason in cup.reasons} == {"tea", "kettle"}
    assert {reason.code for reason in cup.reasons} == {"because_you_bought"}
    assert sum(reason.share for reason in cup.reasons) == pytest.approx(1)


async def test_durable_things_are_not_offered_again_and_habits_are(grocer: Shop) -> None:
    answer = await grocer.asks("tea-0")

    assert sources(answer)["milk"] == "repeat"
    assert "kettle" not in shown(answer)


async def test_a_habit_that_was_just_served_waits(grocer: Shop) -> None:
    for week in range(4):
        await grocer.buys("tea-0", "bread", days_ago=7 * week + 3)
        await grocer.buys("tea-1", "bread", days_ago=7 * week + 3)
    await grocer.offers("bread")
    await grocer.refreshes()
    habits = [item.product_id for item in (await grocer.asks("tea-0", sources=("repeat",))).items]

    await grocer.buys("tea-0", habits[0], days_ago=0.01)

    assert shown(await grocer.asks("tea-0", sources=("repeat",))) == habits[::-1]


async def test_the_very_next_request_knows_of_an_event(grocer: Shop) -> None:
    await grocer.grants("new")
    assert set(sources(await grocer.asks("new")).values()) == {"popular"}

    await grocer.saw(grocer.event("view", "new", "hammer", days_ago=0))

    answer = await grocer.asks("new", explain=True)
    assert sources(answer)["nails"] == "session"
    assert answer.items[0].reasons[0].id == "hammer"


async def test_a_product_that_runs_out_is_out_of_the_next_answer(grocer: Shop) -> None:
    assert "cup" in shown(await grocer.asks("tom"))

    await grocer.offers("cup", availability="out_of_stock")
    assert "cup" not in shown(await grocer.asks("tom"))

    await grocer.offers("cup")
    assert "cup" in shown(await grocer.asks("tom"))
    assert await grocer.products.withdraw(grocer.tenant, ["cup"])
    assert "cup" not in shown(await grocer.asks("tom"))


async def test_an_unknown_product_is_never_recommended(grocer: Shop) -> None:
    for place in range(6):
        await grocer.buys(f"tea-{place}", "unlisted")
    await grocer.refreshes()

    assert "unlisted" not in shown(await grocer.asks("tom"))
    assert "unlisted" not in shown(await grocer.asks("tea-0"))


@pytest.mark.parametrize("status", ["denied", "withdrawn"])
async def test_without_a_live_consent_the_answer_is_contextual(grocer: Shop, status: ConsentStatus) -> None:
    stranger = await grocer.asks("never-seen")
    await grocer.says("tom", Consent("no", "personalise_content", status, NOW))

    refused = await grocer.asks("tom")

    assert refused.outcome == stranger.outcome == "contextual_only"
    assert refused.items == stranger.items
    assert refused.method == stranger.method


async def test_a_consent_expires_when_it_says(grocer: Shop) -> None:
    soon = NOW + timedelta(days=1)
    await grocer.says("tom", Consent("short", "personalise_content", "granted", NOW - timedelta(days=1), soon))
    request = RecommendationRequest("tom")

    before = await grocer.recommender.answer(grocer.tenant, request, soon - timedelta(seconds=1))
    after = await grocer.recommender.answer(grocer.tenant, request, soon)

    assert (before.outcome, after.outcome) == ("granted", "contextual_only")


async def test_a_consent_for_one_purpose_is_none_for_another(grocer: Shop) -> None:
    assert (await grocer.asks("tom", purpose="newsletter")).outcome == "contextual_only"


async def test_the_page_speaks_for_everybody(grocer: Shop) -> None:
    answer = await grocer.asks("never-seen", context=Context(viewing=("hammer",)), explain=True)

    assert shown(answer)[:2] in (["nails", "saw"], ["saw", "nails"])
    assert "hammer" not in shown(answer)
    assert answer.items[0].reasons[0].code == "goes_with"


async def test_a_page_shows_what_is_popular_in_its_category(grocer: Shop) -> None:
    await grocer.offers("drill", product_type="Tools")  # too new to be similar to anything
    answer = await grocer.asks(context=Context(viewing=("drill",)), sources=("popular",), limit=3)

    assert set(shown(answer)) == {"hammer", "nails", "saw"}


async def test_products_may_be_the_subject(grocer: Shop) -> None:
    answer = await grocer.asks(product_ids=("tea",), sources=("similar",))

    assert set(shown(answer)) == {"cup", "pot", "kettle", "milk"}
    assert answer.method == "anonymous"


async def test_popular_fills_by_the_categories_of_the_page(grocer: Shop) -> None:
    answer = await grocer.asks(context=Context(categories=("Tools",)), sources=("popular",), limit=3)

    assert set(shown(answer)) == {"hammer", "nails", "saw"}


async def test_a_session_speaks_only_with_a_consent(grocer: Shop) -> None:
    await grocer.saw(grocer.event("view", "visitor", "hammer", session_id="s1", days_ago=0))
    assert set(sources(await grocer.asks(session_id="s1")).values()) == {"popular"}

    await grocer.grants("visitor")
    assert sources(await grocer.asks(session_id="s1"))["nails"] == "session"


async def test_rules_reach_past_the_pool(grocer: Shop) -> None:
    answer = await grocer.asks("tom", rules=(Rule("brand", ("Steel",), "include"),))

    assert set(shown(answer)) == {"hammer", "nails", "saw"}


async def test_excluded_products_stay_out(grocer: Shop) -> None:
    assert not {"cup", "milk"} & set(shown(await grocer.asks("tom", exclude=("cup", "milk"))))


async def test_diversity_changes_the_order_by_tags(grocer: Shop) -> None:
    await grocer.offers("milk", tags=(Tag("dairy", "mood"),), product_type="Kitchen")
    quieter = (Rule("tag", ("dairy",), "boost", 0.1),)
    flat = await grocer.asks("tom", sources=("similar",), limit=2, rules=quieter)
    spread = await grocer.asks("tom", sources=("similar",), limit=2, rules=quieter, diversity=0.9)

    assert set(shown(flat)) == {"cup", "pot"}
    assert "milk" in shown(spread)


async def test_before_the_first_refresh_the_newest_are_shown(shop: Shop) -> None:
    await shop.offers("tea")

    await shop.offers("pot")
    answer = await shop.asks("tom")
    assert answer.run is None
    assert [(item.product_id, item.source) for item in answer.items] == [("pot", "newest"), ("tea", "newest")]


async def test_a_sibling_changes_nothing(grocer: Shop) -> None:
    """Same person, account and household: what one identity does leaves the other's answer equal."""
    await grocer.knows(*(Identity(id_, "personal", "person", "account", "home") for id_ in ("tom", "tom-work")))
    await grocer.grants("tom-work")
    before = await grocer.asks("tom", explain=True, limit=50)

    await grocer.buys("tom-work", "hammer", "saw", "nails", days_ago=0)
    await grocer.saw(grocer.event("view", "tom-work", "cup", days_ago=0))

    after = await grocer.asks("tom", explain=True, limit=50)
    assert after.items == before.items


async def test_another_tenants_identity_is_a_stranger(grocer: Shop, db: Database) -> None:
    other = Shop(db, f"{grocer.tenant}-2")
    await other.offers("tea", "cup")
    await other.buys("someone", "tea")
    await other.grants("someone")
    await other.refreshes()

    crossing = await other.asks("tom")
    stranger = await other.asks("never-seen")
    assert (crossing.outcome, crossing.items) == (stranger.outcome, stranger.items)


async def test_decisions_name_the_identity_only_with_its_consent(grocer: Shop) -> None:
    granted = await grocer.asks("tom")
    refused = await grocer.asks("never-seen")
    log = {decision.id: decision for decision in grocer.decisions.offered}

    assert log[granted.decision_id].identity_id == "tom"
    assert log[granted.decision_id].items == granted.items
    assert log[refused.decision_id].identity_id is None


async def test_kept_answers_equal_fresh_ones(grocer: Shop) -> None:
    fresh = Shop(grocer.db, grocer.tenant, ranking_cache_size=0)
    await grocer.asks("tom", explain=True)

    kept, read = await asyncio.gather(grocer.asks("tom", explain=True), fresh.asks("tom", explain=True))
    assert kept.items == read.items


async def test_what_is_bought_at_full_price_is_asked_of_what_was(grocer: Shop) -> None:
    await grocer.buys("kim", "tea", days_ago=20, price_paid="5", list_price="10")
    await grocer.buys("kim", "hammer", days_ago=100)
    await grocer.grants("kim", purposes=["personalise_content"])

    balanced = await grocer.asks("kim", sources=("similar",), shelf="ranking")
    full_price = await grocer.asks("kim", sources=("similar",), shelf="ranking", objective="full_price")
    shelf = await grocer.asks("kim", sources=("similar",), objective="full_price")

    assert shown(balanced)[0] in {"cup", "pot", "kettle", "milk"}
    assert set(shown(full_price)[:2]) == {"nails", "saw"}
    assert {"nails", "saw"} & set(shown(shelf)[:2]), "beside what goes with tea"


async def test_a_short_answer_is_the_beginning_of_a_long_one(grocer: Shop) -> None:
    """Of fewer places fewer rows are read, and the crowd only where the others leave some open."""
    long = [item.product_id for item in (await grocer.asks("tom", limit=50)).items]

    for limit in range(1, len(long) + 1):
        assert [item.product_id for item in (await grocer.asks("tom", limit=limit)).items] == long[:limit]
    assert {item.source for item in (await grocer.asks("tom", limit=50)).items} >= {"similar", "popular"}


@pytest.mark.parametrize(("limit", "crowd_is_read"), [(1, False), (50, True)])
async def test_the_crowd_is_read_only_where_places_are_open(grocer: Shop, limit: int, crowd_is_read: bool) -> None:
    asked = RecommendationRequest("tom", limit=limit)

    ranking, _ = await grocer.recommender.imagine(grocer.tenant, asked, datetime.now(UTC), NOTHING)

    assert bool(ranking.popular) == crowd_is_read


async def test_what_no_later_question_may_have_is_not_kept(grocer: Shop) -> None:
    """A session's events carry no stamp, and an answer of another moment is none of now."""
    await grocer.asks(session_id="a visit")
    await grocer.recommender.answer(grocer.tenant, RecommendationRequest("tom"), NOW)
    kept = grocer.recommender._kept  # pyright: ignore[reportPrivateUsage]
    assert len(kept) == 0

    await grocer.asks("tom")
    assert len(kept) == 1


async def test_another_question_of_the_same_identity_reads_no_second_history(
    grocer: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    likes: list[int] = []
    read = Database.read

    async def noting(self: Database, name: str, /, **params: object) -> list[dict[str, Any]]:
        rows = await read(self, name, **params)
        likes.extend(len(row["likes"]) for row in rows if name == "recommend/read_reader")
        return rows

    monkeypatch.setattr(Database, "read", noting)
    first = await grocer.asks("tom", placement="home")
    again = await grocer.asks("tom", placement="cart", limit=24)
    await grocer.saw(grocer.event("view", "tom", "hammer", days_ago=0))
    await grocer.asks("tom", placement="home")

    assert likes == [1, 0, 1]
    assert again.items[: len(first.items)] == first.items


async def test_the_browser_draws_nothing_where_one_of_two_records_of_a_moment_refuses(grocer: Shop) -> None:
    text = (files("cypher") / "browser" / "explain_answer.cypher").read_text(encoding="utf-8")
    text = text.replace("'demo'", f"'{grocer.tenant}'").replace("'debbie-personal'", "'tom'")
    assert await grocer.query(text)

    at = NOW - timedelta(hours=1)
    await grocer.says("tom", Consent("yes", "personalise_content", "granted", at))
    await grocer.says("tom", Consent("no", "personalise_content", "withdrawn", at))

    assert (await grocer.asks("tom")).outcome == "contextual_only"
    assert await grocer.query(text) == []


async def test_what_was_granted_says_nothing_of_where_one_belongs(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant, k_look=2)
    for taste in ("tea", "tool", "pet"):
        ids = [f"{taste}-{place}" for place in range(5)]
        await shop.offers(*ids)
        for person in range(6):
            await shop.buys(f"{taste}-lover-{person}", *(id_ for place, id_ in enumerate(ids) if place != person % 5))
        await shop.grants(*(f"{taste}-lover-{person}" for person in range(6)))
    await shop.offers(*(f"other-{place}" for place in range(30)))
    await shop.refreshes()
    await shop.buys("reader", "tea-0", "tea-1", "tool-0")
    await shop.buys("giver", *(f"other-{place}" for place in range(30)))
    await shop.grants("reader", "giver", purposes=["personalise_content", "household_share"])
    before = await shop.asks("reader")

    await shop.shares("giver", "reader")

    assert (await shop.asks("reader")).communities == before.communities


async def test_histories_are_kept_in_bounded_memory_and_for_a_while(grocer: Shop) -> None:
    one = (await Readers(grocer.db, 10**9, 300).read(grocer.tenant, Subject("tea-0"), NOW)).reader
    kept = Readers(grocer.db, 3 * one.size_bytes + 1, 300)
    for person in range(6):
        await kept.read(grocer.tenant, Subject(f"tea-{person}"), NOW)
    await kept.read(grocer.tenant, Subject("never-seen"), NOW)

    held = kept._kept  # pyright: ignore[reportPrivateUsage]
    assert [key[1] for key in held] == ["tea-3", "tea-4", "tea-5"]
    assert held.currsize <= 3 * one.size_bytes + 1
    kept.forget(grocer.tenant, "tea-4")
    assert [key[1] for key in held] == ["tea-3", "tea-5"]
    held.expire(held.timer() + 301)
    assert list(held) == []
