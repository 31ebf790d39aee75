"""API keys in the graph: one ApiKey node each."""

from datetime import UTC, datetime
from typing import Any

from app.domain.keys import ApiKey, StoredKey
from app.graph.database import Database


class GraphKeyStore:
    """Keeps keys as ``(:ApiKey)``; the digest of a token is there, the token is not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_key(self, stored: StoredKey) -> None:
        """Keep a new key (cypher/keys/create_key.cypher)."""
        key = stored.key
        await self._database.write(
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
        rows = await self._database.read("keys/find_key", tenant=tenant, id=key_id)
        return StoredKey(_key(tenant, rows[0]), rows[0]["hash"]) if rows else None

    async def list_keys(self, tenant: str) -> list[ApiKey]:
        """All keys of a tenant, newest first (cypher/keys/list_keys.cypher)."""
        return [_key(tenant, row) for row in await self._database.read("keys/list_keys", tenant=tenant)]

    async def revoke_key(self, tenant: str, key_id: str, at: datetime) -> bool:
        """Mark a key as revoked, once (cypher/keys/revoke_key.cypher); whether there is such a key."""
        return bool(await self._database.write("keys/revoke_key", tenant=tenant, id=key_id, at=at))


def _key(tenant: str, row: dict[str, Any]) -> ApiKey:
    return ApiKey(
        tenant=tenant,
        id=row["id"],
        scopes=tuple(row["scopes"]),
        label=row["label"],
        created_at=_moment(row["created_at_ms"]),
        revoked_at=_moment(row["revoked_at_ms"]) if row["revoked_at_ms"] is not None else None,
    )


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
