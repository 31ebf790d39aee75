"""The keys of keyed hashes: where they are kept and how they are made."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.domain.errors import SetupError
from app.settings import Settings

_SHORTEST_KEY = 32
_FILE = "hash.key"


def load_hash_keys(settings: Settings) -> Mapping[int, bytes]:
    """Return the keys by version: that of the settings, or the one kept in ``home``, made at the first call (0600)."""
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


def _checked(key: str, where: str) -> Mapping[int, bytes]:
    if len(key) < _SHORTEST_KEY:
        raise SetupError(f"The key of identifiers in {where} is shorter than {_SHORTEST_KEY} characters.")
    return {1: key.encode()}
