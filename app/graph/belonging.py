"""Reads the links around somebody (cypher/links/), breadth first and bounded, for the pure rules to judge."""

from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.component import Evidence, Member
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import joining_caps
from app.domain.links import Link
from app.graph.database import Database, Row
from app.graph.link_writer import link_of

MOST_MEMBERS = 2_000
"""Identities that one walk visits; what hangs together further out is left out, and said to be."""

_MOST_ROWS = 20_000
_MOST_TIES = 5_000


class Runs(Protocol):
    """A transaction's ``run``, or the database's ``read``."""

    def __call__(self, name: str, /, **params: object) -> Awaitable[list[Row]]:
        """Run one statement of the catalogue."""
        ...


class BelongingGraph:
    """Reads what decides who belongs together; implements ``BelongingStore`` and ``EvidenceStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_around(self, tenant: str, link: Link, rules: IdentityRules) -> Evidence:
        """What is known around both ends of a link."""
        return await around(self._db.read, tenant, rules, link)

    async def read_component(
        self,
        tenant: str,
        rules: IdentityRules,
        now: datetime,
        *,
        identity_ids: Sequence[str] = (),
        person_ids: Sequence[str] = (),
    ) -> Evidence:
        """What is known around identities and persons."""
        return await walk(self._db.read, tenant, rules, now, identity_ids=identity_ids, person_ids=person_ids)

    async def read_ties(
        self,
        tenant: str,
        now: datetime,
        *,
        person_ids: Sequence[str] = (),
        identity_ids: Sequence[str] = (),
        account_ids: Sequence[str] = (),
        household_ids: Sequence[str] = (),
    ) -> list[Link]:
        """Live links of accounts and households with whatever of these is given (links/read_ties)."""
        rows = await self._db.read(
            "links/read_ties",
            tenant=tenant,
            person_ids=person_ids,
            identity_ids=identity_ids,
            account_ids=account_ids,
            household_ids=household_ids,
            now=now,
            most=_MOST_TIES,
        )
        return [link_of(row) for row in rows]

    async def has(self, tenant: str, *, person_id: str | None = None, household_id: str | None = None) -> bool:
        """Whether there is such a person, or such a household (links/find_ends)."""
        (row,) = await self._db.read("links/find_ends", tenant=tenant, person_id=person_id, household_id=household_id)
        return row["person"] if person_id is not None else row["household"]

    async def read_members(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> list[Member]:
        """Kind and consent of identities (links/read_members); one that is not there is left out."""
        return await read_members(self._db.read, tenant, identity_ids, now)

    async def page(self, tenant: str, after: str, limit: int) -> list[str]:
        """Ids behind ``after`` of identities that some link may join to others (links/find_linked_page)."""
        rows = await self._db.read("links/find_linked_page", tenant=tenant, after=after, limit=limit)
        return [row["id"] for row in rows]

    async def read_links(self, tenant: str, identity_ids: Sequence[str]) -> list[Link]:
        """All that decides who these identities belong to, live or not, whatever its class (links/read_evidence)."""
        rows = await self._db.read("links/read_evidence", tenant=tenant, ids=identity_ids)
        return [link_of(row) for row in rows]


async def around(run: Runs, tenant: str, rules: IdentityRules, link: Link) -> Evidence:
    """Walk from both ends of a link; nothing is known around one that joins nobody."""
    if link.type not in ("person_identity", "identity_identifier", "not_same_as"):
        return Evidence()
    ids = {kind: [end_id for end_kind, end_id in link.ends if end_kind == kind] for kind, _ in link.ends}
    return await walk(
        run,
        tenant,
        rules,
        clock.now(),
        identity_ids=ids.get("identity", ()),
        person_ids=ids.get("person", ()),
        digests=ids.get("identifier", ()),
    )


async def walk(
    run: Runs,
    tenant: str,
    rules: IdentityRules,
    now: datetime,
    *,
    identity_ids: Iterable[str] = (),
    person_ids: Sequence[str] = (),
    digests: Sequence[str] = (),
    most: int = MOST_MEMBERS,
) -> Evidence:
    """Gather whoever may belong together with these identities, persons and identifiers, and the links that say so."""
    caps = joining_caps(rules)
    fresh = {*identity_ids, *await _joined(run, tenant, now, person_ids, digests)}
    members: dict[str, Member] = {}
    links: dict[str | None, Link] = {}
    bound = max(caps.values(), default=0) + 1
    while fresh and len(members) < most:
        ids = sorted(fresh)[: most - len(members)]
        members |= {member.id: member for member in await read_members(run, tenant, ids, now)}
        rows = await run("links/read_joins", tenant=tenant, ids=ids, caps=caps, now=now, bound=bound, most=_MOST_ROWS)
        links |= {row["id"]: link_of(row) for row in rows}
        seen = {id_ for row in rows if row["type"] != "not_same_as" for id_ in _identities(links[row["id"]])}
        fresh = (fresh - set(ids)) | (seen - members.keys())
    return Evidence([*members.values()], [*links.values()], is_complete=not fresh)


async def read_members(run: Runs, tenant: str, ids: Sequence[str], now: datetime) -> list[Member]:
    """What decides about these identities; one that is not there is left out."""
    rows = await run("links/read_members", tenant=tenant, ids=ids, purpose="link_identities", now=now)
    return [Member(row["id"], row["kind"], row["may_link"]) for row in rows]


async def _joined(
    run: Runs, tenant: str, now: datetime, person_ids: Sequence[str], digests: Sequence[str]
) -> list[str]:
    if not person_ids and not digests:
        return []
    rows = await run(
        "links/find_joined", tenant=tenant, person_ids=person_ids, digests=digests, now=now, most=MOST_MEMBERS
    )
    return [row["id"] for row in rows]


def _identities(link: Link) -> list[str]:
    return [id_ for kind, id_ in link.ends if kind == "identity"]
