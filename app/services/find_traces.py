"""Use case: look everywhere for a value that should be gone, as it is and as every hash that it may have become."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from app.domain.hashing import Hasher
from app.domain.identity_rules import CLASSES
from app.domain.traces import Sought, Trace
from app.services.erased_log import ERASED_FILE

_KINDS = ("identity", "person", "account", "household")
_CHUNK = 1 << 20
_DATABASE = ("neo4j", "data")
"""The database's own files below ``home``: what stands in them is looked for through the database."""


class TraceStore(Protocol):
    """The store that is looked through."""

    async def list_hashed(self, tenant: str | None) -> Mapping[str, list[str]]:
        """Types of identifiers by tenant; of all tenants for ``None``."""
        ...

    async def find(self, tenant: str | None, sought: Sought) -> list[Trace]:
        """Where it stands, in one tenant or in the whole store."""
        ...


async def find_traces(
    store: TraceStore, hasher: Callable[[str], Hasher], home: Path, value: str, tenant: str | None = None
) -> list[Trace]:
    """Say where a value stands in the store and in the files below ``home``; ``[]`` when it is nowhere.

    ``tenant`` narrows the search of the store. In files letters of either case are found when they are ASCII.
    """
    digests: set[str] = set()
    for name, types in (await store.list_hashed(tenant)).items():
        digests |= _digests(hasher(name), value, types)
    sought = Sought(value, frozenset(digests))
    return [*await store.find(tenant, sought), *find_in_files(home, sought)]


def find_in_files(home: Path, sought: Sought) -> Iterator[Trace]:
    """Look through every file below ``home`` but the database's own; a chunk of each is in memory at a time."""
    for path in sorted(home.rglob("*")):
        below = path.relative_to(home)
        if path.is_file() and below.parts[:2] != _DATABASE and (number := _count(path, sought)):
            yield Trace("file", str(below), "", hashed=str(below) == ERASED_FILE, number=number)


def _digests(hasher: Hasher, value: str, types: list[str]) -> set[str]:
    found = {digest for kind in _KINDS for digest in hasher.every_subject(kind, value)}
    return found | {digest for type_ in {*types, *CLASSES} for digest in hasher.every(type_, value)}


def _count(path: Path, sought: Sought) -> int:
    """How often any of it stands in a file; what lies across two chunks is seen in the second."""
    digests = "|".join(sorted(sought.digests))
    pattern = re.compile(f"{sought.pattern}|{digests}".encode() if digests else sought.pattern.encode(), re.IGNORECASE)
    longest = max(64, len(sought.word.encode())) + 1
    number, kept = 0, b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                text = kept + chunk
                # Counted where it ends, so that nothing is counted twice.
                number += sum(match.end() > len(kept) for match in pattern.finditer(text))
                kept = text[-longest:]
    except OSError:  # gone meanwhile, or not ours to read
        return number
    return number
