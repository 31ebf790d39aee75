"""Promise 2: after a refresh a sibling's behaviour moves an identity's answer no more than a random stranger's does."""

from typing import Any

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.domain.models import Identifier, Identity
from tests.graph.shop import HASHER
from tests.promises.examples import refreshed
from tests.promises.world import PRODUCTS, Act, World, acts, requests, same

UNSEEN = ("rare-a", "rare-b", "rare-c")
"""Products that only planters have."""

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


@pytest_asyncio.fixture(scope="module")
async def shelves(world: World) -> World:
    await world.offers(*UNSEEN)
    return world


@refreshed
@given(st.lists(acts, min_size=1, max_size=4), planted, st.sampled_from(("work", "shared", "profile")), requests)
async def test_it_makes_no_difference_whose_sibling_the_planter_is(
    shelves: World, history: list[Act], plants: list[Act], kind: Any, request: dict[str, Any]
) -> None:
    """The same deeds, learned from twice: once a sibling's, once a stranger's; all else stays as it is."""
    world, case = shelves, shelves.name("case")
    reader, planter = f"{case}-reader", f"{case}-planter"
    email = (Identifier("email", HASHER("").subject("email", case)),)
    await world.knows(
        Identity(reader, "personal", case, f"login-{case}", f"home-{case}", email),
        Identity(planter, kind, case, f"login-{case}", f"home-{case}", email),
    )
    purposes = "personalise_content", "model_training", "link_identities", "household_share"
    await world.grants(reader, planter, purposes=purposes)
    await world.saw(*world.events(reader, history), *world.events(planter, plants))
    await world.refreshes()
    beside = await world.told(reader, **request)

    await world.query(
        "MATCH (:Identity {tenant: $tenant, id: $id})-[r:HAS_IDENTITY|USED_BY|KNOWN_BY]-() DELETE r", id=planter
    )
    await world.knows(Identity(planter, kind, f"somebody-{case}", f"elsewhere-{case}", f"far-{case}"))
    await world.refreshes()
    afar = await world.told(reader, **request)

    assert beside.items == afar.items
    assert same(await world.told(reader, **request), afar)
    # The next case learns from the crowd alone, and as fast.
    await world.query(
        "MATCH (i:Identity {tenant: $tenant}) WHERE i.id IN $ids "
        "OPTIONAL MATCH (i)-[:DID|GAVE]->(x) DETACH DELETE i, x",
        ids=[reader, planter],
    )
