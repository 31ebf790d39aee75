"""Machines whose clocks differ by hours: what expires is judged by the one clock that they share, the database's."""

import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import clock
from app.domain.models import Consent, Purpose
from app.graph import database
from app.graph.database import CLOCK_SECONDS, Database
from app.jobs import refresh
from tests.graph.shop import Shop

HOURS = (-5, 5)


@pytest.fixture(autouse=True)
def own_clock(db: Database) -> Generator[None]:
    yield
    clock.agree(None)
    db._clock_read_at = float("-inf")  # pyright: ignore[reportPrivateUsage]


def set_clock(db: Database, hours: float) -> None:
    """Let this machine believe that it is so much later, until it asks the server."""
    clock.agree(datetime.now(UTC) + timedelta(hours=hours))
    db._clock_read_at = float("-inf")  # pyright: ignore[reportPrivateUsage]


async def expire(shop: Shop, purpose: Purpose, *, soon: str, over: str) -> None:
    """One whose consent expires in an hour, one whose consent expired an hour ago."""
    now = datetime.now(UTC)
    for who, at in ((soon, now + timedelta(hours=1)), (over, now - timedelta(hours=1))):
        await shop.says(who, Consent(f"{who}-{purpose}", purpose, "granted", now - timedelta(days=2), expires_at=at))


@pytest.mark.parametrize("hours", HOURS)
async def test_a_consent_expires_at_its_time_whatever_clock_is_asked(db: Database, tenant: str, hours: float) -> None:
    shop = Shop(db, tenant)
    await expire(shop, "personalise_content", soon="soon", over="over")

    set_clock(db, hours)

    assert (await shop.asks("soon")).outcome == "granted"
    assert (await shop.asks("over")).outcome == "contextual_only"


@pytest.mark.parametrize("hours", HOURS)
async def test_a_refresh_learns_from_whom_it_may_whatever_its_clock(db: Database, tenant: str, hours: float) -> None:
    shop = Shop(db, tenant)
    await shop.offers("pan", "pot")
    for who in ("soon", "over"):
        await shop.buys(who, "pan", "pot")
    await expire(shop, "model_training", soon="soon", over="over")

    set_clock(db, hours)
    await refresh.refresh(db, shop.settings, tenant)

    rows = await shop.query("MATCH (:Run {tenant: $tenant})-[:LEARNED_FROM]->(i) RETURN collect(i.id) AS ids")
    assert rows[0]["ids"] == ["soon"]


async def test_time_passes_evenly_between_two_looks_at_the_servers_clock(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    read = Database.read

    async def noted(self: Database, name: str, /, **params: object) -> list[database.Row]:
        if self is db and name == "consents/read_clock":  # a service of another test looks for its keys
            looks.append(name)
        return await read(self, name, **params)

    monkeypatch.setattr(Database, "read", noted)
    started = time.monotonic()

    def later() -> float:
        return started + elapsed

    elapsed = 2 * CLOCK_SECONDS
    monkeypatch.setattr(database.time, "monotonic", later)
    first = await db.now()
    elapsed += CLOCK_SECONDS / 2
    second = await db.now()
    elapsed += CLOCK_SECONDS
    await db.now()

    assert second - first == timedelta(seconds=CLOCK_SECONDS / 2)
    assert looks == ["consents/read_clock"] * 2
