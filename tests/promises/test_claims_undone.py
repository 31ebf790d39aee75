"""A claim undone leaves no trace: the answer is the exact earlier one, whatever was done before and in the session."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.models import Identity
from app.graph.audit import AuditTrail
from app.graph.claims import ClaimGraph
from tests.graph.shop import HASHER
from tests.promises.examples import promised
from tests.promises.world import Act, World, acts, histories, requests, same


@promised
@given(histories, st.lists(acts, min_size=1, max_size=4), requests)
async def test_a_claim_undone_restores_the_answer(
    world: World, history: list[Act], visit: list[Act], request: dict[str, Any]
) -> None:
    reader, session = world.name("reader"), world.name("session")
    claims = ClaimGraph(world.db, AuditTrail(HASHER), world.settings.evidence_rules)
    await world.lives(Identity(reader, "personal"), history, "personalise_content")
    visited = [
        world.event(act.type, f"session:{session}", *act.product_ids, days_ago=act.days_ago, session_id=session)
        for act in visit
    ]
    before = await world.told(reader, **request)
    await world.saw(*visited)
    assert same(before, await world.told(reader, **request))  # signing in on the device pulls nothing in

    claim = await claims.claim(world.tenant, reader, session, world.name("claim"), datetime.now(UTC), "test")
    assert claim.interactions == len(visited)
    bought = {line.product_id for one in visited if one.type == "purchase" for line in one.lines}
    taken_back = any(act.type in ("refund", "dislike") for act in (*history, *visit))
    assert bought <= set(await world.likes(reader)) or taken_back
    assert await claims.end(world.tenant, claim.id, "test")

    assert same(before, await world.told(reader, **request))
