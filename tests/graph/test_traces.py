"""A search of the whole store finds what is there, in every place, and nothing after an erasure."""

from functools import partial
from pathlib import Path

import pytest

import app.services.find_traces as traces
from app.domain.models import Identifier, Identity
from app.domain.traces import Sought, Trace
from app.graph.audit import AuditTrail
from app.graph.erasure import ErasureGraph
from app.graph.traces import TraceGraph
from app.services.erase import Eraser
from app.services.find_traces import find_in_files, find_traces
from tests.graph.shop import HASHER, Outside, Shop

PLACES = {
    "node": "CREATE (:Product {tenant: $tenant, id: 'p', title: 'Made for Tom@Example.COM, with love'})",
    "list": "CREATE (:Product {tenant: $tenant, id: 'p', labels: ['a', 'tom@example.com']})",
    "relationship": "CREATE (:Product {tenant: $tenant, id: 'p'})-[:TAGGED {note: 'tom@example.com'}]->(:Tag)",
    "relationship list": "CREATE (:Product {tenant: $tenant, id: 'p'})-[:TAGGED {by: ['tom@example.com']}]->(:Tag)",
    "identifier": "CREATE (:Identifier {tenant: $tenant, id: $mail, type: 'email'})",
    "new type": (
        "CREATE (:Identifier {tenant: $tenant, id: 'x', type: 'badge'}), (:Product {tenant: $tenant, id: $badge})"
    ),
    "identity": "CREATE (:EndedLink {tenant: $tenant, id: 'p', start_hash: $identity})",
    "hash list": "CREATE (:Product {tenant: $tenant, id: 'p', ends: [$identity]})",
}
VALUE = "tom@example.com"


async def found(shop: Shop, value: str = VALUE, home: Path = Path("/nowhere-at-all")) -> list[Trace]:
    return await find_traces(TraceGraph(shop.db), HASHER, home, value, shop.tenant)


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_found_wherever_it_stands(shop: Shop, place: str) -> None:
    hasher = HASHER(shop.tenant)
    await shop.query("CREATE (:Tenant {tenant: $tenant, id: $tenant})")
    assert await found(shop) == []
    await shop.query(
        PLACES[place],
        mail=hasher("email", VALUE),
        badge=hasher("badge", VALUE),
        identity=hasher.subject("identity", VALUE),
    )

    (trace,) = await found(shop)

    assert (trace.where, trace.number) == ("relationship" if "relationship" in place else "node", 1)
    assert not trace.is_proof


async def test_a_word_is_not_found_in_a_longer_one(shop: Shop) -> None:
    await shop.query("CREATE (:Product {tenant: $tenant, id: 'tomato', title: 'tom-tom', brand: 'customs'})")
    assert await found(shop, "tom") == []

    await shop.query("CREATE (:Product {tenant: $tenant, id: 'x', title: 'for (TOM)!'})")
    assert [trace.key for trace in await found(shop, "tom")] == ["title"]


async def test_a_number_is_found(shop: Shop) -> None:
    await shop.query("CREATE (:Product {tenant: $tenant, id: 'x', badge: 4711})")
    assert [trace.key for trace in await found(shop, "4711")] == ["badge"]


async def test_nothing_is_found_after_an_erasure(shop: Shop) -> None:
    hasher = HASHER(shop.tenant)
    mail = Identifier("email", hasher("email", VALUE))
    await shop.knows(Identity("tom-0815", "personal", "person-0815", "login-0815", "home-0815", (mail,)))
    await shop.grants("tom-0815")
    await shop.buys("tom-0815", "tea", id="event-0815", order_id="order-0815", session_id="visit-0815")
    await shop.refreshes()
    values = (VALUE, *(f"{name}-0815" for name in ("tom", "person", "login", "home", "event", "order", "visit")))
    before = {value: await found(shop, value) for value in values}
    assert all(before.values())

    eraser = Eraser(ErasureGraph(shop.db, AuditTrail(HASHER), HASHER, shop.settings.evidence_rules), Outside())
    await eraser.erase(hasher, "identity", "tom-0815", "key-1")

    left = {value: [trace for trace in await found(shop, value) if not trace.is_proof] for value in values}
    assert {value: traces for value, traces in left.items() if traces} == {}
    assert {trace.name for trace in await found(shop, "tom-0815")} == {"Tombstone", "AuditEntry"}


async def test_other_tenants_are_looked_through_without_a_tenant(shop: Shop) -> None:
    await shop.query("CREATE (:Product {tenant: $tenant, id: $value})", value=f"{shop.tenant}-0815")
    search = partial(find_traces, TraceGraph(shop.db), HASHER, Path("/nowhere-at-all"), f"{shop.tenant}-0815")

    assert len(await search()) == 1
    assert len(await search(shop.tenant)) == 1
    assert await search("another-shop") == []


def test_files_are_looked_through_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "_CHUNK", 7)
    (tmp_path / "neo4j" / "logs").mkdir(parents=True)
    (tmp_path / "neo4j" / "data").mkdir()
    text = "one tom@example.com, two TOM@EXAMPLE.COM three tomtom@example.com"
    (tmp_path / "neo4j" / "logs" / "neo4j.log").write_text(text)
    (tmp_path / "neo4j" / "data" / "store").write_text(text)
    (tmp_path / "other.log").write_text("nothing here\n" * 50 + "d" * 64)

    assert list(find_in_files(tmp_path, Sought(VALUE, frozenset({"d" * 64})))) == [
        Trace("file", "neo4j/logs/neo4j.log", "", hashed=False, number=2),
        Trace("file", "other.log", "", hashed=False, number=1),
    ]
