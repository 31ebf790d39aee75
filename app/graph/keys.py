"""API keys in the graph: one ApiKey node each."""

from datetime import datetime

from app.domain.keys import ApiKey, StoredKey
from app.graph.database import Database, Row
from app.graph.times import from_ms, from_optional_ms


class KeyGraph:
    """Keeps keys as ``(:ApiKey)``; the digest of a token is there, the token is not; implements ``KeyStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add_key(self, stored: StoredKey) -> None:
        """Keep a new key (cypher/keys/create_key.cypher)."""
        key = stored.key
        await self._db.write(
            "keys/create_key",
            tenant=key.tenant,
            id=key.id,
            hash=stored.digest,
            scopes=list(key.scopes),
            label=key.label,
            created_at=key.created_at,
        )

    async def find_key(self, tenant: str, key_id: str) -> StoredKey | None:
        """The key, revoked or not (cypher/keys/find_key.cypher); ``None`` when there is none."""
        rows = await self._db.read("keys/find_key", tenant=tenant, id=key_id)
        return StoredKey(_key(tenant, rows[0]), rows[0]["hash"]) if rows else None

    async def list_keys(self, tenant: str) -> list[ApiKey]:
        """All keys of a tenant, newest first (cypher/keys/list_keys.cypher)."""
        return [_key(tenant, row) for row in await self._db.read("keys/list_keys", tenant=tenant)]

    async def revoke_key(self, tenant: str, key_id: str, at: datetime) -> bool:
        """Mark a key as revoked, once (cypher/keys/revoke_key.cypher); whether there is such a key."""
        return bool(await self._db.write("keys/revoke_key", tenant=tenant, id=key_id, at=at))


def _key(tenant: str, row: Row) -> ApiKey:
    return ApiKey(
        tenant=tenant,
        id=row["id"],
        scopes=tuple(row["scopes"]),
        label=row["label"],
        created_at=from_ms(row["created_at_ms"]),
        revoked_at=from_optional_ms(row["revoked_at_ms"]),
    )
