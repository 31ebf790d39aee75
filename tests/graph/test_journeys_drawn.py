"""Lines of a person and a household on the real graph: stages by own days, and crossings of those who consent."""

from datetime import timedelta

import pytest

from app.domain.errors import NotFoundError
from app.domain.journeys import Crossing, Journeys
from app.domain.models import Consent, Identifier, Identity, Rating
from app.domain.retention import RetentionRules
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.journeys import JourneyGraph
from app.graph.retention import RetentionGraph
from app.graph.rules import RulesGraph
from app.services.belonging import Belongings
from app.services.journeys import MOST_LANES, JourneyGuide
from tests.graph.shop import HASHER, NOW, Shop

WORK, HOME, ANN = "tom-work", "tom-home", "ann"
DEVICE = (Identifier("device", "the-family-computer"),)


def guide(shop: Shop) -> JourneyGuide:
    members, rules = BelongingGraph(shop.db), RulesGraph(shop.db, HASHER)
    stays = RetentionGraph(shop.db, AuditTrail(HASHER))
    return JourneyGuide(JourneyGraph(shop.db), members, Belongings(members, rules), stays)


async def of_tom(shop: Shop) -> Journeys:
    return await guide(shop).person(shop.tenant, "tom")


def stages(found: Journeys, identity_id: str) -> list[tuple[str, int]]:
    """Stages of a lane with the days that have passed since."""
    (lane,) = [one for one in found.lanes if one.identity_id == identity_id]
    return [(step.stage, (NOW.date() - step.since).days) for step in lane.steps]


def crossings(found: Journeys) -> list[tuple[str, str, str, str | None]]:
    return [(one.kind, one.from_id, one.to_id, one.product_id or one.identifier_type) for one in found.crossings]


@pytest.fixture
async def family(shop: Shop) -> Shop:
    """Tom, who has two identities, and Ann, who lives with him; all but the office consent to be linked."""
    await shop.offers("tea", "cup", "pot")
    await shop.knows(
        Identity(WORK, "work", "tom"),
        Identity(HOME, "personal", "tom", None, "home", DEVICE),
        Identity(ANN, "personal", "ann", None, "home", DEVICE),
    )
    await shop.grants(HOME, ANN, purposes=["link_identities"])
    return shop


async def test_each_lane_has_the_stages_of_its_own_days(family: Shop) -> None:
    for days_ago in (100, 93, 86, 79):
        await family.buys(HOME, "tea", days_ago=days_ago)
    await family.saw(
        family.event("view", WORK, "cup", days_ago=9),
        family.event("cart", WORK, "cup", days_ago=7),
        family.event("sent", WORK, "cup", days_ago=20),
    )
    found = await of_tom(family)

    assert [(lane.identity_id, lane.kind, lane.may_link) for lane in found.lanes] == [
        (HOME, "personal", True),
        (WORK, "work", False),
    ]
    assert stages(found, HOME) == [
        *(("first_seen", 100), ("first_purchase", 100), ("habit", 86), ("lapsing", 65), ("gone", 19)),
    ]
    assert stages(found, WORK) == [("first_seen", 9), ("considering", 7)]
    assert found.lanes[0].stage == "gone"
    assert found.is_complete


async def test_gone_is_what_the_shop_means_by_it(family: Shop) -> None:
    await family.buys(HOME, "tea", days_ago=70)
    assert stages(await of_tom(family), HOME)[-1] == ("gone", 10)
    await RetentionGraph(family.db, AuditTrail(HASHER)).write_rules(
        family.tenant, RetentionRules(horizon_days=90), "test"
    )

    found = await of_tom(family)
    assert found.horizon_days == 90
    assert stages(found, HOME)[-1] == ("lapsing", 25)


async def test_what_was_sent_back_whole_is_no_purchase(family: Shop) -> None:
    await family.buys(HOME, "tea", days_ago=20, order_id="o1", id="o1")
    await family.saw(family.event("return", HOME, "tea", days_ago=10, order_id="o1"))

    assert stages(await of_tom(family), HOME) == [("first_seen", 20)]


