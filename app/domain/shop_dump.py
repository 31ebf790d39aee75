"""What a dump of one shop takes along, what stays behind, and what it says of itself. No I/O."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.domain.errors import InvalidError

FORMAT = 1

SHOP = "Tenant"
"""Its node is there before a load, with the end of an audit log of its own."""
IDENTIFIER = "Identifier"
"""Travels where the shop hands its value in; its hash never does, since its key serves all shops."""
TRAVELLING = frozenset(
    {
        "Account",
        "Audience",
        "Brand",
        "Consent",
        "Creative",
        "DataRequest",
        "Decision",
        "Exclusion",
        "Experiment",
        "ExportedList",
        "Feed",
        "GenreName",
        "Household",
        IDENTIFIER,
        "Identity",
        "Interaction",
        "MicroGenre",
        "Person",
        "Plan",
        "Product",
        "Run",
        "Scenario",
        "Session",
        "ShopItem",
        "ShopProduct",
        "StockLevel",
        "Tag",
        "TasteCommunity",
    }
)
STAYING = frozenset(
    {
        "ApiKey",
        "AudienceSize",
        "AuditEntry",
        "EndedLink",
        "Erasure",
        "ExperimentCount",
        "Hold",
        "IdempotencyKey",
        "Tombstone",
        SHOP,
    }
)
"""Keyed hashes, seals and receipts mean something only where their key is; a shop makes new API keys."""
SUBJECTS: Mapping[str, str] = {"Identity": "identity", "Person": "person", "Household": "household"}
"""Kind of those who can be erased, by label."""


@dataclass(frozen=True, slots=True)
class ShopManifest:
    """The first file in a dump."""

    at: datetime
    """When it was made; the answers are of this moment."""
    tenant: str
    """What the shop was called."""
    plural: str
    schema: str
    """Last migration of the graph."""
    store: str
    """What the database calls itself: who was erased since is known where the dump was made."""
    salt: str
    """Of the marks by which whoever was erased since is found again, without a keyed hash."""
    nodes: Mapping[str, int]
    """By label."""
    relationships: Mapping[str, int]
    """By type."""
    answers: Mapping[str, str]
    """SHA-256 of an answer at the moment of the dump, by identity; at most 100."""
    shop: Mapping[str, Any]
    """Properties of the shop's own node, but for its audit log."""
    settings: Mapping[str, Any]
    """Those that answers depend on, by name."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """SHA-256 of every other file, by name."""

    @property
    def rows(self) -> tuple[int, int]:
        """How many nodes and relationships there are."""
        return sum(self.nodes.values()), sum(self.relationships.values())

    def to_json(self) -> str:
        """Write it, with a checksum of its own."""
        told = {"dump": FORMAT, **asdict(self), "at": self.at.isoformat()}
        return json.dumps({**told, "checksum": _checksum(told)}, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "ShopManifest":
        """Read it; ``InvalidError`` for one that is not whole, of another format, or none at all."""
        try:
            row: dict[str, Any] = json.loads(text)
            if "format" in row:
                raise InvalidError(
                    "The file is a backup of a whole database: bring it back with `plural restore FILE`."
                )
            number = row["dump"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidError("The file is no dump of a shop.") from error
        if number != FORMAT:
            raise InvalidError(
                f"The dump has format {number}, and this Plural ({FORMAT}) cannot read it: load it with the version of "
                "Plural that made it."
            )
        if row.pop("checksum", None) != _checksum(row):
            raise InvalidError("The dump is not whole: its manifest is not as it was written.")
        try:
            del row["dump"]
            return cls(at=datetime.fromisoformat(row.pop("at")), **row)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidError("The file is no dump of a shop.") from error


def mark_of(salt: str, digest: str) -> str:
    """Blind a keyed hash: who has the hash finds the mark, and nobody finds the hash by it."""
    return hashlib.sha256(f"{salt}:{digest}".encode()).hexdigest()[:32]


def _checksum(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
