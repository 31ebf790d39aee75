"""Exclusions over HTTP: made, listed and ended, by a server, a bound key and a page; each told to the audit log."""

from typing import Any

import httpx2
import pytest

from app.domain.exclusions import MOST
from app.domain.keys import KeyRequest
from tests.api.conftest import ORIGIN, Shop

ANN = "/v1/identities/ann/exclusions"


async def know(shop: Shop, *ids: str) -> None:
    both = [{"id": id_, "kind": "personal"} for id_ in ids]
    assert (await shop.call("PUT", "/v1/identities", {"identities": both})).status_code == 200


async def opened(shop: Shop, token: str) -> dict[str, Any]:
    return (await shop.client.post("/v1/sessions", headers={"X-API-Key": token, "Origin": ORIGIN})).json()


async def on_page(shop: Shop, token: str, method: str, path: str, shown: str, body: Any = None) -> httpx2.Response:
    headers = {"X-API-Key": token, "Origin": ORIGIN, **({"X-Session-Token": shown} if shown else {})}
    return await shop.client.request(method, path, headers=headers, json=body)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"product_id": "p1"}, ("product", "p1", None)),
        ({"brand": "ACME"}, ("brand", "acme", None)),
        ({"tag": "mood:Cosy"}, ("tag", "mood:cosy", None)),
        ({"microgenre_id": "G1"}, ("microgenre", "G1", None)),
        ({"order_id": "o1"}, ("order", "o1", None)),
        ({"event_id": "e1", "product_id": "p1"}, ("event", "e1", "p1")),
    ],
)
async def test_an_exclusion_is_made_listed_and_ended(shop: Shop, body: dict[str, str], kept: tuple[Any, ...]) -> None:
    await know(shop, "ann", "bob")
    made = await shop.call("POST", ANN, body)
    again = await shop.call("POST", ANN, body)
    listed = (await shop.call("GET", ANN)).json()
    of_another = await shop.call("DELETE", f"/v1/identities/bob/exclusions/{made.json()['id']}")
    ended = await shop.call("DELETE", f"{ANN}/{made.json()['id']}")

    assert (made.status_code, of_another.status_code, ended.status_code) == (201, 404, 204)
    assert (made.json()["kind"], made.json()["value"], made.json()["product_id"]) == kept
    assert made.json() == again.json()
    assert listed == {"exclusions": [made.json()], "next_after": None}
    assert (await shop.call("GET", ANN)).json()["exclusions"] == []
    assert (await shop.call("DELETE", f"{ANN}/{made.json()['id']}")).status_code == 404


async def test_exclusions_are_listed_in_pages(shop: Shop) -> None:
    await know(shop, "ann")
    for brand in ("a", "b", "c"):
        await shop.call("POST", ANN, {"brand": brand})

    first = (await shop.call("GET", f"{ANN}?limit=2")).json()
    second = (await shop.call("GET", f"{ANN}?limit=2&after={first['next_after']}")).json()

    assert {one["value"] for one in first["exclusions"] + second["exclusions"]} == {"a", "b", "c"}
    assert second["next_after"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"brand": "a", "tag": "b"},
        {"product_id": "p", "brand": "a"},
        {"order_id": "o", "event_id": "e"},
        {"mood": 1},
    ],
)
async def test_what_names_nothing_or_several_things_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    await know(shop, "ann")

    assert (await shop.call("POST", ANN, body)).status_code == 422


async def test_nobody_else_and_no_other_tenant_is_spoken_for(shop: Shop, other_shop: Shop) -> None:
    await know(shop, "ann")
    made = (await shop.call("POST", ANN, {"brand": "a"})).json()

    for method, path, body in (
        ("POST", ANN, {"brand": "b"}),
        ("GET", ANN, None),
        ("DELETE", f"{ANN}/{made['id']}", None),
    ):
        assert (await other_shop.call(method, path, body)).status_code == 404
    assert (await shop.call("POST", "/v1/identities/nobody/exclusions", {"brand": "b"})).status_code == 404
    assert await shop.count("(:Exclusion {tenant: $tenant})") == 1


async def test_the_audit_log_says_that_and_not_what(shop: Shop) -> None:
    await know(shop, "ann")
    made = (await shop.call("POST", ANN, {"brand": "hidden-brand"})).json()
    await shop.call("POST", ANN, {"brand": "hidden-brand"})
    await shop.call("DELETE", f"{ANN}/{made['id']}")

    entries = (await shop.call("GET", "/v1/audit?identity_id=ann")).json()["entries"]

    told = [entry for entry in entries if entry["action"] in {"exclude", "unexclude"}]
    assert [(entry["action"], entry["detail"]) for entry in told] == [
        ("unexclude", {"kind": "brand"}),
        ("exclude", {"kind": "brand"}),
    ]


