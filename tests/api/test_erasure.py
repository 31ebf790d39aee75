"""Erasing over HTTP: shown first, answered with a receipt, and final."""

import json
import logging
from typing import Any

import pytest

from app.domain.errors import NoRoomError
from app.domain.keys import SCOPES
from app.services.erased_log import ErasedLog, read_erased
from app.settings import Settings
from tests.api.conftest import Shop

AT = "2026-05-01T10:00:00Z"


async def a_person(shop: Shop) -> None:
    rows = [
        {"id": name, "kind": kind, "person_id": "tom", "account_id": "login", "household_id": "home"}
        for name, kind in (("tom-home", "personal"), ("tom-work", "work"))
    ]
    debbie = {"id": "debbie", "kind": "personal", "person_id": "debbie", "account_id": "login", "household_id": "home"}
    await shop.call("PUT", "/v1/identities", {"identities": [*rows, debbie]})
    await buy(shop, "tom-home", "tom-work", "debbie")


async def buy(shop: Shop, *names: str) -> dict[str, Any]:
    events = [
        {"event_id": f"e-{name}", "type": "purchase", "identity_id": name, "at": AT, "lines": [{"product_id": "tea"}]}
        for name in names
    ]
    return (await shop.call("POST", "/v1/events", {"events": events})).json()


async def test_an_identity_is_previewed_erased_and_gone(shop: Shop) -> None:
    await a_person(shop)
    shown = (await shop.call("DELETE", "/v1/identities/tom-home?preview=true")).json()
    assert shown["goes"]["nodes"] == {"Identity": 1, "Interaction": 1}
    assert shown["stays"] == {"Account": 1, "Person": 1, "Product": 1}
    assert (await shop.call("GET", "/v1/identities/tom-home")).status_code == 200

    answer = await shop.call("DELETE", "/v1/identities/tom-home")

    receipt = answer.json()
    assert (answer.status_code, receipt["counts"]) == (200, shown["goes"])
    assert "tom" not in answer.text
    assert (await shop.call("GET", f"/v1/erasures/{receipt['id']}")).json() == receipt
    assert (await shop.call("GET", "/v1/identities/tom-home")).status_code == 404
    assert (await shop.call("DELETE", "/v1/identities/tom-home")).json() == receipt
    assert (await buy(shop, "tom-home", "debbie"))["erased"] == 1
    rows = [{"id": name, "kind": "personal"} for name in ("tom-home", "ann")]
    again = (await shop.call("PUT", "/v1/identities", {"identities": rows})).json()
    assert (again["accepted"], again["erased"]) == (1, 1)
    consent = await shop.call("PUT", "/v1/identities/tom-home/consents/newsletter", {"status": "granted"})
    assert (consent.status_code, "erased" in consent.json()["detail"]) == (409, True)
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom-home'})") == 0
    log = (await shop.call("GET", "/v1/audit?identity_id=tom-home&action=erase")).json()
    assert [entry["detail"]["erasure"] for entry in log["entries"]] == [receipt["id"]]


async def test_a_kept_answer_is_forgotten(shop: Shop) -> None:
    await a_person(shop)
    await shop.call("PUT", "/v1/identities/tom-home/consents/personalise_content", {"status": "granted"})
    ask = {"identity_id": "tom-home"}
    assert (await shop.call("POST", "/v1/recommendations", ask)).json()["consent"]["outcome"] == "granted"

    await shop.call("DELETE", "/v1/identities/tom-home")

    again = (await shop.call("POST", "/v1/recommendations", ask)).json()
    assert (again["consent"]["outcome"], again["items"]) == ("contextual_only", [])


async def test_a_person_needs_the_confirmation_of_the_list(shop: Shop) -> None:
    await a_person(shop)
    for path in ("/v1/persons/tom", "/v1/persons/tom?confirm=abc"):
        refused = await shop.call("DELETE", path)
        assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
        shown = refused.json()["preview"]
        assert [one["id"] for one in shown["identities"]] == ["tom-home", "tom-work"]

    done = await shop.call("DELETE", f"/v1/persons/tom?confirm={shown['confirm']}")

    assert (done.status_code, done.json()["counts"]) == (200, shown["goes"])
    assert (await shop.call("GET", "/v1/identities/debbie")).status_code == 200
    assert (await shop.call("DELETE", "/v1/persons/tom")).json() == done.json()


