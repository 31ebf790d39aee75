"""Keys that may stand in a page: from their own origins, for their own session, and for nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from app.api.gate import OF_BROWSERS, is_keyed
from app.api.tag_paths import WITH_CREDENTIALS
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ORIGIN, Shop


async def make_key(shop: Shop, **body: Any) -> str:
    made = await shop.call("POST", "/v1/keys", {"scopes": ["browser"], "origins": [ORIGIN], **body})
    assert made.status_code == 201, made.text
    assert made.json()["token"].startswith("pk_")
    return made.json()["token"]


async def visit(shop: Shop, token: str, path: str, body: Any, origin: str | None = ORIGIN) -> httpx2.Response:
    headers = {"X-API-Key": token, **({"Origin": origin} if origin else {})}
    return await shop.client.post(path, json=body, headers=headers)


def event(event_id: str, **who: Any) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"event_id": event_id, "type": "view", "at": at, "lines": [{"product_id": "p1"}], **who}


async def test_a_page_tells_of_a_session_apart_and_asks_for_the_session_that_it_names(shop: Shop) -> None:
    token = await make_key(shop)

    told = await visit(shop, token, "/v1/events", {"events": [event("e1", session_id="s1")]})
    asked = await visit(shop, token, "/v1/recommendations", {"session_id": "s1"})

    assert told.json()["accepted"] == 1
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert (
        await shop.count(
            "(:Identity {tenant: $tenant, id: 'session:page:s1', kind: 'anonymous'})"
            "-[:DID]->(:Interaction {session_id: 'page:s1'})"
        )
        == 1
    )


async def test_whom_only_a_page_knows_is_marked(shop: Shop) -> None:
    """So that figures do not count it before its time; a server's event makes it known."""
    await visit(shop, await make_key(shop), "/v1/events", {"events": [event("e1", session_id="s1")]})
    await shop.call("POST", "/v1/events", {"events": [event("e2", session_id="s2")]})
    marked = "(i:Identity {tenant: $tenant, kind: 'anonymous'}) WHERE i.public_since IS NOT NULL"
    assert await shop.count(marked) == 1

    await shop.call("POST", "/v1/events", {"events": [event("e3", session_id="page:s1")]})

    assert await shop.count(marked) == 0


async def test_a_page_speaks_for_nobody_with_a_name(shop: Shop) -> None:
    """Nor does it learn whom an e-mail would have named, or speak of a consent that is not its own."""
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    token = await make_key(shop)
    email = {"identifiers": [{"type": "email", "value": "tom@example.com"}]}
    segment: dict[str, Any] = {
        "type": "track",
        "event": "Product Viewed",
        "messageId": "m1",
        "userId": "tom",
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"product_id": "p1"},
        "context": {"consent": {"categoryPreferences": {}}},
    }
    rows: list[dict[str, Any]] = [
        event("e1", identity_id="tom"),
        event("e2", session_id="s1", **email),
        segment,
        event("e3", session_id="s1"),
    ]

    told = await visit(shop, token, "/v1/events", {"events": rows})

    assert told.json()["accepted"] == 1
    assert [error["index"] for error in told.json()["errors"]] == [0, 1, 2]
    for subject in ({"identity_id": "tom"}, email):
        assert (await visit(shop, token, "/v1/recommendations", subject)).status_code == 403
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom'})-[:DID|GAVE]->()") == 0


@pytest.mark.parametrize("type_", ["refund", "return"])
async def test_a_page_cannot_say_what_went_back(shop: Shop, type_: str) -> None:
    """Neither by a key that everybody can read nor by one that is bound to somebody; a server can."""
    bought = {"type": "purchase", "order_id": "o", "identity_id": "tom"}
    await shop.call("POST", "/v1/events", {"events": [event("bought", **bought)]})
    rows: list[dict[str, Any]] = [
        event("e1", session_id="s1", order_id="o") | {"type": type_},
        event("e2", session_id="s1", identity_id="tom", order_id="o") | {"type": type_},
        event("e3", order_id="o") | {"type": type_, "lines": []},
    ]

    for token in (await make_key(shop), await make_key(shop, identity_id="tom", session_id="s1")):
        told = await visit(shop, token, "/v1/events", {"events": rows})
        assert told.status_code == 422
        assert [error["field"] for error in told.json()["errors"]] == ["events.0", "events.1", "events.2"]
    assert [like["purchases"] for like in (await shop.call("GET", "/v1/identities/tom")).json()["likes"]] == [1]

    told = await shop.call("POST", "/v1/events", {"events": [rows[2]]})
    assert told.json()["accepted"] == 1
    assert (await shop.call("GET", "/v1/identities/tom")).json()["likes"] == []


