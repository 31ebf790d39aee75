"""Which hash keys a graph was made with, as fingerprints (cypher/hash_keys/); a record of the instance, of no shop."""

from collections.abc import Mapping

from app.graph.database import Database
from app.graph.migrations import SCHEMA_TENANT


class HashKeyGraph:
    """Keeps the fingerprints; implements ``KeyRecord``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self) -> dict[int, str]:
        """Fingerprint by key version, oldest first; ``{}`` for a graph that knows none (hash_keys/read_keys.cypher)."""
        rows = await self._db.read("hash_keys/read_keys", tenant=SCHEMA_TENANT)
        return {row["version"]: row["fingerprint"] for row in rows}

    async def record(self, fingerprints: Mapping[int, str]) -> dict[int, str]:
        """Add versions that are not known yet; what is known then, in which another process may have been first."""
        rows = [{"id": f"{version}", "version": version, "fingerprint": one} for version, one in fingerprints.items()]
        await self._db.write("hash_keys/record_keys", tenant=SCHEMA_TENANT, rows=rows)
        return await self.read()

    async def holds_hashes(self) -> bool:
        """Whether anything in the graph was hashed with a key (hash_keys/holds_hashes.cypher)."""
        return (await self._db.read("hash_keys/holds_hashes"))[0]["hashed"]
