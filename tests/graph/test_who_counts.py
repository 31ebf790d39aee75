"""Who counts in figures: whom a server knows, or a public key since seven days, with events on two days."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.disclosure import DAYS_TO_COUNT
from app.graph.database import Database
from app.jobs.refresh import refresh
from tests.graph.shop import NOW, Shop


@pytest.fixture
async def shop(db: Database, tenant: str) -> Shop:
    shop = Shop(db, tenant)
    await shop.offers("tea", "cup")
    return shop


async def sees(shop: Shop, identity_id: str, *days_ago: float, is_public: bool = False) -> None:
    """Let an identity view tea on each of some days."""
    async with shop.writer() as writer:
        events = [shop.event("view", identity_id, "tea", days_ago=days) for days in days_ago]
        await writer.append(shop.tenant, events, is_public=is_public)
    await shop.grants(identity_id)


async def counted(shop: Shop, days_later: float = 0) -> set[str]:
    """Who counts in a run of today, or of some days later."""
    await refresh(shop.db, shop.settings, shop.tenant, now=NOW + timedelta(days=days_later, minutes=1))
    rows = await shop.query(
        "MATCH (:Run {tenant: $tenant, active: true})-[:LEARNED_FROM {counts: true}]->(i) RETURN i.id AS id"
    )
    return {row["id"] for row in rows}


async def test_whom_a_public_key_brought_counts_a_week_later(shop: Shop) -> None:
    await sees(shop, "guest", 3, 1, is_public=True)
    await sees(shop, "tom", 3, 1)

    assert await counted(shop) == {"tom"}
    assert await counted(shop, DAYS_TO_COUNT - 1) == {"tom"}
    assert await counted(shop, DAYS_TO_COUNT + 1) == {"guest", "tom"}


async def test_a_servers_word_makes_a_guest_count_at_once_and_for_good(shop: Shop) -> None:
    await sees(shop, "guest", 3, 1, is_public=True)
    await sees(shop, "guest", 2)
    await sees(shop, "guest", 0.5, is_public=True)

    assert await counted(shop) == {"guest"}


async def test_a_consent_that_came_first_does_not_vouch_for_a_guest(shop: Shop) -> None:
    await shop.grants("guest")
    await sees(shop, "guest", 3, 1, is_public=True)

    assert await counted(shop) == set()


async def test_two_keys_in_one_commit_are_told_apart(shop: Shop) -> None:
    async with shop.writer() as writer:
        batches = [
            writer.append(shop.tenant, [shop.event("view", id_, "tea", days_ago=d) for d in (1, 3)], is_public=kind)
            for id_, kind in (("guest", True), ("tom", False), ("both", True), ("both", False))
        ]
        await asyncio.gather(*batches)
    await shop.grants("guest", "tom", "both")

    assert await counted(shop) == {"both", "tom"}


async def test_one_day_of_events_does_not_count(shop: Shop) -> None:
    await sees(shop, "once", 2, 2)
    await sees(shop, "twice", 2, 3)

    assert await counted(shop) == {"twice"}
