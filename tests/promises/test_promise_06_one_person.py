"""Promise 6: two customer numbers or two ends of NOT_SAME_AS are never one person; a shared identifier joins nobody."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity_rules import IdentifierClass, IdentityRules
from app.domain.links import Link, joined_assertions, seen_link
from app.domain.models import Identifier, Identity
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.database import Database
from app.graph.links import LinkGraph
from app.services.belonging import Belongings
from tests.graph.shop import HASHER, NOW
from tests.promises.examples import promised
from tests.promises.world import World

WHO = tuple(f"who-{n}" for n in range(4))
PERSONS = ("p1", "p2")
CAPS: dict[IdentifierClass, int] = {"unique": 5, "strong": 2, "shared": 50, "ephemeral": 50}
"""So low that generated e-mails pass it."""
VALUES = tuple(
    Identifier(type_, f"{type_}-{n}")
    for type_ in ("customer_number", "customer_number", "email", "phone", "device", "cookie")
    for n in range(2)
)


NUMBERS = tuple(Identifier("customer_number", f"customer_number-{n}") for n in range(2))
EMAIL = Identifier("email", "email-0")
DEVICE = Identifier("device", "device-0")
ages = st.integers(1, 9).map(lambda days: NOW - timedelta(days=days))


@st.composite
def links(draw: st.DrawFn) -> Link:
    one, other = draw(st.permutations(WHO))[:2]
    confidence = draw(st.sampled_from((1.0, 0.7, 0.7, 0.3)))
    kind = draw(st.sampled_from(("person", "identifier", "identifier", "identifier", "foes")))
    if kind == "person":
        return seen_link(
            "person_identity", draw(st.sampled_from(PERSONS)), one, "crm", draw(ages), confidence=confidence
        )
    if kind == "foes":
        return seen_link("not_same_as", one, other, "crm", draw(ages))
    source, value = draw(st.sampled_from(("crm", "till"))), draw(st.sampled_from(VALUES))
    return seen_link("identity_identifier", one, value, source, draw(ages), confidence=confidence)


@st.composite
def contradictions(draw: st.DrawFn) -> list[Link]:
    """What cannot all be true of one person, in as many ways as there are."""
    one, other = draw(st.permutations(WHO))[:2]
    by = draw(st.sampled_from(("person", "email", "device")))
    ends = [
        seen_link("person_identity", "p1", who, "crm", draw(ages))
        for who in ((one, other) if by == "person" else (one,))
    ]
    if by != "person":
        both = EMAIL if by == "email" else DEVICE
        ends += [seen_link("identity_identifier", who, both, "crm", draw(ages)) for who in (one, other)]
    match draw(st.sampled_from(("numbers", "foes", "nothing"))):
        case "numbers":
            numbers = zip((one, other), NUMBERS, strict=True)
            return ends + [seen_link("identity_identifier", who, known, "till", draw(ages)) for who, known in numbers]
        case "foes":
            return [*ends, seen_link("not_same_as", one, other, "till", draw(ages))]
        case _:
            return ends


@promised
@given(
    contradictions(),
    st.lists(links(), max_size=8),
    st.one_of(st.just(frozenset(WHO)), st.frozensets(st.sampled_from(WHO))),
)
async def test_whatever_is_said_no_person_is_two(
    db: Database, said: list[Link], more: list[Link], consenting: frozenset[str]
) -> None:
    world = World(db, World.name("persons"))
    await world.knows(*(Identity(id_, "personal") for id_ in WHO))
    if consenting:
        await world.grants(*sorted(consenting), purposes=["link_identities"])
    await LinkGraph(db, AuditTrail(HASHER), HASHER).add_all(world.tenant, [*said, *more], "test")
    rules, said = IdentityRules(caps=CAPS), joined_assertions([*said, *more])

    persons = [members for id_ in PERSONS if (members := await members_of(db, world.tenant, id_, rules)) is not None]

    for members in persons:
        numbers = [{link.end for link in live(said, rules) if link.start == id_ and is_number(link)} for id_ in members]
        # Of one identity with two numbers the later link is a conflict and joins nothing; the others must agree.
        assert len({number for its in numbers if len(its) == 1 for number in its}) <= 1
        foes = {frozenset((link.start, link.end)) for link in said if link.type == "not_same_as"}
        assert not foes & {frozenset(pair) for pair in combinations(members, 2)}
        assert members <= reachable(said, rules, consenting, members)
    everybody = [member for members in persons for member in members]
    assert len(everybody) == len(set(everybody)), "an identity is of one person at most"


async def members_of(db: Database, tenant: str, person_id: str, rules: IdentityRules) -> set[str] | None:
    """Identities of a person as its view shows them; ``None`` when there is no such person."""

    class OneRule:
        async def read(self, tenant: str) -> IdentityRules:
            return rules

    store = BelongingGraph(db)
    if not await store.has(tenant, person_id=person_id):
        return None
    view = await Belongings(store, OneRule()).person(tenant, person_id)
    return {one.id for one in view.identities}


def is_number(link: Link) -> bool:
    return link.identifier is not None and link.identifier.type == "customer_number"


def live(said: Iterable[Link], rules: IdentityRules) -> list[Link]:
    return [link for link in said if link.confidence >= rules.min_confidence and link.is_live(datetime.now(UTC))]


def reachable(said: list[Link], rules: IdentityRules, consenting: frozenset[str], members: set[str]) -> set[str]:
    """All that could ever hang together with one of these by links that may join; rules are not asked for an order."""
    holders: dict[str, set[str]] = {}
    for link in said:
        if link.type == "identity_identifier":
            holders.setdefault(link.end, set()).add(link.start)
    edges: list[set[str]] = []
    for link in live(said, rules):
        if link.type == "person_identity":
            edges.append({link.start, link.end})
        elif link.identifier is not None and link.start in consenting:
            is_own = rules.class_of(link.identifier.type) in ("unique", "strong")
            if is_own and len(holders[link.end]) <= rules.cap_of(link.identifier.type):
                edges.append({link.start, link.end})
    found = {next(iter(sorted(members)), "")}
    while more := {node for edge in edges if edge & found for node in edge} - found:
        found |= more
    return found
