"""A key has its quota and a body its size, however it is sent."""

from collections.abc import AsyncIterator

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.api.conftest import ServeWith, Shop

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
