"""Links over HTTP: evidence that comes, is shown, contradicts, and ends."""

from typing import Any

import httpx2
import pytest

from tests.api.conftest import Shop

LINKS = "/v1/links"


async def known(shop: Shop, *ids: str, kind: str = "personal", consenting: bool = True) -> None:
    """Put identities that no link names."""
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": id_, "kind": kind} for id_ in ids]})
    for id_ in ids if consenting else ():
        await shop.call("PUT", f"/v1/identities/{id_}/consents/link_identities", {"status": "granted"})


def ends_of(end: str | tuple[str, str]) -> dict[str, Any]:
    """The end of a link; a pair is an identifier."""
    return {"to": end} if isinstance(end, str) else {"identifier": {"type": end[0], "value": end[1]}}


async def says(shop: Shop, type_: str, start: str, end: str | tuple[str, str], **given: Any) -> httpx2.Response:
    """Post one link."""
    return await shop.call("POST", LINKS, {"type": type_, "from": start, **ends_of(end), **given})


async def person(shop: Shop, id_: str, query: str = "") -> list[tuple[str, list[str]]]:
    """The identities of a person and how they belong."""
    answer = (await shop.call("GET", f"/v1/persons/{id_}{query}")).json()
    return [(one["id"], one["through"]) for one in answer["identities"]]


async def test_a_link_is_evidence_with_source_and_time(shop: Shop) -> None:
    await known(shop, "tom-work")

    answer = await says(shop, "person_identity", "tom", "tom-work", source="crm", confidence=0.9)

    assert answer.status_code == 201
    link = answer.json()
    assert (link["from"], link["to"], link["source"], link["confidence"]) == ("tom", "tom-work", "crm", 0.9)
    assert (link["status"], link["valid_until"], link["first_seen"]) == ("live", None, link["last_seen"])
    assert (await shop.call("GET", f"{LINKS}/{link['id']}")).json() == {
        k: v for k, v in link.items() if k != "conflicts"
    }
    assert [one["id"] for one in (await shop.call("GET", f"{LINKS}?identity_id=tom-work")).json()["links"]] == [
        link["id"]
    ]
    assert await person(shop, "tom") == [("tom-work", ["asserted"])]
    assert await shop.count("(:AuditEntry {tenant: $tenant, action: 'link'})") == 1


async def test_every_type_of_link_is_kept_and_ended(shop: Shop) -> None:
    await known(shop, "tom", "debbie")
    links = [
        ("person_identity", "p", "tom"),
        ("identity_account", "tom", "login"),
        ("account_household", "login", "home"),
        ("person_household", "p", "home"),
        ("identity_identifier", "tom", ("email", "tom@example.org")),
        ("follows", "tom", "debbie"),
        ("not_same_as", "tom", "debbie"),
    ]
    ids = [(await says(shop, *link)).json()["id"] for link in links]
    home = (await shop.call("GET", "/v1/households/home")).json()
    assert [one["id"] for one in home["persons"]] == ["p"]
    assert [one["id"] for one in home["accounts"]] == ["login"]
    assert [(one["id"], one["through"]) for one in home["identities"]] == [("tom", ["person", "account"])]

    for id_ in ids:
        assert (await shop.call("DELETE", f"{LINKS}/{id_}")).status_code == 204
        assert (await shop.call("GET", f"{LINKS}/{id_}")).status_code == 404
        assert (await shop.call("DELETE", f"{LINKS}/{id_}")).status_code == 404

    assert await shop.count("(n:Person|Account|Household|Identifier {tenant: $tenant})") == 0
    assert await shop.count("(n:EndedLink {tenant: $tenant})") == 7
    assert await shop.count("(:AuditEntry {tenant: $tenant, action: 'unlink'})") == 7
    assert (await shop.call("GET", "/v1/households/home")).status_code == 404


async def test_a_replay_changes_nothing_and_never_revives_what_was_ended(shop: Shop) -> None:
    await known(shop, "tom")
    said = {"source": "crm", "seen_at": "2026-01-01T00:00:00Z"}
    first = (await says(shop, "person_identity", "p", "tom", **said)).json()
    assert (await says(shop, "person_identity", "p", "tom", **said)).json() == first

    await shop.call("DELETE", f"{LINKS}/{first['id']}")
    replay = (await says(shop, "person_identity", "p", "tom", **said)).json()
    assert (replay["id"], replay["status"]) == (None, "ended")
    assert (await shop.call("GET", "/v1/persons/p")).status_code == 404

    again = (await says(shop, "person_identity", "p", "tom", source="crm")).json()
    assert again["status"] == "live"
    late = (await says(shop, "person_identity", "p", "tom", **said)).json()
    assert late["status"] == "ended"
    assert (await shop.call("GET", f"{LINKS}/{again['id']}")).json()["first_seen"] == again["first_seen"]


