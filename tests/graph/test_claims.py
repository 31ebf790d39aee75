"""Claim and undo, with events before, between and after: likes and answers are those of a twin who never claimed."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain.erasure import Erasure
from app.domain.models import Identity, Interaction, InteractionType
from app.graph.audit import AuditTrail
from app.graph.claims import ClaimGraph
from app.graph.database import Database, Row
from app.graph.erasure import ErasureGraph
from app.services.erase import Eraser
from tests.graph.shop import HASHER, Outside, Shop

TYPES: tuple[InteractionType, ...] = ("purchase", "view", "cart", "refund", "return")
EVENT = st.tuples(
    st.sampled_from(["tom", "session:s1"]),
    st.sampled_from(TYPES),
    st.lists(st.sampled_from(["ring", "bone", "lead"]), min_size=1, max_size=2, unique=True),
    st.floats(0.1, 400),
    st.sampled_from([None, "o1"]),
)
EVENTS = st.lists(EVENT, max_size=5)
Event = tuple[str, InteractionType, list[str], float, str | None]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=EVENTS, between=EVENTS, after=EVENTS)
# A refund that was claimed takes back a purchase that comes later.
@example([("session:s1", "refund", ["ring"], 10.0, None)], [("tom", "purchase", ["ring"], 20.0, None)], [])
# ... and no more, once it is given back.
@example([("session:s1", "refund", ["ring"], 10.0, None)], [], [("tom", "purchase", ["ring"], 20.0, None)])
async def test_after_claim_and_undo_likes_are_those_of_a_twin_who_never_claimed(
    db: Database, before: list[Event], between: list[Event], after: list[Event]
) -> None:
    shop = Shop(db, f"shop-{uuid4().hex[:12]}")
    claims = ClaimGraph(db, AuditTrail(HASHER), shop.settings.evidence_rules)
    await shop.knows(*(Identity(id_, "personal") for id_ in ("tom", "twin", "whole")))
    await happens(shop, [("session:s1", "view", ["ring"], 500.0, None), *before])
    claim = await claims.claim(shop.tenant, "tom", "s1", uuid4().hex, datetime.now(UTC), "test")

    assert same(await shop.likes("tom"), await shop.likes("whole"))
    await happens(shop, between)
    await claims.claim(shop.tenant, "tom", "s1", uuid4().hex, datetime.now(UTC), "test")
    assert same(await shop.likes("tom"), await shop.likes("whole"))
    assert await claims.end(shop.tenant, claim.id, "test")
    await happens(shop, after)

    assert same(await shop.likes("tom"), await shop.likes("twin"))
    assert await shop.count("(:Identity {tenant: $tenant})-[:CLAIMED]->()") == 0


async def happens(shop: Shop, events: list[Event]) -> None:
    """Record events; the twin does what Tom does, and the whole one what the visitor does, too."""
    did = [_interaction(shop, *event) for event in events]
    twins = [_of_another(one, "twin", one.session_id) for one in did if one.identity_id == "tom"]
    whole = [_of_another(one, "whole", "w") for one in did]
    await shop.saw(*did, *twins, *whole)


def _of_another(one: Interaction, who: str, session_id: str | None) -> Interaction:
    """Let somebody else do the same; an order is nobody else's."""
    order_id = one.order_id and f"{who}-{one.order_id}"
    return replace(one, id=f"{who}-{one.id}", identity_id=who, session_id=session_id, order_id=order_id)


def _interaction(
    shop: Shop, who: str, type_: InteractionType, products: list[str], days_ago: float, order: str | None
) -> Interaction:
    session_id = "s1" if who == "session:s1" else "of-tom"
    deal = {"price_paid": "5", "list_price": "10"} if session_id == "s1" else {}
    order_id = order and f"{order}-of-{session_id}"
    return shop.event(type_, who, *products, days_ago=days_ago, order_id=order_id, session_id=session_id, **deal)


def same(one: dict[str, Row], other: dict[str, Row]) -> bool:
    return one.keys() == other.keys() and all(
        all(one[id_][name] == other[id_][name] for name in ("count", "purchases", "last_at"))
        and math.isclose(one[id_]["weight"], other[id_]["weight"], rel_tol=1e-9)
        and math.isclose(one[id_]["full_price_weight"], other[id_]["full_price_weight"], rel_tol=1e-9)
        for id_ in one
    )


async def test_an_erased_visit_leaves_the_likes_of_who_had_claimed_it(shop: Shop) -> None:
    claims = ClaimGraph(shop.db, AuditTrail(HASHER), shop.settings.evidence_rules)
    erasures = ErasureGraph(shop.db, AuditTrail(HASHER), HASHER, shop.settings.evidence_rules)
    await shop.knows(Identity("tom", "personal"))
    await shop.buys("tom", "lead", "bone")
    before = await shop.likes("tom")
    await shop.buys("session:s1", "ring", "bone", session_id="s1")
    await claims.claim(shop.tenant, "tom", "s1", "claim-1", datetime.now(UTC), "test")
    assert set(await shop.likes("tom")) == {"lead", "bone", "ring"}

    eraser = Eraser(erasures, Outside(), shop.recommender)
    receipt = await eraser.erase(HASHER(shop.tenant), "identity", "session:s1", "test")

    assert same(await shop.likes("tom"), before)
    assert isinstance(receipt, Erasure)
    assert receipt.counts.relationships["CLAIMED"] == 1
