"""Makes, checks and revokes API keys; the graph keeps a digest, never the token.

A token is ``plural_<tenant>_<id>_<secret>`` with a secret of 256 random bits. The digest covers the whole token, so a
token that names another tenant or id than it was made with is worth nothing. So many random bits need no slow hash.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.keys import ApiKey, Scope, StoredKey, check_tenant

_PREFIX = "plural"
_TOKEN_PARTS = 4
_LONGEST_TOKEN = 200
_CACHED_KEYS = 10_000


class KeyStore(Protocol):
    """Where keys are kept."""

    async def add_key(self, stored: StoredKey) -> None:
        """Keep a new key."""
        ...

    async def find_key(self, tenant: str, key_id: str) -> StoredKey | None:
        """The key, revoked or not; ``None`` when there is none."""
        ...

    async def list_keys(self, tenant: str) -> list[ApiKey]:
        """All keys of a tenant, newest first."""
        ...

    async def revoke_key(self, tenant: str, key_id: str, at: datetime) -> bool:
        """Mark a key as revoked, once; whether there is such a key."""
        ...


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its token, which is shown once and kept nowhere."""

    key: ApiKey
    token: str


async def create_key(store: KeyStore, tenant: str, scopes: tuple[Scope, ...], label: str | None = None) -> IssuedKey:
    """Make a key for ``tenant``; ``InvalidError`` when a tenant cannot be called so."""
    key = ApiKey(
        tenant=check_tenant(tenant),
        id=secrets.token_hex(6),
        scopes=scopes,
        label=label,
        created_at=datetime.now(UTC).replace(microsecond=0),
    )
    token = f"{_PREFIX}_{tenant}_{key.id}_{secrets.token_hex(32)}"
    await store.add_key(StoredKey(key, _digest(token)))
    return IssuedKey(key, token)


async def revoke_key(store: KeyStore, tenant: str, key_id: str) -> None:
    """Make a key worthless, within ``key_cache_seconds`` everywhere; ``NotFoundError`` when there is no such key."""
    if not await store.revoke_key(tenant, key_id, datetime.now(UTC)):
        raise NotFoundError(f"Tenant {tenant!r} has no key {key_id!r}; `plural keys list` shows what it has.")


class KeyRing:
    """Checks tokens; a good one is believed for ``cache_seconds`` without asking the graph again."""

    def __init__(self, store: KeyStore, cache_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._believed: dict[str, tuple[ApiKey, float]] = {}

    async def verify(self, token: str) -> ApiKey | None:
        """Return the key that a token stands for; ``None`` for a malformed, unknown or revoked one."""
        parts = token.split("_")
        if len(token) > _LONGEST_TOKEN or len(parts) != _TOKEN_PARTS or parts[0] != _PREFIX:
            return None
        digest = _digest(token)
        if (believed := self._believed.get(digest)) and believed[1] > self._clock():
            return believed[0]
        self._believed.pop(digest, None)
        stored = await self._store.find_key(tenant=parts[1], key_id=parts[2])
        if stored is None or not hmac.compare_digest(stored.digest, digest) or stored.key.revoked_at is not None:
            return None
        self._believe(digest, stored.key)
        return stored.key

    def _believe(self, digest: str, key: ApiKey) -> None:
        if len(self._believed) >= _CACHED_KEYS:
            self._believed.clear()
        self._believed[digest] = (key, self._clock() + self._cache_seconds)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