async def test_a_link_that_has_run_out_joins_nobody(shop: Shop) -> None:
    await known(shop, "tom")
    said = {"seen_at": "2026-01-01T00:00:00Z", "valid_until": "2026-02-01T00:00:00Z"}

    assert (await says(shop, "person_identity", "p", "tom", **said)).json()["status"] == "expired"
    assert await person(shop, "p") == []


async def test_two_people_are_never_made_one(shop: Shop) -> None:
    await known(shop, "tom", "tim")
    await says(shop, "identity_identifier", "tom", ("customer_number", "1"))
    await says(shop, "identity_identifier", "tim", ("customer_number", "2"))
    await says(shop, "identity_identifier", "tom", ("email", "t@example.org"))
    email = ("email", "T@example.org ")

    refused = await says(shop, "identity_identifier", "tim", email)
    assert refused.status_code == 409
    way = [
        "identifier customer_number",
        "identity tim",
        "identifier email",
        "identity tom",
        "identifier customer_number",
    ]
    assert refused.json()["path"] in (way, way[::-1])
    assert "example" not in refused.text
    assert (await shop.call("GET", "/v1/conflicts")).json()["conflicts"] == []

    kept = (await says(shop, "identity_identifier", "tim", email, on_conflict="keep")).json()
    assert [one["reason"] for one in kept["conflicts"]] == ["two_unique_values"]
    (conflict,) = (await shop.call("GET", "/v1/conflicts")).json()["conflicts"]
    assert conflict["identities"] == ["tim", "tom"]
    assert kept["id"] in conflict["links"]

    await says(shop, "not_same_as", "tom", "tim")
    assert (await shop.call("GET", "/v1/conflicts")).json() == {"conflicts": [], "next_after": None}


async def test_ending_a_link_settles_a_conflict(shop: Shop) -> None:
    await known(shop, "tom")
    await says(shop, "person_identity", "p", "tom", seen_at="2026-01-01T00:00:00Z")
    assert (await says(shop, "person_identity", "q", "tom")).status_code == 409
    kept = (await says(shop, "person_identity", "q", "tom", on_conflict="keep")).json()
    assert await person(shop, "p") == [("tom", ["asserted"])]
    assert await person(shop, "q") == []
    assert len((await shop.call("GET", "/v1/conflicts")).json()["conflicts"]) == 1

    await shop.call("DELETE", f"{LINKS}/{kept['id']}")

    assert (await shop.call("GET", "/v1/conflicts")).json()["conflicts"] == []


async def test_what_was_said_not_to_be_the_same_is_not_joined(shop: Shop) -> None:
    await known(shop, "tom", "tim")
    await says(shop, "person_identity", "p", "tom")
    await says(shop, "not_same_as", "tim", "tom")

    refused = await says(shop, "person_identity", "p", "tim")

    assert refused.status_code == 409
    assert sorted(refused.json()["path"]) == ["identity tim", "identity tom", "person p"]


async def test_an_identifier_joins_only_those_who_consent(shop: Shop) -> None:
    await known(shop, "tom", "tim")
    await known(shop, "tam", consenting=False)
    await says(shop, "person_identity", "p", "tom")
    for id_ in ("tom", "tim", "tam"):
        await says(shop, "identity_identifier", id_, ("email", "t@example.org"), confidence=0.8)

    assert await person(shop, "p") == [("tim", ["email"]), ("tom", ["asserted"])]
    assert await person(shop, "p", "?min_confidence=0.9") == [("tom", ["asserted"])]

    await shop.call("PUT", "/v1/identities/tim/consents/link_identities", {"status": "withdrawn"})
    assert await person(shop, "p") == [("tom", ["asserted"])]


async def test_conflicts_come_from_a_batch_too_and_in_pages(shop: Shop) -> None:
    rows = [
        {"id": f"i{n}", "kind": "personal", "person_id": person_id}
        for n in range(3)
        for person_id in (f"p{n}", f"q{n}")
    ]
    assert (await shop.call("PUT", "/v1/identities", {"identities": rows})).json()["accepted"] == 6

    first = (await shop.call("GET", "/v1/conflicts?limit=2")).json()
    rest = (await shop.call("GET", f"/v1/conflicts?limit=2&after={first['next_after']}")).json()

    assert [one["identities"] for one in first["conflicts"] + rest["conflicts"]] == [["i0"], ["i1"], ["i2"]]
    assert rest["next_after"] is None


