"""Consents are appended, never rewritten; a replay is the same record."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Shop

PATH = "/v1/identities/tom/consents/newsletter"


async def test_records_are_appended_and_the_latest_decides(shop: Shop) -> None:
    for status in ("granted", "denied", "granted", "withdrawn"):
        answer = await shop.call("PUT", PATH, {"status": status, "source": "web_form"})
        assert answer.status_code == 200
        assert answer.json()["status"] == status

    log = (await shop.call("GET", PATH)).json()

    assert [record["status"] for record in log["records"]] == ["withdrawn", "granted", "denied", "granted"]
    assert (log["effective"], log["identity_id"], log["purpose"]) == ("denied", "tom", "newsletter")
    assert {record["source"] for record in log["records"]} == {"web_form"}


async def test_a_grant_ends_when_it_expires(shop: Shop) -> None:
    now = datetime.now(UTC)
    said = {"status": "granted", "at": (now - timedelta(days=2)).isoformat()}
    await shop.call("PUT", PATH, {**said, "expires_at": (now - timedelta(days=1)).isoformat()})
    assert (await shop.call("GET", PATH)).json()["effective"] == "denied"

    await shop.call("PUT", PATH, {"status": "granted", "expires_at": (now + timedelta(days=1)).isoformat()})
    assert (await shop.call("GET", PATH)).json()["effective"] == "granted"


async def test_a_replay_returns_the_same_record(shop: Shop) -> None:
    key = {"Idempotency-Key": "c-1"}
    first = await shop.call("PUT", PATH, {"status": "granted"}, headers=key)
    again = await shop.call("PUT", PATH, {"status": "granted"}, headers=key)
    others = await shop.call("PUT", "/v1/identities/debbie/consents/newsletter", {"status": "granted"}, headers=key)

    assert first.json() == again.json()
    assert others.json()["id"] != first.json()["id"]
    assert len((await shop.call("GET", PATH)).json()["records"]) == 1


async def test_a_key_used_for_something_else_is_refused(shop: Shop) -> None:
    key = {"Idempotency-Key": "c-1"}
    await shop.call("PUT", PATH, {"status": "granted"}, headers=key)
    answer = await shop.call("PUT", PATH, {"status": "denied"}, headers=key)

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["detail"]
    assert (await shop.call("GET", PATH)).json()["effective"] == "granted"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "maybe"},
        {"status": "granted", "at": "2026-05-01T10:00:00"},
        {"status": "granted", "at": "2999-01-01T00:00:00Z"},
        {"status": "granted", "expires_at": "2020-01-01T00:00:00Z"},
        {"status": "granted", "colour": "blue"},
    ],
    ids=str,
)
async def test_an_unclear_consent_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    assert (await shop.call("PUT", PATH, body)).status_code == 422
    assert await shop.count("(:Consent {tenant: $tenant})") == 0


async def test_an_unknown_purpose_and_an_unknown_identity_are_refused(shop: Shop) -> None:
    assert (await shop.call("PUT", "/v1/identities/tom/consents/world", {"status": "granted"})).status_code == 422
    assert (await shop.call("GET", PATH)).status_code == 404
