"""A shop whose links are written and ended, and generated links for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from app.domain.identity_rules import IdentityRules
from app.domain.links import LINK_TYPES, Link, seen_link
from app.domain.models import Identifier, Identity
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.database import Database
from app.graph.links import LinkGraph
from tests.graph.shop import HASHER, NOW, Shop

START = NOW - timedelta(days=50)
WHO = ("tom", "tim", "debbie")
EMAILS = tuple(Identifier("email", f"digest-{n}") for n in range(2))


@st.composite
def assertions(draw: st.DrawFn, day: int) -> Link:
    type_ = draw(st.sampled_from(LINK_TYPES))
    one, other = draw(st.permutations(WHO))[:2]
    place = draw(st.sampled_from("12"))
    start, end = {
        "person_identity": (f"p{place}", one),
        "identity_account": (one, f"login{place}"),
        "account_household": ("login1", f"home{place}"),
        "person_household": ("p1", f"home{place}"),
        "identity_identifier": (one, draw(st.sampled_from(EMAILS))),
        "follows": (one, other),
        "not_same_as": (one, other),
    }[type_]
    until = draw(st.sampled_from((None, NOW - timedelta(days=1), NOW + timedelta(days=1))))
    confidence = draw(st.sampled_from((0.4, 0.7, 1.0)))
    source = draw(st.sampled_from(("crm", "till")))
    return seen_link(type_, start, end, source, START + timedelta(days=day), confidence=confidence, valid_until=until)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Link]]:
    """Some periods of assertions; between two periods one link is ended."""
    return [
        draw(st.lists(assertions(day=draw(st.integers(10 * n, 10 * n + 5))), min_size=1, max_size=6)) for n in range(3)
    ]


class Linked:
    """A shop whose links are written and ended."""

    def __init__(self, db: Database, tenant: str) -> None:
        self.shop = Shop(db, tenant)
        self.tenant = tenant
        self.links = LinkGraph(db, AuditTrail(HASHER), HASHER)
        self.reader = BelongingGraph(db)

    async def opens(self) -> None:
        await self.shop.knows(*(Identity(id_, "personal") for id_ in WHO))
        await self.shop.grants(*WHO, purposes=("link_identities",))

    async def hears(self, links: Sequence[Link]) -> None:
        await self.links.add_all(self.tenant, links, "test")

    async def adds(self, link: Link) -> str:
        """Write one link, whatever it contradicts; its id."""
        written = await self.links.add(self.tenant, link, IdentityRules(), "test", lambda evidence: None)
        assert written is not None
        assert written.id is not None
        return written.id

    async def ends(self, number: int, at: datetime) -> None:
        """End one of the links that are there; the same one in every shop with the same links."""
        rows = await self.shop.query(
            "MATCH (a {tenant: $tenant})-[r]->(b) WHERE r.source IN ['crm', 'till'] "
            "RETURN r.id AS id ORDER BY type(r), a.id, b.id, r.source"
        )
        if rows:
            assert await self.links.end(self.tenant, rows[number % len(rows)]["id"], at, "test")

    async def drawn(self) -> tuple[list[Any], list[Any]]:
        """All nodes and relationships but the log, without what is drawn by lot."""
        nodes = await self.shop.query(
            "MATCH (n {tenant: $tenant}) WHERE NOT n:AuditEntry AND NOT n:Tenant AND NOT n:EndedLink "
            "RETURN labels(n) AS labels, n {.*, tenant: NULL} AS properties ORDER BY labels[0], properties.id"
        )
        edges = await self.shop.query(
            "MATCH (a {tenant: $tenant})-[r]->(b) WHERE NOT a:Tenant RETURN a.id AS a, type(r) AS type, b.id AS b, "
            "r {.*, id: NULL} AS properties ORDER BY a, type, b, properties.source"
        )
        return nodes, edges

    async def answer(self, identity_id: str) -> Any:
        answer = await self.shop.asks(identity_id)
        return replace(answer, decision_id="")