async def test_a_simulation_tells_and_writes_nothing(shop: Shop) -> None:
    await known(shop, "tom", "tim")
    await says(shop, "person_identity", "p", "tom")
    await says(shop, "identity_identifier", "tom", ("email", "t@example.org"))
    before = await shop.query(
        "MATCH (n {tenant: $tenant}) OPTIONAL MATCH (n)-[r]->() RETURN count(n) AS n, count(r) AS r"
    )

    body = {"type": "identity_identifier", "from": "tim", "identifier": {"type": "email", "value": "t@example.org"}}
    effect = (await shop.call("POST", "/v1/links:simulate", body)).json()

    assert effect["verdict"] == "joins"
    assert effect["persons_after"] == [{"person_id": "p", "identities": ["tim", "tom"]}]
    assert [one["identities"] for one in effect["persons_before"]] == [["tim"], ["tom"]]
    assert effect["identifiers"] == [{"type": "email", "before": "tom", "after": None}]
    after = await shop.query(
        "MATCH (n {tenant: $tenant}) OPTIONAL MATCH (n)-[r]->() RETURN count(n) AS n, count(r) AS r"
    )
    assert after == before
    home = {"type": "person_household", "from": "p", "to": "home"}
    assert (await shop.call("POST", "/v1/links:simulate", home)).json()["households_after"] == [
        {"id": "home", "persons": ["p"], "accounts": []}
    ]


@pytest.mark.parametrize(
    ("type_", "end", "given", "verdict"),
    [
        ("person_identity", "tim", {"confidence": 0.1}, "below_min_confidence"),
        ("identity_identifier", ("device", "d1"), {}, "never_joins_class"),
        ("identity_identifier", ("email", "null"), {}, "blocked"),
        ("person_identity", "tam", {}, "never_joins_kind"),
        ("not_same_as", "tim", {}, "changes_nothing"),
        ("identity_account", "login", {}, "joins_nobody"),
    ],
)
async def test_a_simulation_names_the_rule(
    shop: Shop, type_: str, end: str | tuple[str, str], given: Any, verdict: str
) -> None:
    await known(shop, "tom", "tim")
    await known(shop, "tam", kind="shared")
    start = "p" if type_ == "person_identity" else "tom"

    answer = await shop.call("POST", "/v1/links:simulate", {"type": type_, "from": start, **ends_of(end), **given})

    assert answer.json()["verdict"] == verdict


@pytest.mark.parametrize(
    "body",
    [
        {"type": "person_identity", "from": "p"},
        {"type": "person_identity", "from": "p", "identifier": {"type": "email", "value": "a"}},
        {"type": "identity_identifier", "from": "tom", "to": "x"},
        {"type": "not_same_as", "from": "tom", "to": "tom"},
        {"type": "friends", "from": "tom", "to": "tim"},
        {"type": "follows", "from": "tom", "to": "tim", "confidence": 1.1},
        {"type": "follows", "from": "tom", "to": "tim", "seen_at": "2999-01-01T00:00:00Z"},
        {"type": "follows", "from": "tom", "to": "tim", "valid_until": "2000-01-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_a_link_that_cannot_be_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    await known(shop, "tom", "tim")

    for path in (LINKS, "/v1/links:simulate"):
        assert (await shop.call("POST", path, body)).status_code == 422
    assert await shop.count("(:Identity {tenant: $tenant})-[r]-(:Identity|Person|Identifier)") == 0


async def test_an_unknown_identity_and_another_shops_link_are_not_found(shop: Shop, other_shop: Shop) -> None:
    await known(shop, "tom")
    link = (await says(shop, "person_identity", "p", "tom")).json()

    assert (await says(other_shop, "person_identity", "p", "tom")).status_code == 404
    body = {"type": "person_identity", "from": "p", "to": "tom"}
    assert (await other_shop.call("POST", "/v1/links:simulate", body)).status_code == 404
    assert await other_shop.count("(:Person {tenant: $tenant})") == 0
    for method in ("GET", "DELETE"):
        assert (await other_shop.call(method, f"{LINKS}/{link['id']}")).status_code == 404
    assert (await other_shop.call("GET", "/v1/persons/p")).status_code == 404
    assert await person(shop, "p") == [("tom", ["asserted"])]