async def test_an_identity_excludes_so_many_things_at_a_time(shop: Shop) -> None:
    await know(shop, "ann")
    await shop.query(
        "MATCH (i:Identity {tenant: $tenant, id: 'ann'}) UNWIND range(1, $most) AS n "
        "CREATE (i)-[:EXCLUDES]->(:Exclusion {tenant: $tenant, id: 'e' + n, kind: 'brand', value: 'b' + n})",
        most=MOST,
    )

    assert (await shop.call("POST", ANN, {"brand": "one more"})).status_code == 409


async def test_a_bound_key_excludes_for_its_own_identity(shop: Shop) -> None:
    await know(shop, "ann", "bob")
    key = await shop.issue(KeyRequest(("ingest",), identity_id="ann"))
    headers = {"X-API-Key": key.token}

    own = await shop.client.post(ANN, headers=headers, json={"brand": "a"})
    other = await shop.client.post("/v1/identities/bob/exclusions", headers=headers, json={"brand": "a"})

    assert (own.status_code, other.status_code) == (201, 403)


async def test_a_page_excludes_for_its_own_session_alone_and_with_its_token(shop: Shop) -> None:
    await know(shop, "ann")
    token = await shop.token("browser")
    mine, other = await opened(shop, token), await opened(shop, token)
    path = f"/v1/identities/session:{mine['session_id']}/exclusions"

    made = await on_page(shop, token, "POST", path, mine["token"], {"product_id": "p1"})
    listed = await on_page(shop, token, "GET", path, mine["token"])

    assert made.status_code == 201, made.text
    assert made.headers["X-Session-Token"]
    assert listed.json()["exclusions"] == [made.json()]
    for where, shown in ((path, ""), (path, other["token"]), (path, "x"), (ANN, mine["token"]), (ANN, "")):
        for method, ending, body in (
            ("POST", "", {"brand": "a"}),
            ("GET", "", None),
            ("DELETE", f"/{made.json()['id']}", None),
        ):
            refused = await on_page(shop, token, method, where + ending, shown, body)
            assert refused.status_code == 403, (where, shown, method)
    assert (await on_page(shop, token, "DELETE", f"{path}/{made.json()['id']}", mine["token"])).status_code == 204


async def test_what_was_erased_is_not_brought_back_by_an_exclusion(shop: Shop) -> None:
    await know(shop, "ann")
    await shop.call("DELETE", "/v1/identities/ann")

    assert (await shop.call("POST", ANN, {"brand": "a"})).status_code == 404
    assert await shop.count("(:Identity {tenant: $tenant, id: 'ann'})") == 0


async def test_an_export_has_exclusions_dislikes_and_ratings(shop: Shop) -> None:
    await know(shop, "ann")
    made = (await shop.call("POST", ANN, {"brand": "a"})).json()
    said = {"identity_id": "ann", "at": "2026-05-01T10:00:00Z", "lines": [{"product_id": "p1"}]}
    events = [
        {**said, "event_id": "e1", "type": "rating", "value": 1, "max": 5},
        {**said, "event_id": "e2", "type": "dislike", "lines": [{"product_id": "p2"}]},
    ]
    assert (await shop.call("POST", "/v1/events", {"events": events})).json()["accepted"] == 2

    document = (await shop.call("GET", "/v1/identities/ann/export")).json()

    assert document["exclusions"] == [made]
    assert {like["product_id"]: round(like["weight"], 6) for like in document["likes"]} == {"p1": -1.2, "p2": -1.0}
    assert {one["id"]: one["rating"] for one in document["interactions"]} == {
        "e1": {"value": 1.0, "max": 5.0},
        "e2": None,
    }
    assert document["links"] == []


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"type": "rating", "max": 5}, "value"),
        ({"type": "rating", "value": 5}, "max"),
        ({"type": "rating", "value": 6, "max": 5}, "value"),
        ({"type": "rating", "value": -1, "max": 5}, "value"),
        ({"type": "rating", "value": 0, "max": 0}, "max"),
        ({"type": "view", "value": 1}, "value"),
        ({"type": "dislike", "max": 5}, "max"),
    ],
)
async def test_points_that_mean_nothing_are_refused(shop: Shop, row: dict[str, Any], field: str) -> None:
    said = {"event_id": "e1", "identity_id": "ann", "at": "2026-05-01T10:00:00Z", "lines": [{"product_id": "p1"}]}

    answer = await shop.call("POST", "/v1/events", {"events": [{**said, **row}]})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [f"events.0.{field}"])
