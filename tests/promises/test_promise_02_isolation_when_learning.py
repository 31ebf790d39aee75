"""Promise 2: after a refresh a sibling's behaviour moves an identity's answer no more than a random stranger's does."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.models import Identity
from app.graph.database import Database
from tests.promises.examples import promised
from tests.promises.world import PRODUCTS, TASTES, Act, World, acts, histories, requests

UNSEEN = ("rare-a", "rare-b", "rare-c")
planted = st.lists(
    st.builds(
        Act,
        st.sampled_from(("purchase", "view", "cart")),
        st.lists(st.sampled_from((*UNSEEN, *PRODUCTS)), min_size=1, max_size=6, unique=True).map(tuple),
        st.floats(0.001, 300),
    ),
    min_size=1,
    max_size=6,
)


@promised
@given(st.lists(acts, min_size=1, max_size=4), planted, st.lists(histories, max_size=3), requests)
async def test_twins_one_with_the_sibling_one_without_are_answered_alike(
    db: Database, history: list[Act], plants: list[Act], crowd: list[list[Act]], request: dict[str, Any]
) -> None:
    """Two identities with one history; somebody learned from is the sibling of the first, a stranger to the second."""
    world = World(db, World.name("learning"))
    for taste, products in TASTES.items():
        await world.offers(*products, product_type=taste)
    await world.offers(*UNSEEN)
    both = "personalise_content", "model_training"
    events = [e for twin in ("twin-a", "twin-b") for e in world.events(twin, history)]
    events += world.events("sibling-of-a", plants)
    events += [e for place, acts_ in enumerate(crowd) for e in world.events(f"stranger-{place}", acts_)]
    await world.knows(
        Identity("twin-a", "personal", "person", "login", "home"),
        Identity("twin-b", "personal", "somebody", "elsewhere", "far"),
        Identity("sibling-of-a", "work", "person", "login", "home"),
    )
    await world.saw(*events)
    strangers = [f"stranger-{place}" for place in range(len(crowd))]
    await world.grants("twin-a", "twin-b", "sibling-of-a", *strangers, purposes=both)

    await world.refreshes()

    first, second = await world.told("twin-a", **request), await world.told("twin-b", **request)
    assert first.items == second.items
    assert first.outcome == second.outcome == "granted"
