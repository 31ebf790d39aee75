"""Identity rows become identities with the links asserted together with them."""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter

from app.domain.models import Address, Identifier, Identity, IdentityKind
from app.intake.batches import Parsed, parse_rows
from app.intake.fields import OWN, GivenId, MaybeId, Nullable, TimeZone
from app.intake.identifiers import Identifiers


class IdentityRow(Nullable):
    """One identity; a field that Plural has no use for is refused, so that no trait is collected by accident."""

    model_config = OWN

    id: GivenId
    kind: IdentityKind
    person_id: MaybeId = None
    account_id: MaybeId = None
    household_id: MaybeId = None
    identifiers: Annotated[Identifiers, Field(default_factory=list)]
    time_zone: TimeZone | None = None
    """Of the IANA database, e.g. `Europe/Berlin`: quiet hours are its own. Left out, what was said before stands."""
    reachable: Annotated[list[Address] | None, Field(max_length=10)] = None
    """All that it can be reached by; the addresses themselves are not wanted. Left out, what was said before stands."""


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
            time_zone=row.time_zone,
            reachable=None if row.reachable is None else tuple(sorted(set(row.reachable))),
        )

    return parse_rows(rows, _IDENTITIES, convert)
