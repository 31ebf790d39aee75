"""Scenarios: how a shelf is filled, kept on the server under a name, so that it changes without a release. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a tenant as it was last put."""

    name: str
    fields: Mapping[str, Any]
    """Fields of a question by name, as JSON has them; those that are not there are as the question says."""
    changed_at: datetime
    changed_by: str
    """Id of the key."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A product that has its place on a shelf while it is on offer, whoever asks."""

    product_id: str
    place: int
    """From 1, counted over all pages."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """Say whether it holds at a moment; without a time it always does."""
        is_begun = self.valid_from is None or self.valid_from <= at
        return is_begun and (self.valid_until is None or self.valid_until > at)
