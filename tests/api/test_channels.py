"""A tenant says how its channels are used; contacts and what came of them are taken, and a link unsubscribes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.graph.audit import AuditTrail
from app.graph.channels import ChannelGraph
from app.graph.database import Database
from app.services.unsubscribe import Unsubscriber
from tests.api.conftest import ORIGIN, Shop
from tests.graph.shop import HASHER

CHANNELS = "/v1/channels"
NOW = datetime.now(UTC).replace(microsecond=0)


def event(event_id: str, type_: str, channel: str | None = "email", days_ago: float = 1, **more: Any) -> dict[str, Any]:
    at = (NOW - timedelta(days=days_ago)).isoformat()
    return {"event_id": event_id, "type": type_, "identity_id": "tom", "at": at, "channel": channel, **more}


async def contact_of(shop: Shop, identity_id: str = "tom") -> Any:
    _, found = await ChannelGraph(shop.db, AuditTrail(HASHER)).read_contact(shop.tenant, identity_id, NOW)
    return found


async def effective(shop: Shop, purpose: str, identity_id: str = "tom") -> str:
    return (await shop.call("GET", f"/v1/identities/{identity_id}/consents/{purpose}")).json()["effective"]


async def put_tom(shop: Shop, **more: Any) -> None:
    body = {"identities": [{"id": "tom", "kind": "personal", **more}]}
    assert (await shop.call("PUT", "/v1/identities", body)).json()["accepted"] == 1


def by_name(answer: Any) -> dict[str, Any]:
    return {one["channel"]: one for one in answer.json()["channels"]}


async def test_a_shop_that_has_said_nothing_has_channels_with_limits(shop: Shop) -> None:
    answer = await shop.call("GET", CHANNELS)

    assert [one["channel"] for one in answer.json()["channels"]] == [
        *("web", "app", "packaging", "newsletter", "email", "push", "paid_social", "sms", "direct_mail")
    ]
    assert by_name(answer)["sms"] == {
        "channel": "sms",
        "purpose": "sms",
        "address": "sms",
        "cost": "0.08",
        "cap": {"contacts": 1, "days": 7},
        "quiet_hours": {"start": "20:00", "end": "08:00"},
        "must_have": ["text"],
    }


async def test_what_a_shop_says_of_a_channel_holds_and_the_rest_is_as_it_was(shop: Shop, other_shop: Shop) -> None:
    usual = by_name(await shop.call("GET", CHANNELS))
    said = {"channel": "email", "cost": "0.0025", "cap": {"contacts": 3, "days": 14}, "must_have": ["image_link"]}

    put = await shop.call("PUT", CHANNELS, {"time_zone": "Europe/Berlin", "channels": [said]})

    assert put.status_code == 200
    assert put.json() == (await shop.call("GET", CHANNELS)).json()
    assert put.json()["time_zone"] == "Europe/Berlin"
    email = {**usual["email"], **said, "quiet_hours": None}
    assert by_name(put) == {**usual, "email": email}
    assert by_name(await other_shop.call("GET", CHANNELS)) == usual


async def test_who_changed_the_channels_is_in_the_audit_log(shop: Shop) -> None:
    await shop.call("PUT", CHANNELS, {"channels": []})

    assert (await shop.call("GET", "/v1/audit")).json()["entries"][0]["action"] == "channels_put"


@pytest.mark.parametrize(
    "body",
    [
        {"channels": [{"channel": "fax"}]},
        {"channels": [{"channel": "email"}, {"channel": "email"}]},
        {"channels": [{"channel": "sms", "quiet_hours": {"start": "08:00", "end": "08:00"}}]},
        {"channels": [{"channel": "sms", "quiet_hours": {"start": "25:00", "end": "08:00"}}]},
        {"channels": [{"channel": "sms", "cap": {"contacts": -1, "days": 7}}]},
        {"channels": [], "time_zone": "Berlin"},
    ],
    ids=["no channel", "one twice", "all day", "no time", "a negative cap", "no time zone"],
)
async def test_what_makes_no_sense_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    assert (await shop.call("PUT", CHANNELS, body)).status_code == 422


async def test_where_somebody_is_and_what_reaches_it_stays_until_something_else_is_said(shop: Shop) -> None:
    await put_tom(shop, time_zone="America/New_York", reachable=["sms", "email", "email"])
    await put_tom(shop)

    found = await contact_of(shop)
    assert (found.time_zone, found.reachable) == ("America/New_York", {"email", "sms"})


async def test_a_time_zone_that_there_is_not_is_told_with_its_row(shop: Shop) -> None:
    rows = [{"id": "tom", "kind": "personal", "time_zone": "Mars/Olympus"}, {"id": "eve", "kind": "personal"}]

    answer = (await shop.call("PUT", "/v1/identities", {"identities": rows})).json()

    assert (answer["accepted"], answer["errors"][0]["field"]) == (1, "time_zone")


async def test_contacts_are_taken_once_and_say_nothing_of_taste(shop: Shop) -> None:
    await put_tom(shop, reachable=["email"])
    events = [event("s1", "sent"), event("s2", "sent", days_ago=3), event("c1", "click", decision_id="d")]

    first = (await shop.call("POST", "/v1/events", {"events": events})).json()
    again = (await shop.call("POST", "/v1/events", {"events": events})).json()

    assert (first["accepted"], first["errors"], again["duplicates"]) == (3, [], 3)
    assert (await contact_of(shop)).sent == {"email": [NOW - timedelta(days=1), NOW - timedelta(days=3)]}
    assert (await shop.call("GET", "/v1/identities/tom")).json()["likes"] == []


async def test_a_contact_is_in_a_channel_and_names_no_products(shop: Shop) -> None:
    events = [
        event("s1", "sent", channel=None),
        event("s2", "sent", channel="pigeon"),
        event("s3", "sent", lines=[{"product_id": "tea"}]),
    ]

    errors = (await shop.call("POST", "/v1/events", {"events": events})).json()["errors"]

    assert [error["field"] for error in errors] == ["events.0.channel", "events.1.channel", "events.2.lines"]


async def test_what_bounced_is_not_reachable_until_something_new_is_said(shop: Shop) -> None:
    await put_tom(shop, reachable=["email", "sms"])
    later = {"at": (datetime.now(UTC) + timedelta(seconds=1)).isoformat()}
    await shop.call("POST", "/v1/events", {"events": [event("b1", "bounced", "newsletter") | later]})
    assert (await contact_of(shop)).reachable == {"sms"}

    await put_tom(shop, reachable=["sms", "email"])
    assert (await contact_of(shop)).reachable == {"sms"}

    await shop.query("MATCH (x:Interaction {tenant: $tenant, id: 'b1'}) SET x.at = x.at - duration('PT1H')")
    await put_tom(shop, reachable=["sms"])
    await put_tom(shop, reachable=["email", "sms"])
    assert (await contact_of(shop)).reachable == {"email", "sms"}


async def test_whoever_unsubscribes_takes_the_channels_consent_back_and_no_other(shop: Shop) -> None:
    for purpose in ("newsletter", "email_marketing"):
        said = {"status": "granted", "at": (NOW - timedelta(days=9)).isoformat()}
        await shop.call("PUT", f"/v1/identities/tom/consents/{purpose}", said)

    for _ in range(2):
        await shop.call("POST", "/v1/events", {"events": [event("u1", "unsubscribed", "newsletter")]})

    assert (await effective(shop, "newsletter"), await effective(shop, "email_marketing")) == ("denied", "granted")
    log = (await shop.call("GET", "/v1/identities/tom/consents/newsletter")).json()["records"]
    assert [one["status"] for one in log] == ["withdrawn", "granted"]


async def test_a_page_cannot_say_what_was_sent_and_may_unsubscribe_its_own_session(shop: Shop) -> None:
    of_page = {"identity_id": None, "session_id": "s"}
    events = [event(type_, type_) | of_page for type_ in ("sent", "bounced", "unsubscribed")]
    key = {"X-API-Key": await shop.token("browser"), "Origin": ORIGIN}

    report = (await shop.client.post("/v1/events", json={"events": events}, headers=key)).json()

    assert report["accepted"] == 1
    assert [error["index"] for error in report["errors"]] == [0, 1]


@pytest.fixture
def token(shop: Shop, db: Database) -> str:
    return Unsubscriber(HASHER, None).token(shop.tenant, "tom", "email")  # pyright: ignore[reportArgumentType]


async def test_the_link_of_a_contact_withdraws_the_consent_of_its_channel_without_a_key(shop: Shop, token: str) -> None:
    await shop.call("PUT", "/v1/identities/tom/consents/email_marketing", {"status": "granted"})

    page = await shop.client.get(f"/unsubscribe/{token}")
    assert page.status_code == 200
    assert '<form method="post">' in page.text
    assert await effective(shop, "email_marketing") == "granted"  # whatever looks at links takes nothing back

    one_click = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await shop.client.post(f"/unsubscribe/{token}", content=b"List-Unsubscribe=One-Click", headers=one_click)

    assert answer.json() == {"channel": "email", "purpose": "email_marketing", "status": "withdrawn"}
    assert await effective(shop, "email_marketing") == "denied"


async def test_a_link_that_was_made_up_or_is_anothers_is_404(shop: Shop, other_shop: Shop, token: str) -> None:
    await other_shop.call("PUT", "/v1/identities/tom/consents/email_marketing", {"status": "granted"})
    of_the_other = token.replace(shop.tenant, other_shop.tenant)
    session = (
        await shop.client.post(
            "/v1/sessions",
            headers={
                "X-API-Key": await shop.token("browser"),
                "Origin": ORIGIN,
            },
        )
    ).json()["token"]

    assert (await shop.client.post(f"/unsubscribe/{token * 30}")).status_code == 422
    for made_up in (of_the_other, token[:-1], f"{shop.tenant}.{session}", "x", f"{shop.tenant}.", "ü.ü"):
        assert (await shop.client.post(f"/unsubscribe/{made_up}")).status_code == 404
        assert (await shop.client.get(f"/unsubscribe/{made_up}")).status_code == 404
    assert await effective(other_shop, "email_marketing") == "granted"


async def test_the_link_of_somebody_who_was_erased_answers_the_same_and_brings_nobody_back(
    shop: Shop, token: str
) -> None:
    await put_tom(shop, reachable=["email"])
    await shop.call("POST", "/v1/events", {"events": [event("s1", "sent")]})
    receipt = (await shop.call("DELETE", "/v1/identities/tom")).json()

    answer = await shop.client.post(f"/unsubscribe/{token}")

    assert receipt["counts"]["nodes"]["Interaction"] == 1
    assert answer.json()["status"] == "withdrawn"
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom'})") == 0
    assert (await contact_of(shop)).sent == {}
