"""Links on a real graph: any order and batching end in one graph, and what is undone is as if it had never been."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.identity_rules import IdentityRules
from app.domain.linkage import Evidence, partition
from app.domain.links import Link, LinkType, joined_assertions, seen_link
from app.domain.models import Identifier, Identity
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph, walk
from app.graph.database import Database
from app.graph.links import LinkGraph
from tests.graph.shop import HASHER, NOW, Shop

ON_A_GRAPH = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
START = NOW - timedelta(days=50)
WHO = ("tom", "tim", "debbie")
EMAILS = tuple(Identifier("email", f"digest-{n}") for n in range(2))


@dataclass(frozen=True)
class Step:
    """One thing that happens to the links of a shop, on a day."""

    day: int
    link: Link | None
    """``None``: every link of ``ends`` is ended."""
    ended: int = 0


@st.composite
def assertion(draw: st.DrawFn, day: int) -> Link:
    type_: LinkType = draw(
        st.sampled_from(
            (
                "person_identity",
                "identity_account",
                "account_household",
                "person_household",
                "identity_identifier",
                "follows",
                "not_same_as",
            )
        )
    )
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
        draw(st.lists(assertion(day=draw(st.integers(10 * n, 10 * n + 5))), min_size=1, max_size=6)) for n in range(3)
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


@pytest.fixture
def linked(db: Database) -> Any:
    return lambda: Linked(db, f"shop-{uuid4().hex[:12]}")


@ON_A_GRAPH
@given(histories(), st.lists(st.integers(0, 9), min_size=3, max_size=3), st.data())
async def test_order_and_batches_and_replays_end_in_one_graph(
    linked: Any, history: list[list[Link]], ended: list[int], data: st.DataObject
) -> None:
    plain, other = linked(), linked()
    await plain.opens()
    await other.opens()
    past: list[Link] = []
    for n, period in enumerate(history):
        for link in sorted(period, key=lambda link: link.last_seen):
            await plain.hears([link])
        replayed = data.draw(st.lists(st.sampled_from(past), max_size=3)) if past else []
        shuffled = data.draw(st.permutations([*period, *period[:1], *replayed]))
        cut = data.draw(st.integers(0, len(shuffled)))
        for batch in (shuffled[:cut], shuffled[cut:]):
            await other.hears(batch)
        past += period
        at = START + timedelta(days=10 * n + 6)
        await plain.ends(ended[n], at)
        await other.ends(ended[n], at)

    assert await other.drawn() == await plain.drawn()


@ON_A_GRAPH
@given(st.lists(assertion(day=3), max_size=6), st.lists(assertion(day=9), min_size=1, max_size=4), st.data())
async def test_link_and_unlink_leave_no_trace(
    linked: Any, before: list[Link], new: list[Link], data: st.DataObject
) -> None:
    shop = linked()
    await shop.opens()
    await shop.shop.offers("tea", "coffee")
    await shop.shop.grants("tom")
    await shop.shop.buys("tom", "tea")
    await shop.hears(before)
    graph, answer = await shop.drawn(), await shop.answer("tom")

    there = {link.key for link in before}
    fresh = [link for link in joined_assertions(new) if link.key not in there]
    ids = [(await shop.links.add(shop.tenant, link, IdentityRules(), "test", unchecked)).id for link in fresh]
    assert await shop.answer("tom") == answer  # a link is never read when serving
    for id_ in data.draw(st.permutations(ids)):
        assert await shop.links.end(shop.tenant, id_, NOW, "test")
    await shop.hears(fresh)  # a late replay

    assert await shop.drawn() == graph
    assert await shop.answer("tom") == answer


@ON_A_GRAPH
@given(st.lists(assertion(day=3), min_size=1, max_size=12))
async def test_what_is_walked_is_judged_like_all_that_is_there(linked: Any, links: list[Link]) -> None:
    shop, rules = linked(), IdentityRules()
    await shop.opens()
    await shop.hears(links)
    now = datetime.now(UTC)
    everything = await shop.reader.read_component(shop.tenant, rules, now, identity_ids=WHO)

    whole = partition(everything, rules, now)
    for id_ in WHO:
        walked = await shop.reader.read_component(shop.tenant, rules, now, identity_ids=[id_])
        assert partition(walked, rules, now).group_of(id_) == whole.group_of(id_)


async def test_a_walk_is_bounded_and_says_so(db: Database, tenant: str) -> None:
    shop = Shop(db, tenant)
    chain = [Identity(f"i{n}", "personal", identifiers=(link_to(n), link_to(n + 1))) for n in range(8)]
    await shop.knows(*chain)

    part = await walk(db.read, tenant, IdentityRules(), NOW + timedelta(days=1), identity_ids=["i0"], most=3)
    whole = await walk(db.read, tenant, IdentityRules(), NOW + timedelta(days=1), identity_ids=["i0"])

    assert (len(part.members), part.is_complete) == (3, False)
    assert (len(whole.members), whole.is_complete) == (8, True)


def unchecked(evidence: Evidence) -> None:
    """Let every link in."""


def link_to(number: int) -> Identifier:
    return Identifier("email", f"chain-{number}")


async def test_an_ended_link_is_found_by_the_keyed_hash_of_either_end(db: Database, tenant: str) -> None:
    shop = Linked(db, tenant)
    await shop.opens()
    await shop.hears([seen_link("person_identity", "p1", "tom", "crm", START)])
    await shop.ends(0, NOW)
    hasher = HASHER(tenant)

    (ended,) = await shop.shop.query("MATCH (n:EndedLink {tenant: $tenant}) RETURN properties(n) AS n")
    assert ended["n"]["start_hash"] == hasher.subject("person", "p1")
    assert ended["n"]["end_hash"] == hasher.subject("identity", "tom")
    assert "tom" not in str(ended["n"])
