"""Grants: directed, purposeful, expiring, revocable; a household's members in turn."""

from datetime import timedelta

import pytest
import pytest_asyncio

from app.domain.errors import InvalidError, NotFoundError
from app.domain.grants import Grant, GrantRequest
from app.domain.hashing import Hasher
from app.domain.models import Consent, Identity, Purpose
from app.domain.recommendation import Recommendation, RecommendationRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.grants import GrantGraph
from app.services.grants import give_grant, revoke_grant
from tests.graph.shop import NOW, Shop

TASTES = {"tea": ("tea", "cup", "pot"), "tool": ("hammer", "nails", "saw"), "pet": ("bone", "leash", "bowl")}


class Family(Shop):
    """A shop with three tastes, two people and the identities that they keep apart."""

    def __init__(self, db: Database, tenant: str) -> None:
        super().__init__(db, tenant)
        self.grant_store = GrantGraph(db, AuditTrail(lambda tenant: Hasher(tenant, {1: b"k" * 32})))

    async def grant(
        self,
        from_id: str,
        to_id: str,
        *purposes: Purpose,
        days: float = 30,
    ) -> Grant:
        asked = GrantRequest(from_id, to_id, purposes or ("personalise_content",), NOW + timedelta(days=days))
        return await give_grant(self.grant_store, self.tenant, asked, NOW, "test")

    async def revoke(self, grant: Grant) -> None:
        await revoke_grant(self.grant_store, self.tenant, grant.id, "test")


@pytest_asyncio.fixture
async def family(db: Database, tenant: str) -> Family:
    shop = Family(db, tenant)
    for name, products in TASTES.items():
        await shop.offers(*products, product_type=name)
    crowd = [
        shop.event("purchase", f"{taste}-{place}", *products, days_ago=30)
        for taste, products in TASTES.items()
        for place in range(6)
    ]
    await shop.knows(
        Identity("aaron", "personal"),
        Identity("offers", "marketing"),
        Identity("tom", "personal"),
        Identity("home", "household"),
    )
    await shop.saw(*crowd, shop.event("purchase", "aaron", "tea"), shop.event("purchase", "tom", "hammer"))
    await shop.grants(*(f"{taste}-{place}" for taste in TASTES for place in range(6)))
    await shop.grants("aaron", "tom", purposes=["personalise_content", "household_share"])
    await shop.grants("offers", "home", purposes=["personalise_content"])
    await shop.refreshes()
    return shop


def reasons(answer: Recommendation) -> set[str]:
    return {reason.code for item in answer.items for reason in item.reasons}


def own(answer: Recommendation) -> set[str]:
    return {item.product_id for item in answer.items if item.source != "popular"}


async def test_a_grant_lets_one_identity_use_what_another_likes(family: Family) -> None:
    before = await family.asks("offers", explain=True)
    await family.grant("aaron", "offers")
    after = await family.asks("offers", explain=True)

    assert own(before) == set()
    assert own(after) == {"cup", "pot"}
    assert {r.label for item in after.items if item.source == "similar" for r in item.reasons} == {
        "Tea, from your personal identity"
    }


async def test_a_grant_has_one_direction_and_one_step(family: Family) -> None:
    await family.grant("aaron", "offers")
    before = await family.asks("aaron", explain=True)
    await family.saw(family.event("purchase", "offers", "hammer"))
    await family.grants("offers", purposes=["household_share"])
    await family.grant("offers", "tom")
    after = await family.asks("aaron", explain=True)
    third = await family.asks("tom", explain=True)

    assert after.items == before.items
    assert "from_your_identity" not in reasons(after)
    assert "tea" not in {reason.id for item in third.items for reason in item.reasons}


async def test_revoking_restores_the_exact_earlier_answer(family: Family) -> None:
    before = await family.asks("offers", explain=True)
    grant = await family.grant("aaron", "offers")
    assert (await family.asks("offers", explain=True)).items != before.items

    await family.revoke(grant)

    assert (await family.asks("offers", explain=True)).items == before.items
    with pytest.raises(NotFoundError):
        await family.revoke(grant)


