"""What speaks beside similar products: those one follows, communities, microgenres, and by how much."""

import pytest
import pytest_asyncio

from app.domain.models import Consent, Identity, Tag
from app.domain.recommendation import Context, Recommendation, Shelf
from app.graph.database import Database
from tests.graph.shop import NOW, Shop

FRIENDS = ("ann", "ben", "cem")


@pytest_asyncio.fixture
async def circle(db: Database, tenant: str) -> Shop:
    """Tom follows three who like records; one of them alone likes the lamp. Tom himself bought a hammer."""
    shop = Shop(db, tenant)
    await shop.offers("record", "player", "lamp", "hammer", "nails")
    for friend in FRIENDS:
        await shop.buys(friend, "record", "player")
    await shop.buys("ann", "lamp")
    await shop.buys("tom", "hammer")
    await shop.grants("tom", *FRIENDS)
    for friend in FRIENDS:
        await follows(shop, "tom", friend)
    return shop


async def follows(shop: Shop, follower: str, followed: str, **link: object) -> None:
    await shop.query(
        "MATCH (a:Identity {tenant: $tenant, id: $a}), (b:Identity {tenant: $tenant, id: $b}) "
        "CREATE (a)-[:FOLLOWS {source: 'test', confidence: 1.0, first_seen: $past, valid_until: $until}]->(b)",
        a=follower,
        b=followed,
        past=NOW.replace(year=NOW.year - 1),
        until=link.get("until"),
    )


async def followed(shop: Shop) -> set[str]:
    """What the active run says that those like whom Tom follows."""
    await shop.refreshes()
    rows = await shop.query(
        "MATCH (r:Run {tenant: $tenant, active: true}) "
        "MATCH (:Identity {tenant: $tenant, id: 'tom'})-[s:FOLLOWED_LIKE]->(p) WHERE s.run = r.id RETURN p.id AS id"
    )
    return {row["id"] for row in rows}


def shown(answer: Recommendation) -> set[str]:
    return {item.product_id for item in answer.items}


async def test_what_several_of_those_one_follows_like_is_said_and_what_one_likes_is_not(circle: Shop) -> None:
    assert await followed(circle) == {"record", "player"}

    answer = await circle.asks("tom", sources=("followed",), explain=True)
    assert shown(answer) == {"record", "player"}
    assert {item.source for item in answer.items} == {"followed"}
    assert {(reason.code, reason.id) for item in answer.items for reason in item.reasons} == {("liked_by_followed", "")}


async def test_who_likes_nothing_yet_hears_those_it_follows(circle: Shop) -> None:
    await circle.grants("new")
    for friend in FRIENDS:
        await follows(circle, "new", friend)
    await circle.refreshes()

    answer = await circle.asks("new", explain=True)

    assert [(item.source, item.product_id) for item in answer.items[:2]] == [
        ("followed", "player"),
        ("followed", "record"),
    ]


async def test_who_does_not_want_to_be_learned_from_is_told_nothing_of_those_it_follows(circle: Shop) -> None:
    await circle.says("tom", Consent("w", "model_training", "withdrawn", NOW))

    assert await followed(circle) == set()


async def test_a_home_is_not_learned_from_more_than_strangers_are(circle: Shop) -> None:
    await circle.query(
        "MATCH (a:Identity {tenant: $tenant, id: 'tom'}), (b:Identity {tenant: $tenant, id: 'ann'}), "
        "(c:Identity {tenant: $tenant, id: 'ben'}) "
        "CREATE (p:Person {tenant: $tenant, id: 'p'})-[:HAS_IDENTITY]->(a), (p)-[:HAS_IDENTITY]->(b), "
        "(p)-[:LIVES_IN]->(:Household {tenant: $tenant, id: 'h'})"
        "<-[:BELONGS_TO]-(:Account {tenant: $tenant, id: 'x'})-[:USED_BY]->(c)"
    )

    assert await followed(circle) == set()  # of the three only a stranger is left, and one is too few


async def test_who_does_not_let_itself_be_learned_from_says_nothing(circle: Shop) -> None:
    for friend in ("ann", "ben"):
        await circle.says(friend, Consent(f"w-{friend}", "model_training", "withdrawn", NOW))

    assert await followed(circle) == set()


async def test_whom_one_no_longer_follows_says_nothing(circle: Shop) -> None:
    await circle.query(
        "MATCH (:Identity {tenant: $tenant, id: 'tom'})-[f:FOLLOWS]->() SET f.valid_until = $past",
        past=NOW.replace(year=NOW.year - 1),
    )

    assert await followed(circle) == set()


