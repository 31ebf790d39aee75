"""A machine whose clock is hours off: keys, sessions and links end at their time all the same."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
import pytest_asyncio

from app.domain import clock
from app.domain.keys import KeyRequest
from app.graph.database import Database
from app.settings import Settings
from tests.api.conftest import ORIGIN, ServeWith, Shop


@pytest_asyncio.fixture(params=[-5, 5], ids=["behind", "ahead"])
async def client(
    request: pytest.FixtureRequest, db: Database, serve_with: ServeWith, settings: Settings
) -> AsyncGenerator[httpx2.AsyncClient]:
    """The service on a machine that is so many hours off."""
    clock.agree(datetime.now(UTC) + timedelta(hours=request.param))
    db._clock_read_at = float("-inf")  # pyright: ignore[reportPrivateUsage]
    async with serve_with(settings) as client:
        yield client
    clock.agree(None)


async def test_a_key_expires_at_its_time(shop: Shop) -> None:
    soon = await shop.issue(KeyRequest(("recommend",), expires_at=datetime.now(UTC) + timedelta(hours=1)))
    over = await shop.issue(KeyRequest(("recommend",), expires_at=datetime.now(UTC) + timedelta(hours=2)))
    await shop.query(
        "MATCH (k:ApiKey {tenant: $tenant, id: $id}) SET k.expires_at = datetime() - duration('PT1H')", id=over.key.id
    )

    statuses = [
        (await shop.client.post("/v1/recommendations", json={}, headers={"X-API-Key": one.token})).status_code
        for one in (soon, over)
    ]

    assert statuses == [200, 401]


async def test_a_session_lasts_as_long_as_it_says(shop: Shop) -> None:
    key = {"X-API-Key": await shop.token("browser"), "Origin": ORIGIN}
    opened = (await shop.client.post("/v1/sessions", headers=key)).json()

    minutes = (datetime.fromisoformat(opened["expires_at"]) - datetime.now(UTC)) / timedelta(minutes=1)
    assert 29 <= minutes <= 31


async def test_a_link_holds_as_long_as_it_says(shop: Shop) -> None:
    now = datetime.now(UTC)
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    for person, until in (("p-soon", now + timedelta(hours=1)), ("p-over", now - timedelta(hours=1))):
        body = {
            "type": "person_identity",
            "from": person,
            "to": "tom",
            "seen_at": (now - timedelta(days=9)).isoformat(),
            "valid_until": until.isoformat(),
        }
        written = await shop.call("POST", "/v1/links", body)
        assert written.json()["status"] == ("live" if person == "p-soon" else "expired"), written.json()
