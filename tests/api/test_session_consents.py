"""A page records its visitor's consent for its own session."""

from typing import Any

import httpx2
import pytest

from app.domain.keys import KeyRequest
from tests.api.conftest import ORIGIN, Shop


async def say(shop: Shop, token: str, session: dict[str, Any] | None = None, **body: Any) -> httpx2.Response:
    headers = {"X-API-Key": token, "Origin": ORIGIN}
    if session and "token" in session:
        headers["X-Session-Token"] = session["token"]
    named = {"session_id": session["session_id"]} if session else {}
    return await shop.client.post("/v1/sessions:consent", json={**named, **body}, headers=headers)


async def opened(shop: Shop, token: str) -> dict[str, Any]:
    headers = {"X-API-Key": token, "Origin": ORIGIN}
    return (await shop.client.post("/v1/sessions", headers=headers)).json()


async def given(shop: Shop) -> list[tuple[str, str, str]]:
    rows = await shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[:GAVE]->(c) RETURN i.id AS id, c.purpose AS purpose, c.status AS status"
    )
    return sorted((row["id"], row["purpose"], row["status"]) for row in rows)


async def test_a_page_grants_with_its_sessions_token(shop: Shop) -> None:
    token = await shop.token("browser")
    session = await opened(shop, token)

    answer = await say(shop, token, session, purposes={"personalise_content": "granted", "newsletter": "denied"})

    assert answer.status_code == 200, answer.text
    whose = f"session:{session['session_id']}"
    assert answer.json()["identity_id"] == whose
    assert {record["purpose"] for record in answer.json()["records"]} == {"personalise_content", "newsletter"}
    assert answer.headers["X-Session-Token"]
    assert await given(shop) == [(whose, "newsletter", "denied"), (whose, "personalise_content", "granted")]


async def test_said_again_it_adds_nothing(shop: Shop) -> None:
    token = await shop.token("browser")
    session = await opened(shop, token)

    await say(shop, token, session, purposes={"newsletter": "granted"})

    assert (await say(shop, token, session, purposes={"newsletter": "granted"})).json()["records"] == []


@pytest.mark.parametrize("shown", [{}, {"token": "x"}, {"token": "of another session"}])
async def test_without_it_a_page_grants_nothing_and_denies_what_it_wants(shop: Shop, shown: dict[str, str]) -> None:
    token = await shop.token("browser")
    if shown.get("token", "").startswith("of"):
        shown = {"token": (await opened(shop, token))["token"]}
    session = {"session_id": "s1", **shown}

    refused = await say(shop, token, session, purposes={"newsletter": "granted", "ads_audience": "denied"})
    denied = await say(shop, token, session, purposes={"ads_audience": "denied"})

    assert (refused.status_code, denied.status_code) == (403, 200)
    assert await given(shop) == [
        ("session:page:s1", "ads_audience", "denied"),
        ("session:s1", "ads_audience", "denied"),
    ]


async def test_the_stricter_of_what_is_said_at_once_counts(shop: Shop) -> None:
    session = {"session_id": "s1"}
    token = await shop.token("ingest")

    both = {"purposes": {"measurement": "granted"}, "consent_mode": {"analytics_storage": "denied"}}
    await say(shop, token, session, **both)

    assert await given(shop) == [("session:s1", "measurement", "denied")]


async def test_nobody_speaks_for_a_session_that_its_key_is_not_bound_to(shop: Shop) -> None:
    token = (await shop.issue(KeyRequest(("ingest",), session_id="s2"))).token

    assert (await say(shop, token, {"session_id": "s1"}, purposes={"newsletter": "denied"})).status_code == 403
    assert (await say(shop, token, {"session_id": "s2"}, purposes={"newsletter": "granted"})).status_code == 200


async def test_nothing_is_kept_of_a_session_that_was_erased(shop: Shop) -> None:
    token = await shop.token("ingest")
    await say(shop, token, {"session_id": "s1"}, purposes={"newsletter": "granted"})
    await shop.call("DELETE", "/v1/identities/session:s1")

    assert (await say(shop, token, {"session_id": "s1"}, purposes={"newsletter": "granted"})).status_code == 409


async def test_the_script_for_pages_is_small_and_kept_by_browsers(shop: Shop) -> None:
    answer = await shop.client.get("/plural.js")
    again = await shop.client.get("/plural.js", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert len(answer.content) < 6_000
    assert "cookie" not in answer.text.replace("No cookies", "")
    assert (again.status_code, again.content) == (304, b"")
