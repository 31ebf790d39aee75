"""Consent logs on the real graph: the gate of the statements and the rule of the domain say the same."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.consent import Signal, effective_consent
from app.domain.models import Consent, ConsentStatus
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Database
from app.graph.tombstones import Tombstones
from tests.graph.shop import HASHER, NOW, Shop
from tests.unit.gates import gate_of

STATUSES: st.SearchStrategy[ConsentStatus] = st.sampled_from(["granted", "denied", "withdrawn"])
LOG = st.lists(st.tuples(STATUSES, st.integers(-3, 2), st.none() | st.integers(1, 4)), max_size=5)


def record(status: ConsentStatus, hours: int, lasts: int | None) -> Consent:
    at = NOW + timedelta(hours=hours)
    return Consent(uuid4().hex, "personalise_content", status, at, at + timedelta(hours=lasts) if lasts else None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs=st.lists(LOG, min_size=1, max_size=12))
async def test_the_gate_and_the_rule_agree(
    db: Database, logs: list[list[tuple[ConsentStatus, int, int | None]]]
) -> None:
    shop = Shop(db, f"shop-{uuid4().hex[:12]}")
    by_identity = {f"i{place}": [record(*said) for said in log] for place, log in enumerate(logs)}
    records = [(id_, one) for id_, log in by_identity.items() for one in log]
    if records:
        kept = await ConsentGraph(db, Tombstones(HASHER)).append(shop.tenant, records)
        stored = list(zip((id_ for id_, _ in records), kept, strict=True))
        by_identity = {id_: [one for whose, one in stored if whose == id_] for id_ in by_identity}

    for hours in range(-4, 8):
        at = NOW + timedelta(hours=hours)
        text = (
            f"MATCH (asked:Identity {{tenant: $tenant}}) RETURN asked.id AS id, {gate_of('asked', '$purpose')} AS open"
        )
        rows = await shop.query(text, now=at, purpose="personalise_content")
        opened = {row["id"] for row in rows if row["open"]}
        allowed = {
            id_ for id_, log in by_identity.items() if effective_consent(log, "personalise_content", at) == "granted"
        }
        assert opened == allowed


SKEWS = (-5.0, -0.01, 0.0, 0.01, 5.0)
"""Hours by which a machine's clock differs from the database's."""


@pytest.mark.parametrize("writer", SKEWS)
async def test_a_withdrawal_counts_at_once_on_every_machine(shop: Shop, writer: float) -> None:
    """Machines stamp what nobody timed by their own clocks, and ask by their own clocks too."""
    log = ConsentGraph(shop.db, Tombstones(HASHER))
    true = datetime.now(UTC)
    said = [
        Consent(uuid4().hex, "personalise_content", "granted", true - timedelta(hours=writer), at_arrival=True),
        Consent(uuid4().hex, "personalise_content", "withdrawn", true + timedelta(hours=writer), at_arrival=True),
    ]
    opened: list[set[float]] = []
    for one in said:
        await log.append(shop.tenant, [("tom", one)])
        await asyncio.sleep(0.005)
        opened.append({skew for skew in SKEWS if await is_open(shop, datetime.now(UTC) + timedelta(hours=skew))})

    # Only grants wait for their time.
    assert opened == [{0.0, 0.01, 5.0}, set()]


@pytest.mark.parametrize("hours", [0.01, 5.0, 24 * 365])
async def test_a_denial_whose_time_lies_in_the_future_counts_from_its_arrival(shop: Shop, hours: float) -> None:
    log = ConsentGraph(shop.db, Tombstones(HASHER))
    true = datetime.now(UTC)
    for status, at in (("granted", true), ("denied", true + timedelta(hours=hours))):
        await log.append(shop.tenant, [("tom", Consent(uuid4().hex, "personalise_content", status, at))])  # pyright: ignore[reportArgumentType]

    assert not [skew for skew in SKEWS if await is_open(shop, true + timedelta(hours=skew))]
    await asyncio.sleep(0.005)
    again = Consent(uuid4().hex, "personalise_content", "granted", true, at_arrival=True)
    await log.append(shop.tenant, [("tom", again)])
    assert await is_open(shop, datetime.now(UTC) + timedelta(hours=1))


async def test_a_signal_stamped_ahead_denies_at_once_and_allows_in_its_time(shop: Shop) -> None:
    log = ConsentGraph(shop.db, Tombstones(HASHER))
    await log.append(shop.tenant, [("tom", record("granted", 0, None))])
    ahead = Signal(
        "tom", {"personalise_content": False, "measurement": True}, datetime.now(UTC) + timedelta(hours=3), "banner"
    )

    await log.hear(shop.tenant, [ahead], "key")

    assert not await is_open(shop, datetime.now(UTC))
    later = await log.read(shop.tenant, "tom", "measurement")
    assert [one.at > datetime.now(UTC) for one in later] == [True]


async def is_open(shop: Shop, now: datetime) -> bool:
    """Whether the gate is open for Tom, by the clock of whoever asks."""
    text = f"MATCH (asked:Identity {{tenant: $tenant, id: 'tom'}}) RETURN {gate_of('asked', '$purpose')} AS open"
    [row] = await shop.query(text, now=now, purpose="personalise_content")
    return row["open"]


async def test_a_record_that_comes_twice_in_a_batch_is_one(shop: Shop) -> None:
    log = ConsentGraph(shop.db, Tombstones(HASHER), AuditTrail(HASHER))
    given_twice = [("tom", record("granted", 0, None))] * 2

    assert len(await log.append(shop.tenant, given_twice, "cli", in_bulk=True)) == 2
    assert await shop.count("(:Identity {tenant: $tenant})-[:GAVE]->(:Consent)") == 1


async def test_a_batch_is_one_act_and_a_repeated_one_none(shop: Shop) -> None:
    log = ConsentGraph(shop.db, Tombstones(HASHER), AuditTrail(HASHER))
    batch = [(id_, record("granted", 0, None)) for id_ in ("tom", "debbie", "tom")]
    for _ in range(2):
        await log.append(shop.tenant, batch, "cli", in_bulk=True)

    [entry] = await shop.query(
        "MATCH (e:AuditEntry {tenant: $tenant}) RETURN e.subjects AS subjects, e.detail AS detail"
    )
    assert entry["detail"] == '{"records": 3}'
    assert len(entry["subjects"]) == 2


async def test_a_signal_changes_nothing_of_other_identities_and_other_purposes(shop: Shop) -> None:
    await shop.grants("tom", "debbie", purposes=("ads_audience", "measurement"))
    signal = Signal("tom", {"ads_audience": False}, NOW, "gpc")

    heard = await ConsentGraph(shop.db, Tombstones(HASHER)).hear(shop.tenant, [signal], "key")

    assert [(id_, one.purpose, one.status) for id_, one in heard.records] == [("tom", "ads_audience", "denied")]
    read = partial(ConsentGraph(shop.db, Tombstones(HASHER)).read, shop.tenant)
    assert [one.status for one in await read("debbie", "ads_audience")] == ["granted"]
    assert [one.status for one in await read("tom", "measurement")] == ["granted"]
    assert [one.status for one in await read("tom", "ads_audience")] == ["denied", "granted"]


async def test_nothing_is_kept_of_whoever_was_erased(shop: Shop) -> None:
    digest = HASHER(shop.tenant).subject("identity", "gone")
    await shop.query("CREATE (:Tombstone {tenant: $tenant, id: $digest})", digest=digest)
    log = ConsentGraph(shop.db, Tombstones(HASHER), AuditTrail(HASHER))
    said = record("granted", 0, None)

    assert await log.append(shop.tenant, [("gone", said)], "key") == []
    heard = await log.hear(shop.tenant, [Signal("gone", {"ads_audience": False}, NOW, "gpc")], "key")

    assert (heard.records, heard.passed_over) == ((), {"gone"})
    assert await shop.count("(n {tenant: $tenant}) WHERE NOT n:Tombstone") == 0
