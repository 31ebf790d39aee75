"""Use case: a page is answered from its session while it shows that the session is its own; nothing is stored of it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain import clock
from app.domain.errors import NotFoundError
from app.domain.hashing import Hasher
from app.domain.keys import ApiKey
from app.domain.session_tokens import SessionToken, read_token, write_token
from app.services.keys import KeyStore

LONGEST_SECONDS = 24 * 3600
"""So long a token may be renewed; whoever stays longer opens another session."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session and what shows that it is one's own."""

    session_id: str
    token: str
    expires_at: datetime
    """Unless it is used before."""


@dataclass(frozen=True, slots=True)
class ShownSession:
    """The session that a page has shown to be its own."""

    session_id: str
    renewed: str
    """The token anew."""


class SessionTokens:
    """Issues, checks and renews session tokens without asking the database; one a process."""

    def __init__(
        self, hasher: Callable[[str], Hasher], idle_seconds: float, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._hasher = hasher
        self._idle_seconds = idle_seconds
        self._now = now

    def open(self, key: ApiKey) -> OpenSession:
        """Open a session that nobody has had, for the page that asks with this key."""
        return self.hand_over(key, secrets.token_hex(16))

    def hand_over(self, key: ApiKey, session_id: str) -> OpenSession:
        """Let the page that asks with this key be answered from a session, whoever's events it holds."""
        now = int(self._now().timestamp())
        token = write_token(self._hasher(key.tenant), SessionToken(session_id, key.id, now, now))
        expires_at = datetime.fromtimestamp(now + min(self._idle_seconds, LONGEST_SECONDS), UTC)
        return OpenSession(session_id, token, expires_at)

    def check(self, key: ApiKey, text: str) -> ShownSession | None:
        """Say which session a token shows, and renew it; ``None`` for one that is over, of another key or made up."""
        hasher, now = self._hasher(key.tenant), self._now().timestamp()
        token = read_token(hasher, text)
        if token is None or token.key_id != key.id or not token.is_live(now, self._idle_seconds, LONGEST_SECONDS):
            return None
        return ShownSession(token.session_id, write_token(hasher, replace(token, used_at=int(now))))


async def find_page_key(store: KeyStore, tenant: str, key_id: str, now: datetime) -> ApiKey:
    """Return a browser key that is good and bound to nobody; ``NotFoundError`` when there is no such key."""
    stored = await store.find_key(tenant, key_id)
    if stored is None or stored.key.is_bound or not stored.key.allows("browser") or stored.key.is_over(now):
        raise NotFoundError("There is no such browser key that is bound to nobody.")
    return stored.key
