"""Links in the graph (cypher/links/): each change is checked, written and told to the audit log in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from app.domain.audit import Act
from app.domain.component import Evidence
from app.domain.hashing import Hasher
from app.domain.identity_rules import IdentityRules
from app.domain.links import Link, WrittenLinks
from app.graph.audit import AuditTrail
from app.graph.belonging import around
from app.graph.database import Database, Transaction
from app.graph.link_writer import LinkWriter, link_of


class LinkGraph:
    """One relationship a source; implements ``LinkStore``."""

    def __init__(self, db: Database, audit: AuditTrail, hasher: Callable[[str], Hasher]) -> None:
        self._db = db
        self._audit = audit
        self._writer = LinkWriter(hasher)

    async def add(
        self, tenant: str, link: Link, rules: IdentityRules, actor: str, check: Callable[[Evidence], None]
    ) -> Link | None:
        """Write one link unless ``check`` raises; as stored, without an id when it was ended before.

        ``None`` when its identity is not there.
        """

        async def work(transaction: Transaction) -> Link | None:
            past = await self._writer.lock(transaction, tenant)
            check(await around(transaction.run, tenant, rules, link))
            written = await self._writer.write(transaction, tenant, [link], past)
            if written.unknown or written.ended:
                return link if written.ended else None
            await self._audit.append(transaction, tenant, _act(actor, "link", link))
            return link_of((await transaction.run("links/find_link", tenant=tenant, id=written.ids[0]))[0])

        return await self._db.transact(work, tenant=tenant)

    async def add_all(self, tenant: str, links: Sequence[Link], actor: str) -> WrittenLinks:
        """Write links as they come, in one commit; what contradicts is kept as a conflict to review."""

        async def work(transaction: Transaction) -> WrittenLinks:
            past = await self._writer.lock(transaction, tenant)
            written = await self._writer.write(transaction, tenant, links, past)
            subjects = sorted({end for link in written.stored for end in link.ends if end[0] != "identifier"})
            act = Act(actor, "link", tuple(subjects), {"links": len(written.stored)})
            await self._audit.append(transaction, tenant, *([act] if written.stored else []))
            return written

        return await self._db.transact(work, tenant=tenant)

    async def propose(self, tenant: str, links: Sequence[Link], actor: str) -> None:
        """Write links from identities; who is not there becomes anonymous (links/know_identities)."""

        async def work(transaction: Transaction) -> None:
            past = await self._writer.lock(transaction, tenant)
            starts = sorted({link.start for link in links})
            erased = await self._writer.find_erased(transaction, tenant, starts, past)
            ids = [start for start in starts if start not in erased]
            await transaction.run("links/know_identities", tenant=tenant, ids=ids)
            written = await self._writer.write(
                transaction, tenant, [ln for ln in links if ln.start not in erased], past
            )
            subjects = sorted({link.ends[0] for link in written.stored})
            act = Act(actor, "link", tuple(subjects), {"links": len(written.stored), "proposed": True})
            await self._audit.append(transaction, tenant, *([act] if written.stored else []))

        await self._db.transact(work, tenant=tenant)

    async def find(self, tenant: str, link_id: str) -> Link | None:
        """One link by its id (links/find_link); ``None`` when there is none."""
        rows = await self._db.read("links/find_link", tenant=tenant, id=link_id)
        return link_of(rows[0]) if rows else None

    async def end(self, tenant: str, link_id: str, at: datetime, actor: str) -> bool:
        """Remove a link, and what nothing else holds (links/end_link); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            await self._writer.lock(transaction, tenant)
            rows = await transaction.run("links/find_link", tenant=tenant, id=link_id)
            for row in rows:
                link = link_of(row)
                await self._writer.end(transaction, tenant, link, at)
                await self._audit.append(transaction, tenant, _act(actor, "unlink", link))
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)

    async def list_links(self, tenant: str, identity_id: str, after: str, limit: int) -> list[Link]:
        """The links of one identity by id, those behind ``after`` (links/list_links)."""
        rows = await self._db.read("links/list_links", tenant=tenant, identity_id=identity_id, after=after, limit=limit)
        return [link_of(row) for row in rows]


def _act(actor: str, action: Literal["link", "unlink"], link: Link) -> Act:
    return Act(actor, action, link.ends, {"type": link.type, "source": link.source})
