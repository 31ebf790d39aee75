"""What a backup says of itself, so that a restore can prove that it is whole and the same. No I/O."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.domain.audit import Head
from app.domain.errors import InvalidError

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be equal before a backup and after its restore."""

    nodes: Mapping[str, int]
    """By label."""
    relationships: Mapping[str, int]
    """By type."""
    audit: Mapping[str, Head]
    """End of the audit log by tenant."""
    answers: Mapping[str, str]
    """SHA-256 of an answer at the moment of the backup, by ``tenant/identity``; at most 100, spread over all."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first file in a backup."""

    at: datetime
    """When it was made; the answers are of this moment."""
    plural: str
    neo4j: str
    schema: str
    """Last migration of the graph."""
    nodes: int
    relationships: int
    """Rows of the two files of the graph."""
    keys: Mapping[int, str]
    """Fingerprint of each hash key, by version."""
    facts: Facts
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Those that answers depend on, by name."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """SHA-256 of every other file, by name."""

    def to_json(self) -> str:
        """Write it."""
        return json.dumps({"format": FORMAT, **asdict(self), "at": self.at.isoformat()}, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read it; ``InvalidError`` for one of a newer format, or none at all."""
        try:
            row: dict[str, Any] = json.loads(text)
            if "dump" in row:
                raise InvalidError("The file is a dump of one shop: load it with `plural load dump FILE`.")
            number = row.pop("format")
            if number != FORMAT:
                raise InvalidError(
                    f"The backup has format {number}, and this Plural ({FORMAT}) cannot read it: restore it with the "
                    "version of Plural that made it, or update this one if that is newer."
                )
            facts = row.pop("facts")
            audit = {tenant: Head(**head) for tenant, head in facts.pop("audit").items()}
            keys = {int(version): text for version, text in row.pop("keys").items()}
            at = datetime.fromisoformat(row.pop("at"))
            return cls(at=at, keys=keys, facts=Facts(audit=audit, **facts), **row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidError("The file is no backup of Plural.") from error


def differences(before: Facts, after: Facts) -> list[str]:
    """Name what a restore did not bring back as it was; ``[]`` when all is equal.

    Answers are compared where ``after`` has any.
    """
    found: list[str] = []
    for what, one, other in (
        ("nodes", before.nodes, after.nodes),
        ("relationships", before.relationships, after.relationships),
    ):
        found += [
            f"{what} {name}: {one.get(name, 0):,} became {other.get(name, 0):,}"
            for name in sorted({*one, *other})
            if one.get(name, 0) != other.get(name, 0)
        ]
    found += [f"the end of the audit log of {name}" for name in _unequal(before.audit, after.audit)]
    wrong = _unequal(before.answers, after.answers) if after.answers else []
    return [*found, f"{len(wrong):,} of {len(before.answers):,} answers"] if wrong else found


def _unequal(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