async def test_what_the_giver_does_next_shows_at_once(family: Family) -> None:
    await family.grant("aaron", "offers")
    await family.asks("offers")
    await family.buys("aaron", "bone")

    assert {"leash", "bowl"} <= own(await family.asks("offers"))


@pytest.mark.parametrize("purpose", ["household_share", "personalise_content"])
async def test_a_grant_is_silent_without_the_givers_own_consents(family: Family, purpose: Purpose) -> None:
    await family.grant("aaron", "offers")
    assert own(await family.asks("offers")) == {"cup", "pot"}

    await family.says("aaron", Consent(f"no-{purpose}", purpose, "withdrawn", NOW - timedelta(days=1)))

    assert own(await family.asks("offers")) == set()


async def test_a_grant_is_for_its_purposes_and_its_time_only(family: Family) -> None:
    await family.grant("aaron", "offers", "newsletter")
    assert own(await family.asks("offers")) == set()

    await family.grant("aaron", "offers", days=1)
    assert own(await family.asks("offers")) == {"cup", "pot"}
    asked = RecommendationRequest(identity_id="offers")
    expired = await family.recommender.answer(family.tenant, asked, NOW + timedelta(days=2))
    assert own(expired) == set()


async def test_a_grant_that_cannot_be_is_refused(family: Family) -> None:
    with pytest.raises(InvalidError, match="past"):
        await family.grant("aaron", "offers", days=-1)
    with pytest.raises(InvalidError, match="differ"):
        await family.grant("aaron", "aaron")
    with pytest.raises(NotFoundError):
        await family.grant("aaron", "nobody")
    assert await family.count("(:Identity {tenant: $tenant, id: 'nobody'})") == 0


async def test_the_same_grant_twice_is_one_and_both_acts_are_told_once(family: Family) -> None:
    first, second = await family.grant("aaron", "offers"), await family.grant("aaron", "offers")
    await family.revoke(first)

    assert first == second
    rows = await family.query(
        "MATCH (a:AuditEntry {tenant: $tenant}) WHERE a.action IN ['grant', 'revoke'] "
        "RETURN a.action AS action, a.subjects AS s"
    )
    assert sorted(row["action"] for row in rows) == ["grant", "revoke"]
    assert all("aaron" not in subject for row in rows for subject in row["s"])


async def test_a_household_serves_its_members_in_turn(family: Family) -> None:
    """Tom buys ten tools again and again, Aaron bought one tea: the loudest does not take all places."""
    tools = [f"tool-{place}" for place in range(10)]
    await family.offers(*tools, product_type="tool")
    for days_ago in (200, 100, 50):
        again = [family.event("purchase", f"tool-{place}", *tools, days_ago=days_ago) for place in range(6)]
        await family.saw(family.event("purchase", "tom", *tools, days_ago=days_ago), *again)
    await family.refreshes()
    assert own(await family.asks("home")) == set()
    for member in ("aaron", "tom"):
        await family.grant(member, "home")

    answer = await family.asks("home", explain=True, limit=4, shelf="ranking")  # by score alone, however many repeat

    assert len({"cup", "pot"} & own(answer)) == 2
    assert len(set(tools) & own(answer)) == 2
    assert [item.rank for item in answer.items] == [1, 2, 3, 4]
    assert [item.score for item in answer.items] == sorted((i.score for i in answer.items), reverse=True)
    assert reasons(answer) == {"from_your_identity"}
    assert all(r.label.endswith(", from a member's personal identity") for item in answer.items for r in item.reasons)


async def test_a_household_is_never_its_members_union(family: Family) -> None:
    await family.grant("aaron", "home")

    answer = await family.asks("home")

    assert own(answer) == {"cup", "pot"}
