"""The audit log: who did what to which identity when, each entry sealed to the one before it. No I/O."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.hashing import Hasher

Action = Literal[
    "identities_put",
    "consent",
    "link",
    "unlink",
    "grant",
    "revoke",
    "claim",
    "unclaim",
    "exclude",
    "unexclude",
    "rules",
    "rotate",
    "export",
    "dump",
    "load_dump",
    "erase",
    "key_created",
    "key_revoked",
    "webhook",
    "event_deleted",
    "name_genre",
    "list_members",
    "retention_put",
    "scenario_put",
    "scenario_deleted",
    "channels_put",
    "creatives_put",
    "creative_deleted",
    "experiment_put",
    "experiment_deleted",
    "audience_put",
    "audience_deleted",
    "audience_explained",
    "audience_exported",
    "plan_frozen",
    "plan_exported",
    "plan_recalled",
    "feed_put",
    "feed_deleted",
]

NOTHING_BEFORE = "0" * 64
"""What the first entry names as the one before it."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something done that the log must know of."""

    actor: str
    """Id of the API key; ``cli`` for the operator, ``plural`` for the service itself."""
    action: Action
    subjects: tuple[tuple[str, str], ...] = ()
    """(kind, id) of whom it was done to, e.g. ``("identity", "tom-personal")``; kept as keyed hashes only."""
    detail: Mapping[str, str | int | float | bool | None] | None = None
    """What else should be known; never an id or a value that names somebody."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry as it is kept."""

    sequence: int
    """From 1, without gaps, by tenant."""
    at: datetime
    """UTC, to the millisecond."""
    actor: str
    action: str
    subjects: tuple[str, ...]
    """Keyed hashes."""
    detail: str
    """JSON object with sorted keys."""
    previous: str
    """Seal of the entry before, or ``NOTHING_BEFORE``."""
    seal: str
    key_version: int | None = None
    """Of the hash key that sealed it; ``None`` for an entry from before seals had a key."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a log: worth keeping somewhere else, where who can rewrite the whole graph cannot reach it."""

    sequence: int = 0
    """Of the last entry; 0 before the first."""
    seal: str = NOTHING_BEFORE


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries somebody wants to read; every part narrows."""

    action: str | None = None
    subjects: tuple[str, ...] | None = None
    """Keyed hashes, any of them."""
    after: datetime | None = None
    """At this time or later."""
    before: datetime | None = None
    """Earlier than this."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold."""

    sequence: int
    """Of the first entry that is wrong, missing or too many."""
    why: str


def seal_of(entry: AuditEntry, hasher: Hasher) -> str:
    """Seal everything that an entry says, the seal before it included; hex.

    HMAC under the hash key that the entry names, so that who can write to the graph cannot write a log; SHA-256 for
    an entry that names none. ``KeyError`` for a key that is not there.
    """
    said: list[object] = [
        entry.sequence,
        entry.at.isoformat(timespec="milliseconds"),
        entry.actor,
        entry.action,
        list(entry.subjects),
        entry.detail,
        entry.previous,
    ]
    if entry.key_version is None:
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
    return hasher.seal(entry.key_version, json.dumps([*said, entry.key_version], ensure_ascii=False))


class Chain:
    """Walks a log entry by entry, in the order of their sequence, and remembers no more than the last seal."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self.sequence: int = 0
        self.sealed_from: int | None = None
        """First entry that is sealed with a key; all after it must be."""
        self.seal: str = NOTHING_BEFORE

    def follow(self, entry: AuditEntry) -> Break | None:
        """Take the next entry; where and why the chain does not hold, ``None`` while it does."""
        expected = self.sequence + 1
        if entry.sequence > expected:
            return Break(expected, "the entry is missing")
        if entry.sequence < expected:
            return Break(entry.sequence, "there is an entry too many")
        if entry.key_version is None and self.sealed_from is not None:
            return Break(expected, "the entry is not sealed with a key, and those before it are")
        if entry.key_version is not None and entry.key_version not in self._hasher.keys:
            return Break(expected, f"the entry is sealed with hash key {entry.key_version}, which is not here")
        if entry.seal != seal_of(entry, self._hasher):
            return Break(expected, "the entry was changed")
        if entry.previous != self.seal:
            return Break(expected, "the entry does not follow the one before it")
        self.sequence, self.seal = expected, entry.seal
        if self.sealed_from is None and entry.key_version is not None:
            self.sealed_from = expected
        return None

    def end(self, head: Head) -> Break | None:
        """Compare the end of the log with what the tenant keeps apart from it."""
        if self.sequence < head.sequence:
            return Break(self.sequence + 1, "the end of the log was cut off")
        if self.sequence > head.sequence:
            return Break(head.sequence + 1, "there is an entry too many")
        return None if self.seal == head.seal else Break(self.sequence, "the entry is not the one that was last")


def find_break(entries: Iterable[AuditEntry], head: Head, hasher: Hasher) -> Break | None:
    """Return the first place where a chain does not hold; ``None`` when it is whole.

    ``entries`` come in their sequence. ``head`` is kept apart from the log: with it an end that was cut off is
    noticed too.
    """
    chain = Chain(hasher)
    broken = (found for entry in entries if (found := chain.follow(entry)) is not None)
    return next(broken, None) or chain.end(head)
