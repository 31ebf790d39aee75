"""The keys of keyed hashes: where they are kept, how they are made, and how a new one joins the old ones."""

import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from filelock import FileLock

from app.domain.errors import SetupError
from app.domain.hashing import Hasher
from app.settings import Settings

_SHORTEST_KEY = 32
_FILE = "hash.key"
_SETTING = "PLURAL_HASH_KEY"
_VERSIONED = re.compile(r"([1-9][0-9]{0,8}):(.*)", re.DOTALL)


def load_hash_keys(settings: Settings) -> Mapping[int, bytes]:
    """Return the keys by version: those of the setting, or those kept in ``home``, the first made at the first call.

    The ones in ``home`` are read again as soon as their file has changed, so a service learns of a new key while it
    runs. Raises ``SetupError`` for keys that cannot be read or are too short.
    """
    if settings.hash_key is not None:
        return _parse(settings.hash_key.get_secret_value(), _SETTING)
    return _KeptKeys(_path(settings))


def tenant_hashers(settings: Settings, region: str | None = None) -> Callable[[str], Hasher]:
    """Return the hash of each tenant under the keys of the settings; ``region`` as in ``Hasher``."""
    return partial(Hasher, keys=load_hash_keys(settings), region=region)


def add_hash_key(settings: Settings) -> int:
    """Add a key to those in ``home``; its version. ``SetupError`` when the keys come from the setting."""
    if settings.hash_key is not None:
        raise SetupError(
            f"The keys come from {_SETTING}: put a new one in front there (`2:<new key>,1:<old key>`), start every "
            "process anew, and run this again."
        )
    path = _path(settings)
    with FileLock(path.with_name(f"{_FILE}.lock")):
        keys = dict(_KeptKeys(path))
        version = max(keys) + 1
        keys[version] = secrets.token_hex(32).encode()
        text = ",".join(f"{known}:{keys[known].decode()}" for known in sorted(keys, reverse=True))
        _draft(path, text).replace(path)
    return version


class _KeptKeys(Mapping[int, bytes]):
    """The keys of a file, as it is now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys: Mapping[int, bytes] = {}
        self._read()

    def __getitem__(self, version: int) -> bytes:
        return self._read()[version]

    def __iter__(self) -> Iterator[int]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def _read(self) -> Mapping[int, bytes]:
        try:
            if self._stamp is None and not self._path.exists():
                _create(self._path)
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self._stamp:
                self._keys = _parse(self._path.read_text(encoding="ascii").strip(), str(self._path))
                self._stamp = stamp
        except OSError as error:
            raise SetupError(
                f"The key of identifiers, {self._path}, cannot be kept ({error.strerror}): make PLURAL_HOME writable "
                f"or set {_SETTING}."
            ) from error
        return self._keys


def _path(settings: Settings) -> Path:
    return settings.home.expanduser() / _FILE


def _create(path: Path) -> None:
    """Write a first key whole or not at all; of two that start at once, one wins and both read its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(path: Path, text: str) -> Path:
    """Write a file beside ``path`` that only its owner may read, down to the disk."""
    draft = path.with_name(f"{_FILE}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    with draft.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _parse(text: str, where: str) -> Mapping[int, bytes]:
    """Read ``2:…,1:…``, or one bare key, which is version 1."""
    parts = [_VERSIONED.fullmatch(part.strip()) for part in text.split(",")]
    versioned = [(int(part[1]), part[2]) for part in parts if part]
    if 0 < len(versioned) < len(parts) or len(dict(versioned)) < len(versioned):
        raise SetupError(f"The keys of identifiers in {where} are neither one key nor `2:<key>,1:<key>`.")
    keys = dict(versioned) or {1: text}
    if any(len(key) < _SHORTEST_KEY for key in keys.values()):
        raise SetupError(f"The key of identifiers in {where} is shorter than {_SHORTEST_KEY} characters.")
    return {version: key.encode() for version, key in keys.items()}