async def test_without_consent_nobody_speaks(circle: Shop) -> None:
    await followed(circle)
    await circle.says("tom", Consent("no", "personalise_content", "denied", NOW))

    answer = await circle.asks("tom", sources=("followed", "community"))
    assert (answer.items, answer.communities) == ((), ())


@pytest_asyncio.fixture
async def tastes(db: Database, tenant: str) -> Shop:
    """Three tastes of five products; a new product of each, without a sale."""
    shop = Shop(db, tenant, k_look=2)
    for place in range(20):  # no tag is on more than a fifth of the products
        await shop.offers(f"other-{place}", tags=(Tag(f"own {place}", "category"),))
    for taste in ("tea", "tool", "pet"):
        ids = [f"{taste}-{place}" for place in range(5)]
        await shop.offers(*ids, f"{taste}-new", tags=tuple(Tag(f"{taste} {n}", "category") for n in range(3)))
        for person in range(24):
            await shop.buys(f"{taste}-lover-{person}", *(id_ for place, id_ in enumerate(ids) if place != person % 5))
        await shop.saw(*(shop.event("view", f"{taste}-lover-{n}", ids[n % 5 - 1], days_ago=9) for n in range(24)))
        await shop.grants(*(f"{taste}-lover-{person}" for person in range(24)))
    await shop.refreshes()
    await shop.buys("tom", "tea-0", "tea-1", "tea-2", "tea-4", days_ago=1)
    await shop.grants("tom")
    return shop


async def test_fresh_events_count_for_communities_without_a_refresh(tastes: Shop) -> None:
    answer = await tastes.asks("tom", sources=("community",), explain=True)

    assert [one.strength for one in answer.communities] == [1.0]
    assert answer.items[0].product_id == "tea-3"
    assert answer.items[0].source == "community"
    reason = answer.items[0].reasons[0]
    assert (reason.code, reason.id, reason.label) == ("your_community", *_named(answer))


def _named(answer: Recommendation) -> tuple[str, str | None]:
    return answer.communities[0].id, answer.communities[0].label


async def test_a_product_without_a_sale_is_reached_through_its_tags(tastes: Shop) -> None:
    assert "tea-new" in shown(await tastes.asks("tom", sources=("similar",)))

    shelf = await tastes.asks("tom", sources=("introduced",), explain=True)
    assert shelf.items[0].product_id == "tea-new"
    assert {item.source for item in shelf.items} == {"introduced"}
    assert shelf.items[0].reasons[0].code == "your_microgenre"


async def test_a_new_product_has_a_place_on_everybodys_shelf(tastes: Shop) -> None:
    """Of those who like nothing yet, too."""
    unsold = {f"{taste}-new" for taste in ("tea", "tool", "pet")} | {f"other-{place}" for place in range(20)}
    for who in (None, "never-seen", "tom", *(f"{taste}-lover-{n}" for taste in ("tea", "tool", "pet") for n in (0, 7))):
        assert unsold & shown(await tastes.asks(who)), who

    unknown = await tastes.asks(sources=("introduced",), explain=True)
    assert {(item.source, item.reasons[0].code) for item in unknown.items} == {("introduced", "new_here")}
    assert shown(unknown) <= unsold


async def test_a_household_that_likes_nothing_itself_leaves_the_places_to_its_members(tastes: Shop) -> None:
    await tastes.knows(Identity("home", "household"))
    await tastes.grants("home", purposes=["personalise_content"])
    await tastes.grants("tom", purposes=["household_share"])
    await tastes.shares("tom", "home")

    theirs = (await tastes.asks("home", limit=2, explain=True)).items
    assert [item.product_id for item in theirs] == ["tea-3", "tea-new"]
    assert "new_here" not in {reason.code for item in theirs for reason in item.reasons}


async def test_small_communities_speak_but_are_not_named(tastes: Shop) -> None:
    await tastes.query("MATCH (c:TasteCommunity {tenant: $tenant}) SET c.label = null, c.too_few = true")

    answer = await tastes.asks("tom", sources=("community",), explain=True)
    assert answer.communities == ()
    assert answer.items[0].reasons[0].label == "people of like taste"


