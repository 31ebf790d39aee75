"""The audit log on the real graph: whoever tampers with it is found, and where."""

from collections.abc import Sequence

import pytest

import app.graph.audit as audit_graph
from app.domain.audit import Act, Action, AuditQuery, Break, Head
from app.graph.audit import AuditGraph, AuditTrail
from app.services.audit import Verdict, read_audit, verify_audit
from tests.graph.shop import HASHER, Shop

ACTIONS: Sequence[Action] = ("link", "unlink", "grant", "revoke", "export", "erase", "consent")


async def write(shop: Shop, actions: Sequence[Action] = ACTIONS) -> None:
    trail = AuditTrail(HASHER)
    for place, action in enumerate(actions):
        act = Act("key-1", action, (("identity", f"tom-{place}"),), {"place": place})
        await shop.db.transact(lambda tx, act=act: trail.append(tx, shop.tenant, act))


async def verify(shop: Shop, anchor: Head | None = None) -> Verdict:
    return await verify_audit(AuditGraph(shop.db), HASHER(shop.tenant), anchor)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_graph, "_PAGE", 3)


async def test_an_untouched_log_is_whole(shop: Shop) -> None:
    await write(shop)
    verdict = await verify(shop)

    assert (verdict.entries, verdict.broken, verdict.head.sequence) == (7, None, 7)
    assert (await verify(shop, verdict.head)).broken is None


async def test_a_tenant_without_a_log_is_whole(shop: Shop) -> None:
    assert await verify(shop) == Verdict(0, None, Head())


_COPY = "MATCH (e:AuditEntry {tenant: $tenant, sequence: 4}) CREATE (f:AuditEntry {tenant: $tenant, id: 'x'}) "
TAMPERING = {
    "changed actor": ("MATCH (e:AuditEntry {tenant: $tenant, sequence: 4}) SET e.actor = 'nobody'", 4, "changed"),
    "changed time": (
        "MATCH (e:AuditEntry {tenant: $tenant, sequence: 4}) SET e.at = e.at - duration('PT1S')",
        4,
        "changed",
    ),
    "time no time": ("MATCH (e:AuditEntry {tenant: $tenant, sequence: 4}) SET e.at = 'noon'", 4, "changed"),
    "subjects gone": ("MATCH (e:AuditEntry {tenant: $tenant, sequence: 4}) REMOVE e.subjects", 4, "changed"),
    "removed": ("MATCH (e:AuditEntry {tenant: $tenant, sequence: 4}) DELETE e", 4, "missing"),
    "first removed": ("MATCH (e:AuditEntry {tenant: $tenant, sequence: 1}) DELETE e", 1, "missing"),
    "renumbered": ("MATCH (e:AuditEntry {tenant: $tenant, sequence: 4}) SET e.sequence = 40", 4, "missing"),
    "inserted": (_COPY + "SET f += e {.*, id: 'x', sequence: 4}", 4, "too many"),
    "cut off": ("MATCH (e:AuditEntry {tenant: $tenant}) WHERE e.sequence > 5 DELETE e", 6, "cut off"),
    "appended": (_COPY + "SET f += e {.*, id: 'x', sequence: 8}", 8, "changed"),
    "end moved back": (
        "MATCH (s:Tenant {tenant: $tenant}) SET s.audit_sequence = 6",
        6,
        "noted",
    ),
    "end forgotten": ("MATCH (s:Tenant {tenant: $tenant}) REMOVE s.audit_sequence", 1, "too many"),
    "emptied": ("MATCH (e:AuditEntry {tenant: $tenant}) DELETE e", 1, "cut off"),
}


@pytest.mark.parametrize("tampering", TAMPERING)
async def test_tampering_is_found_and_located(shop: Shop, tampering: str) -> None:
    statement, sequence, why = TAMPERING[tampering]
    await write(shop)
    await shop.query(statement)

    broken = (await verify(shop)).broken

    assert broken is not None
    assert (broken.sequence, why in broken.why) == (sequence, True), broken


async def test_a_log_written_anew_is_found_by_an_end_noted_elsewhere(shop: Shop) -> None:
    await write(shop)
    noted = (await verify(shop)).head
    await shop.query("MATCH (e:AuditEntry {tenant: $tenant}) DELETE e")
    await shop.query("MATCH (s:Tenant {tenant: $tenant}) REMOVE s.audit_sequence, s.audit_seal")
    await write(shop, [*ACTIONS, "export"])

    assert (await verify(shop)).broken is None
    assert (await verify(shop, noted)).broken == Break(7, "the entry is not the one that was noted")
    assert (await verify(shop, Head(9, "0" * 64))).broken == Break(9, "the end of the log was cut off")


async def test_entries_are_read_newest_first_in_pages(shop: Shop) -> None:
    await write(shop)
    log = AuditGraph(shop.db)

    first = await read_audit(log, shop.tenant, AuditQuery(), 4)
    rest = await read_audit(log, shop.tenant, AuditQuery(), 4, first.older or 0)

    assert [entry.sequence for entry in (*first.entries, *rest.entries)] == [7, 6, 5, 4, 3, 2, 1]
    assert (first.older, rest.older) == (4, None)


async def test_entries_are_filtered(shop: Shop) -> None:
    await write(shop)
    log = AuditGraph(shop.db)
    digests = HASHER(shop.tenant).every_subject("identity", "tom-2")
    seventh = (await log.read(shop.tenant, AuditQuery(), 8, 1))[0]

    async def found(query: AuditQuery) -> list[int]:
        return [entry.sequence for entry in (await read_audit(log, shop.tenant, query, 10)).entries]

    assert await found(AuditQuery(action="revoke")) == [4]
    assert await found(AuditQuery(subjects=digests)) == [3]
    assert 7 in await found(AuditQuery(after=seventh.at))
    assert 7 not in await found(AuditQuery(before=seventh.at))
