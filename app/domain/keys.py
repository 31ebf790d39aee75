"""Who may ask: keys, their scopes and the names of tenants. No I/O."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from app.domain.errors import InvalidError

Scope = Literal["ingest", "recommend", "admin"]

SCOPES: tuple[Scope, ...] = get_args(Scope)

_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key besides its secret."""

    tenant: str
    id: str
    """Unique in its tenant; not secret."""
    scopes: tuple[Scope, ...]
    label: str | None
    created_at: datetime
    revoked_at: datetime | None = None

    def allows(self, scope: Scope) -> bool:
        """Say whether the key is good for ``scope``; ``admin`` is good for everything, a revoked one for nothing."""
        return self.revoked_at is None and (scope in self.scopes or "admin" in self.scopes)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as the graph has it: never the token, only its digest."""

    key: ApiKey
    digest: str
    """SHA-256 of the whole token, hex."""


def check_tenant(name: str) -> str:
    """Return ``name`` when a tenant may be called so; ``InvalidError`` else. Tokens carry it, so ``_`` is not in it."""
    if not _TENANT.fullmatch(name):
        raise InvalidError(f"A tenant is 1 to 63 of a-z, 0-9 and -, starting with a letter or digit; {name!r} is not.")
    return name


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Read ``ingest,recommend``; in the order of ``SCOPES``, each once. ``InvalidError`` names what is none."""
    asked = {part.strip() for part in text.split(",") if part.strip()}
    if unknown := sorted(asked - set(SCOPES)):
        raise InvalidError(f"{unknown[0]!r} is no scope; choose of {', '.join(SCOPES)}.")
    if not asked:
        raise InvalidError(f"Name at least one scope of {', '.join(SCOPES)}.")
    return tuple(scope for scope in SCOPES if scope in asked)
