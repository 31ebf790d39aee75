"""What a backup reads over all shops, and what a restore puts back into one."""

from collections.abc import AsyncGenerator

import pytest

from app.domain.audit import Act
from app.domain.erasure import Erasure
from app.domain.models import Identity
from app.graph.audit import AuditTrail
from app.graph.backup import BackupGraph
from app.graph.erasure import ErasureGraph
from app.graph.tombstones import GraveGraph
from app.services.backup import erase_again
from app.services.erase import Eraser
from tests.graph.shop import HASHER, Outside, Shop


def eraser(shop: Shop, outside: Outside) -> Eraser:
    return Eraser(ErasureGraph(shop.db, AuditTrail(HASHER), HASHER, shop.settings.evidence_rules), outside)


async def every(pages: AsyncGenerator[list[str]]) -> list[str]:
    return [id_ async for page in pages for id_ in page]


@pytest.fixture
async def people(shop: Shop) -> Shop:
    await shop.knows(
        Identity("tom-home", "personal", person_id="tom", account_id="login"),
        Identity("tom-work", "work", person_id="tom"),
        Identity("ann", "personal"),
    )
    return shop


async def test_an_erasure_is_noted_with_all_its_tombstones(people: Shop) -> None:
    outside = Outside()
    receipt = await eraser(people, outside).erase(HASHER(people.tenant), "identity", "ann", "test")

    assert isinstance(receipt, Erasure)
    noted = outside.noted[people.tenant, receipt.id]
    assert HASHER(people.tenant).subject("identity", "ann") in noted
    assert set((await GraveGraph(people.db).list_graves())[people.tenant, receipt.id]) == noted


async def test_whoever_was_erased_since_goes_again_and_does_not_come_back(people: Shop) -> None:
    subject = HASHER(people.tenant).subject
    erased = {people.tenant: {subject("identity", "ann"), subject("identity", "late"), subject("person", "tom")}}
    store = BackupGraph(people.db)

    number = await erase_again(store, eraser(people, Outside()), HASHER, erased)

    assert number == 2  # ann, and Tom with both identities
    assert await every(store.list_subjects(people.tenant, "identity")) == []
    assert await every(store.list_subjects(people.tenant, "person")) == []
    await people.knows(Identity("ann", "personal"), Identity("late", "personal"), Identity("new", "personal"))
    assert await every(store.list_subjects(people.tenant, "identity")) == ["new"]


async def test_subjects_are_listed_in_pages_by_kind(people: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.graph.backup._PAGE", 2)
    store = BackupGraph(people.db)

    assert [page async for page in store.list_subjects(people.tenant, "identity")] == [
        ["ann", "tom-home"],
        ["tom-work"],
    ]
    assert await every(store.list_subjects(people.tenant, "account")) == ["login"]
    assert await every(store.list_subjects(people.tenant, "household")) == []


async def test_counts_heads_and_a_sample_are_of_all_shops(people: Shop) -> None:
    trail, store = AuditTrail(HASHER), BackupGraph(people.db)
    await people.db.transact(lambda tx: trail.append(tx, people.tenant, Act("cli", "export")))

    nodes, _ = await store.count()
    assert nodes["Identity"] >= 3
    assert not {"Migration", "HashKey"} & nodes.keys()
    assert (await store.read_heads())[people.tenant].sequence >= 1
    assert len(await store.sample(2)) == 2
