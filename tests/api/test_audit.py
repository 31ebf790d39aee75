"""The audit log over HTTP and from the command line."""

from datetime import UTC, datetime, timedelta

from app.domain.keys import SCOPES
from tests.api.conftest import Shop


async def test_every_change_is_in_the_log_with_the_key_that_made_it(shop: Shop) -> None:
    for number in range(3):
        await shop.call("PUT", "/v1/rules", {"min_confidence": number / 10})
    log = (await shop.call("GET", "/v1/audit")).json()

    assert [entry["action"] for entry in log["entries"]] == [*["rules"] * 3, "key_created"]
    assert [entry["sequence"] for entry in log["entries"]] == [4, 3, 2, 1]
    token = await shop.token(*SCOPES)
    assert {entry["actor"] for entry in log["entries"][:3]} == {token.split("_")[2]}
    head = (await shop.call("GET", "/v1/audit/head")).json()
    assert head == {"sequence": 4, "seal": log["entries"][0]["seal"]}


async def test_the_log_is_read_in_pages_and_by_filter(shop: Shop) -> None:
    for number in range(3):
        await shop.call("PUT", "/v1/rules", {"min_confidence": number / 10})
    first = (await shop.call("GET", "/v1/audit?limit=3")).json()
    second = (await shop.call("GET", f"/v1/audit?limit=3&cursor={first['next_cursor']}")).json()

    assert [entry["sequence"] for entry in (*first["entries"], *second["entries"])] == [4, 3, 2, 1]
    assert second["next_cursor"] is None
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    for nothing in ("action=erase", "identity_id=tom", f"after={later}"):
        assert (await shop.call("GET", f"/v1/audit?{nothing}")).json()["entries"] == []
    assert len((await shop.call("GET", f"/v1/audit?action=rules&before={later}")).json()["entries"]) == 3


async def test_another_shops_log_is_not_read(shop: Shop, other_shop: Shop) -> None:
    await shop.call("PUT", "/v1/rules", {"min_confidence": 0.1})

    log = (await other_shop.call("GET", "/v1/audit")).json()
    assert [entry["action"] for entry in log["entries"]] == ["key_created"]
    assert (await other_shop.call("GET", "/v1/audit/head")).json()["sequence"] == 1


async def test_the_log_is_for_admins(shop: Shop) -> None:
    key = {"X-API-Key": await shop.token("ingest", "recommend")}

    for path in ("/v1/audit", "/v1/audit/head"):
        assert (await shop.client.get(path, headers=key)).status_code == 403


async def test_a_cursor_or_time_that_is_none_is_refused(shop: Shop) -> None:
    for query in ("cursor=x", "after=noon", "after=2026-05-01T10:00:00", "limit=0", "action=dance"):
        assert (await shop.call("GET", f"/v1/audit?{query}")).status_code == 422
