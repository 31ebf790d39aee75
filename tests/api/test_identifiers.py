"""Identifiers stand in place of an identity's id; doubt means anonymous."""

from typing import Any

import pytest

from tests.api.conftest import Shop

AT = "2026-05-01T10:00:00Z"
TOM_MAIL = {"type": "email", "value": "Tom@Example.org "}
FAMILY_MAIL = {"type": "email", "value": "family@example.org"}
COOKIE = {"type": "cookie", "value": "7f3a"}


async def knows(
    shop: Shop, identity_id: str, *identifiers: dict[str, str], kind: str = "personal", **more: Any
) -> None:
    row = {"id": identity_id, "kind": kind, "identifiers": identifiers, **more}
    answer = await shop.call("PUT", "/v1/identities", {"identities": [row]})
    assert answer.json()["errors"] == []


async def resolved(shop: Shop, *identifiers: dict[str, str]) -> tuple[str | None, str, str]:
    answer = await shop.call("POST", "/v1/identities:resolve", {"subjects": [{"identifiers": identifiers}]})
    [one] = answer.json()["subjects"]
    return one["id"], one["method"], one["why"]


def event(event_id: str, **who: Any) -> dict[str, Any]:
    return {"event_id": event_id, "type": "purchase", "at": AT, "lines": [{"product_id": "p1"}], **who}


async def test_identifiers_name_the_one_identity_that_is_known_by_them(shop: Shop, other_shop: Shop) -> None:
    await knows(shop, "tom", TOM_MAIL)
    spelled = {"type": "email", "value": "tom@example.org"}

    assert await resolved(shop, spelled, COOKIE) == ("tom", "resolved", "named_by_strong")
    assert await resolved(shop, COOKIE) == (None, "anonymous", "not_naming")
    assert await resolved(other_shop, spelled) == (None, "anonymous", "not_known")
    kept = await shop.query("MATCH (n:Identifier {tenant: $tenant}) RETURN properties(n) AS n")
    assert len(kept) == 1
    assert "example.org" not in repr(kept)


async def test_two_who_share_an_address_are_nobody(shop: Shop) -> None:
    await knows(shop, "tom", FAMILY_MAIL, account_id="login")
    assert (await resolved(shop, FAMILY_MAIL))[0] == "tom"

    await knows(shop, "debbie", FAMILY_MAIL, account_id="login")
    assert await resolved(shop, FAMILY_MAIL) == (None, "anonymous", "several_identities")


async def test_a_link_that_has_ended_or_is_weak_names_nobody(shop: Shop) -> None:
    await knows(shop, "tom", TOM_MAIL)
    for change in (
        "r.valid_until = datetime() - duration('P1D')",
        "r.confidence = 0.4",
        "r.first_seen = datetime('2999')",
    ):
        await shop.query(f"MATCH (:Identity {{tenant: $tenant}})-[r:KNOWN_BY]->() SET {change}")
        assert (await resolved(shop, TOM_MAIL))[0] is None
        await shop.query(
            "MATCH (:Identity {tenant: $tenant})-[r:KNOWN_BY]->()"
            "SET r.valid_until = NULL, r.confidence = 1.0, r.first_seen = datetime('2020')"
        )
        assert (await resolved(shop, TOM_MAIL))[0] == "tom"


async def test_a_placeholder_and_a_value_of_a_crowd_name_nobody_until_the_crowd_leaves(shop: Shop) -> None:
    await knows(shop, "tom", {"type": "email", "value": "noreply@shop.example"}, TOM_MAIL)
    assert await resolved(shop, {"type": "email", "value": "NoReply@shop.example"}) == (
        None,
        "anonymous",
        "quarantined",
    )

    for number in range(5):
        await knows(shop, f"i{number}", TOM_MAIL)
    assert await resolved(shop, TOM_MAIL) == (None, "anonymous", "quarantined")

    await shop.query("MATCH (i:Identity {tenant: $tenant})-[r:KNOWN_BY]->() WHERE i.id <> 'tom' DELETE r")
    assert (await resolved(shop, TOM_MAIL))[0] == "tom"


async def test_a_recommendation_says_how_the_identity_is_known(shop: Shop) -> None:
    await knows(shop, "tom", TOM_MAIL)

    async def identity(**who: Any) -> Any:
        answer = await shop.call("POST", "/v1/recommendations", who)
        return answer.json()["identity"]

    assert await identity(identifiers=[TOM_MAIL]) == {
        "id": None,
        "method": "anonymous",
        "confidence": None,
    }  # he has not consented
    await shop.call("PUT", "/v1/identities/tom/consents/personalise_content", {"status": "granted"})
    assert await identity(identifiers=[TOM_MAIL]) == {"id": "tom", "method": "resolved", "confidence": 1.0}
    assert await identity(identifiers=[TOM_MAIL], purpose="newsletter") == {
        "id": None,
        "method": "anonymous",
        "confidence": None,
    }
    assert await identity(identity_id="tom") == {"id": "tom", "method": "asserted", "confidence": 1.0}
    assert await identity(identifiers=[FAMILY_MAIL]) == {"id": None, "method": "anonymous", "confidence": None}
    both = await shop.call("POST", "/v1/recommendations", {"identity_id": "tom", "identifiers": [TOM_MAIL]})
    assert both.status_code == 422


