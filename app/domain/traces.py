"""Where something still stands that should be gone. No I/O."""

import re
from dataclasses import dataclass
from typing import Literal

PROOF = frozenset({("Tombstone", "id"), ("AuditEntry", "subjects"), ("erased.log", "")})
"""Where a keyed hash stays on purpose: it keeps the erased from coming back, and proves that they were erased."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One kind of place; never what else stands there."""

    where: Literal["node", "relationship", "file"]
    name: str
    """Label, relationship type, or the file's path below ``PLURAL_HOME``."""
    key: str
    """Property; empty for a file."""
    hashed: bool
    """Whether it stands there as a keyed hash only."""
    number: int
    """Nodes, relationships, or times in the file."""

    @property
    def is_proof(self) -> bool:
        """Whether it stays there on purpose."""
        return self.hashed and (self.name, self.key) in PROOF


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: a value as it is, and all that it may have been hashed to."""

    value: str
    digests: frozenset[str]

    @property
    def word(self) -> str:
        """The value in lower case: letters of either case are found."""
        return self.value.lower()

    @property
    def pattern(self) -> str:
        """The value as a word of its own, a regular expression; ``tom`` is in ``tom@home``, not in ``tomato``."""
        return rf"(?<![\w-]){re.escape(self.word)}(?![\w-])"
