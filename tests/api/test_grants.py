"""Grants over HTTP: given, listed, revoked; each told to the audit log."""

from typing import Any

from tests.api.conftest import Shop

GRANT = {
    "from": "aaron",
    "to": "offers",
    "purposes": ["newsletter", "personalise_content"],
    "until": "2099-01-01T00:00:00Z",
}


async def know_both(shop: Shop) -> None:
    both = [{"id": "aaron", "kind": "personal"}, {"id": "offers", "kind": "marketing"}]
    assert (await shop.call("PUT", "/v1/identities", {"identities": both})).status_code == 200


async def test_a_grant_is_given_listed_and_revoked(shop: Shop) -> None:
    await know_both(shop)
    given = await shop.call("POST", "/v1/grants", GRANT)
    again = await shop.call("POST", "/v1/grants", GRANT)
    listed = await shop.call("GET", "/v1/grants?identity_id=offers")
    revoked = await shop.call("DELETE", f"/v1/grants/{given.json()['id']}")

    assert (given.status_code, revoked.status_code) == (201, 204)
    assert given.json() == again.json()
    assert {"from": "aaron", "to": "offers", "to_kind": "marketing"}.items() <= given.json().items()
    assert given.json()["purposes"] == ["personalise_content", "newsletter"]
    assert listed.json() == {"grants": [given.json()], "next_after": None}
    assert (await shop.call("GET", "/v1/grants?identity_id=aaron")).json()["grants"] == []
    assert (await shop.call("DELETE", f"/v1/grants/{given.json()['id']}")).status_code == 404


async def test_grants_are_listed_in_pages(shop: Shop) -> None:
    await know_both(shop)
    for year in (2097, 2098, 2099):
        await shop.call("POST", "/v1/grants", {**GRANT, "until": f"{year}-01-01T00:00:00Z"})

    first = (await shop.call("GET", "/v1/grants?identity_id=aaron&limit=2")).json()
    second = (await shop.call("GET", f"/v1/grants?identity_id=aaron&limit=2&after={first['next_after']}")).json()

    assert (len(first["grants"]), len(second["grants"]), second["next_after"]) == (2, 1, None)
    assert len({grant["id"] for grant in first["grants"] + second["grants"]}) == 3


async def test_what_cannot_be_granted_is_refused(shop: Shop, other_shop: Shop) -> None:
    await know_both(shop)

    changes: list[tuple[dict[str, Any], int]] = [
        ({"until": "2020-01-01T00:00:00Z"}, 422),
        ({"to": "aaron"}, 422),
        ({"purposes": []}, 422),
        ({"to": "nobody"}, 404),
    ]
    for change, status in changes:
        assert (await shop.call("POST", "/v1/grants", {**GRANT, **change})).status_code == status, change
    assert (await other_shop.call("POST", "/v1/grants", GRANT)).status_code == 404
    assert await shop.count("(:Identity {tenant: $tenant})-[:GRANTED]->()") == 0
