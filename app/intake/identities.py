"""Identity rows become identities with the links asserted together with them."""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, TypeAdapter

from app.domain.models import Identifier, Identity, IdentityKind
from app.intake.batches import Parsed, parse_rows
from app.intake.fields import OWN, Id, Word

MAX_IDENTIFIERS = 50


def _split(value: object) -> object:
    """Read the one column of a CSV: ``email:tom@example.org|cookie:7f3a``."""
    if not isinstance(value, str):
        return value
    pairs = (entry.partition(":") for entry in value.split("|") if entry.strip())
    return [{"type": type_.strip(), "value": known} for type_, _, known in pairs]


class IdentifierRow(BaseModel):
    """What an identity is known by; of the value only a keyed hash is kept."""

    model_config = OWN

    type: Word
    """``email``, ``phone``, ``cookie``, ``device``, ``card`` …"""
    value: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class IdentityRow(BaseModel):
    """One identity; a field that Plural has no use for is refused, so that no trait is collected by accident."""

    model_config = OWN

    id: Id
    kind: IdentityKind
    person_id: Id | None = None
    account_id: Id | None = None
    household_id: Id | None = None
    identifiers: Annotated[list[IdentifierRow], Field(max_length=MAX_IDENTIFIERS), BeforeValidator(_split)] = []


_IDENTITIES = TypeAdapter(list[IdentityRow])


def parse_identities(
    rows: Sequence[object], identify: Callable[[str, str], Identifier], source: str = "api"
) -> Parsed[Identity]:
    """Turn a batch into identities; ``identify`` keeps of an identifier's type and value what may be kept.

    Rows of one id all stand, in their order: each asserts links, and the last one has the last word on the kind.
    """

    def convert(row: IdentityRow) -> Identity:
        return Identity(
            id=row.id,
            kind=row.kind,
            person_id=row.person_id,
            account_id=row.account_id,
            household_id=row.household_id,
            identifiers=tuple(identify(known.type, known.value) for known in row.identifiers),
            source=source,
        )

    return parse_rows(rows, _IDENTITIES, convert)
