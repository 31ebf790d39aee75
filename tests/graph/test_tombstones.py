"""Who was erased does not come back by a replay or a late event."""

from functools import partial

from app.domain.hashing import Hasher
from app.graph.tombstones import Tombstones
from tests.graph.shop import HASHER, Shop


async def bury(shop: Shop, identity_id: str) -> None:
    digest = HASHER(shop.tenant).subject("identity", identity_id)
    await shop.query("CREATE (:Tombstone {tenant: $tenant, id: $digest})", digest=digest)


async def test_a_late_event_does_not_revive(shop: Shop) -> None:
    await shop.offers("tea", "cup")
    await bury(shop, "tom")
    late = [
        shop.event("purchase", "tom", "tea"),
        shop.event("refund", "tom", "tea"),
        shop.event("view", "debbie", "cup"),
    ]

    assert await shop.saw(*late) == 1
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom'})") == 0
    assert await shop.count("(:Interaction {tenant: $tenant})") == 1
    assert await shop.likes("debbie")


async def test_what_was_dropped_is_counted(shop: Shop) -> None:
    await bury(shop, "tom")
    async with shop.writer() as writer:
        events = [shop.event("view", name, "tea") for name in ("tom", "tom", "debbie")]
        report = await writer.append(shop.tenant, [*events, events[2]])

    assert (report.accepted, report.duplicates, report.erased) == (1, 1, 2)


async def test_a_tombstone_is_found_under_every_key(shop: Shop) -> None:
    await bury(shop, "tom")
    rotated = Tombstones(partial(Hasher, keys={**HASHER.keywords["keys"], 2: b"newer" * 8}))

    found = await shop.db.transact(lambda tx: rotated.among(tx, shop.tenant, ["tom", "debbie"]))

    assert found == {"tom"}
