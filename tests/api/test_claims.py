"""What was done in an anonymous session becomes an identity's own only when it says so, and not for good."""

from typing import Any

from tests.api.conftest import Shop

AT = "2026-05-01T10:00:00Z"


def event(event_id: str, product_id: str, **who: Any) -> dict[str, Any]:
    return {"event_id": event_id, "type": "purchase", "at": AT, "lines": [{"product_id": product_id}], **who}


async def a_visit(shop: Shop) -> None:
    """Somebody looks around, then Tom signs in on the same device."""
    row = {"id": "tom", "kind": "personal", "identifiers": [{"type": "cookie", "value": "7f3a"}]}
    await shop.call("PUT", "/v1/identities", {"identities": [row, {"id": "debbie", "kind": "personal"}]})
    rows = [
        event("e1", "ring", session_id="s1", identifiers=[{"type": "cookie", "value": "7f3a"}]),
        event("e2", "lead", session_id="s1", identity_id="tom"),
    ]
    answer = await shop.call("POST", "/v1/events", {"events": rows})
    assert answer.json()["accepted"] == 2


async def likes(shop: Shop, identity_id: str = "tom") -> dict[str, tuple[int, dict[str, int]]]:
    answer = await shop.call("GET", f"/v1/identities/{identity_id}")
    # Weights age from one call to the next; tests/graph/test_claims.py compares them.
    return {like["product_id"]: (like["count"], like["events"]) for like in answer.json()["likes"]}


async def claim(shop: Shop, identity_id: str = "tom", session_id: str = "s1") -> Any:
    return await shop.call("POST", f"/v1/sessions/{session_id}:claim", {"identity_id": identity_id})


async def test_signing_in_pulls_nothing_in(shop: Shop) -> None:
    await a_visit(shop)

    assert set(await likes(shop)) == {"lead"}


async def test_a_claim_makes_the_history_ones_own_and_is_undone_without_a_trace(shop: Shop) -> None:
    await a_visit(shop)
    before, nobody = await likes(shop), await likes(shop, "session:s1")

    made = await claim(shop)
    assert made.status_code == 201
    assert made.json().items() >= {"identity_id": "tom", "session_id": "s1", "interactions": 1}.items()
    claimed = await likes(shop)
    assert set(claimed) == {"lead", "ring"}
    assert claimed["ring"] == (1, {"purchase": 1})
    assert await likes(shop, "session:s1") == nobody

    path = f"/v1/claims/{made.json()['id']}"
    assert (await shop.call("DELETE", path)).status_code == 204
    assert await likes(shop) == before
    assert await shop.count("(:Identity {tenant: $tenant})-[:CLAIMED]->()") == 0
    assert (await shop.call("DELETE", path)).status_code == 404
    acts = await shop.query("MATCH (a:AuditEntry {tenant: $tenant}) RETURN a.action AS action, a.detail AS detail")
    assert {"action": "claim", "detail": '{"interactions": 1}'} in acts
    assert {"action": "unclaim", "detail": '{"interactions": 1}'} in acts


async def test_a_claim_again_is_the_same_claim_and_takes_in_what_is_new(shop: Shop) -> None:
    await a_visit(shop)
    first = (await claim(shop)).json()
    await shop.call("POST", "/v1/events", {"events": [event("e3", "bone", session_id="s1")]})
    assert set(await likes(shop)) == {"lead", "ring"}

    again = (await claim(shop)).json()
    assert (again["id"], again["interactions"]) == (first["id"], 1)
    assert set(await likes(shop)) == {"lead", "ring", "bone"}
    assert (await claim(shop)).json()["interactions"] == 0


async def test_a_session_of_somebody_else_cannot_be_claimed(shop: Shop, other_shop: Shop) -> None:
    await a_visit(shop)

    assert (await claim(shop, "debbie")).status_code == 409  # Tom signed in there
    await shop.call("POST", "/v1/events", {"events": [event("e3", "cat", session_id="s2")]})
    assert (await claim(shop, "debbie", "s2")).status_code == 201
    assert (await claim(shop, "tom", "s2")).status_code == 409
    await shop.call("POST", "/v1/events", {"events": [event("e4", "tie", session_id="s3", identity_id="tom")]})
    assert (await claim(shop, "tom", "s3")).status_code == 409
    await shop.call("POST", "/v1/events", {"events": [event("e5", "cup", session_id="s4")]})
    assert (await claim(shop, "session:s1", "s4")).status_code == 409  # nobody has signed in
    assert (await claim(shop, "nobody", "s1")).status_code == 404
    assert (await claim(shop, "tom", "s9")).status_code == 404
    await other_shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    assert (await claim(other_shop)).status_code == 404
    assert set(await likes(shop)) == {"lead", "tie"}
    made = (await claim(shop)).json()
    assert (await other_shop.call("DELETE", f"/v1/claims/{made['id']}")).status_code == 404
    assert set(await likes(shop)) == {"lead", "tie", "ring"}


async def test_who_claims_may_be_named_by_identifiers_and_never_by_doubtful_ones(shop: Shop) -> None:
    await a_visit(shop)
    mail = {"type": "email", "value": "tom@example.com"}
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal", "identifiers": [mail]}]})
    cookie = {"type": "cookie", "value": "7f3a"}

    doubtful = await shop.call("POST", "/v1/sessions/s1:claim", {"identifiers": [cookie]})
    both = await shop.call("POST", "/v1/sessions/s1:claim", {"identity_id": "tom", "identifiers": [mail]})
    named = await shop.call("POST", "/v1/sessions/s1:claim", {"identifiers": [mail]})

    assert (doubtful.status_code, both.status_code, named.status_code) == (404, 422, 201)
    assert named.json()["identity_id"] == "tom"
