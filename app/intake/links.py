"""Link rows become links; of an identifier only a keyed hash is kept."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, TypeAdapter

from app.domain.errors import InvalidError
from app.domain.links import Link, LinkType, seen_link
from app.domain.models import Identifier
from app.intake.batches import Parsed, Refused, parse_rows
from app.intake.event_rules import TimeWindow
from app.intake.fields import OWN, AnyMoment, GivenId, Moment, Nullable, Word
from app.intake.identifiers import IdentifierRow

Identify = Callable[[str, str], Identifier]


def _split(value: object) -> object:
    """Read the one column of a CSV: ``email:tom@example.org``."""
    if not isinstance(value, str) or ":" not in value:
        return value
    type_, _, known = value.partition(":")
    return {"type": type_.strip(), "value": known}


class LinkRow(Nullable):
    """What a source says of two things. `person_identity` is from a person to an identity, and so on.

    `follows` and `not_same_as` are between identities.
    """

    model_config = OWN

    type: LinkType
    from_id: Annotated[GivenId, Field(alias="from")]
    to_id: Annotated[GivenId | None, Field(alias="to")] = None
    """Not for `identity_identifier`."""
    identifier: Annotated[IdentifierRow | None, BeforeValidator(_split)] = None
    """For `identity_identifier`, in place of `to`; the value is hashed."""
    source: Word = "api"
    """Who says so; what one source says again is the same link."""
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How sure the source is."""
    seen_at: Moment | None = None
    """When it was seen; now, when nothing is said. An older one than the end of the link changes nothing."""
    valid_until: AnyMoment | None = None
    """When it ends by itself."""


_LINKS = TypeAdapter(list[LinkRow])


def parse_links(rows: Sequence[object], identify: Identify, now: datetime, future_hours: float) -> Parsed[Link]:
    """Turn a batch into links; the same rows in any order say the same."""
    window = TimeWindow.until(now, future_hours)
    return parse_rows(rows, _LINKS, lambda row: _link(row, identify, window))


def link_from(row: LinkRow, identify: Identify, now: datetime, future_hours: float) -> Link:
    """Turn one row into a link; ``InvalidError`` says what it lacks."""
    try:
        return _link(row, identify, TimeWindow.until(now, future_hours))
    except Refused as refused:
        raise InvalidError(f"{refused.field} {refused.reason}.") from refused


def _link(row: LinkRow, identify: Identify, window: TimeWindow) -> Link:
    end: str | Identifier | None = row.to_id
    if row.type == "identity_identifier":
        if row.identifier is None or row.to_id is not None:
            raise Refused("identifier", "must be given in place of to")
        end = identify(row.identifier.type, row.identifier.value)
    elif row.identifier is not None:
        raise Refused("identifier", "must be left out for this type")
    if end is None:
        raise Refused("to", "must be given")
    if end == row.from_id and row.type in ("follows", "not_same_as"):
        raise Refused("to", "must be another identity")
    seen_at = window.place(row.seen_at or window.now, "seen_at")
    if row.valid_until is not None and row.valid_until <= seen_at:
        raise Refused("valid_until", "must be after it was seen")
    return seen_link(
        row.type,
        row.from_id,
        end,
        row.source,
        seen_at,
        confidence=row.confidence,
        valid_until=row.valid_until,
    )