async def test_what_was_only_attributed_to_somebody_is_none_of_its_days(family: Shop) -> None:
    """A guess by which of the family it was would let one move the stages of another."""
    await family.buys("session:s1", "tea", days_ago=5, session_id="s1")
    link = (
        "MATCH (i:Identity {tenant: $tenant, id: $id}), (x:Interaction {tenant: $tenant, session_id: 's1'}) "
        "CREATE (i)-[:CLAIMED {id: 'c1', session_id: 's1', at: x.at, method: $method}]->(x)"
    )
    await family.query(link, id=HOME, method="posterior")
    assert stages(await of_tom(family), HOME) == []
    await family.query("MATCH (:Identity {tenant: $tenant})-[c:CLAIMED]->() DELETE c")
    await family.query(link, id=HOME, method=None)

    found = await of_tom(family)
    assert stages(found, HOME) == [("first_seen", 5), ("first_purchase", 5)]
    assert crossings(found) == [("claim", "session:s1", HOME, None)]


async def test_lines_cross_where_sessions_devices_and_products_are_shared(family: Shop) -> None:
    await family.saw(
        family.event("view", HOME, "tea", days_ago=9, session_id="s"),
        family.event("purchase", ANN, "tea", days_ago=8, session_id="s"),
        family.event("purchase", ANN, "pot", days_ago=7),
        family.event("rating", HOME, "pot", days_ago=2, rating=Rating(4, 5)),
    )
    found = await guide(family).household(family.tenant, "home")

    assert sorted(crossings(found)) == [
        ("gift", ANN, HOME, "pot"),
        ("hand_over", HOME, ANN, "tea"),
        ("shared_device", ANN, HOME, "device"),
        ("shared_session", HOME, ANN, None),
    ]
    assert {one.title for one in found.crossings} == {None, "Tea", "Pot"}
    assert [one.at for one in found.crossings] == sorted((one.at for one in found.crossings), reverse=True)


@pytest.mark.parametrize("silent", [HOME, WORK])
async def test_a_hand_over_takes_the_consent_of_both(family: Shop, silent: str) -> None:
    await family.saw(
        family.event("view", WORK, "tea", days_ago=9, session_id="s"),
        family.event("purchase", HOME, "tea", days_ago=8, session_id="s"),
    )
    assert crossings(await of_tom(family)) == []
    await family.grants(WORK, purposes=["link_identities"])
    assert ("hand_over", WORK, HOME, "tea") in crossings(await of_tom(family))
    await family.says(silent, Consent("c1", "link_identities", "withdrawn", NOW - timedelta(days=1)))

    assert crossings(await of_tom(family)) == []


async def test_a_sensitive_product_is_no_crossing(family: Shop) -> None:
    await family.grants(WORK, purposes=["link_identities"])
    await family.offers("pregnancy test")
    await family.saw(
        family.event("view", WORK, "pregnancy test", days_ago=9),
        family.event("purchase", HOME, "pregnancy test", days_ago=8),
    )

    assert crossings(await of_tom(family)) == []


async def test_grants_are_crossings_and_name_the_other_end(family: Shop) -> None:
    await family.knows(Identity("tablet", "household"))
    await family.shares(HOME, "tablet")
    (grant,) = (await of_tom(family)).crossings

    assert grant == Crossing("grant", HOME, "tablet", NOW, until=NOW + timedelta(days=30))


async def test_what_is_erased_is_in_no_line(family: Shop) -> None:
    await family.grants(WORK, purposes=["link_identities"])
    await family.saw(
        family.event("view", WORK, "tea", days_ago=9),
        family.event("purchase", HOME, "tea", days_ago=8),
    )
    before = stages(await of_tom(family), HOME)
    await family.query(
        "MATCH (i:Identity {tenant: $tenant, id: $id}) OPTIONAL MATCH (i)-[:DID]->(x) DETACH DELETE i, x", id=WORK
    )
    found = await of_tom(family)

    assert [lane.identity_id for lane in found.lanes] == [HOME]
    assert stages(found, HOME) == before
    assert found.crossings == ()


async def test_more_than_can_be_drawn_is_said(family: Shop) -> None:
    await family.knows(*(Identity(f"profile-{n:02}", "profile", "tom") for n in range(MOST_LANES)))
    found = await of_tom(family)

    assert len(found.lanes) == MOST_LANES
    assert not found.is_complete


async def test_another_tenants_person_is_not_there(family: Shop) -> None:
    for read in (guide(family).person, guide(family).household):
        for tenant, name in ((family.tenant, "nobody"), ("another", "tom"), ("another", "home")):
            with pytest.raises(NotFoundError):
                await read(tenant, name)
