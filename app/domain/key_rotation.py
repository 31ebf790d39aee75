"""What a rotation of keys has done, and what is left. No I/O."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What became of some values."""

    re_keyed: int = 0
    """Identifiers that were under an older key."""
    unknown: int = 0
    """Values that no identity is known by."""

    def __add__(self, other: "Rekeyed") -> "Rekeyed":
        return Rekeyed(self.re_keyed + other.re_keyed, self.unknown + other.unknown)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What one run did, and what is left to do."""

    key_version: int
    """Of the current key."""
    key_added: bool
    re_keyed: int
    unknown: int
    remaining: int
    """Identifiers still under older keys; they resolve as before, and move by themselves when they are seen again."""
