"""Use case: links come, are listed and end; one that contradicts what is there is refused or kept aside."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from app.domain import clock
from app.domain.component import Conflict, Evidence
from app.domain.errors import ConflictError, InvalidError, NotFoundError
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import added_conflicts
from app.domain.links import Link, WrittenLinks
from app.domain.models import IngestReport, RowError

OnConflict = Literal["refuse", "keep"]


class LinkStore(Protocol):
    """Where links are kept."""

    async def add(
        self, tenant: str, link: Link, rules: IdentityRules, actor: str, check: Callable[[Evidence], None]
    ) -> Link | None:
        """Write one link unless ``check`` raises; as stored, without an id when it was ended before.

        ``None`` when its identity is not there.
        """
        ...

    async def add_all(self, tenant: str, links: Sequence[Link], actor: str) -> WrittenLinks:
        """Write links as they come, in one commit; what contradicts is kept as a conflict to review."""
        ...

    async def propose(self, tenant: str, links: Sequence[Link], actor: str) -> None:
        """Write links from identities; those of them that are not there become anonymous ones."""
        ...

    async def find(self, tenant: str, link_id: str) -> Link | None:
        """One link by its id; ``None`` when there is none."""
        ...

    async def end(self, tenant: str, link_id: str, at: datetime, actor: str) -> bool:
        """Remove a link, and what nothing else holds; whether there was one."""
        ...

    async def list_links(self, tenant: str, identity_id: str, after: str, limit: int) -> list[Link]:
        """The links of one identity by id, those behind ``after``."""
        ...


class RulesReader(Protocol):
    """Where the rules of a tenant are read."""

    async def read(self, tenant: str) -> IdentityRules:
        """The rules of a tenant."""
        ...


class LinkBook:
    """What the shop says of who belongs together."""

    def __init__(self, store: LinkStore, rules: RulesReader) -> None:
        self._store = store
        self._rules = rules

    async def add(
        self, tenant: str, link: Link, on_conflict: OnConflict, actor: str
    ) -> tuple[Link, Sequence[Conflict]]:
        """Write a link; as it stands now, and the conflicts that it brings when they are kept.

        A replay changes nothing. One that was ended after it had been seen comes back without an id. Raises
        ``NotFoundError`` when its identity is not there, ``InvalidError`` when its ends are one,
        ``ConflictError`` with the path when it contradicts and is to be refused.
        """
        check_link(link)
        rules = await self._rules.read(tenant)
        brought: list[Conflict] = []

        def check(evidence: Evidence) -> None:
            brought[:] = added_conflicts(evidence, link, rules, clock.now())
            if brought and on_conflict == "refuse":
                raise ConflictError(_sentence(brought[0]), brought[0].path)

        stored = await self._store.add(tenant, link, rules, actor, check)
        if stored is None:
            raise NotFoundError("There is no such identity.")
        return stored, brought if stored.id is not None else ()

    async def propose(self, tenant: str, links: Sequence[Link], actor: str) -> None:
        """Keep links that nobody is sure of: with too little confidence to join anybody, until the rules say otherwise.

        Whom they start at becomes an anonymous identity where it is unknown; nothing is kept of who was erased.
        """
        if links:
            await self._store.propose(tenant, links, actor)

    async def find(self, tenant: str, link_id: str) -> Link:
        """Return a link; ``NotFoundError`` for one this tenant has not."""
        link = await self._store.find(tenant, link_id)
        if link is None:
            raise NotFoundError("There is no such link.")
        return link

    async def end(self, tenant: str, link_id: str, actor: str) -> None:
        """End a link: all that it caused is gone from the very next answer on. Raises ``NotFoundError``."""
        if not await self._store.end(tenant, link_id, clock.now(), actor):
            raise NotFoundError("There is no such link.")

    async def list_links(self, tenant: str, identity_id: str, after: str, limit: int) -> list[Link]:
        """The links of one identity by id, those behind ``after``."""
        return await self._store.list_links(tenant, identity_id, after, limit)


async def add_links(store: LinkStore, tenant: str, links: Sequence[Link], actor: str) -> IngestReport:
    """Write a stream's links in one commit; one that contradicts is stored and joins nobody until it is settled.

    A link that was ended after it had been seen counts as a duplicate; one whose identity is not there is refused.
    """
    if not links:
        return IngestReport()
    written = await store.add_all(tenant, links, actor)
    ended = {link.key for link in written.ended}
    unknown = {link.key for link in written.unknown}
    errors = [
        RowError(n, "", "names an identity that is not there") for n, one in enumerate(links) if one.key in unknown
    ]
    duplicates = sum(one.key in ended for one in links)
    return IngestReport(len(links) - duplicates - len(errors), duplicates, errors=tuple(errors))


def check_link(link: Link) -> None:
    """Raise ``InvalidError`` for a link that cannot be."""
    if link.start == link.end:
        raise InvalidError("from and to must differ.")
    if link.valid_until is not None and link.valid_until <= link.last_seen:
        raise InvalidError("valid_until lies before the link was seen.")


def _sentence(conflict: Conflict) -> str:
    together = {
        "two_persons": "two persons",
        "two_unique_values": "two values of an identifier type that is unique to a person",
        "not_same_as": "two identities that are said not to be the same",
    }[conflict.reason]
    return f"The link would bring together {together}; path says how. Send on_conflict: keep to store it for review."
