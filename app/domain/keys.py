"""Who may ask: keys, their scopes, for whom they may speak, what routes want of them; names of tenants. No I/O."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.errors import InvalidError

Scope = Literal["ingest", "recommend", "insight", "insight:members", "campaign", "admin", "browser"]

SCOPES: tuple[Scope, ...] = ("ingest", "recommend", "insight", "insight:members", "campaign", "admin")
"""Of keys that stay on the shop's servers; ``browser`` stands alone."""

_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


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
    expires_at: datetime | None = None
    identity_id: str | None = None
    """The only identity that it may speak for; ``None``: not bound to one."""
    session_id: str | None = None
    """The only session that it may speak for; ``None``: not bound to one."""
    origins: tuple[str, ...] = ()
    """Where a browser may use it from, e.g. ``https://shop.example``; empty: from anywhere but a browser page."""

    @property
    def is_public(self) -> bool:
        """Say whether everybody who visits the shop can read it."""
        return "browser" in self.scopes

    @property
    def is_bound(self) -> bool:
        """Say whether it speaks for one identity or session only."""
        return self.identity_id is not None or self.session_id is not None

    @property
    def is_restricted(self) -> bool:
        """Say whether it may speak for some only."""
        return self.is_public or self.is_bound

    def allows(self, *scopes: Scope) -> bool:
        """Say whether the key is good for one of ``scopes``; ``admin`` is good for all that is done on a server."""
        if self.revoked_at is not None:
            return False
        return any(scope in self.scopes or (scope != "browser" and "admin" in self.scopes) for scope in scopes)

    def is_over(self, at: datetime) -> bool:
        """Say whether its time has run out."""
        return self.expires_at is not None and self.expires_at <= at

    def speaks_for(self, identity_id: str | None, session_id: str | None) -> bool:
        """Say whether the key may ask or tell for this subject; ``None``, ``None`` is anybody.

        A bound key speaks only where its own identity or session is named, and no other is; events of its own identity
        may name any session. A browser key that is bound to none may speak of any session, and never for an identity
        with a name. What either tells of a session that it has not shown to be its own is kept apart from it.
        """
        if not self.is_bound:
            return not self.is_public or identity_id is None
        if self.session_id is not None and session_id not in (None, self.session_id):
            return False
        if identity_id is not None:
            return identity_id == self.identity_id
        return session_id is not None and session_id == self.session_id

    def owns(self, identity_id: str | None, session_id: str) -> bool:
        """Say whether identity and session are both its own, as one that would join them must show."""
        if not self.is_restricted:
            return True
        return identity_id is not None and (identity_id, session_id) == (self.identity_id, self.session_id)


@dataclass(frozen=True, slots=True)
class Right:
    """What a route wants of a key; by default it is about the whole tenant, and no bound key passes."""

    scopes: tuple[Scope, ...]
    """One of these will do."""
    subject: Literal["path", "body"] | None = None
    """Where the identity or session is named that it is about, so that a key bound to it passes; ``None``: nowhere."""


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What a new key shall be good for."""

    scopes: tuple[Scope, ...]
    label: str | None = None
    identity_id: str | None = None
    session_id: str | None = None
    origins: tuple[str, ...] = ()
    expires_at: datetime | None = None


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


def check_key(asked: KeyRequest, now: datetime) -> None:
    """Raise ``InvalidError`` for a key that would be worthless or dangerous."""
    bound = asked.identity_id is not None or asked.session_id is not None
    if "browser" in asked.scopes:
        if asked.scopes != ("browser",):
            raise InvalidError("The scope 'browser' stands alone: whoever visits the shop can read such a key.")
        if not asked.origins:
            raise InvalidError("A browser key wants at least one origin, e.g. https://shop.example.")
    elif asked.origins:
        raise InvalidError("Origins are for browser keys; the others never leave the shop's servers.")
    elif bound and ("admin" in asked.scopes or not asked.scopes):
        raise InvalidError("A key for one identity or session cannot be an admin's.")
    elif bound and {"insight:members", "campaign"} & {*asked.scopes}:
        raise InvalidError("A key for one identity or session cannot list others or change what they are shown.")
    for origin in asked.origins:
        if not _ORIGIN.fullmatch(origin):
            raise InvalidError(f"{origin!r} is no origin: scheme, host and port, in lower case, without a path.")
    if asked.expires_at is not None and asked.expires_at <= now:
        raise InvalidError("expires_at lies in the past: the key would be worthless.")


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Read ``ingest,recommend``; in the order of ``SCOPES``, each once. ``InvalidError`` names what is none."""
    every: Sequence[Scope] = (*SCOPES, "browser")
    asked = {part.strip() for part in text.split(",") if part.strip()}
    if unknown := sorted(asked - set(every)):
        raise InvalidError(f"{unknown[0]!r} is no scope; choose of {', '.join(every)}.")
    if not asked:
        raise InvalidError(f"Name at least one scope of {', '.join(every)}.")
    return tuple(scope for scope in every if scope in asked)
