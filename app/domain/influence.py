"""Which identity could ever move which one's answers, and why not: the firewall, said aloud. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.consent import Effective
from app.domain.grants import Grant
from app.domain.models import IdentityKind, Purpose


@dataclass(frozen=True, slots=True)
class CircleIdentity:
    """An identity among those who might be thought to know of each other."""

    id: str
    kind: IdentityKind
    person_ids: tuple[str, ...]
    account_ids: tuple[str, ...]
    household_ids: tuple[str, ...]
    identifier_types: tuple[str, ...]
    consents: Mapping[Purpose, Effective]
    """What was ever spoken about; every other purpose is denied."""

    def allows(self, purpose: Purpose) -> bool:
        """Say whether its consent to ``purpose`` is live."""
        return self.consents.get(purpose) == "granted"


@dataclass(frozen=True, slots=True)
class Influence:
    """Whether what ``source_id`` likes may speak in an answer to ``reader_id``."""

    source_id: str
    reader_id: str
    may: bool
    why: str


@dataclass(frozen=True, slots=True)
class Circle:
    """Identities that share a person, account, household or grant, and what passes between them."""

    identities: tuple[CircleIdentity, ...]
    grants: tuple[Grant, ...]
    influences: tuple[Influence, ...]
    """One for each ordered pair, an identity with itself included; by reader, itself first."""


def find_influences(
    identities: Sequence[CircleIdentity], grants: Sequence[Grant], purpose: Purpose, at: datetime
) -> tuple[Influence, ...]:
    """Say of each ordered pair whether the source may speak to the reader for ``purpose`` at ``at``.

    The same gates as in cypher/recommend/read_reader.cypher; persons, accounts and households are never asked.
    """
    found: list[Influence] = []
    for reader in identities:
        for source in sorted(identities, key=lambda one: (one.id != reader.id, one.id)):
            may, why = _judge(source, reader, grants, purpose, at)
            found.append(Influence(source.id, reader.id, may, why))
    return tuple(found)


def _judge(
    source: CircleIdentity, reader: CircleIdentity, grants: Sequence[Grant], purpose: Purpose, at: datetime
) -> tuple[bool, str]:
    if not reader.allows(purpose):
        return False, f"{reader.id} has no live consent to {purpose}: nobody's past is read for it"
    if source.id == reader.id:
        return True, "its own"
    given = [grant for grant in grants if (grant.from_id, grant.to_id) == (source.id, reader.id)]
    live = [grant for grant in given if grant.covers(purpose, at)]
    if not live:
        return False, _why_silent(given, purpose, at)
    for needed in ("household_share", purpose):
        if not source.allows(needed):
            return False, f"granted, but {source.id} has no live consent to {needed}"
    return True, f"granted until {max(grant.until for grant in live):%Y-%m-%d}"


def _why_silent(given: Sequence[Grant], purpose: Purpose, at: datetime) -> str:
    """Say why none of these grants holds; the latest one speaks for all."""
    if not given:
        return "nothing granted"
    latest = max(given, key=lambda grant: grant.until)
    if latest.until <= at:
        return f"the grant ended on {latest.until:%Y-%m-%d}"
    return f"granted for {', '.join(latest.purposes)} only"
