"""Collectors of GA4 and Snowplow, fed with what their tags and trackers were recorded to send."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.conftest import ORIGIN, Shop

WIRE = Path(__file__).parents[1] / "wire"
TP2 = "/com.snowplowanalytics.snowplow/tp2"
HIT = "/g/collect?v=2&cid=1.2&sid=7&uid=ann&en=view_item&pr1=idp1~nmTea~pr3.50"


def recorded(name: str) -> bytes:
    return json.dumps(json.loads((WIRE / name).read_text(encoding="utf-8"))["body"]).encode()


async def send(shop: Shop, path: str, body: bytes = b"", **headers: str) -> httpx2.Response:
    """Send as a tag does: with no key but that in the address."""
    kinds = {"Content-Type": "text/plain;charset=UTF-8", **headers}
    return await shop.client.request("POST", path, content=body, headers=kinds)


async def done(shop: Shop) -> list[tuple[str, str]]:
    rows = await shop.query("MATCH (i:Identity {tenant: $tenant})-[:DID]->(x) RETURN x.type AS type, i.id AS id")
    return sorted((row["type"], row["id"]) for row in rows)


async def test_the_measurement_protocol_takes_our_key_as_its_secret(shop: Shop) -> None:
    path = f"/mp/collect?measurement_id=G-1&api_secret={await shop.token('ingest')}"

    answer = await send(shop, path, recorded("ga4-python-two-events.json"))

    assert (answer.status_code, answer.json()["accepted"], answer.json()["errors"]) == (200, 2, [])
    assert await done(shop) == [("purchase", "shopper-1"), ("view", "shopper-1")]


@pytest.mark.parametrize("body", [b"", b"en=add_to_cart&pr1=idp2\nen=view_item&pr1=idp1"])
async def test_a_google_tag_speaks_for_its_session(shop: Shop, body: bytes) -> None:
    """By `sendBeacon` too, which says `text/plain`."""
    answer = await send(shop, f"{HIT}&key={await shop.token('browser')}", body, Origin=ORIGIN)

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    whose = {"view": "session:page:1.2.7", **({"cart": "session:page:1.2.7"} if body else {})}
    assert await done(shop) == sorted(whose.items())


def google(name: str, **params: Any) -> bytes:
    """One event of a server that knows the browser of the order."""
    return json.dumps({"client_id": "1.2", "events": [{"name": name, "params": params}]}).encode()


BOUGHT = google("purchase", transaction_id="T_1", items=[{"item_id": "tea", "quantity": 2}, {"item_id": "cup"}])
BACK = google("refund", transaction_id="T_1", currency="EUR", value=9.5)


@pytest.mark.parametrize("sent", [(BOUGHT, BACK), (BACK, BOUGHT)], ids=["as it happened", "the refund first"])
async def test_googles_refund_without_items_undoes_the_whole_order(shop: Shop, sent: tuple[bytes, bytes]) -> None:
    path = f"/mp/collect?api_secret={await shop.token('ingest')}"
    await send(shop, path, google("purchase", transaction_id="T_2", items=[{"item_id": "pot"}]))

    for body in sent:
        answer = await send(shop, path, body)
        assert (answer.status_code, answer.json()["accepted"], answer.json()["errors"]) == (200, 1, [])

    assert await likes(shop, "1.2") == ["pot"]


async def test_a_page_cannot_refund_with_googles_tag_either(shop: Shop) -> None:
    await send(shop, f"/mp/collect?api_secret={await shop.token('ingest')}", BOUGHT)
    token = await shop.token("browser")

    told = await send(shop, f"/mp/collect?api_secret={token}", BACK, Origin=ORIGIN)
    beacon = await send(
        shop, f"/g/collect?v=2&cid=1.2&sid=7&key={token}&en=refund&ep.transaction_id=T_1", Origin=ORIGIN
    )

    assert told.json()["accepted"] == 0
    assert "a page cannot say what went back" in told.json()["errors"][0]["reason"]
    assert (beacon.status_code, beacon.text) == (200, "ok")
    assert await likes(shop, "1.2") == ["cup", "tea"]


async def test_a_tag_with_a_servers_key_refunds_the_whole_order(shop: Shop) -> None:
    key = await shop.token("ingest")
    await send(shop, f"/mp/collect?api_secret={key}", BOUGHT)

    await send(shop, f"/g/collect?v=2&cid=1.2&key={key}&en=refund&ep.transaction_id=T_1&epn.value=9.5&cu=EUR")

    assert await likes(shop, "1.2") == []


async def likes(shop: Shop, identity_id: str) -> list[str]:
    rows = await shop.query(
        "MATCH (:Identity {tenant: $tenant, id: $id})-[:LIKES]->(p) RETURN p.id AS id ORDER BY id", id=identity_id
    )
    return [row["id"] for row in rows]


async def test_a_picture_shows_its_page_as_its_referrer(shop: Shop) -> None:
    token = await shop.token("browser")

    async def look(referrer: str) -> int:
        return (await shop.client.get(f"{HIT}&key={token}", headers={"Referer": referrer})).status_code

    assert await look(f"{ORIGIN}/p/1?q=2") == 200
    assert [await look(one) for one in ("https://evil.example/", "", "null", f"{ORIGIN}.evil.example/")] == [403] * 4
    assert await done(shop) == [("view", "session:page:1.2.7")]


async def test_a_referrer_is_no_origin_elsewhere(shop: Shop) -> None:
    headers = {"X-API-Key": await shop.token("browser"), "Referer": f"{ORIGIN}/"}

    assert (await shop.client.post("/v1/sessions", headers=headers)).status_code == 403


@pytest.mark.parametrize("where", ["query", "path"])
async def test_snowplows_tracker_shows_its_key_in_the_collectors_address(shop: Shop, where: str) -> None:
    token = await shop.token("browser")
    path = f"{TP2}?key={token}" if where == "query" else f"/{token}{TP2}"

    answer = await send(shop, path, recorded("snowplow-browser-ecommerce-post.json"), Origin=ORIGIN)

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert {whose for _, whose in await done(shop)} == {"session:page:739d2fe3-4c31-4c82-9586-d027006ccab5"}


async def test_a_server_names_its_users(shop: Shop) -> None:
    path = f"/{await shop.token('ingest')}{TP2}"

    await send(shop, path, recorded("snowplow-python-post-plain.json"))
    again = await send(shop, path, recorded("snowplow-python-post-plain.json"))

    assert again.status_code == 200
    assert [whose for _, whose in await done(shop)] == ["shopper-1"] * 4


@pytest.mark.parametrize("path", ["/mp/collect?api_secret=", "/g/collect?en=view_item&key=", f"{TP2}?key=", "/i?key="])
async def test_nobody_gets_in_without_a_key(shop: Shop, path: str) -> None:
    method = "GET" if path.startswith("/i") else "POST"
    for key in ("", "x", (await shop.token("ingest"))[:-1]):
        assert (await shop.client.request(method, path + key, content=b"{}")).status_code == 401


async def test_a_key_before_any_other_path_is_no_key(shop: Shop) -> None:
    token = await shop.token("ingest")

    for path in (f"/{token}/v1/events", f"/{token}/mp/collect", f"/{token}/{token}{TP2}", f"/{token}/"):
        assert (await send(shop, path, b"{}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/mp/collect", b'{"client_id": {}, "events": [5, {"name": []}]}'),
        ("/mp/collect", b'{"events": {"name": "view_item", "params": 7}}'),
        (TP2, b'{"data": [5, {"e": "ue", "ue_px": "%"}, {"e": "ti", "ti_sk": {}}]}'),
        ("/g/collect?en=view_item&pr1=~&cid=", b"\xff\xfe&&=\n" * 50),
    ],
)
async def test_what_cannot_be_used_is_still_200(shop: Shop, path: str, body: bytes) -> None:
    """A tag that is answered anything else sends it again."""
    answer = await send(shop, path, body, **{"X-API-Key": await shop.token("ingest")})

    assert answer.status_code == 200
    assert await done(shop) == []


async def test_what_a_page_says_of_consent_grants_nothing_without_its_token(shop: Shop) -> None:
    token: Any = await shop.token("browser")

    await send(shop, f"{HIT}&gcs=G111&npa=1&key={token}", Origin=ORIGIN)

    given = await shop.query(
        "MATCH (:Identity {tenant: $tenant})-[:GAVE]->(c) RETURN DISTINCT c.purpose AS purpose, c.status AS status"
    )
    assert given == [{"purpose": "ads_audience", "status": "denied"}]
