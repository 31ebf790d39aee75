"""The audit log: who did what to which identity when, each entry sealed to the one before it. No I/O."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Action = Literal[
    "identities_put",
    "consent",
    "link",
    "unlink",
    "conflict_resolved",
    "grant",
    "revoke",
    "claim",
    "unclaim",
    "rules",
    "rotate",
    "export",
    "erase",
    "key_created",
    "key_revoked",
    "webhook",
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


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold."""

    sequence: int
    """Of the first entry that is wrong, missing or too many."""
    why: str


def seal_of(entry: AuditEntry) -> str:
    """SHA-256, hex, over everything an entry says, the seal before it included."""
    said = [
        entry.sequence,
        entry.at.isoformat(timespec="milliseconds"),
        entry.actor,
        entry.action,
        list(entry.subjects),
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def find_break(entries: Iterable[AuditEntry], head: tuple[int, str]) -> Break | None:
    """Return the first place where a chain does not hold; ``None`` when it is whole.

    ``entries`` come in their sequence. ``head`` is the (sequence, seal) that the tenant keeps apart from the log:
    with it an end that was cut off is noticed too.
    """
    sequence, previous = 0, NOTHING_BEFORE
    for entry in entries:
        sequence += 1
        if entry.sequence != sequence:
            return Break(sequence, "the entry is missing")
        if entry.previous != previous:
            return Break(sequence, "the entry does not follow the one before it")
        if entry.seal != seal_of(entry):
            return Break(sequence, "the entry was changed")
        previous = entry.seal
    if (sequence, previous) != head:
        return Break(sequence + 1, "the end of the log was cut off")
    return None
