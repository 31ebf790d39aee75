"""API keys in the graph: one ApiKey node each."""

from datetime import datetime

from app.domain.audit import Act
from app.domain.keys import ApiKey, StoredKey
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms, from_optional_ms


class KeyGraph:
    """Keeps keys as ``(:ApiKey)``; the digest of a token is there, the token is not; implements ``KeyStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def add_key(self, stored: StoredKey, actor: str) -> None:
        """Keep a new key (cypher/keys/create_key.cypher)."""
        key = stored.key

        async def work(transaction: Transaction) -> None:
            rows = await transaction.run(
                "keys/create_key",
                tenant=key.tenant,
                id=key.id,
                hash=stored.digest,
                scopes=list(key.scopes),
                label=key.label,
                created_at=key.created_at,
                expires_at=key.expires_at,
                identity_id=key.identity_id,
                session_id=key.session_id,
                origins=list(key.origins),
            )
            subjects = (("identity", key.identity_id),) if key.identity_id else ()
            act = Act(actor, "key_created", subjects, {"key": key.id, "scopes": ",".join(key.scopes)})
            await self._audit.append(transaction, key.tenant, *[act for row in rows if row["is_new"]])

        await self._db.transact(work, tenant=key.tenant)

    async def find_key(self, tenant: str, key_id: str) -> StoredKey | None:
        """The key, revoked or not (cypher/keys/find_key.cypher); ``None`` when there is none."""
        rows = await self._db.read("keys/find_key", tenant=tenant, id=key_id)
        return StoredKey(_key(tenant, rows[0]), rows[0]["hash"]) if rows else None

    async def list_keys(self, tenant: str) -> list[ApiKey]:
        """All keys of a tenant, newest first (cypher/keys/list_keys.cypher)."""
        return [_key(tenant, row) for row in await self._db.read("keys/list_keys", tenant=tenant)]

    async def revoke_key(self, tenant: str, key_id: str, at: datetime, actor: str) -> bool:
        """Mark a key as revoked, once (cypher/keys/revoke_key.cypher); whether there is such a key."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run("keys/revoke_key", tenant=tenant, id=key_id, at=at)
            acts = [Act(actor, "key_revoked", (), {"key": key_id}) for row in rows if row["is_new"]]
            await self._audit.append(transaction, tenant, *acts)
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)


def _key(tenant: str, row: Row) -> ApiKey:
    return ApiKey(
        tenant=tenant,
        id=row["id"],
        scopes=tuple(row["scopes"]),
        label=row["label"],
        created_at=from_ms(row["created_at_ms"]),
        revoked_at=from_optional_ms(row["revoked_at_ms"]),
        expires_at=from_optional_ms(row["expires_at_ms"]),
        identity_id=row["identity_id"],
        session_id=row["session_id"],
        origins=tuple(row["origins"]),
    )
