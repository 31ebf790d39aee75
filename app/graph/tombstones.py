"""Who was erased stays erased: every writer asks here before somebody comes into being (cypher/erase/)."""

from collections.abc import Callable, Collection, Iterable

from app.domain import clock
from app.domain.hashing import Hasher
from app.domain.orders import waiting_place
from app.graph.database import Database, Transaction


async def erased_among(transaction: Transaction, tenant: str, digests: Collection[str]) -> set[str]:
    """Those of the subjects' digests (``Hasher.every_subject``) that have a tombstone; ``set()`` for none."""
    if not digests:
        return set()
    rows = await transaction.run("erase/find_tombstones", tenant=tenant, digests=list(digests))
    return {row["id"] for row in rows}


async def find_erased_orders(
    transaction: Transaction, tenant: str, identity_ids: Collection[str], order_ids: Collection[str] = ()
) -> list[str]:
    """Orders that go with identities (erase/find_orders.cypher): those on disk, and ``order_ids``; in order.

    Whoever returns such an order later knows nobody, and nothing of it may wait.
    """
    (found,) = await transaction.run(
        "erase/find_orders", tenant=tenant, identity_ids=sorted(identity_ids), order_ids=sorted(order_ids)
    )
    return sorted(found["order_ids"])


class GraveGraph:
    """All tombstones of the store; implements ``GraveStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list_graves(self) -> dict[tuple[str, str], list[str]]:
        """Keyed hashes of everybody who was erased, by tenant and erasure (erase/list_tombstones.cypher)."""
        rows = await self._db.run_long("erase/list_tombstones")
        return {(row["tenant"], row["erasure"] or ""): row["digests"] for row in rows}


class Tombstones:
    """Asks by id, under every key that a tombstone may have been made with.

    Ask inside the writing transaction; where it can be, after the identity's lock was taken, so that an erasure
    that commits meanwhile is seen.
    """

    def __init__(self, hasher: Callable[[str], Hasher]) -> None:
        self._hasher = hasher

    async def among(
        self, transaction: Transaction, tenant: str, ids: Iterable[str], kind: str = "identity"
    ) -> set[str]:
        """Those of the ids of one kind (identity, person, household, account) that were erased."""
        ids_by_digest = self.ids_by_digest(tenant, ids, kind)
        found = await erased_among(transaction, tenant, ids_by_digest)
        return {ids_by_digest[digest] for digest in found}

    def ids_by_digest(self, tenant: str, ids: Iterable[str], kind: str = "identity") -> dict[str, str]:
        """Which id each digest stands for, for a statement that looks for tombstones beside other things."""
        hasher = self._hasher(tenant)
        return {digest: id_ for id_ in set(ids) for digest in hasher.every_subject(kind, id_)}

    async def bury_orders(
        self, transaction: Transaction, tenant: str, identity_ids: Collection[str], order_ids: Collection[str]
    ) -> set[str]:
        """Let nothing wait for orders of which those who are erased are named anew; where it would have waited."""
        orders = await find_erased_orders(transaction, tenant, identity_ids, order_ids)
        places = {waiting_place(order_id) for order_id in orders}
        digests = sorted(self._hasher(tenant).subject("identity", place) for place in places)
        await transaction.run("erase/put_tombstones", tenant=tenant, digests=digests, at=clock.now())
        await transaction.run("erase/remove_waiting", tenant=tenant, ids=sorted(places))
        return places
