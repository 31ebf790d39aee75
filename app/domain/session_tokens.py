"""Session tokens: what a page shows to be answered from its session, signed so that nobody can make one up. No I/O."""

from dataclasses import asdict, dataclass

from app.domain.hashing import Hasher
from app.domain.signed_words import read_fields, sign_fields

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
    """Sign a token for the hasher's tenant."""
    return sign_fields(hasher, _PURPOSE, asdict(token))


def read_token(hasher: Hasher, text: str) -> SessionToken | None:
    """Read what ``write_token`` wrote for the same tenant; ``None`` for any other text."""
    fields = read_fields(hasher, _PURPOSE, text)
    try:
        return None if fields is None else SessionToken(**fields)
    except TypeError:  # signed by another version of this service
        return None
