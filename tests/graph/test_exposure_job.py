"""How exposed a planted shop is to logins and devices that several identities use."""

import pytest

from app.domain.disclosure import UNKNOWN
from app.domain.exposure import Exposure, Shares
from app.domain.progress import Silent
from app.graph.database import Database
from app.graph.exposure import ExposureGraph
from app.jobs.exposure import write_exposure
from app.jobs.run import Run
from app.settings import Settings
from tests.conftest import HASH_KEY
from tests.graph.shop import NOW
from tests.graph.taste import ONE_PERIOD, Taste, people

SHARING, ALONE = people("sharing", 200), people("alone", 300)
LINKS = (
    "UNWIND range(0, size($ids) - 1) AS n MATCH (i:Identity {tenant: $tenant, id: $ids[n]}) "
    "MERGE (a:Account {tenant: $tenant, id: $name + '-' + toString(n / $users)}) "
    "MERGE (a)-[r:USED_BY {source: 'shop'}]->(i) SET r.first_seen = datetime('2020-01-01')"
)


@pytest.fixture
async def exposed(db: Database, tenant: str) -> Taste:
    """200 use a login in pairs, 300 have one each; who shares buys twice as often. 120 of those alone share devices."""
    taste = await Taste.begins(db, tenant)
    await taste.finds("c1")
    await taste.stocks("meow", "cat food")
    await taste.learns_from({id_: {"c1": 0.5} for id_ in (*SHARING, *ALONE)})
    await taste.shop.query(LINKS, ids=SHARING, name="family", users=2)
    await taste.shop.query(LINKS, ids=ALONE, name="own", users=1)
    await taste.shop.query(
        "UNWIND range(0, size($ids) - 1) AS n MATCH (i:Identity {tenant: $tenant, id: $ids[n]}) "
        "WITH i, toString(CASE WHEN n < 120 THEN n / 3 ELSE n END) AS value "
        "MERGE (d:Identifier {tenant: $tenant, type: 'device', value: value}) "
        "SET d.id = d.value MERGE (i)-[r:KNOWN_BY {source: 'shop'}]->(d) SET r.first_seen = datetime('2020-01-01')",
        ids=ALONE,
    )
    for days in (10, 20):
        await taste.buy((*SHARING, *ALONE), "cat food", days_ago=days)
    for days in (30, 40):
        await taste.buy(SHARING, "cat food", days_ago=days)
    return taste


async def publish(taste: Taste) -> Exposure:
    """Run the job under test; what it published."""
    settings = Settings.load(hash_key=HASH_KEY, figures_days=ONE_PERIOD)
    await write_exposure(Run(taste.shop.db, settings, taste.shop.tenant, taste.run, NOW, Silent()))
    found = await ExposureGraph(taste.shop.db).read(taste.shop.tenant)
    assert found is not None
    return found


async def test_planted_shares_are_published_with_intervals(exposed: Taste) -> None:
    found = await publish(exposed)

    assert (found.run, found.currency) == (exposed.run, "EUR")
    assert found.logins.people == pytest.approx(500, abs=10)
    assert found.logins.shared.value == pytest.approx(0.25, abs=0.05)
    assert found.logins.sessions.value == pytest.approx(4 / 7, abs=0.05)
    assert found.logins.revenue.value == pytest.approx(4 / 7, abs=0.05)
    assert found.devices.shared.value == pytest.approx(40 / 220, abs=0.06)
    assert found.devices.sessions.value == pytest.approx(240 / 1400, abs=0.04)
    low, high = found.logins.sessions.low, found.logins.sessions.high
    assert low is not None
    assert high is not None
    assert low < 4 / 7 < high


async def test_an_ended_link_shares_nothing_and_one_that_several_stand_behind_does(exposed: Taste) -> None:
    await exposed.shop.query(
        "MATCH (:Account {tenant: $tenant})-[r:USED_BY]->(i:Identity) WHERE i.id IN $ids "
        "SET r.valid_until = datetime('2021-01-01')",
        ids=SHARING[1::2],
    )
    assert (await publish(exposed)).logins.shared == UNKNOWN
    await exposed.shop.query(
        "MATCH (i:Identity {tenant: $tenant}) WHERE i.id IN $ids SET i.kind = 'shared'", ids=SHARING[::2]
    )

    assert (await publish(exposed)).logins.shared.value == pytest.approx(0.25, abs=0.06)


async def test_visitors_of_a_login_that_did_not_say_who_they_are_count_towards_its_sessions(exposed: Taste) -> None:
    await exposed.shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x) WHERE i.id IN $ids SET x.on_login = true", ids=ALONE[:150]
    )
    found = await publish(exposed)

    assert found.logins.shared.value == pytest.approx(0.25, abs=0.05)
    assert found.logins.sessions.value == pytest.approx(1100 / 1400, abs=0.05)


async def test_who_does_not_count_is_not_counted_and_of_few_nothing_is_said(exposed: Taste) -> None:
    dismiss = "MATCH (:Run {tenant: $tenant})-[learned:LEARNED_FROM]->(i) WHERE i.id IN $ids SET learned.counts = false"
    await exposed.shop.query(dismiss, ids=ALONE[150:])
    found = await publish(exposed)

    assert found.logins.people == pytest.approx(350, abs=10)
    assert found.logins.shared.value == pytest.approx(0.4, abs=0.06)
    assert found.logins.sessions.value == pytest.approx(800 / 1100, abs=0.05)

    await exposed.shop.query(dismiss, ids=[*SHARING[20:], *ALONE])
    found = await publish(exposed)

    assert (found.logins, found.devices) == (Shares(), Shares())
    assert found.reason.startswith("Too few")


async def test_nothing_that_is_written_is_of_anybody(exposed: Taste) -> None:
    """Erasure has nothing to do here."""
    await publish(exposed)
    rows = await exposed.shop.query("MATCH (n:Run {tenant: $tenant}) RETURN n.exposure AS text")

    assert len(rows) == 1
    assert not [name for name in ("sharing-", "alone-", "family-", "own-") if name in rows[0]["text"]]
