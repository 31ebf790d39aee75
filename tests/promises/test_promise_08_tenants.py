"""Promise 8: nothing that one tenant does changes or shows anything of another, though all their ids are equal."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import PluralError
from app.domain.links import Link, seen_link
from app.domain.models import Identity, Product, Tag
from app.domain.recommendation import Decision, Recommendation
from app.graph.audit import AuditTrail
from app.graph.claims import ClaimGraph
from app.graph.database import Database
from app.graph.decisions import DecisionGraph
from app.graph.erasure import ErasureGraph
from app.graph.links import LinkGraph
from app.services.erase import Eraser, Preview
from tests.graph.sealing import crossings, everything_of
from tests.graph.shop import HASHER, NOW, Outside
from tests.promises.examples import promised
from tests.promises.linked import EMAILS, WHO, assertions
from tests.promises.world import PRODUCTS, Act, World, acts, requests, same

SESSION = "visit"
THEIRS = "Theirs"
"""Stands in every title of the other tenant, and in none of one's own."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that a tenant does."""

    what: str
    who: str
    other: str
    act: Act
    link: Link
    number: int
    """Which of the other tenant's links."""


class Tenant(World):
    """A shop that does all that changes a graph, with the ids that any other one has."""

    def __init__(self, db: Database, tenant: str) -> None:
        super().__init__(db, tenant)
        trail = AuditTrail(HASHER)
        self.links = LinkGraph(db, trail, HASHER)
        self.claims = ClaimGraph(db, trail, self.settings.evidence_rules)
        self.eraser = Eraser(ErasureGraph(db, trail, HASHER, self.settings.evidence_rules), Outside(), self.recommender)

    async def appears(self, who: str) -> None:
        await self.knows(Identity(who, "personal", "p1", "login1", "home1", (EMAILS[0],)))

    async def visits(self, act: Act) -> None:
        visitor = f"session:{SESSION}"
        await self.saw(self.event(act.type, visitor, *act.product_ids, days_ago=act.days_ago, session_id=SESSION))

    async def claim_visit(self, who: str) -> str:
        return (await self.claims.claim(self.tenant, who, SESSION, "claim", NOW, "test")).id

    async def erases(self, kind: Any, id_: str) -> None:
        outcome = await self.eraser.erase(HASHER(self.tenant), kind, id_, "test")
        if isinstance(outcome, Preview):
            await self.eraser.erase(HASHER(self.tenant), kind, id_, "test", outcome.confirm)


@dataclass(repr=False)
class Other:
    """The tenant that must stay as it is: what it has, what it made, what it answers."""

    shop: Tenant
    made: dict[str, str] = field(default_factory=dict[str, str])
    everything: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])
    answers: dict[str, Recommendation] = field(default_factory=dict[str, Recommendation])

    def link(self, number: int) -> str:
        """Id of one of its links, of whatever type."""
        return self.links[number % len(self.links)]


@pytest_asyncio.fixture(scope="module")
async def theirs(db: Database) -> AsyncGenerator[Other]:
    """A shop with one of everything and an active run."""
    shop = Tenant(db, f"theirs-{uuid4().hex[:12]}")
    await shop.products.upsert(
        shop.tenant,
        [Product(id_, f"{THEIRS}: {id_}", product_type=THEIRS, tags=(Tag("tea", "mood"),)) for id_ in PRODUCTS],
    )
    for who in (*WHO, "gone"):
        await shop.appears(who)
    await shop.grants(*WHO, purposes=["personalise_content", "model_training", "household_share", "link_identities"])
    for number, who in enumerate(WHO):
        await shop.saw(
            *(shop.event("purchase", who, *PRODUCTS[number : number + 6], days_ago=days) for days in (9, 99))
        )
    await shop.refreshes()
    other = Other(shop)
    other.made["grant"] = (await shop.grant(*WHO[:2])).id
    await shop.links.add_all(shop.tenant, [seen_link("follows", WHO[0], WHO[1], "crm", NOW)], "test")
    other.links = [link.id or "" for who in WHO for link in await shop.links.list_links(shop.tenant, who, "", 100)]
    await shop.visits(Act("purchase", PRODUCTS[:2], 5))
    other.made["claim"] = await shop.claim_visit(WHO[0])
    await shop.erases("identity", "gone")
    shown = Decision("decision", NOW, "web", "home", "granted", None, WHO[0], ())
    await DecisionGraph(db).write_decisions(shop.tenant, [shown])
    other.everything = await everything_of(shop)
    other.answers = {who: await shop.told(who) for who in WHO}
    assert all(answer.items for answer in other.answers.values())
    yield other