async def test_a_key_bound_to_an_identity_and_session_speaks_for_these_and_not_for_anybody(shop: Shop) -> None:
    token = await make_key(shop, identity_id="tom", session_id="s1")

    for subject, status in (
        ({"identity_id": "tom"}, 200),
        ({"session_id": "s1"}, 200),
        ({}, 403),
        ({"product_ids": ["p1"]}, 403),
        ({"identity_id": "debbie"}, 403),
        ({"session_id": "s2"}, 403),
    ):
        assert (await visit(shop, token, "/v1/recommendations", subject)).status_code == status, subject
    told = await visit(
        shop, token, "/v1/events", {"events": [event("e1", identity_id="tom"), event("e2", identity_id="eve")]}
    )
    assert (told.json()["accepted"], [error["index"] for error in told.json()["errors"]]) == (1, [1])


@pytest.mark.parametrize(
    "origin", [None, "https://evil.example", "http://shop.example", "https://shop.example.evil.example"]
)
async def test_a_browser_key_is_good_from_its_own_origins_only(shop: Shop, origin: str | None) -> None:
    response = await visit(shop, await make_key(shop), "/v1/recommendations", {}, origin)

    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_browser_key_opens_no_other_route(shop: Shop) -> None:
    token = await make_key(shop)
    paths: dict[str, dict[str, Any]] = create_app(Settings.load()).openapi()["paths"]
    others = [(path, method) for path, item in paths.items() for method in item if path not in OF_BROWSERS]

    for path, method in others:
        if is_keyed(path):
            headers = {"X-API-Key": token, "Origin": ORIGIN}
            answer = await shop.client.request(method, path.replace("{", "").replace("}", ""), json={}, headers=headers)
            assert answer.status_code == 403, (method, path)


async def test_a_page_may_ask_whether_it_may_ask(shop: Shop) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    for path in OF_BROWSERS:
        answer = await shop.client.request("OPTIONS", path, headers=headers)
        assert answer.status_code == 204
        allowed = answer.headers["Access-Control-Allow-Headers"]
        assert allowed == "authorization, content-type, idempotency-key, x-api-key, x-session-token"
        assert ("credentials" in " ".join(answer.headers).lower()) == (path in WITH_CREDENTIALS)
    for path in ("/v1/products", "/v1/sessions/s1:token"):
        assert (await shop.client.request("OPTIONS", path, headers=headers)).status_code == 401


async def test_a_key_ends_when_it_says(shop: Shop) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=5)
    token = (await shop.call("POST", "/v1/keys", {"scopes": ["recommend"], "expires_at": soon.isoformat()})).json()[
        "token"
    ]
    answers = [await shop.client.post("/v1/recommendations", json={}, headers={"X-API-Key": token})]
    await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 0.1)
    answers.append(await shop.client.post("/v1/recommendations", json={}, headers={"X-API-Key": token}))

    assert [answer.status_code for answer in answers] == [200, 401]


async def test_each_change_of_a_key_is_told_once_and_never_its_token(shop: Shop) -> None:
    made = await shop.call("POST", "/v1/keys", {"scopes": ["recommend"]})
    path = f"/v1/keys/{made.json()['id']}"
    statuses = [(await shop.call("DELETE", one)).status_code for one in (path, path, "/v1/keys/none")]
    listed = (await shop.call("GET", "/v1/keys")).json()["keys"]

    assert statuses == [204, 204, 404]
    assert made.json()["token"] not in str(listed)
    assert next(key for key in listed if key["id"] == made.json()["id"])["revoked_at"]
    rows = await shop.query(
        "MATCH (a:AuditEntry {tenant: $tenant}) WHERE a.detail CONTAINS $id RETURN a.action AS action ORDER BY action",
        id=made.json()["id"],
    )
    assert [row["action"] for row in rows] == ["key_created", "key_revoked"]
