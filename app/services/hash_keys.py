"""Use case: a graph is opened only with the hash keys it was made with, and knows a new key before it is used."""

from collections.abc import Mapping
from typing import Protocol

from app.domain.errors import MissingKeyError, SetupError
from app.domain.hashing import fingerprint
from app.services.hashing import (
    HASH_KEY_SETTING,
    KeyDraft,
    changing_hash_keys,
    find_hash_keys,
    hash_key_path,
)
from app.settings import Settings


class KeyRecord(Protocol):
    """What the graph knows of the keys."""

    async def read(self) -> dict[int, str]:
        """Fingerprint by key version; ``{}`` for a graph that knows none."""
        ...

    async def record(self, fingerprints: Mapping[int, str]) -> dict[int, str]:
        """Add versions that are not known yet; what is known then."""
        ...

    async def holds_hashes(self) -> bool:
        """Whether anything in the graph was hashed with a key."""
        ...


async def check_hash_keys(record: KeyRecord, settings: Settings) -> Mapping[int, bytes] | None:
    """Return the keys, which fit the graph; ``None`` where a first one may be made. Changes nothing.

    Raises ``MissingKeyError`` when a key that the graph was made with is lost or is another one.
    """
    known = await record.read()
    keys = find_hash_keys(settings)
    if keys is None and not known and not await record.holds_hashes():
        return None
    if keys is not None and _misfit(keys, known) is None:
        return keys
    draft = KeyDraft.find(settings)
    if known and draft is not None and _misfit(draft.keys, known) is None:
        return draft.keys
    raise MissingKeyError(_refusal(settings, keys, known))


def require_keys(settings: Settings, known: Mapping[int, str]) -> None:
    """Raise ``MissingKeyError`` unless the keys of these fingerprints are there; ``known`` as in ``KeyRecord``."""
    keys = find_hash_keys(settings)
    if keys is None or _misfit(keys, known) is not None:
        raise MissingKeyError(_refusal(settings, keys, known))


async def confirm_hash_keys(record: KeyRecord, settings: Settings) -> None:
    """See to it that the keys are there and the graph knows them, or refuse with ``MissingKeyError``.

    A first key is made only for a graph in which nothing was hashed yet. Keys that the graph does not know yet, new
    ones or all of a graph that is older than the record, are recorded. What a killed process had begun is finished.
    """
    keys = await check_hash_keys(record, settings)
    if keys is None or keys != find_hash_keys(settings):
        async with changing_hash_keys(settings):
            keys = await _complete(record, settings)
    known = await record.read()
    fresh = {version: fingerprint(key) for version, key in keys.items() if version not in known}
    if fresh:
        known = await record.record(fresh)
        if _misfit(keys, known) is not None:  # another machine was first
            raise MissingKeyError(_refusal(settings, keys, known))


async def add_hash_key(record: KeyRecord, settings: Settings) -> int:
    """Add a key to those in ``home``, recorded before it is used; its version.

    ``SetupError`` when the keys come from the setting, or do not fit the graph.
    """
    if settings.hash_key is not None:
        raise SetupError(
            f"The keys come from {HASH_KEY_SETTING}: put a new one in front there (`2:<new key>,1:<old key>`), start "
            "every process anew, and run this again."
        )
    await confirm_hash_keys(record, settings)
    async with changing_hash_keys(settings):
        keys = find_hash_keys(settings) or {}
        version = max(keys) + 1
        draft = KeyDraft.write(settings, keys, version)
        await _record_draft(record, settings, draft)
        draft.use()
    return version


async def _complete(record: KeyRecord, settings: Settings) -> Mapping[int, bytes]:
    """Make the first key, or use what a killed process had written down and recorded; the keys."""
    keys = await check_hash_keys(record, settings)  # another process may have been first
    draft = KeyDraft.find(settings)
    if keys is None:
        draft = KeyDraft.write(settings, {}, 1)
        await _record_draft(record, settings, draft)
    elif draft is None or keys == find_hash_keys(settings):
        return keys
    draft.use()
    return draft.keys


async def _record_draft(record: KeyRecord, settings: Settings, draft: KeyDraft) -> None:
    """Record keys that are written down; where another machine recorded others meanwhile these are dropped."""
    known = await record.record({version: fingerprint(key) for version, key in draft.keys.items()})
    if _misfit(draft.keys, known) is not None:
        draft.drop()
        raise MissingKeyError(_refusal(settings, find_hash_keys(settings), known))


def _misfit(keys: Mapping[int, bytes], known: Mapping[int, str]) -> int | None:
    """Return the oldest version that the graph knows and that is lost or another key; ``None`` when all are there."""
    wrong = (one for one in sorted(known) if one not in keys or fingerprint(keys[one]) != known[one])
    return next(wrong, None)


def _refusal(settings: Settings, keys: Mapping[int, bytes] | None, known: Mapping[int, str]) -> str:
    version = _misfit(keys or {}, known) or 1
    where = HASH_KEY_SETTING if settings.hash_key is not None else str(hash_key_path(settings))
    lost = keys is None or version not in keys
    what = f"is not in {where}" if lost else f"is another one than that in {where}"
    return (
        f"Hash key {version}, which this graph was made with, {what}: put hash.key back from its backup, or on a "
        f"second machine copy hash.key from PLURAL_HOME of the first or set {HASH_KEY_SETTING} to its keys; with any "
        "other key erased people would come back, so none is made."
    )
