"""What `plural evaluate` loads is in the graph as a shop's own data would be."""

import numpy as np

from app.domain.models import Product
from app.domain.progress import Silent
from app.evaluation.datasets import Dataset, Interactions
from app.evaluation.loading import UNTIMED, load_training
from app.evaluation.readers import ReadersInBatches
from app.evaluation.task import build_task
from app.graph.readers import Readers
from app.jobs.refresh import refresh
from app.recommend.query import Likes, Subject
from tests.graph.shop import Shop

PEOPLE, FRIENDS_AHEAD = 250, 50
"""25,000 links, as many as the listeners of Last.fm have."""


def club() -> Dataset:
    """Everybody has the same ten things, and is a friend of the next fifty."""
    identity, product = (axis.reshape(-1).astype(np.int64) for axis in np.indices((PEOPLE, 10)))
    friends = [sorted((who, (who + step) % PEOPLE)) for who in range(PEOPLE) for step in range(1, FRIENDS_AHEAD + 1)]
    return Dataset(
        name="club",
        identities=tuple(f"i{n}" for n in range(PEOPLE)),
        products=tuple(Product(f"p{n}", f"Product {n}") for n in range(10)),
        interactions=Interactions(identity, product, np.ones(len(identity))),
        friends=np.asarray(friends, dtype=np.int64),
    )


async def test_friends_follow_each_other(shop: Shop):
    task = build_task(club(), "ratio", "test", seed=0)

    await load_training(shop.db, shop.settings, shop.tenant, task, Silent())

    assert await shop.count("(:Identity {tenant: $tenant})-[:FOLLOWS]->(:Identity)") == 2 * PEOPLE * FRIENDS_AHEAD
    mutual = "({tenant: $tenant, id: 'i0'})-[:FOLLOWS]->(:Identity)-[:FOLLOWS]->({tenant: $tenant, id: 'i0'})"
    assert await shop.count(mutual) == 2 * FRIENDS_AHEAD


async def test_facts_that_are_read_in_batches_are_those_that_are_served(shop: Shop):
    task = build_task(club(), "ratio", "test", seed=0)
    await load_training(shop.db, shop.settings, shop.tenant, task, Silent())
    await refresh(shop.db, shop.settings, shop.tenant, now=UNTIMED)
    served = Readers(shop.db, 0, 0)
    batches = ReadersInBatches(shop.db, shop.tenant, served)
    some = ["i0", "i7", "i249"]

    await batches.announce(some, UNTIMED)

    for identity in some:
        one = (await served.read(shop.tenant, Subject(identity), UNTIMED)).reader
        many = (await batches.read(shop.tenant, Subject(identity), UNTIMED)).reader
        assert one.own is not None
        assert many.own is not None
        assert (many.run, many.kind, many.catalogue, many.granted) == (one.run, one.kind, one.catalogue, True)
        assert sorted(likes_as_rows(many.own)) == sorted(likes_as_rows(one.own))
        assert len(one.own.product_ids) == 8
        assert len(one.followed.product_ids) > 0
        assert set(zip(many.followed.product_ids, many.followed.scores, strict=True)) == set(
            zip(one.followed.product_ids, one.followed.scores, strict=True)
        )


async def test_a_page_and_whoever_was_not_announced_are_read_one_by_one(shop: Shop):
    task = build_task(club(), "ratio", "test", seed=0)
    await load_training(shop.db, shop.settings, shop.tenant, task, Silent())
    await refresh(shop.db, shop.settings, shop.tenant, now=UNTIMED)
    batches = ReadersInBatches(shop.db, shop.tenant, Readers(shop.db, 0, 0))
    await batches.announce(["i0"], UNTIMED)

    looking = await batches.read(shop.tenant, Subject("i0", context_ids=("p1",)), UNTIMED)
    other = await batches.read(shop.tenant, Subject("i5"), UNTIMED)

    assert looking.page == ("p1",)
    assert other.reader.own is not None
    assert other.reader.own.identity_id == "i5"


def likes_as_rows(likes: Likes) -> list[tuple[object, ...]]:
    columns = (likes.weight, likes.full_price_weight, likes.at_ms, likes.bought, likes.bought_ms)
    return list(zip(likes.product_ids, *(column.tolist() for column in columns), strict=True))
