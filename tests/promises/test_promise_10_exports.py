"""Promise 10: who chooses every filter, and keeps every file that ever left, isolates nobody by two of them."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import LiteralString
from uuid import uuid4

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.domain import clock
from app.domain.audience_export import ExportRow
from app.domain.audiences import Audience, AudienceFilter, Span
from app.domain.errors import ConflictError
from app.graph.audiences import AudienceGraph
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.services.audiences import Count
from app.services.export_audience import AudienceExporter
from tests.graph.shop import HASHER
from tests.promises.examples import shown

K, PEOPLE = 2, 60
COMMUNITIES = ("c0", "c1", "c2")

CROWD: LiteralString = """
    MERGE (run:Run {tenant: $tenant, id: 'run'}) SET run.active = true
    WITH run
    UNWIND range(0, $people - 1) AS number
    MERGE (i:Identity {tenant: $tenant, id: 'i' + number})
    SET i.kind = 'personal', i.reachable = ['email'], i.reachable_at = datetime()
    MERGE (i)-[:GAVE]->(c:Consent {tenant: $tenant, id: 'c' + number})
    SET c.purpose = 'newsletter', c.status = 'granted', c.at = datetime() - duration('P1D'), c.counts_from = c.at
    MERGE (run)-[l:LEARNED_FROM]->(i)
    SET l.price_n = 9, l.price_sensitivity = toFloat(number) / $people
    MERGE (home:TasteCommunity {tenant: $tenant, id: 'c' + (number % 3) + '@run'})
    SET home.community = 'c' + (number % 3), home.run = 'run'
    MERGE (i)-[:MEMBER_OF {run: 'run', strength: .5}]->(home)
"""


@dataclass
class Mailing:
    """A shop whose audiences anybody may define and export."""

    db: Database
    tenant: str

    async def query(self, text: LiteralString, **params: object) -> None:
        async with self.db._session("WRITE") as session:  # pyright: ignore[reportPrivateUsage]
            await (await session.run(text, {"tenant": self.tenant, **params})).consume()

    async def asks(self, moves: Sequence[tuple[str, AudienceFilter]]) -> list[frozenset[str]]:
        """Every list that a receiver came to hold, in the order in which they left."""
        await self.query("MATCH (l:ExportedList {tenant: $tenant}) DETACH DELETE l")
        store = AudienceGraph(self.db, AuditTrail(HASHER))
        exporter = AudienceExporter(store, HASHER, Count(HASHER, 7, K, K))
        seen, now = list[frozenset[str]](), dict[str, dict[str, str | None]]()
        for name, filter_ in moves:
            await store.write(self.tenant, Audience(name, filter_, clock.now(), "test"))
            rows: list[ExportRow] = []

            def write(given: Sequence[ExportRow], rows: list[ExportRow] = rows) -> str:
                rows[:] = given
                return ""

            try:
                await exporter.export(self.tenant, name, "delta", write, "test")
            except ConflictError:
                continue
            held = now.setdefault(name, {})
            for row in rows:
                if row.action == "add":
                    held[row.member] = row.identity_id
                else:
                    del held[row.member]
            seen.append(frozenset(id_ for id_ in held.values() if id_))
        return seen


@pytest_asyncio.fixture(scope="module")
async def mailing(db: Database) -> AsyncGenerator[Mailing]:
    shop = Mailing(db, f"promise-{uuid4().hex[:12]}")
    await shop.query(CROWD, people=PEOPLE)
    yield shop


ends = st.integers(0, PEOPLE - 1)


def chosen(communities: frozenset[str], one: int, other: int) -> AudienceFilter:
    between = Span(min(one, other) / PEOPLE, max(one, other) / PEOPLE)
    return AudienceFilter("newsletter", tuple(sorted(communities)), price_sensitivity=between)


filters = st.builds(
    chosen,
    st.frozensets(st.sampled_from(COMMUNITIES), max_size=2),
    st.one_of(st.sampled_from((0, 1, 2)), ends),
    st.one_of(st.sampled_from((PEOPLE - 1, PEOPLE - 2, PEOPLE // 2)), ends),
)


@shown
@given(st.lists(st.tuples(st.sampled_from("ab"), filters), min_size=2, max_size=5))
async def test_no_two_files_isolate_fewer_than_k(mailing: Mailing, moves: list[tuple[str, AudienceFilter]]) -> None:
    for one, other in combinations(await mailing.asks(moves), 2):
        for part in (one & other, one - other, other - one):
            assert len(part) == 0 or len(part) >= K, (moves, part)