async def test_events_go_to_who_is_named_else_to_nobody_of_the_account(shop: Shop) -> None:
    await knows(shop, "tom", TOM_MAIL, FAMILY_MAIL, account_id="login")
    await knows(shop, "debbie", FAMILY_MAIL, account_id="login")
    rows = [
        event("e1", identifiers=[TOM_MAIL]),
        event("e2", identifiers=[FAMILY_MAIL, COOKIE], session_id="s1"),
        event("e3", identifiers=[FAMILY_MAIL, COOKIE]),
        event("e4", identifiers=[COOKIE]),
        event("e5", identifiers=[FAMILY_MAIL]),
        event("e6", session_id="s1"),
        event("e7"),
        event("e8", identity_id="tom", identifiers=[COOKIE]),
    ]
    answer = (await shop.call("POST", "/v1/events", {"events": rows})).json()

    assert answer["accepted"] == 6
    assert [(one["index"], one["field"]) for one in answer["errors"]] == [(6, "identity_id"), (7, "identifiers")]
    did = await shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x) RETURN x.id AS event, i.id AS id, i.kind AS kind"
    )
    who = {row["event"]: (row["id"], row["kind"]) for row in did}
    assert who["e1"] == ("tom", "personal")
    assert who["e2"] == who["e6"] == ("session:s1", "anonymous")
    assert who["e3"] == who["e4"]
    assert who["e3"][0].startswith("anonymous:")
    assert "7f3a" not in who["e3"][0]
    assert who["e5"] == ("event:e5", "anonymous")


@pytest.mark.parametrize("value", ["null", "00000000"])
async def test_a_placeholder_cookie_gathers_nobody(shop: Shop, value: str) -> None:
    cookie = {"type": "cookie", "value": value}
    await shop.call("POST", "/v1/events", {"events": [event(id_, identifiers=[cookie]) for id_ in ("e1", "e2")]})

    assert await shop.count("(:Identity {tenant: $tenant})") == 2


async def test_health_tells_what_is_quarantined_and_why_without_a_value(shop: Shop, other_shop: Shop) -> None:
    await knows(other_shop, "i", TOM_MAIL)
    nobody, ip = {"type": "email", "value": "null"}, {"type": "ip", "value": "10.0.0.1"}
    for number in range(6):
        await knows(shop, f"i{number}", FAMILY_MAIL, ip)
    await knows(shop, "tom", TOM_MAIL, COOKIE, nobody, ip, person_id="tom")
    await knows(shop, "tom-work", TOM_MAIL, person_id="tom")
    await knows(shop, "tom-marketing", person_id="tom")

    health = (await shop.call("GET", "/v1/identifiers:health")).json()

    assert (health["identities"], health["identifiers"], health["quarantined"]) == (9, 5, 2)
    assert health["by_class"] == {"strong": 3, "shared": 1, "ephemeral": 1}
    assert {"type": "email", "number": 3, "blocked": 1, "over_cap": 1} in health["types"]
    assert [(one["type"], one["degree"], one["quarantined"]) for one in health["connectors"]] == [
        ("ip", 7, False),
        ("email", 6, True),
        ("email", 2, False),
    ]
    assert {len(one["prefix"]) for one in health["connectors"]} == {8}
    assert (health["largest"], health["components"][0]["components"]) == ([3], 6)

    await shop.query("MATCH (i:Identity {tenant: $tenant, id: 'i0'})-[r:KNOWN_BY]->() SET r.valid_until = datetime()")
    health = (await shop.call("GET", "/v1/identifiers:health")).json()
    assert health["quarantined"] == 1  # the address is now of five, and joins them
    assert health["largest"] == [5, 3]


async def test_a_value_that_the_tenant_blocks_is_nobodys_at_once_and_somebodys_again(shop: Shop) -> None:
    await knows(shop, "tom", TOM_MAIL)
    for listed, who, blocked in ((["TOM@example.org"], None, 1), ([], "tom", 0)):
        answer = await shop.call("PUT", "/v1/rules", {"blocked_values": listed})
        assert answer.status_code == 200

        assert (await resolved(shop, TOM_MAIL))[0] == who
        assert await shop.count("(:Identifier {tenant: $tenant, blocked: true})") == blocked
        assert (await shop.call("GET", "/v1/identifiers:health")).json()["quarantined"] == blocked
