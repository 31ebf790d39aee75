"""Links that rows of events propose: what Segment's calls say of who is who."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from app.api.deps import Caller
from app.domain.hashing import identify
from app.domain.models import RowError
from app.intake.segment_links import parse_proposals, speaks_of_identities


async def propose_links(caller: Caller, rows: Mapping[int, Any], now: datetime) -> list[RowError]:
    """Propose what rows, by position, say of who is who; a page says nothing that counts. What could not be used."""
    positions = list(rows)
    if caller.key.is_restricted:
        told = (index for index, row in rows.items() if speaks_of_identities(row))
        return [
            RowError(index, "type", "is not taken from a key that everybody can read, or of one subject")
            for index in told
        ]
    if not any(map(speaks_of_identities, rows.values())):
        return []
    rules = await caller.services.rules.read(caller.tenant)
    known = partial(identify, caller.services.hasher(caller.tenant), rules)
    said = parse_proposals([*rows.values()], known, now, caller.services.future_hours)
    await caller.services.links.propose(caller.tenant, said.values, caller.actor)
    return said.relocated(lambda position, field: (positions[position], field)).errors
