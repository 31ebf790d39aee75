"""Segment's HTTP API as its and Rudder's clients use it: keys, bodies, answers, and what becomes of the rows."""

import gzip
import json
from base64 import b64encode
from typing import Any

import httpx2
import pytest

from app.api.tag_paths import SEGMENT, SEGMENT_CALLS, SEGMENT_SHORT
from app.domain.keys import KeyRequest
from app.settings import Settings
from tests.api.conftest import ORIGIN, Shop

VIEW: dict[str, Any] = {
    "type": "track",
    "event": "Product Viewed",
    "messageId": "m-1",
    "userId": "ann",
    "timestamp": "2026-05-01T10:00:00Z",
    "properties": {"product_id": "p1"},
}
ANN_IS_A1: dict[str, Any] = {"type": "identify", "userId": "ann", "anonymousId": "a-1", "messageId": "m-i"}


def basic(token: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{token}:'.encode()).decode()}"}


async def post(shop: Shop, path: str, body: Any, headers: dict[str, str] | None = None) -> httpx2.Response:
    """Post as a server's SDK does, with the key as Basic auth's user."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {**basic(await shop.token("ingest")), "Content-Type": "application/json", **(headers or {})}
    return await shop.client.post(path, content=content, headers=sent)


async def views(shop: Shop) -> int:
    return await shop.count("(:Identity {tenant: $tenant})-[:DID]->(:Interaction {type: 'view'})")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b"])
async def test_a_batch_is_taken_under_both_paths(shop: Shop, path: str) -> None:
    answer = await post(shop, path, {"batch": [VIEW], "sentAt": "2026-05-01T10:00:01Z"})

    assert answer.status_code == 200
    assert answer.json() == {"accepted": 1, "duplicates": 0, "erased": 0, "unmatched": 0, "errors": [], "success": True}
    assert await views(shop) == 1


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t"])
async def test_a_single_call_needs_neither_its_type_nor_a_time(shop: Shop, path: str) -> None:
    said = {name: VIEW[name] for name in ("event", "userId", "properties")}

    answer = await post(shop, path, said)

    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert await views(shop) == 1


@pytest.mark.parametrize("path", [*SEGMENT, *SEGMENT_SHORT])
async def test_every_path_answers_200_to_whom_it_knows_and_401_to_others(shop: Shop, path: str) -> None:
    body = {"batch": [VIEW]} if path in ("/v1/batch", "/v1/b") else {"userId": "ann"}

    assert (await post(shop, path, body)).status_code == 200
    for headers in (basic("plural_none"), {"Authorization": "Basic x"}, {"Authorization": "Bearer y"}):
        refused = await post(shop, path, body, headers)
        assert refused.status_code == 401
        assert refused.json()["success"] is False
        assert (refused.json()["code"], refused.json()["message"]) == ("unauthorized", refused.json()["detail"])


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json", ""])
async def test_the_body_is_json_whatever_it_calls_itself(shop: Shop, content_type: str) -> None:
    packed = gzip.compress(json.dumps({"batch": [VIEW]}).encode())

    plain = await post(shop, "/v1/batch", {"batch": [VIEW]}, {"Content-Type": content_type})
    sent_again = await post(shop, "/v1/batch", packed, {"Content-Type": content_type, "Content-Encoding": "gzip"})

    assert (plain.json()["accepted"], sent_again.json()["duplicates"]) == (1, 1)


async def test_the_key_may_be_in_the_body(shop: Shop) -> None:
    token = await shop.token("ingest")
    body = json.dumps({"batch": [VIEW], "writeKey": token}).encode()

    taken = await shop.client.post("/v1/batch", content=body)
    packed = await shop.client.post("/v1/b", content=gzip.compress(body), headers={"Content-Encoding": "gzip"})
    elsewhere = await shop.client.post("/v1/events", content=body, headers={"Content-Type": "application/json"})

    assert [answer.status_code for answer in (taken, packed, elsewhere)] == [200, 200, 401]
    assert packed.json()["duplicates"] == 1


async def test_a_key_in_a_shoppers_words_is_none(shop: Shop) -> None:
    words = json.dumps({"query": f'"writeKey":"{await shop.token("ingest")}"'})

    answer = await shop.client.post("/v1/track", content=words.encode())

    assert answer.status_code == 401


async def test_a_body_that_holds_its_own_key_is_read_no_further_than_any_without_a_key(
    shop: Shop, settings: Settings
) -> None:
    token, fill = await shop.token("ingest"), ["x" * 1_000] * (settings.max_keyless_body_bytes // 1_000)
    body = json.dumps({"fill": fill, "batch": [VIEW], "writeKey": token}).encode()

    for content, headers in ((body, {}), (gzip.compress(body), {"Content-Encoding": "gzip"})):
        answer = await shop.client.post("/v1/batch", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["message"]
    assert (await post(shop, "/v1/batch", body)).status_code == 200


async def test_a_packed_body_counts_as_what_comes_out_of_it(shop: Shop, settings: Settings) -> None:
    bomb = gzip.compress(b" " * (settings.max_body_bytes + 1))

    for path in ("/v1/batch", "/v1/events"):
        headers = {"X-API-Key": await shop.token("ingest"), "Content-Encoding": "gzip"}
        assert (await shop.client.post(path, content=bomb, headers=headers)).status_code == 413


async def test_a_batch_of_bad_rows_is_still_200_and_says_what_is_wrong(shop: Shop) -> None:
    rows = [{"type": "track"}, 5, {**VIEW, "userId": None}, {"type": "page", "userId": "ann"}]

    answer = await post(shop, "/v1/batch", {"batch": rows})

    assert (answer.status_code, answer.json()["accepted"]) == (200, 0)
    assert [error["index"] for error in answer.json()["errors"]] == [0, 1, 2, 3]


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 422), (b"", 422), (b'{"batch": 5}', 422)])
async def test_what_is_no_batch_is_refused_once_and_for_all(shop: Shop, body: bytes, status: int) -> None:
    """400 and 422: a client that is answered so does not send it again."""
    answer = await post(shop, "/v1/batch", body, {"Content-Type": "text/plain"})

    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert answer.json()["code"]
    assert answer.json()["message"]


async def test_identify_proposes_a_link_that_joins_nobody(shop: Shop) -> None:
    await post(shop, "/v1/identify", ANN_IS_A1)
    await post(shop, "/v1/batch", {"batch": [ANN_IS_A1, {**VIEW, "userId": None, "anonymousId": "a-1"}]})

    [link] = (await shop.call("GET", "/v1/links", params={"identity_id": "ann"})).json()["links"]
    assert (link["type"], link["identifier_type"], link["source"]) == ("identity_identifier", "segment_id", "segment")
    assert link["confidence"] < 0.5
    whose = {"subjects": [{"identifiers": [{"type": "segment_id", "value": "a-1"}]}]}
    assert (await shop.call("POST", "/v1/identities:resolve", whose)).json()["subjects"][0]["id"] is None
    assert await shop.count("(:Identity {tenant: $tenant, id: 'ann'})-[:DID|LIKES]->()") == 0


async def test_a_proposal_counts_once_the_rules_want_it(shop: Shop) -> None:
    await post(shop, "/v1/alias", {"userId": "ann", "previousId": "a-1"})

    await shop.call("PUT", "/v1/rules", {"classes": {"segment_id": "strong"}, "min_confidence": 0.4})

    whose = {"subjects": [{"identifiers": [{"type": "segment_id", "value": "a-1"}]}]}
    assert (await shop.call("POST", "/v1/identities:resolve", whose)).json()["subjects"][0]["id"] == "ann"


async def test_identify_makes_an_unknown_user_known_and_changes_no_kind(shop: Shop) -> None:
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "ben", "kind": "work"}]})

    for user in ("ann", "ben"):
        await post(shop, "/v1/identify", {**ANN_IS_A1, "userId": user})

    assert await shop.count("(:Identity {tenant: $tenant, id: 'ann', kind: 'anonymous'})") == 1
    assert await shop.count("(:Identity {tenant: $tenant, id: 'ben', kind: 'work'})") == 1


async def test_identify_brings_nobody_back_who_was_erased(shop: Shop) -> None:
    await post(shop, "/v1/identify", ANN_IS_A1)
    await shop.call("DELETE", "/v1/identities/ann")

    assert (await post(shop, "/v1/identify", ANN_IS_A1)).status_code == 200

    assert await shop.count("(:Identity {tenant: $tenant, id: 'ann'})") == 0
    assert await shop.count("(:Identifier {tenant: $tenant})") == 0


async def test_what_a_browser_did_may_be_claimed(shop: Shop) -> None:
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "ann", "kind": "personal"}]})
    await post(shop, "/v1/batch", {"batch": [{**VIEW, "userId": None, "anonymousId": "a-1"}]})

    claim = await shop.call("POST", "/v1/sessions/a-1:claim", {"identity_id": "ann"})

    assert (claim.status_code, claim.json()["interactions"]) == (201, 1)


async def test_a_page_speaks_for_its_session_whoever_it_names(shop: Shop) -> None:
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "ann", "kind": "personal"}]})
    token = await shop.token("browser")
    rows = [{**VIEW, "anonymousId": "a-1"}, ANN_IS_A1, {"type": "alias", "userId": "ann", "previousId": "a-1"}]

    answer = await post(shop, "/v1/b", {"batch": rows}, {**basic(token), "Origin": ORIGIN})

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.json()["accepted"] == 1
    assert [error["index"] for error in answer.json()["errors"]] == [1, 2]
    assert (
        await shop.count("(:Identity {tenant: $tenant, id: 'session:page:a-1'})-[:DID]->({session_id: 'page:a-1'})")
        == 1
    )
    assert await shop.count("(:Identity {tenant: $tenant, id: 'ann'})-[:DID|KNOWN_BY]->()") == 0


async def test_a_bound_key_links_nobody(shop: Shop) -> None:
    token = (await shop.issue(KeyRequest(("ingest",), identity_id="ann"))).token

    answer = await post(shop, "/v1/batch", {"batch": [VIEW, ANN_IS_A1]}, basic(token))

    assert (answer.json()["accepted"], [error["index"] for error in answer.json()["errors"]]) == (1, [1])
    assert await shop.count("(:Identifier {tenant: $tenant})") == 0


@pytest.mark.parametrize("path", [*SEGMENT, *SEGMENT_SHORT])
async def test_a_page_may_ask_whether_it_may_send_authorization(shop: Shop, path: str) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Headers": "authorization,content-type"}

    answer = await shop.client.request("OPTIONS", path, headers=headers)

    assert answer.status_code == 204
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]


async def test_no_call_is_redirected(shop: Shop) -> None:
    """Segment's, Rudder's and Snowplow's clients follow a 301 with an empty GET and report success."""
    for path in ("/v1/batch/", "//v1/batch", "/v1/track/"):
        answer = await post(shop, path, {"batch": [VIEW]})
        assert answer.status_code in (401, 404)


def test_every_call_has_a_short_path() -> None:
    assert len(SEGMENT) == len(SEGMENT_SHORT) == len(SEGMENT_CALLS) + 1
