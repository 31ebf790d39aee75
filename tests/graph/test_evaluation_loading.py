"""What `plural evaluate` loads is in the graph as a shop's own data would be."""

import numpy as np

from app.domain.models import Product
from app.domain.progress import Silent
from app.evaluation.datasets import Dataset, Interactions
from app.evaluation.loading import load_training
from app.evaluation.task import build_task
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
