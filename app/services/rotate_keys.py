"""Use case: identifiers are kept under a new key, as far as their values are at hand, while the service goes on."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from app.domain.hashing import Hasher, identify
from app.domain.identity_rules import IdentityRules
from app.domain.key_rotation import Rekeyed
from app.domain.models import GivenIdentifier, Identifier

VALUES_A_COMMIT = 1_000


class RotationStore(Protocol):
    """Where identifiers are kept."""

    async def count_older(self, tenant: str, key_version: int) -> int:
        """How many are kept under keys older than this one."""
        ...

    async def re_key(self, tenant: str, known: Sequence[Identifier], actor: str) -> Rekeyed:
        """Bring identifiers that are under one of their other digests to the first one, in one commit."""
        ...

    async def note_key(self, tenant: str, key_version: int, actor: str) -> None:
        """Write into the audit log that there is a new key."""
        ...


async def re_key(
    store: RotationStore,
    tenant: str,
    hasher: Hasher,
    rules: IdentityRules,
    values: Iterable[GivenIdentifier],
    actor: str,
) -> Rekeyed:
    """Re-key the identifiers of these values; nothing is changed by a value that is under the current key."""
    known = list(dict.fromkeys(identify(hasher, rules, one.type, one.value) for one in values))
    commits = [known[start : start + VALUES_A_COMMIT] for start in range(0, len(known), VALUES_A_COMMIT)]
    return sum([await store.re_key(tenant, some, actor) for some in commits], Rekeyed())