doings = st.lists(
    st.deferred(
        lambda: st.builds(
            Doing,
            st.sampled_from(sorted(DOINGS)),
            st.sampled_from(WHO),
            st.sampled_from(WHO),
            acts,
            st.integers(0, 40).flatmap(assertions),
            st.integers(0, 99),
        )
    ),
    min_size=1,
    max_size=6,
)


@promised
@given(doings, requests)
async def test_what_one_tenant_does_leaves_another_as_it_is(
    db: Database, theirs: Other, done: list[Doing], request: dict[str, Any]
) -> None:
    mine = Tenant(db, f"mine-{uuid4().hex[:12]}")
    for doing in done:
        with suppress(PluralError):  # what is not there cannot be ended, granted or claimed
            await DOINGS[doing.what](mine, doing, theirs)

    answer = await mine.told(done[0].who, **request)
    assert THEIRS not in repr(answer)
    assert await mine.links.find(mine.tenant, theirs.link(done[0].number)) is None
    assert await crossings(mine) == 0
    assert await everything_of(theirs.shop) == theirs.everything
    assert same(await theirs.shop.told(done[0].who), theirs.answers[done[0].who])


async def _offers(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.offers(*doing.act.product_ids, product_type="tea", tags=(Tag("tea", "mood"),))


async def _withdraws(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.products.withdraw(mine.tenant, [doing.act.product_ids[0]])


async def _appears(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.appears(doing.who)


async def _does(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.saw(*mine.events(doing.who, [doing.act]))


async def _consents(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.grants(doing.who, purposes=["personalise_content", "model_training", "household_share"])


async def _gives_a_grant(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.grant(doing.who, doing.other)


async def _revokes_their_grant(mine: Tenant, doing: Doing, theirs: Other) -> None:
    assert not await mine.grant_store.revoke(mine.tenant, theirs.made["grant"], "test")


async def _links(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.links.add_all(mine.tenant, [doing.link], "test")


async def _ends_their_link(mine: Tenant, doing: Doing, theirs: Other) -> None:
    assert not await mine.links.end(mine.tenant, theirs.link(doing.number), NOW, "test")


async def _claims(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.visits(doing.act)
    await mine.claim_visit(doing.who)


async def _ends_the_claim(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.claims.end(mine.tenant, theirs.made["claim"], "test")


async def _is_shown(mine: Tenant, doing: Doing, theirs: Other) -> None:
    shown = Decision("decision", NOW, "web", "home", "granted", None, doing.who, ())
    await DecisionGraph(mine.db).write_decisions(mine.tenant, [shown])


async def _erases(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.erases("identity", doing.who)


async def _erases_a_person(mine: Tenant, doing: Doing, theirs: Other) -> None:
    await mine.erases("person", "p1")


DOINGS: dict[str, Callable[[Tenant, Doing, Other], Awaitable[None]]] = {
    "offers": _offers,
    "withdraws": _withdraws,
    "appears": _appears,
    "does": _does,
    "consents": _consents,
    "gives a grant": _gives_a_grant,
    "revokes their grant": _revokes_their_grant,
    "links": _links,
    "ends their link": _ends_their_link,
    "claims": _claims,
    "ends the claim": _ends_the_claim,
    "is shown": _is_shown,
    "erases": _erases,
    "erases a person": _erases_a_person,
}
