"""What Segment's ``identify`` and ``alias`` say of who is who becomes links that are proposed, never merges.

Source: Twilio Segment, "Spec: Identify" and "Spec: Alias". Taken are the ids alone: that ``userId`` was
``anonymousId``, or was ``previousId``, is a link from the identity to an identifier of type ``segment_id`` (a keyed
hash). Traits are dropped unread.

An SDK calls ``identify`` for whoever sits before the screen, and a page's address can make it do so. So such a link has
less confidence than any that joins somebody by default: it names nobody until the tenant's rules give its type a class
that names, and ask for less confidence.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import Field, TypeAdapter

from app.domain.links import Link, seen_link
from app.intake.batches import Parsed, parse_rows
from app.intake.event_rules import TimeWindow
from app.intake.fields import FOREIGN, MaybeId, Moment, Nullable
from app.intake.links import Identify
from app.intake.segment import IDENTITY_CALLS, is_segment

IDENTIFIER_TYPE = "segment_id"
SOURCE = "segment"
CONFIDENCE = 0.4
"""Below what joins anybody by default (``IdentityRules.min_confidence``)."""


class SegmentIdentify(Nullable):
    """One ``identify`` or ``alias`` call: of all that it says only the ids are read."""

    model_config = FOREIGN

    type: Literal["identify", "alias"]
    user_id: Annotated[MaybeId, Field(alias="userId")] = None
    anonymous_id: Annotated[MaybeId, Field(alias="anonymousId")] = None
    previous_id: Annotated[MaybeId, Field(alias="previousId")] = None
    timestamp: Moment | None = None
    original_timestamp: Annotated[Moment | None, Field(alias="originalTimestamp")] = None


_IDENTIFIES = TypeAdapter(list[SegmentIdentify])


def speaks_of_identities(row: object) -> bool:
    """Whether a row is an ``identify`` or ``alias`` call."""
    if not isinstance(row, dict):
        return False
    fields = cast("dict[str, Any]", row)
    return fields.get("type") in IDENTITY_CALLS and is_segment(fields)


def parse_proposals(rows: Sequence[object], identify: Identify, now: datetime, future_hours: float) -> Parsed[Link]:
    """Turn the ``identify`` and ``alias`` calls of a batch into links, by position; other rows say nothing.

    A call that names only one id, or the same one twice, says nothing either.
    """
    window = TimeWindow.until(now, future_hours)
    positions = [index for index, row in enumerate(rows) if speaks_of_identities(row)]
    parsed = parse_rows([rows[index] for index in positions], _IDENTIFIES, lambda call: _link(call, identify, window))
    located = parsed.relocated(lambda position, field: (positions[position], field))
    return Parsed([(index, link) for index, link in located.rows if link is not None], located.errors)


def _link(call: SegmentIdentify, identify: Identify, window: TimeWindow) -> Link | None:
    before = call.previous_id if call.type == "alias" else call.anonymous_id
    if call.user_id is None or before is None or before == call.user_id:
        return None
    said_at = call.timestamp or call.original_timestamp
    seen_at = window.now if said_at is None else min(window.place(said_at, "timestamp"), window.now)
    known = identify(IDENTIFIER_TYPE, before)
    return seen_link("identity_identifier", call.user_id, known, SOURCE, seen_at, confidence=CONFIDENCE)
