"""What banners, events and browsers say is recorded once, for every purpose it speaks of."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.settings import Settings
from tests.api.conftest import ServeWith, Shop

CONSENTS = "/v1/identities/tom/consents"
MODE = {"ad_user_data": "granted", "ad_personalization": "granted", "analytics_storage": "denied"}


def track(at: str, identity_id: str = "tom", **preferences: bool) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"{identity_id}-{at}-{preferences}",
        "userId": identity_id,
        "timestamp": at,
        "properties": {"product_id": "p1"},
        "context": {"consent": {"categoryPreferences": preferences}},
    }


async def effective(shop: Shop, purpose: str, identity_id: str = "tom") -> str:
    return (await shop.call("GET", f"/v1/identities/{identity_id}/consents/{purpose}")).json()["effective"]


async def said(shop: Shop, purpose: str, identity_id: str = "tom") -> list[str]:
    """Statuses of one purpose, oldest first."""
    log = (await shop.call("GET", f"/v1/identities/{identity_id}/consents/{purpose}")).json()
    return [record["status"] for record in reversed(log["records"])]


async def audited(shop: Shop) -> int:
    return await shop.count("(e:AuditEntry {tenant: $tenant, action: 'consent'})")


async def test_signals_become_records_and_a_repetition_adds_nothing(shop: Shop) -> None:
    body = {
        "tcf": {"purpose": {"consents": {"3": True, "4": True, "5": True, "6": True, "7": True, "8": False}}},
        "consent_mode": MODE,
        "source": "banner",
        "policy_version": "2026-03",
    }
    first = (await shop.call("PUT", CONSENTS, body)).json()
    acts = await audited(shop)
    again = (await shop.call("PUT", CONSENTS, body)).json()

    assert {record["purpose"]: record["status"] for record in first["records"]} == {
        "ads_audience": "granted",
        "personalise_content": "granted",
        "measurement": "denied",
        "model_training": "denied",
    }
    assert {(record["source"], record["policy_version"]) for record in first["records"]} == {("banner", "2026-03")}
    assert again == {"identity_id": "tom", "records": []}
    assert acts == await audited(shop) == 4


async def test_an_empty_object_denies_all_that_it_can_speak_of_and_an_absent_one_nothing(shop: Shop) -> None:
    await shop.call("PUT", CONSENTS, {"consent_mode": dict.fromkeys(MODE, "granted")})

    assert (await shop.call("PUT", CONSENTS, {})).json()["records"] == []
    assert await effective(shop, "measurement") == "granted"
    denied = (await shop.call("PUT", CONSENTS, {"tcf": {}})).json()["records"]
    assert {record["purpose"]: record["status"] for record in denied} == dict.fromkeys(
        ("personalise_content", "ads_audience", "measurement", "model_training", "link_identities"), "denied"
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"tcf": {"tc_string": "BOtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA"}}, "tcf.tc_string must be of version 2"),
        ({"tcf": {"purpose": {"consents": {"3": 1}}}}, "tcf.purpose.consents must say true or false"),
        ({"consent_mode": {"ad_user_data": "yes"}}, "consent_mode.ad_user_data must be granted or denied"),
        ({"segment": {"categoryPreferences": ["ads"]}}, "segment.categoryPreferences must be an object"),
        ({"banner": {}}, "errors says why"),
    ],
    ids=str,
)
async def test_a_signal_that_cannot_be_read_is_refused_whole(shop: Shop, body: dict[str, Any], reason: str) -> None:
    answer = await shop.call("PUT", CONSENTS, {"consent_mode": MODE, **body})

    assert answer.status_code == 422
    assert reason in answer.json()["detail"]
    assert await shop.count("(:Consent {tenant: $tenant})") == 0


async def test_of_signals_too_far_ahead_only_what_they_deny_is_recorded(shop: Shop) -> None:
    answer = await shop.call("PUT", CONSENTS, {"consent_mode": MODE, "at": "2999-01-01T00:00:00Z"})

    assert answer.status_code == 422
    assert "only what they deny was recorded" in answer.json()["detail"]
    assert await shop.count("(:Consent {tenant: $tenant, status: 'granted'})") == 0
    assert await shop.count("(:Consent {tenant: $tenant, status: 'denied'})") > 0


async def settled(shop: Shop) -> None:
    """Wait until every privacy signal that was sent so far is written: they are written in their order."""
    marker = f"marker-{uuid4().hex[:8]}"
    await shop.call("PUT", f"/v1/identities/{marker}/consents/newsletter", {"status": "granted"})
    await shop.call("POST", "/v1/recommendations", {"identity_id": marker}, headers={"Sec-GPC": "1"})
    async with asyncio.timeout(20):
        while await said(shop, "ads_audience", marker) != ["denied"]:
            await asyncio.sleep(0.05)


@pytest.fixture
async def categories(shop: Shop) -> None:
    table = {"Advertising": ["ads_audience"], "Functional": ["personalise_content", "model_training"]}
    assert (await shop.call("PUT", "/v1/rules", {"consent_categories": table})).status_code == 200


@pytest.mark.usefixtures("categories")
async def test_a_segment_call_says_what_the_shops_table_makes_of_it(shop: Shop) -> None:
    batch = {"batch": [track("2026-05-01T10:00:00Z", Advertising=False, Functional=True, Other=True)]}
    answers = [(await shop.call("POST", "/v1/events", batch)).json() for _ in range(2)]

    assert [(answer["duplicates"], answer["errors"]) for answer in answers] == [(0, []), (1, [])]
    assert await said(shop, "personalise_content") == await said(shop, "model_training") == ["granted"]
    assert await said(shop, "ads_audience") == ["denied"]
    assert await audited(shop) == 3


@pytest.mark.usefixtures("categories")
async def test_a_replay_never_revives_a_consent_that_was_withdrawn_since(shop: Shop) -> None:
    granted, refused = track("2026-05-01T10:00:00Z", Functional=True), track("2026-05-01T11:00:00Z", Functional=False)
    for call in (granted, refused, granted, refused, granted):
        await shop.call("POST", "/v1/events", {"batch": [call]})

    assert await said(shop, "personalise_content") == ["granted", "denied"]
    assert await effective(shop, "personalise_content") == "denied"


async def test_a_ga4_body_says_what_its_consent_object_says(shop: Shop) -> None:
    body: dict[str, Any] = {
        "client_id": "web.1",
        "consent": {"ad_user_data": "GRANTED", "ad_personalization": "GRANTED"},
        "events": [{"name": "view_item", "params": {"items": [{"item_id": "p1"}]}}],
    }
    await shop.call("POST", "/v1/events", body)
    unclear = await shop.call(
        "POST", "/v1/events", {**body, "client_id": "web.2", "consent": {"ad_user_data": "maybe"}}
    )

    assert await said(shop, "ads_audience", "web.1") == ["granted"]
    assert await said(shop, "measurement", "web.1") == []
    assert unclear.json()["accepted"] == 1
    assert unclear.json()["errors"] == [
        {"index": 0, "field": "consent.ad_user_data", "reason": "must be granted or denied"}
    ]


async def test_the_privacy_header_denies_ads_audiences_once_until_something_else_is_said(shop: Shop) -> None:
    await shop.call("PUT", f"{CONSENTS}/newsletter", {"status": "granted"})

    async def asks(value: str) -> None:
        await shop.call("POST", "/v1/recommendations", {"identity_id": "tom"}, headers={"Sec-GPC": value})

    for value in ("0", "true", "1, 1"):
        await asks(value)
    await settled(shop)
    assert await said(shop, "ads_audience") == []

    for _ in range(3):
        await asks("1")
        await asks("1")
        await settled(shop)
    assert await said(shop, "ads_audience") == ["denied"]

    await shop.call("PUT", f"{CONSENTS}/ads_audience", {"status": "granted"})
    assert await effective(shop, "ads_audience") == "granted"
    await asks("1")
    await settled(shop)
    assert await said(shop, "ads_audience") == ["denied", "granted", "denied"]


async def test_the_privacy_header_makes_nobody(shop: Shop) -> None:
    for _ in range(2):
        await shop.call("POST", "/v1/recommendations", {"identity_id": "nobody"}, headers={"Sec-GPC": "1"})
        await settled(shop)
    assert await shop.count("(:Identity {tenant: $tenant, id: 'nobody'})") == 0

    await shop.call("PUT", "/v1/identities/nobody/consents/newsletter", {"status": "granted"})
    await shop.call("POST", "/v1/recommendations", {"identity_id": "nobody"}, headers={"Sec-GPC": "1"})
    await settled(shop)
    assert await said(shop, "ads_audience", "nobody") == ["denied"]


async def test_the_privacy_header_on_events_holds_for_everybody_in_the_batch(shop: Shop) -> None:
    batch = {"batch": [track("2026-05-01T10:00:00Z", "tom"), track("2026-05-01T10:00:00Z", "debbie")]}
    for _ in range(2):
        await shop.call("POST", "/v1/events", batch, headers={"Sec-GPC": "1"})

    assert await said(shop, "ads_audience") == await said(shop, "ads_audience", "debbie") == ["denied"]


async def test_the_privacy_header_holds_where_a_banner_says_the_opposite(shop: Shop) -> None:
    for at in range(3):
        body: dict[str, Any] = {
            "client_id": "web.1",
            "consent": {"ad_user_data": "GRANTED", "ad_personalization": "GRANTED", "analytics_storage": "granted"},
            "timestamp_micros": 1_777_000_000_000_000 + at,
            "events": [{"name": "view_item", "params": {"items": [{"item_id": "p1"}]}}],
        }
        await shop.call("POST", "/v1/events", body, headers={"Sec-GPC": "1"})

    assert await said(shop, "ads_audience", "web.1") == ["denied"]
    assert await said(shop, "measurement", "web.1") == ["granted"]


async def test_a_signal_that_waits_is_written_when_the_service_stops(
    serve_with: ServeWith, settings: Settings, shop: Shop
) -> None:
    await shop.call("PUT", f"{CONSENTS}/newsletter", {"status": "granted"})
    async with serve_with(settings) as client:
        headers = {"X-API-Key": await shop.token("recommend"), "Sec-GPC": "1"}
        await client.post("/v1/recommendations", json={"identity_id": "tom"}, headers=headers)

    assert await said(shop, "ads_audience") == ["denied"]


async def test_support_of_the_privacy_header_is_told_to_everybody(shop: Shop) -> None:
    answer = await shop.client.get("/.well-known/gpc.json")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["gpc"] is True
    assert datetime.fromisoformat(answer.json()["lastUpdate"]).replace(tzinfo=UTC) <= datetime.now(UTC) + timedelta(
        days=1
    )
