"""Promises 1, 6 and 7 over proposals: whatever is accepted, rejected and undone in whichever order moves no answer."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ConflictError
from app.domain.identity_rules import IdentityRules
from app.domain.links import seen_link
from app.domain.models import Identifier, Identity
from app.domain.proposals import LinkProposal, ProposalKind
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.database import Database
from app.graph.proposals import ProposalGraph
from app.services.belonging import Belongings
from app.services.link_proposals import ProposalBook
from tests.graph.shop import HASHER, NOW
from tests.promises.examples import promised
from tests.promises.linked import START, Linked
from tests.promises.world import World

WHO = ("debbie", "tim", "tom")
PAIRS: tuple[tuple[str, str], ...] = tuple(combinations(WHO, 2))
Step = tuple[str, int]

steps = st.lists(st.tuples(st.sampled_from(("accept", "reject", "undo", "propose")), st.integers(0, 5)), max_size=8)
numbers = st.lists(st.sampled_from(("none", "one", "other")), min_size=3, max_size=3)
foes = st.sets(st.sampled_from(PAIRS), max_size=2)
kinds: tuple[ProposalKind, ...] = ("person", "household")


class Fixed:
    """Rules as they are without any."""

    async def read(self, tenant: str) -> IdentityRules:
        return IdentityRules()


class Reviewed(Linked):
    """A shop with a proposal of each kind between any two of three identities."""

    def __init__(self, db: Database, tenant: str) -> None:
        super().__init__(db, tenant)
        self.book = ProposalBook(ProposalGraph(db, AuditTrail(HASHER), HASHER), Fixed())
        self.views = Belongings(BelongingGraph(db), Fixed())

    async def proposes(self) -> None:
        rows = [LinkProposal("", kind, one, other, 0.9, (), NOW) for kind in kinds for one, other in PAIRS]
        await self.book.propose(self.tenant, rows, "test")

    async def decides(self, said: Sequence[Step]) -> None:
        rows = await self.shop.query(
            "MATCH (a:Identity {tenant: $tenant})-[r:MAY_BE]->(b) RETURN r.id AS id ORDER BY r.kind, a.id, b.id"
        )
        for act, place in said:
            if act == "propose":
                await self.proposes()
                continue
            with suppress(ConflictError):
                await getattr(self.book, act)(self.tenant, rows[place]["id"], "test")

    async def undoes(self) -> None:
        await self.decides([("undo", place) for place in range(6)])

    async def persons(self) -> list[set[str]]:
        rows = await self.shop.query("MATCH (p:Person {tenant: $tenant}) RETURN p.id AS id ORDER BY id")
        views = [await self.views.person(self.tenant, row["id"]) for row in rows]
        return [{one.id for one in view.identities} for view in views]


@promised
@given(numbers, foes, steps)
async def test_no_decision_makes_two_one_or_moves_an_answer_and_undone_all_is_as_before(
    db: Database, given_numbers: list[str], apart: set[tuple[str, str]], said: list[Step]
) -> None:
    shop = Reviewed(db, World.name("reviewed"))
    await shop.opens()
    values: dict[str, str] = dict(zip(WHO, given_numbers, strict=True))
    links = [seen_link("not_same_as", one, other, "crm", START) for one, other in sorted(apart)]
    links += [
        seen_link("identity_identifier", id_, Identifier("customer_number", value), "crm", START)
        for id_, value in values.items()
        if value != "none"
    ]
    await shop.hears(links)
    await shop.shop.offers("tea", "cup")
    await shop.shop.saw(shop.shop.event("purchase", "tom", "tea", days_ago=3))
    await shop.shop.grants(*WHO, purposes=("personalise_content",))
    before = await shop.drawn()
    answers = [await shop.answer(id_) for id_ in WHO]

    await shop.proposes()
    await shop.decides(said)

    assert [await shop.answer(id_) for id_ in WHO] == answers
    for members in await shop.persons():
        assert len({values[id_] for id_ in members} - {"none"}) <= 1
        assert not {frozenset(pair) for pair in apart} & {frozenset(pair) for pair in combinations(members, 2)}

    await shop.undoes()

    nodes, edges = await shop.drawn()
    assert (nodes, [edge for edge in edges if edge["type"] != "MAY_BE"]) == before
    assert [await shop.answer(id_) for id_ in WHO] == answers


@promised
@given(st.permutations(range(3)))
async def test_the_order_of_decisions_does_not_matter(db: Database, order: list[int]) -> None:
    shop = Reviewed(db, World.name("ordered"))
    await shop.opens()
    await shop.shop.knows(*(Identity(id_, "personal") for id_ in WHO))
    await shop.proposes()

    await shop.decides([("accept", 3 + place) for place in order])

    assert await shop.persons() == [set(WHO)]