@pytest.mark.parametrize("weight", [5.0, -5.0])
async def test_popularity_speaks_for_or_against_as_the_run_learned(tastes: Shop, weight: float) -> None:
    await tastes.query(
        "MATCH (r:Run {tenant: $tenant, active: true}) SET r.blend_sizes = [1], r.blend_popularity = [$weight]",
        weight=weight,
    )
    await tastes.query("MATCH (p:Product {tenant: $tenant}) SET p.likers = CASE p.id WHEN 'tea-3' THEN 50 ELSE 1 END")
    likers = await tastes.asks("tom", sources=("similar", "session"))

    first = [item.product_id for item in likers.items]
    assert ("tea-3" in first[:1]) == (weight > 0)


async def test_a_community_one_may_not_belong_to_speaks_without_a_name(tastes: Shop) -> None:
    await tastes.buys("new", "tea-0", days_ago=1)
    await tastes.grants("new")

    answer = await tastes.asks("new", sources=("community",), explain=True)

    assert {item.product_id for item in answer.items} <= {f"tea-{place}" for place in range(1, 5)}
    assert answer.communities == ()
    assert {(r.id, r.label) for item in answer.items for r in item.reasons} == {("", "people of like taste")}


async def test_who_likes_nothing_yet_hears_the_communities_of_what_is_on_the_page(tastes: Shop) -> None:
    await _communities_are_heard(tastes)

    anybody = await tastes.asks(None, context=Context(viewing=("tea-0",)), explain=True)

    assert anybody.communities == ()
    assert _said_because(anybody, "goes_with", "") == {
        f"tea-{place}": "people who like what you look at" for place in range(1, 5)
    }
    assert _said_because(anybody, "your_community", "") == {}


async def test_what_one_likes_says_more_of_communities_than_what_one_looks_at(tastes: Shop) -> None:
    await _communities_are_heard(tastes)

    answer = await tastes.asks("tom", context=Context(viewing=("tool-0",)), explain=True)

    assert set(_said_because(answer, "your_community", answer.communities[0].id)) == {"tea-3"}
    assert _said_because(answer, "goes_with", "") == {}


async def _communities_are_heard(tastes: Shop) -> None:
    """So small a shop learns nothing of how loudly they should speak."""
    await tastes.query(
        "MATCH (r:Run {tenant: $tenant, active: true}) SET r.blend_sizes = [1], r.blend_community = [0.5]"
    )


def _said_because(answer: Recommendation, code: str, id_: str) -> dict[str, str]:
    """What a reason is given for, and how it is called."""
    return {item.product_id: r.label for item in answer.items for r in item.reasons if (r.code, r.id) == (code, id_)}


async def test_a_run_says_how_much_rarity_counts_by_length_of_history(tastes: Shop) -> None:
    (run,) = await tastes.query(
        "MATCH (r:Run {tenant: $tenant, active: true}) RETURN r.blend_sizes AS sizes, r.blend_rarity AS rarity"
    )

    assert len(run["rarity"]) == len(run["sizes"]) > 0


async def test_what_few_like_comes_first_on_a_shelf_as_the_run_learned(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant)
    await _bought(shop, "liked")
    await shop.query(
        "MATCH (run:Run {tenant: $tenant}), (liked:Product {tenant: $tenant}) "
        "SET run += {most_likers: 90, blend_sizes: [1], blend_rarity: [1.0]} "
        "MERGE (common:Product {tenant: $tenant, id: 'common', availability: 'in_stock', likers: 90}) "
        "MERGE (rare:Product {tenant: $tenant, id: 'rare', availability: 'in_stock', likers: 1}) "
        "CREATE (liked)-[:SPEAKS_IN {run: 'r', product_ids: ['common', 'rare'], weights: [0.2, 0.1]}]->(run)"
    )

    async def shown(shelf: Shelf) -> list[str]:
        return [item.product_id for item in (await shop.asks("ann", sources=("similar",), shelf=shelf)).items]

    assert await shown("ranking") == ["common", "rare"]
    assert await shown("for_you") == await shown("mixed") == ["rare", "common"]


@pytest.mark.parametrize(("likes", "share"), [(1, 1 / 2), (4, 1 / 3)])
async def test_what_else_speaks_is_as_much_quieter_as_the_likes_are_more(
    db: Database, tenant: str, likes: int, share: float
) -> None:
    """The crowd is as loud as one like; beside four equal ones, whose concentration is 1/2, it is half as loud."""
    shop = Shop(db, tenant)
    await _bought(shop, *(f"liked {n}" for n in range(likes)))
    await shop.query(
        "MATCH (run:Run {tenant: $tenant}), (liked:Product {tenant: $tenant}) "
        "SET run += {most_likers: 9, blend_sizes: [1], blend_popularity: [0.1]} "
        "MERGE (near:Product {tenant: $tenant, id: 'near', availability: 'in_stock', likers: 9}) "
        "CREATE (liked)-[:SPEAKS_IN {run: 'r', product_ids: ['near'], weights: [0.1]}]->(run)"
    )

    answer = await shop.asks("ann", sources=("similar",), explain=True)

    crowd = next(reason for reason in answer.items[0].reasons if reason.code == "popular_here")
    assert crowd.share == pytest.approx(share, abs=1e-6)


