"""Identifiers as they arrive: ``{type, value}``, or one column of a CSV."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, TypeAdapter

from app.domain.models import GivenIdentifier
from app.intake.batches import Parsed, parse_rows
from app.intake.fields import OWN, TEXT_PATTERN, AsText, Word

MAX_IDENTIFIERS = 50


class IdentifierRow(BaseModel):
    """What somebody is known by; of the value only a keyed hash is kept."""

    model_config = OWN

    type: Word
    """``email``, ``phone``, ``cookie``, ``device``, ``card`` …"""
    value: Annotated[
        str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=TEXT_PATTERN), AsText
    ]

    @property
    def given(self) -> GivenIdentifier:
        """The same in the words of the domain."""
        return GivenIdentifier(self.type, self.value)


def _split(value: object) -> object:
    """Read the one column of a CSV: ``email:tom@example.org|cookie:7f3a``."""
    if not isinstance(value, str):
        return value
    pairs = (entry.partition(":") for entry in value.split("|") if entry.strip())
    return [{"type": type_.strip(), "value": known} for type_, _, known in pairs]


Identifiers = Annotated[list[IdentifierRow], Field(max_length=MAX_IDENTIFIERS), BeforeValidator(_split)]
"""At most 50; ``type:value|type:value`` in one text is read too."""

_IDENTIFIERS = TypeAdapter(list[IdentifierRow])


def parse_identifiers(rows: Sequence[object]) -> Parsed[GivenIdentifier]:
    """Turn a batch of ``{type, value}`` rows into identifiers."""
    return parse_rows(rows, _IDENTIFIERS, lambda row: row.given)
