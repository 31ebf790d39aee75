"""Session tokens: what a page shows to be answered from its session, signed so that nobody can make one up. No I/O."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass

from app.domain.hashing import Hasher

LONGEST_TOKEN = 2_000
"""Characters of a token; a session id may need four bytes a character."""
_PURPOSE = "session-token"


@dataclass(frozen=True, slots=True)
class SessionToken:
    """What a token says; times are whole seconds since 1970."""

    session_id: str
    key_id: str
    """The browser key that it is good with."""
    opened_at: int
    used_at: int
    """When it was last renewed."""

    def is_live(self, now: float, idle_seconds: float, longest_seconds: float) -> bool:
        """Say whether it was used a short while ago, in a session that was not opened too long ago."""
        return now < min(self.used_at + idle_seconds, self.opened_at + longest_seconds)


def write_token(hasher: Hasher, token: SessionToken) -> str:
    """Sign a token for the hasher's tenant: letters, digits, ``-``, ``_``, ``=`` and one point."""
    text = json.dumps(asdict(token), separators=(",", ":")).encode()
    said = urlsafe_b64encode(text).decode()
    return f"{said}.{hasher.sign(_PURPOSE, said)}"


def read_token(hasher: Hasher, text: str) -> SessionToken | None:
    """Read what ``write_token`` wrote for the same tenant; ``None`` for any other text."""
    if len(text) > LONGEST_TOKEN:
        return None
    said, _, signature = text.partition(".")
    if not hasher.is_signed(_PURPOSE, said, signature):
        return None
    try:
        return SessionToken(**json.loads(urlsafe_b64decode(said)))
    except (binascii.Error, ValueError, TypeError):  # signed by another version of this service
        return None