async def test_what_is_owned_takes_no_place_from_what_is_new(db: Database, tenant: str) -> None:
    """The likes speak loudest for more owned products than are looked at, which is thrice the pool."""
    shop = Shop(db, tenant, pool_size=10)
    await _bought(shop, *(f"owned {n}" for n in range(40)))
    await shop.query(
        "MATCH (run:Run {tenant: $tenant}), (p:Product {tenant: $tenant}) "
        "WITH run, collect(p) AS owned, collect(p.id) AS ids "
        "CREATE (:Product {tenant: $tenant, id: 'new', availability: 'in_stock'}) "
        "WITH * UNWIND owned AS p "
        "CREATE (p)-[:SPEAKS_IN {run: 'r', product_ids: ids + 'new',"
        " weights: [id IN ids | 0.5] + 0.1}]->(run)"
    )

    assert shown(await shop.asks("ann", sources=("similar",))) == {"new"}


@pytest.mark.parametrize("why", ["sold out", "excluded"])
async def test_what_may_not_be_shown_takes_no_place_either(db: Database, tenant: str, why: str) -> None:
    """The likes speak loudest for more of it than is looked at, which is thrice the pool."""
    shop = Shop(db, tenant, pool_size=10)
    await _bought(shop, "liked")
    hidden = [f"hidden {n}" for n in range(40)]
    await shop.query(
        "MATCH (run:Run {tenant: $tenant}), (p:Product {tenant: $tenant}) "
        "CREATE (p)-[:SPEAKS_IN {run: 'r', product_ids: $hidden + 'new',"
        " weights: [id IN $hidden | 0.5] + 0.1}]->(run) "
        "WITH DISTINCT run UNWIND $hidden + 'new' AS id CREATE (:Product {tenant: $tenant, id: id,"
        " availability: CASE WHEN $sold_out AND id <> 'new' THEN 'out_of_stock' ELSE 'in_stock' END})",
        hidden=hidden,
        sold_out=why == "sold out",
    )

    exclude = hidden if why == "excluded" else []
    assert shown(await shop.asks("ann", sources=("similar",), exclude=tuple(exclude))) == {"new"}


async def test_only_the_active_run_speaks(db: Database, tenant: str) -> None:
    """The next run is half written; what it says and which rhythms it found counts for nothing yet."""
    shop = Shop(db, tenant)
    await _bought(shop, "liked")
    await shop.query(
        "MATCH (run:Run {tenant: $tenant}), ()-[like:LIKES]->(liked:Product {tenant: $tenant}) "
        "SET like.last_bought_at = like.last_bought_at - duration('P9D') "
        "CREATE (next:Run {tenant: $tenant, id: 'next'}), (liked)-[:REPURCHASED {run: 'next', share: 0.9,"
        " interval_days: 1.0}]->(next) "
        "WITH * UNWIND [[run, 'near'], [next, 'early']] AS one WITH liked, one[0] AS run, one[1] AS id "
        "CREATE (:Product {tenant: $tenant, id: id, availability: 'in_stock'}), "
        "(liked)-[:SPEAKS_IN {run: run.id, product_ids: [id], weights: [0.1]}]->(run)"
    )

    assert shown(await shop.asks("ann", sources=("similar", "repeat"))) == {"near"}


async def _bought(shop: Shop, *product_ids: str) -> None:
    """Ann likes some products alike and owns them; a run is there that has derived nothing."""
    await shop.grants("ann")
    await shop.query(
        "CREATE (:Run {tenant: $tenant, id: 'r', active: true, finished_at: datetime()}) "
        "WITH * MATCH (ann:Identity {tenant: $tenant, id: 'ann'}) "
        "UNWIND $ids AS id "
        "CREATE (ann)-[:LIKES {weight: 1.0, purchases: 1, last_at: $now, last_bought_at: $now}]->"
        "(:Product {tenant: $tenant, id: id, availability: 'in_stock'})",
        ids=list(product_ids),
        now=NOW,
    )
