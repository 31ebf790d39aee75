"""Identifiers are kept as keyed hashes only: who has the graph but not the key cannot look anybody up."""

import hashlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.domain.errors import SetupError
from app.settings import Settings

_SHORTEST_KEY = 32
_FILE = "hash.key"

Hasher = Callable[[str, str], str]
"""Identifier type and value to digest."""


def make_hasher(key: bytes, tenant: str) -> Hasher:
    """Return the hash of one tenant: HMAC-SHA-256 over tenant, type and normalised value, hex."""

    def digest(type_: str, value: str) -> str:
        # The unit separator cannot be typed, so no two triples read the same.
        message = "\x1f".join((tenant, type_, normalise(type_, value)))
        return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()

    return digest


def normalise(type_: str, value: str) -> str:
    """Make spellings of one identifier equal: Unicode form and blanks; case of an e-mail; of a phone + and digits."""
    plain = unicodedata.normalize("NFKC", value).strip()
    if type_ == "email":
        return plain.casefold()
    if type_ == "phone":
        return ("+" if plain.startswith("+") else "") + "".join(filter(str.isdigit, plain))
    return plain


def load_hash_key(settings: Settings) -> bytes:
    """Return the key of the settings, or the one kept in ``home``, which is made at the first call (mode 0600)."""
    if settings.hash_key is not None:
        return _checked(settings.hash_key.get_secret_value(), "PLURAL_HASH_KEY")
    path = settings.home.expanduser() / _FILE
    try:
        if not path.exists():
            _create(path)
        return _checked(path.read_text(encoding="ascii").strip(), str(path))
    except OSError as error:
        raise SetupError(
            f"The key of identifiers, {path}, cannot be kept ({error.strerror}): make PLURAL_HOME writable or set "
            "PLURAL_HASH_KEY."
        ) from error


def _create(path: Path) -> None:
    """Write a new key whole or not at all; of two that start at once, one wins and both read its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{_FILE}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32), encoding="ascii")
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _checked(key: str, where: str) -> bytes:
    if len(key) < _SHORTEST_KEY:
        raise SetupError(f"The key of identifiers in {where} is shorter than {_SHORTEST_KEY} characters.")
    return key.encode()
