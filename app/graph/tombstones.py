"""Who was erased stays erased: every writer asks here before somebody comes into being (cypher/erase/)."""

from collections.abc import Callable, Collection, Iterable

from app.domain.hashing import Hasher
from app.graph.database import Database, Transaction


async def erased_among(transaction: Transaction, tenant: str, digests: Collection[str]) -> set[str]:
    """Those of the subjects' digests (``Hasher.every_subject``) that have a tombstone; ``set()`` for none."""
    if not digests:
        return set()
    rows = await transaction.run("erase/find_tombstones", tenant=tenant, digests=list(digests))
    return {row["id"] for row in rows}


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
        hasher = self._hasher(tenant)
        ids_by_digest = {digest: id_ for id_ in set(ids) for digest in hasher.every_subject(kind, id_)}
        found = await erased_among(transaction, tenant, ids_by_digest)
        return {ids_by_digest[digest] for digest in found}
