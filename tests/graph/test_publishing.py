"""Figures are published at most weekly: a refresh in between keeps what stands."""

from datetime import timedelta

import pytest

from app.domain.communities import Summary
from app.domain.disclosure import Disclosure
from app.domain.retention import RetentionRules
from app.graph.audit import AuditTrail
from app.graph.communities import CommunityGraph
from app.graph.database import Database
from app.graph.retention import RetentionGraph
from app.jobs.refresh import refresh
from app.services.communities import CommunityGuide
from tests.graph.shop import HASHER, NOW, Shop

PEOPLE = 40
TASTES = {"tea": ("tea", "cup", "pot", "honey", "spoon"), "tool": ("hammer", "nails", "saw", "glue", "drill")}


@pytest.fixture
async def shop(db: Database, tenant: str) -> Shop:
    shop = Shop(db, tenant, k_look=5)
    for taste, products in TASTES.items():
        await shop.offers(*products, brand=f"{taste}-maker")
        await buy(shop, taste, PEOPLE)
    return shop


async def buy(shop: Shop, taste: str, number: int, name: str = "lover") -> None:
    """Let so many buy most of a taste's products, on two days."""
    events = [
        shop.event(
            "purchase", f"{taste}-{name}-{n}", *(p for at, p in enumerate(TASTES[taste]) if at != n % 5), days_ago=days
        )
        for n in range(number)
        for days in (20, 30)
    ]
    await shop.saw(*events)
    await shop.grants(*(f"{taste}-{name}-{n}" for n in range(number)))


async def published(shop: Shop, days_later: float) -> tuple[Summary, ...]:
    """Refresh some days from now; what is told then."""
    await refresh(shop.db, shop.settings, shop.tenant, now=NOW + timedelta(days=days_later))
    return await told(shop)


async def told(shop: Shop) -> tuple[Summary, ...]:
    guide = CommunityGuide(CommunityGraph(shop.db), Disclosure(5))
    return (await guide.list_all(shop.tenant, None, 100)).items


async def test_a_refresh_in_the_same_week_keeps_the_figures(shop: Shop) -> None:
    first = await published(shop, 0)
    assert sorted(one.id for one in first) == ["c1", "c2"]
    assert all(one.size is not None and one.label for one in first)
    guide = CommunityGuide(CommunityGraph(shop.db), Disclosure(5))
    matches = (await guide.match(shop.tenant, None, None, None, None, 100)).items
    assert {(one.kind, one.id) for one in matches} >= {("brand", "tea-maker"), ("brand", "tool-maker")}

    for taste in TASTES:
        await buy(shop, taste, 30, "newcomer")
    assert await published(shop, 1) == first
    assert await published(shop, 6) == first
    assert (await guide.match(shop.tenant, None, None, None, None, 100)).items == matches
    later = await published(shop, 7)

    assert sum(one.size or 0 for one in later) > sum(one.size or 0 for one in first) + 5
    assert await published(shop, 8) == later


async def test_the_next_week_has_another_noise_of_the_same_people(shop: Shop) -> None:
    sizes = {tuple(one.size for one in await published(shop, 7 * week)) for week in range(4)}

    assert len(sizes) > 1


async def test_a_refresh_that_died_while_it_published_published_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await published(shop, 0)

    async def fails(*_: object) -> int:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("app.jobs.refresh._rank_products", fails)
        with pytest.raises(RuntimeError, match="the power went"):
            await published(shop, 8)
    assert await told(shop) == first
    await shop.query(
        "MATCH (r:Run {tenant: $tenant}) WHERE r.finished_at IS NULL SET r.alive_at = datetime() - duration('P1D')"
    )

    again = await published(shop, 8)
    assert {one.id for one in again} == {one.id for one in first}


async def test_another_k_is_published_at_once(shop: Shop) -> None:
    assert all(one.size for one in await published(shop, 0))

    shop.settings = shop.settings.model_copy(update={"k_look": PEOPLE + 1})

    assert all(one.too_few and one.label is None for one in await published(shop, 1))


async def test_history_goes_by_what_was_published(shop: Shop) -> None:
    first = await published(shop, 0)
    for day in (1, 2, 7):
        await published(shop, day)
    guide = CommunityGuide(CommunityGraph(shop.db), Disclosure(5))
    now, then = await guide.trace(shop.tenant, first[0].id)

    assert then.size == first[0].size
    assert now.growth.value is not None
    assert now.growth.low is not None
    assert now.growth.high is not None
    assert now.growth.low <= 0 <= now.growth.high
    assert now.size is not None
    assert now.growth.value == pytest.approx(now.size / (then.size or 1) - 1, abs=0.01)
    assert [(step.event, step.from_id) for step in now.steps] == [(expected(now.size, then.size or 1), first[0].id)]


def expected(now: int, before: int) -> str:
    if abs(now - before) <= 0.1 * before:
        return "stayed"
    return "grew" if now > before else "shrank"


async def test_retention_is_published_with_the_other_figures_and_by_the_rules_of_that_day(shop: Shop) -> None:
    graph, other = RetentionGraph(shop.db, AuditTrail(HASHER)), RetentionRules(horizon_days=28)
    assert await graph.read_published(shop.tenant) is None
    await published(shop, 0)
    first = await graph.read_published(shop.tenant)
    await graph.write_rules(shop.tenant, other, "test")
    await published(shop, 3)

    assert first is not None
    assert first.rules == RetentionRules()
    assert await graph.read_published(shop.tenant) == first
    await published(shop, 7)
    later = await graph.read_published(shop.tenant)
    assert later is not None
    assert later.rules == other
    assert await graph.read_published_community(shop.tenant, "nobody's") == (False, None)