async def test_a_household_is_erased_as_shown(shop: Shop) -> None:
    await a_person(shop)
    shown = (await shop.call("DELETE", "/v1/households/home?preview=true")).json()
    assert [one["id"] for one in shown["identities"]] == ["debbie", "tom-home", "tom-work"]

    done = await shop.call("DELETE", f"/v1/households/home?confirm={shown['confirm']}")

    assert done.json()["counts"] == shown["goes"]
    assert await shop.count("(n {tenant: $tenant}) WHERE n:Identity OR n:Person OR n:Household OR n:Account") == 0


async def test_nobody_is_erased_who_is_not_there_or_another_shops(shop: Shop, other_shop: Shop) -> None:
    await a_person(shop)

    for path in ("identities/tom-home", "persons/tom", "households/home", "identities/nobody"):
        for query in ("", "?preview=true"):
            assert (await other_shop.call("DELETE", f"/v1/{path}{query}")).status_code == 404
    assert (await other_shop.call("GET", "/v1/erasures/abc")).status_code == 404
    assert await shop.count("(:Identity {tenant: $tenant})") == 3


async def test_erasing_is_for_admins(shop: Shop) -> None:
    await a_person(shop)
    key = {"X-API-Key": await shop.token("ingest", "recommend")}

    for path in ("identities/tom-home", "persons/tom", "households/home"):
        assert (await shop.client.delete(f"/v1/{path}", headers=key)).status_code == 403
    assert await shop.count("(:Identity {tenant: $tenant})") == 3


async def test_the_access_log_names_nobody(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    calls = [
        ("DELETE", "/v1/identities/tom-0815?preview=true"),
        ("DELETE", "/v1/identities/tom-0815"),
        ("DELETE", "/v1/persons/tom-0815?confirm=tom-0815"),
        ("DELETE", "/v1/households/tom-0815"),
        ("GET", "/v1/identities/tom-0815/export"),
        ("GET", "/v1/audit?identity_id=tom-0815"),
        ("GET", "/v1/erasures/tom-0815"),
    ]
    await shop.token(*SCOPES)
    with caplog.at_level(logging.INFO, "plural"):
        for method, path in calls:
            await shop.call(method, path)
        await shop.client.post("/webhooks/shopify", content=b'{"email": "tom-0815"}')

    ours = [record for record in caplog.records if record.name.startswith("plural")]
    assert "tom-0815" not in "\n".join(record.getMessage() for record in ours)
    routes = [json.loads(record.message)["route"] for record in ours if record.name == "plural.access"]
    assert routes == [
        "/v1/identities/{identity_id}",
        "/v1/identities/{identity_id}",
        "/v1/persons/{person_id}",
        "/v1/households/{household_id}",
        "/v1/identities/{identity_id}/export",
        "/v1/audit",
        "/v1/erasures/{erasure_id}",
        "/webhooks/shopify",
    ]


async def test_an_erasure_is_acknowledged_only_when_it_is_noted_outside_the_database(
    shop: Shop, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})

    def fail(*_: object) -> None:
        raise NoRoomError("The erasure is under way, and could not be noted.")

    with monkeypatch.context() as patch:
        patch.setattr(ErasedLog, "note", fail)
        answer = await shop.call("DELETE", "/v1/identities/tom")
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert shop.tenant not in read_erased(settings.home / "erased.log")

    answer = await shop.call("DELETE", "/v1/identities/tom")

    assert answer.status_code == 200
    rows = await shop.query("MATCH (grave:Tombstone {tenant: $tenant}) RETURN grave.id AS id")
    assert read_erased(settings.home / "erased.log")[shop.tenant] == {row["id"] for row in rows} != set()
