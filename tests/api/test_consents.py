"""Consents are appended, never rewritten; a replay is the same record."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.models import PURPOSES
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


async def test_any_past_moment_can_be_asked_for(shop: Shop) -> None:
    days = {"2026-03-01": "granted", "2026-04-01": "withdrawn", "2026-05-01": "granted"}
    for day, status in days.items():
        await shop.call("PUT", PATH, {"status": status, "at": f"{day}T00:00:00Z"})

    async def asked(at: str) -> dict[str, Any]:
        return (await shop.call("GET", "/v1/identities/tom/consents", params={"at": at})).json()

    for at, effective in {
        "2026-02-28T23:59:59Z": "denied",
        "2026-03-01T00:00:00Z": "granted",
        "2026-04-15T00:00:00+02:00": "denied",
        "2026-05-02T00:00:00Z": "granted",
    }.items():
        answer = await asked(at)
        assert [one["purpose"] for one in answer["purposes"]] == list(PURPOSES)
        assert {one["purpose"]: one["effective"] for one in answer["purposes"]} == {
            **dict.fromkeys(PURPOSES, "denied"),
            "newsletter": effective,
        }
        log = (await shop.call("GET", PATH, params={"at": at})).json()
        assert log["effective"] == effective
        assert all(record["at"] <= "2026-05-02" for record in log["records"])


@pytest.mark.parametrize(
    "at", ["2999-01-01T00:00:00Z", "yesterday", "2026-05-01T00:00:00", "0001-01-01T00:00:00+14:00"]
)
async def test_a_moment_that_has_not_been_cannot_be_asked_for(shop: Shop, at: str) -> None:
    await shop.call("PUT", PATH, {"status": "granted"})

    for path in ("/v1/identities/tom/consents", PATH):
        assert (await shop.call("GET", path, params={"at": at})).status_code == 422


async def test_a_record_keeps_which_notice_was_shown_and_how_it_can_be_shown(shop: Shop) -> None:
    said = {"status": "granted", "policy_version": "2026-03", "proof": "https://shop.example/forms/17"}
    await shop.call("PUT", PATH, said)

    [record] = (await shop.call("GET", PATH)).json()["records"]

    assert {name: record[name] for name in said} == said


async def test_a_receipt_says_who_consented_to_what(shop: Shop) -> None:
    said = {
        "status": "granted",
        "policy_version": "2026-03",
        "source": "web_form",
        "expires_at": "2999-01-01T00:00:00Z",
    }
    record = (await shop.call("PUT", PATH, said)).json()

    receipt = (await shop.call("GET", f"/v1/identities/tom/consents/receipts/{record['id']}")).json()

    assert (receipt["record_id"], receipt["pii_principal_id"]) == (record["id"], "tom")
    assert receipt["schema_version"] == "ISO/IEC TS 27560:2023"
    assert receipt["privacy_notice"]["version"] == "2026-03"
    [purpose], [event], [party] = receipt["purposes"], receipt["event_history"], receipt["party_identification"]
    assert (purpose["purpose_type"], purpose["lawful_basis"]) == ("newsletter", "consent")
    assert purpose["pii_controllers"] == [party["party_id"]]
    assert (event["event_type"], event["event_state"]) == ("consent_given", "active")
    assert event["validity_duration"] > 0


async def test_nobody_gets_anothers_receipt(shop: Shop, other_shop: Shop) -> None:
    record = (await shop.call("PUT", PATH, {"status": "granted"})).json()
    for who in (shop, other_shop):
        await who.call("PUT", "/v1/identities/debbie/consents/newsletter", {"status": "granted"})
    await other_shop.call("PUT", PATH, {"status": "granted"})

    assert (await shop.call("GET", f"/v1/identities/debbie/consents/receipts/{record['id']}")).status_code == 404
    assert (await other_shop.call("GET", f"/v1/identities/tom/consents/receipts/{record['id']}")).status_code == 404
    assert (await shop.call("GET", "/v1/identities/tom/consents/receipts/none")).status_code == 404


async def test_every_new_record_is_in_the_audit_log_without_naming_anybody(shop: Shop) -> None:
    for _ in range(2):
        await shop.call("PUT", PATH, {"status": "granted"}, headers={"Idempotency-Key": "c-1"})
    await shop.call("PUT", PATH, {"status": "withdrawn"})

    entries = await shop.query(
        "MATCH (e:AuditEntry {tenant: $tenant, action: 'consent'}) RETURN e.detail AS detail, e.subjects AS subjects, "
        "e.actor AS actor ORDER BY e.sequence"
    )

    details = [json.loads(entry["detail"]) for entry in entries]
    assert details == [{"purpose": "newsletter", "status": status} for status in ("granted", "withdrawn")]
    assert entries[0]["subjects"] == entries[1]["subjects"]
    assert "tom" not in str(entries)


async def test_nothing_new_is_kept_of_whoever_was_erased(shop: Shop) -> None:
    await shop.call("PUT", PATH, {"status": "granted"})
    assert (await shop.call("DELETE", "/v1/identities/tom")).status_code == 200

    bodies: dict[str, dict[str, Any]] = {PATH: {"status": "granted"}, "/v1/identities/tom/consents": {"tcf": {}}}
    for path, body in bodies.items():
        assert (await shop.call("PUT", path, body)).status_code == 409
    assert (await shop.call("GET", PATH)).status_code == 404
    assert await shop.count("(:Consent {tenant: $tenant})") == 0
