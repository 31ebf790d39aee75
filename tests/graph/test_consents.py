"""Consent logs on the real graph: the gate of the statements and the rule of the domain say the same."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

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
        await ConsentGraph(db, Tombstones(HASHER)).append(shop.tenant, records)

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
