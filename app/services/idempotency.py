"""Use case: a request that is sent again under its idempotency key is the same request."""

import hashlib
from collections.abc import Callable
from typing import Protocol

from app.domain.errors import InvalidError
from app.domain.hashing import Hasher


class IdempotencyStore(Protocol):
    """Where requests are remembered, for a day."""

    async def remember(self, tenant: str, id_: str, fingerprint: str) -> tuple[str, bool]:
        """Remember a request unless one came with its key before; its fingerprint, and whether it is new."""
        ...


class Repetitions:
    """Knows which requests came under which keys; keeps nothing of either but keyed hashes."""

    def __init__(self, store: IdempotencyStore, hasher: Callable[[str], Hasher]) -> None:
        self._store = store
        self._hasher = hasher

    async def check(self, tenant: str, caller: str, key: str, call: str, content: bytes) -> bool:
        """Whether the caller sent the same before; ``InvalidError`` for other content to the same call under this key.

        Writes may be repeated: what was done is not done again. So nothing of an answer is kept.
        """
        hasher = self._hasher(tenant)
        id_ = hasher.sign("idempotency key", "\x1f".join((caller, call, key)))
        fingerprint = hasher.sign("request", hashlib.sha256(content).hexdigest())
        first, is_new = await self._store.remember(tenant, id_, fingerprint)
        if first != fingerprint:
            raise InvalidError("This Idempotency-Key was used for another request to this route; nothing was changed.")
        return not is_new
