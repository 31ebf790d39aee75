"""Makes, checks and revokes API keys; the graph keeps a digest, never the token.

A token is ``plural_<tenant>_<id>_<secret>``, of a browser key ``pk_<tenant>_…``, with a secret of 256 random bits. The
digest covers the whole token, so a token that names another tenant or id than it was made with is worth nothing. So
many random bits need no slow hash.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cachetools import TTLCache

from app.domain import clock
from app.domain.errors import NotFoundError
from app.domain.keys import ApiKey, KeyRequest, StoredKey, check_key, check_tenant

_SECRET, _PUBLIC = "plural", "pk"
"""What tokens begin with, so that a look tells which ones must stay on the server."""
_TOKEN = re.compile(rf"(?:{_SECRET}|{_PUBLIC})_([a-z0-9][a-z0-9-]{{0,62}})_([0-9a-f]{{12}})_[0-9a-f]{{64}}")
_CACHED_KEYS = 10_000
_COUNTED_ADDRESSES = 10_000
_COUNTED_SECONDS = 60.0


class KeyStore(Protocol):
    """Where keys are kept."""

    async def add_key(self, stored: StoredKey, actor: str) -> None:
        """Keep a new key."""
        ...

    async def find_key(self, tenant: str, key_id: str) -> StoredKey | None:
        """The key, revoked or not; ``None`` when there is none."""
        ...

    async def list_keys(self, tenant: str) -> list[ApiKey]:
        """All keys of a tenant, newest first."""
        ...

    async def revoke_key(self, tenant: str, key_id: str, at: datetime, actor: str) -> bool:
        """Mark a key as revoked, once; whether there is such a key."""
        ...


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its token, which is shown once and kept nowhere."""

    key: ApiKey
    token: str


async def create_key(store: KeyStore, tenant: str, asked: KeyRequest, actor: str = "cli") -> IssuedKey:
    """Make a key for ``tenant``; ``InvalidError`` when there can be no such key or tenant."""
    now = clock.now().replace(microsecond=0)
    check_key(asked, now)
    key = ApiKey(
        tenant=check_tenant(tenant),
        id=secrets.token_hex(6),
        scopes=asked.scopes,
        label=asked.label,
        created_at=now,
        expires_at=asked.expires_at,
        identity_id=asked.identity_id,
        session_id=asked.session_id,
        origins=asked.origins,
    )
    prefix = _PUBLIC if key.is_public else _SECRET
    token = f"{prefix}_{tenant}_{key.id}_{secrets.token_hex(32)}"
    await store.add_key(StoredKey(key, _digest(token)), actor)
    return IssuedKey(key, token)


async def revoke_key(store: KeyStore, tenant: str, key_id: str, actor: str = "cli") -> None:
    """Make a key worthless, within ``key_cache_seconds`` everywhere; ``NotFoundError`` when there is no such key."""
    if not await store.revoke_key(tenant, key_id, clock.now(), actor):
        raise NotFoundError(f"Tenant {tenant!r} has no key {key_id!r}; `plural keys list` shows what it has.")


class KeyRing:
    """Checks tokens; a good one is believed for ``cache_seconds`` without asking the graph again.

    The graph is not asked about what cannot be a token, nor for an address that has shown ``unknown_per_minute`` tokens
    that are none, unless it shows one that was good before: whoever guesses keeps nobody from the database.
    """

    def __init__(
        self,
        store: KeyStore,
        cache_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        unknown_per_minute: int = 60,
    ) -> None:
        self._store = store
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._believed: dict[str, tuple[ApiKey, float]] = {}
        """What was good, and until when it is believed; looked up again after that."""
        self._unknown_per_minute = unknown_per_minute
        self._unknown: TTLCache[str, list[str]] = TTLCache(_COUNTED_ADDRESSES, _COUNTED_SECONDS, clock)
        """Tokens that were none, by address; a count is forgotten a minute after its first."""

    async def verify(self, token: str, address: str = "") -> ApiKey | None:
        """Return the key that a token stands for; ``None`` for a malformed, unknown, revoked or expired one.

        ``address`` is from where it was shown.
        """
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        digest = _digest(token)
        believed = self._believed.get(digest)
        if believed is not None and believed[1] > self._clock():
            return None if believed[0].is_over(clock.now()) else believed[0]
        if believed is None and self.has_guessed_enough(address):
            return None
        stored = await self._store.find_key(tenant=parts[1], key_id=parts[2])
        if stored is None or not _is_good(stored, digest):
            self._believed.pop(digest, None)
            self._unknown.setdefault(address, []).append(digest)
            return None
        self._believe(digest, stored.key)
        return stored.key

    def has_guessed_enough(self, address: str) -> bool:
        """Whether no more tokens of this address are looked up in this minute."""
        return len(self._unknown.get(address, ())) >= self._unknown_per_minute

    def _believe(self, digest: str, key: ApiKey) -> None:
        if len(self._believed) >= _CACHED_KEYS:
            self._believed.clear()
        self._believed[digest] = (key, self._clock() + self._cache_seconds)


def _is_good(stored: StoredKey, digest: str) -> bool:
    key = stored.key
    return hmac.compare_digest(stored.digest, digest) and key.revoked_at is None and not key.is_over(clock.now())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
