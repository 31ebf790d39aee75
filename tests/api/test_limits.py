"""A key has its quota and a body its size, however it is sent."""

from collections.abc import AsyncIterator
from typing import cast

import pytest
from httpx2 import AsyncClient

from app.domain.keys import KeyRequest, Scope
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row
from app.graph.keys import KeyGraph
from app.services.keys import KeyRing, KeyStore, create_key
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop
from tests.graph.shop import HASHER

LIMIT = 3


@pytest.fixture
async def tight(serve_with: ServeWith, settings: Settings) -> AsyncIterator[AsyncClient]:
    """A service that takes three requests a minute and a thousand bytes."""
    async with serve_with(
        settings.model_copy(update={"rate_limit_per_minute": LIMIT, "max_body_bytes": 1000})
    ) as client:
        yield client


async def test_the_quota_is_told_and_kept(tight: AsyncClient, shop: Shop) -> None:
    headers = {"X-API-Key": await shop.token("recommend")}
    answers = [await tight.get("/v1/nothing", headers=headers) for _ in range(LIMIT + 1)]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert all(answer.headers["RateLimit-Policy"] == '"key";q=3;w=60' for answer in answers)
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].headers["Content-Type"] == "application/problem+json"


async def test_one_keys_haste_is_not_anothers(tight: AsyncClient, shop: Shop, other_shop: Shop) -> None:
    hasty, calm = {"X-API-Key": await shop.token("recommend")}, {"X-API-Key": await other_shop.token("recommend")}
    answers = [await tight.get("/v1/nothing", headers=hasty) for _ in range(LIMIT + 1)]
    assert answers[-1].status_code == 429

    assert (await tight.get("/v1/nothing", headers=calm)).status_code == 404


async def test_without_a_limit_no_quota_is_told(serve_with: ServeWith, settings: Settings, shop: Shop) -> None:
    async with serve_with(settings.model_copy(update={"rate_limit_per_minute": 0})) as client:
        answer = await client.get("/v1/nothing", headers={"X-API-Key": await shop.token("recommend")})

    assert answer.status_code == 404
    assert "RateLimit" not in answer.headers


async def test_a_body_that_says_it_is_too_large_is_refused(tight: AsyncClient, shop: Shop) -> None:
    answer = await tight.post(
        "/v1/events", content=b" " * 1001, headers={"X-API-Key": await shop.token("ingest"), "Content-Length": "1001"}
    )

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_body_in_chunks_is_counted_as_it_comes(tight: AsyncClient, shop: Shop) -> None:
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 100
            yield b" " * 100

    headers = {"X-API-Key": await shop.token("ingest"), "Content-Type": "application/json"}
    answer = await tight.post("/v1/events", content=chunks(), headers=headers)

    assert answer.status_code == 413
    assert taken <= 1200
    assert answer.json()["detail"] == "A body has 1,000 bytes at most."


async def test_a_body_just_small_enough_passes(tight: AsyncClient, shop: Shop) -> None:
    headers = {"X-API-Key": await shop.token("recommend"), "Content-Type": "application/json"}
    answer = await tight.post("/v1/recommendations", content=b"{}" + b" " * 998, headers=headers)

    assert answer.status_code == 200


SECRET = "0" * 64


async def test_who_guesses_keys_is_not_looked_up_for_ever(
    serve_with: ServeWith, settings: Settings, shop: Shop, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, fresh = await shop.token("recommend"), await shop.token("ingest")
    asked = 0
    read = db.read

    async def count(name: str, /, **params: object) -> list[Row]:
        nonlocal asked
        asked += name == "keys/find_key"
        return await read(name, **params)

    async with serve_with(settings.model_copy(update={"unknown_keys_per_minute": 3, "key_cache_seconds": 0})) as client:
        monkeypatch.setattr(db, "read", count)
        assert (await client.get("/v1/nothing", headers={"X-API-Key": good})).status_code == 404
        guesses = [f"plural_{shop.tenant}_{number:012x}_{SECRET}" for number in range(6)]
        answers = [await client.get("/v1/nothing", headers={"X-API-Key": guess}) for guess in guesses]

        assert [answer.status_code for answer in answers] == [401, 401, 429, 429, 429, 429]
        assert answers[-1].headers["Retry-After"] == "60"
        assert asked == 1 + 3
        # A key that was good before is looked up, whoever else is at this address; one never seen waits.
        assert (await client.get("/v1/nothing", headers={"X-API-Key": good})).status_code == 404
        assert (await client.get("/v1/nothing", headers={"X-API-Key": fresh})).status_code == 429


@pytest.mark.parametrize(
    "token",
    [
        "",
        "plural_demo_1_2",
        f"plural_demo_0123456789ab_{SECRET}0",
        f"plural_Demo_0123456789ab_{SECRET}",
        f"plural_demo_0123456789AB_{SECRET}",
        f"sk_demo_0123456789ab_{SECRET}",
        f"plural_demo_0123456789ab_{SECRET}\n",
    ],
)
async def test_nothing_is_looked_up_that_cannot_be_a_key(token: str) -> None:
    class NoStore:
        async def find_key(self, tenant: str, key_id: str) -> None:
            raise AssertionError

    assert await KeyRing(cast("KeyStore", NoStore()), cache_seconds=5).verify(token) is None


@pytest.mark.parametrize(
    ("scopes", "path", "status"),
    [
        (("ingest",), "/v1/events", 422),
        (("ingest",), "/v1/products", 422),
        (("ingest",), "/v1/identities", 422),
        (("recommend",), "/v1/recommendations", 413),
        (("browser",), "/v1/events", 413),
        ((), "/webhooks/shopify", 413),
    ],
)
async def test_only_a_servers_batches_may_be_large(
    serve_with: ServeWith, settings: Settings, shop: Shop, scopes: tuple[Scope, ...], path: str, status: int
) -> None:
    request = KeyRequest(scopes, origins=("https://shop.example",) if scopes == ("browser",) else ())
    headers = {"Content-Type": "application/json", "Origin": "https://shop.example"}
    if scopes:
        headers["X-API-Key"] = (await create_key(KeyGraph(shop.db, AuditTrail(HASHER)), shop.tenant, request)).token
    method = "PUT" if path in ("/v1/products", "/v1/identities") else "POST"
    async with serve_with(settings.model_copy(update={"max_keyless_body_bytes": 1000})) as client:
        answer = await client.request(method, path, content=b"{}" + b" " * 2000, headers=headers)

    assert answer.status_code == status
