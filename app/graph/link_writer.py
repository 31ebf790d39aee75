"""Writes links inside somebody's transaction (cypher/links/): the same graph whatever the order they come in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.hashing import Hasher
from app.domain.links import LINK_TYPES, Link, WrittenLinks, joined_assertions
from app.domain.models import Identifier
from app.graph.database import Row, Transaction
from app.graph.times import from_ms, from_optional_ms, to_ms, to_optional_ms
from app.graph.tombstones import Tombstones

_SEPARATOR = "\x1f"


class LinkWriter:
    """Takes part in a write transaction; ``lock`` comes first in it."""

    def __init__(self, hasher: Callable[[str], Hasher]) -> None:
        self._hasher = hasher
        self._tombstones = Tombstones(hasher)

    async def lock(self, transaction: Transaction, tenant: str) -> "Past":
        """Let no other transaction change links of this tenant until this one ends (links/lock_links.cypher)."""
        (row,) = await transaction.run("links/lock_links", tenant=tenant)
        return Past(row["any_ended"], row["any_erased"])

    async def write(self, transaction: Transaction, tenant: str, links: Sequence[Link], past: "Past") -> WrittenLinks:
        """Write links, all that one source says of one pair together (links/assert_links.cypher)."""
        if not links:
            return WrittenLinks()
        await _renew_identifiers(transaction, tenant, links)
        ended = await self._find_ended(transaction, tenant, links) if past.any_ended else set[Link]()
        erased = await self._find_erased(transaction, tenant, links) if past.any_erased else set[Link]()
        # Taken out one by one, before what is older than an end can hide in what is newer.
        wanted = joined_assertions(link for link in links if link not in ended and link not in erased)
        rows: dict[str, list[list[object]]] = {type_: [] for type_ in LINK_TYPES}
        for place, link in enumerate(wanted):
            rows[link.type].append(_row(place, link))
        (written,) = await transaction.run("links/assert_links", tenant=tenant, **rows)
        places: list[int] = written["places"]
        lacking = {*range(len(wanted))}.difference(places)
        return WrittenLinks(
            stored=[wanted[place] for place in places],
            ids=written["ids"],
            unknown=[*erased, *(wanted[place] for place in sorted(lacking))],
            ended=[*ended],
        )

    async def find_erased(self, transaction: Transaction, tenant: str, ids: Sequence[str], past: "Past") -> set[str]:
        """Those of the identities that were erased."""
        return await self._tombstones.among(transaction, tenant, ids) if past.any_erased else set()

    async def end(self, transaction: Transaction, tenant: str, link: Link, at: datetime) -> None:
        """Remove a link and remember, in keyed hashes, that it was (links/end_link.cypher)."""
        hasher = self._hasher(tenant)
        start, end = link.ends
        await transaction.run(
            "links/end_link",
            tenant=tenant,
            id=link.id,
            key=hasher.subject("link", _SEPARATOR.join(link.key)),
            start_hash=hasher.subject(*start),
            end_hash=hasher.subject(*end),
            ended_ms=to_ms(max(at, link.last_seen)),
        )

    async def _find_ended(self, transaction: Transaction, tenant: str, links: Sequence[Link]) -> set[Link]:
        """Those of the links that were ended when they had been seen already."""
        hasher = self._hasher(tenant)
        by_key: dict[str, list[Link]] = {}
        for link in links:
            for end in (link.end, *(link.identifier.other_digests if link.identifier else ())):
                key = _SEPARATOR.join((link.type, link.start, end, link.source))
                for digest in hasher.every_subject("link", key):
                    by_key.setdefault(digest, []).append(link)
        rows = await transaction.run("links/find_ended", tenant=tenant, keys=list(by_key))
        return {link for row in rows for link in by_key[row["key"]] if to_ms(link.last_seen) <= row["ended_ms"]}

    async def _find_erased(self, transaction: Transaction, tenant: str, links: Sequence[Link]) -> set[Link]:
        """Those of the links that name a person, account or household that was erased."""
        ends = {end for link in links for end in link.ends}
        gone: set[tuple[str, str]] = set()
        for kind in ("person", "account", "household"):
            ids = [id_ for end_kind, id_ in ends if end_kind == kind]
            gone |= {(kind, id_) for id_ in await self._tombstones.among(transaction, tenant, ids, kind)}
        return {link for link in links if gone & set(link.ends)}


@dataclass(frozen=True, slots=True)
class Past:
    """Whether there is anything of which the writer must ask."""

    any_ended: bool
    any_erased: bool


def link_of(row: Row) -> Link:
    """Read a link as every statement returns it."""
    return Link(
        type=row["type"],
        start=row["start"],
        end=row["end"],
        source=row["source"],
        confidence=row["confidence"],
        first_seen=from_ms(row["first_ms"]),
        last_seen=from_ms(row["last_ms"]),
        valid_until=from_optional_ms(row["until_ms"]),
        identifier=row["identifier"] and _identifier(row["end"], row["identifier"]),
        id=row["id"],
    )


def _identifier(digest: str, known: Row) -> Identifier:
    return Identifier(known["type"], digest, bool(known["blocked"]), known["key_version"] or 1)


async def _renew_identifiers(transaction: Transaction, tenant: str, links: Sequence[Link]) -> None:
    """Bring identifiers that are still kept under an older key to the current one."""
    pairs = [
        {"digest": known.digest, "key_version": known.key_version, "others": list(known.other_digests)}
        for known in {link.identifier for link in links if link.identifier is not None}
        if known.other_digests
    ]
    if pairs:
        await transaction.run("links/renew_identifiers", tenant=tenant, rows=pairs)


def _row(place: int, link: Link) -> list[object]:
    """Lists, since maps would carry their keys ten thousand times."""
    until, known = to_optional_ms(link.valid_until), link.identifier
    first, last = to_ms(link.first_seen), to_ms(link.last_seen)
    row: list[object] = [place, link.start, link.end, link.source, link.confidence, first, last, until]
    return row if known is None else [*row, known.type, known.blocked, known.key_version]
