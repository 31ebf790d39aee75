"""The keys of keyed hashes: where they are kept and how they are written; which ones fit a graph is hash_keys.py."""

import asyncio
import os
import re
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from app.domain.errors import SetupError
from app.domain.hashing import Hasher
from app.settings import Settings

_SHORTEST_KEY = 32
_FILE = "hash.key"
HASH_KEY_SETTING = "PLURAL_HASH_KEY"
_LOCK_SECONDS = 0.05
_VERSIONED = re.compile(r"([1-9][0-9]{0,8}):(.*)", re.DOTALL)


def load_hash_keys(settings: Settings) -> Mapping[int, bytes]:
    """Return the keys by version: those of the setting, or those kept in ``home``, looked at when one is asked for.

    The ones in ``home`` are read again as soon as their file has changed, so a service learns of a new key while it
    runs; one that was read once stays. None is ever made here (``confirm_hash_keys`` does, for a new graph). Raises
    ``SetupError``, at once or when a key is asked for, where there is none, or one cannot be read or is too short.
    """
    if settings.hash_key is not None:
        return _parse(settings.hash_key.get_secret_value(), HASH_KEY_SETTING)
    return _KeptKeys(hash_key_path(settings))


def find_hash_keys(settings: Settings) -> Mapping[int, bytes] | None:
    """Return the keys by version as they are now; ``None`` where no file and no setting holds any."""
    keys = load_hash_keys(settings)
    return dict(keys) if settings.hash_key is not None or hash_key_path(settings).exists() else None


def tenant_hashers(settings: Settings, region: str | None = None) -> Callable[[str], Hasher]:
    """Return the hash of each tenant under the keys of the settings; ``region`` as in ``Hasher``."""
    return partial(Hasher, keys=load_hash_keys(settings), region=region)


def figures_secret(hasher: Hasher, period: int) -> bytes:
    """Return the secret of a tenant's noise in the days (``figures_period``) for which figures stand."""
    return hasher.sign("figures", str(period)).encode()


def figures_period(moment: datetime, days: int) -> int:
    """Count the spans of so many days for which figures stand, since the year 1."""
    return moment.astimezone(UTC).toordinal() // days


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """Keys that are written down and not in use yet, so that they are lost at no moment between record and use."""

    path: Path
    keys: Mapping[int, bytes]

    @classmethod
    def find(cls, settings: Settings) -> Self | None:
        """Find what a process that was killed had written down; ``None`` when there is nothing, or it is not whole."""
        path = hash_key_path(settings).with_name(f"{_FILE}.new")
        try:
            return cls(path, _parse(path.read_text(encoding="ascii").strip(), str(path)))
        except (OSError, ValueError, SetupError):
            return None

    @classmethod
    def write(cls, settings: Settings, keys: Mapping[int, bytes], version: int) -> Self:
        """Write down these keys and a new one of this version, down to the disk."""
        path = hash_key_path(settings).with_name(f"{_FILE}.new")
        more = {**keys, version: secrets.token_hex(32).encode()}
        text = ",".join(f"{known}:{more[known].decode()}" for known in sorted(more, reverse=True))
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return cls(path, more)

    def use(self) -> None:
        """Let them be the keys."""
        self.path.replace(self.path.with_name(_FILE))
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop(self) -> None:
        """Forget them."""
        self.path.unlink(missing_ok=True)


@asynccontextmanager
async def changing_hash_keys(settings: Settings) -> AsyncGenerator[None]:
    """Keep other processes of ``home`` from changing its keys; a folder that cannot be written is a ``SetupError``."""
    path = hash_key_path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f"{_FILE}.lock"), timeout=0)
        while not lock.is_locked:
            with suppress(Timeout):
                lock.acquire()
            await asyncio.sleep(0 if lock.is_locked else _LOCK_SECONDS)  # others of this process go on meanwhile
        try:
            yield
        finally:
            lock.release()
    except OSError as error:
        raise _not_kept(path, error) from error


class _KeptKeys(Mapping[int, bytes]):
    """The keys of a file, as it is now, and those that it held before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys: Mapping[int, bytes] = {}

    def __getitem__(self, version: int) -> bytes:
        return self._read()[version]

    def __iter__(self) -> Iterator[int]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def _read(self) -> Mapping[int, bytes]:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self._stamp:
                self._keys = {**_parse(self._path.read_text(encoding="ascii").strip(), str(self._path)), **self._keys}
                self._stamp = stamp
        except (OSError, SetupError) as error:
            if self._keys:  # lost while it is in use: what was hashed with it goes on being found
                return self._keys
            raise error if isinstance(error, SetupError) else _not_kept(self._path, error) from error
        return self._keys


def write_keys(file: Path, keys: Mapping[int, bytes]) -> None:
    """Write keys to a file that only its owner may read, as ``home`` keeps them; ``SetupError`` when that cannot be."""
    text = ",".join(f"{version}:{keys[version].decode()}" for version in sorted(keys, reverse=True))
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as output:
            output.write(text)
            output.flush()
            os.fsync(output.fileno())
    except OSError as error:
        raise SetupError(f"{file} cannot be written ({error.strerror}).") from error


def hash_key_path(settings: Settings) -> Path:
    """Return where ``home`` keeps the keys."""
    return settings.home.expanduser() / _FILE


def _not_kept(path: Path, error: OSError) -> SetupError:
    return SetupError(
        f"The key of identifiers, {path}, cannot be kept ({error.strerror}): make PLURAL_HOME writable "
        f"or set {HASH_KEY_SETTING}."
    )


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
