"""Promise 5: doubt means anonymous, never the account's owner."""

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.hashing import identify
from app.domain.identity_rules import IdentityRules
from app.domain.models import GivenIdentifier, Identity, IdentityKind
from app.graph.identifiers import IdentifierGraph
from app.services.resolve_identity import IdentityResolver
from tests.graph.shop import HASHER, NOW
from tests.promises.examples import promised, rebuilt
from tests.promises.logins import THRESHOLD, Login, User, Visit, families, visits
from tests.promises.world import World, denial

RULES = IdentityRules(caps={"unique": 2, "strong": 2, "shared": 2, "ephemeral": 2})
NUMBERS, ADDRESSES, OTHERS = ("number-a", "number-b"), ("mail-a", "mail-b", "null"), ("device", "cookie")
TYPES = {
    **dict.fromkeys(NUMBERS, "customer_number"),
    **dict.fromkeys(ADDRESSES, "email"),
    "device": "device",
    "cookie": "cookie",
}
VALUES = tuple(TYPES)


@dataclass(frozen=True, slots=True)
class Tie:
    """Somebody who is known by a value, perhaps no longer, or not yet, or hardly."""

    person: int
    value: str
    confidence: float
    when: str

    @property
    def counts(self) -> bool:
        return self.when == "now" and self.confidence >= RULES.min_confidence


def _tie(person: int, confidence: float = 1.0) -> Tie:
    return Tie(person, "mail-a", confidence, "now")


kinds: st.SearchStrategy[IdentityKind] = st.sampled_from(("personal", "work", "shared", "household"))
ties = st.builds(
    Tie,
    st.integers(0, 3),
    st.sampled_from((*VALUES, *NUMBERS, *ADDRESSES)),
    st.sampled_from((1.0, 1.0, 0.5, 0.3)),
    st.sampled_from(("now", "now", "now", "ended", "coming")),
)
PROPERTIES = {
    "now": {"from": "2020-01-01T00:00:00Z", "until": None},
    "ended": {"from": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z"},
    "coming": {"from": "2999-01-01T00:00:00Z", "until": None},
}


class _Rules:
    async def read(self, tenant: str) -> IdentityRules:
        return RULES


@promised
@given(
    st.lists(kinds, min_size=1, max_size=4),
    st.lists(ties, max_size=8, unique_by=lambda tie: (tie.person, tie.value)),
    st.lists(st.sets(st.sampled_from(VALUES), min_size=1, max_size=4), min_size=1, max_size=4),
)
# Of too many, though hardly known to be the others'; of a family and perhaps one more; a number that is not theirs.
@example(["personal"] * 3, [_tie(0), _tie(1, 0.3), _tie(2, 0.3)], [{"mail-a"}])
@example(["shared", "personal"], [_tie(0), _tie(1, 0.3)], [{"mail-a"}])
@example(["personal"], [_tie(0), Tie(0, "number-a", 1.0, "now")], [{"mail-a", "number-b"}])
async def test_only_what_is_certain_is_named(
    world: World, people: list[IdentityKind], known: list[Tie], questions: list[set[str]]
) -> None:
    """All share a login, whose owner is the first; each is asked for by some of the values."""
    case = world.name("case")
    known = [tie for tie in known if tie.person < len(people)]
    await _live(world, case, people, known)
    resolver = IdentityResolver(IdentifierGraph(world.db), _Rules(), HASHER)
    given = [[_given(case, value) for value in sorted(question)] for question in questions]

    found = await resolver.resolve(world.tenant, given)

    for question, resolution in zip(questions, found, strict=True):
        certain = _certain(people, known, question)
        assert resolution.identity_id in {None, *(f"{case}-{one}" for one in certain)}
        assert resolution.method == ("anonymous" if resolution.identity_id is None else "resolved")
    await _does(world, case, resolver, [*zip(given, (one.identity_id for one in found), strict=True)], len(people))


@promised
@given(kinds, st.sampled_from((*NUMBERS, "mail-a")), st.sets(st.sampled_from(OTHERS)))
async def test_what_is_certain_is_named(world: World, kind: IdentityKind, value: str, others: set[str]) -> None:
    case = world.name("case")
    noise = [Tie(1, other, 1.0, "now") for other in sorted(others)]
    await _live(world, case, [kind, "personal"], [Tie(0, value, 1.0, "now"), *noise])
    resolver = IdentityResolver(IdentifierGraph(world.db), _Rules(), HASHER)

    resolution = await resolver.resolve_one(world.tenant, [_given(case, one) for one in (value, *sorted(others))])

    assert resolution.identity_id == f"{case}-0"


def _certain(people: list[IdentityKind], known: list[Tie], question: set[str]) -> set[int]:
    """Who may be named at most: nobody, or one that nothing in the question or the graph speaks against."""
    holders = {value: {tie.person for tie in known if tie.value == value and tie.when == "now"} for value in VALUES}
    usable = {v for v in question if v not in ("null", *OTHERS) and len(holders[v]) <= RULES.caps["strong"]}
    sure = {v: {tie.person for tie in known if tie.value == v and tie.counts} for v in usable}
    by_number = {person for v in usable & {*NUMBERS} for person in sure[v]}
    certain = by_number or {person for v in usable & {*ADDRESSES} for person in sure[v]}
    if len(certain) != 1:
        return set()
    (one,) = certain
    decided_by = [v for v in usable if (v in NUMBERS) == bool(by_number) and one in holders[v]]
    of_several = people[one] in ("shared", "household")
    shares = of_several and any(holders[v] != {one} for v in decided_by)
    has_number = any(one in holders[number] for number in NUMBERS)
    wrong_number = any(one not in holders[v] and (has_number or holders[v]) for v in usable & {*NUMBERS})
    two_numbers = len(usable & {*NUMBERS}) > 1
    return set() if shares or wrong_number or two_numbers else certain


async def _live(world: World, case: str, people: list[IdentityKind], known: list[Tie]) -> None:
    identifiers = {value: identify(HASHER(world.tenant), RULES, *_pair(case, value)) for value in VALUES}
    await world.knows(
        *(
            Identity(
                f"{case}-{place}",
                kind,
                account_id=f"login-of-{case}",
                identifiers=tuple(identifiers[tie.value] for tie in known if tie.person == place),
            )
            for place, kind in enumerate(people)
        )
    )
    rows = [
        {
            "id": f"{case}-{tie.person}",
            "digest": identifiers[tie.value].digest,
            "confidence": tie.confidence,
            **PROPERTIES[tie.when],
        }
        for tie in known
    ]
    await world.query(
        "UNWIND $rows AS row "
        "MATCH (:Identity {tenant: $tenant, id: row.id})-[r:KNOWN_BY]->(:Identifier {tenant: $tenant, id: row.digest}) "
        "SET r.confidence = row.confidence, r.first_seen = datetime(row.from), r.valid_until = datetime(row.until)",
        rows=rows,
    )


async def _does(
    world: World, case: str, resolver: IdentityResolver, asked: list[tuple[list[GivenIdentifier], Any]], users: int
) -> None:
    """What is done under these identifiers is that identity's, or an anonymous one's.

    In a session on a login that several use it is the session's, whoever is named.
    """
    for session_id in (case, None):
        anonymous = f"session:{case}"
        events = [
            replace(world.event("view", anonymous, "tea", session_id=session_id), identifiers=tuple(given))
            for given, _ in asked
        ]
        await world.saw(*await resolver.name(world.tenant, events))
        did = await world.query(
            "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x:Interaction) WHERE x.id IN $ids "
            "RETURN x.id AS event, i.id AS id, i.kind AS kind",
            ids=[event.id for event in events],
        )
        by_event = {row["event"]: (row["id"], row["kind"]) for row in did}
        for event, (_, expected) in zip(events, asked, strict=True):
            id_, kind = by_event[event.id]
            certain = expected if session_id is None or users == 1 else None
            assert certain is None or id_ == certain
            assert certain is not None or kind == "anonymous"


def _given(case: str, value: str) -> GivenIdentifier:
    return GivenIdentifier(*_pair(case, value))


def _pair(case: str, value: str) -> tuple[str, str]:
    """Type and value; the placeholder is everybody's."""
    return TYPES[value], value if value == "null" else f"{value}-of-{case}"


@rebuilt
@given(families, visits, st.integers(0, 3))
@example([User(True, "pet"), User(False, "tea")], Visit(("bone", "leash", "bowl")), 0)
async def test_a_session_of_a_shared_login_is_nobodys_in_doubt_and_every_correction_is_undone(
    world: World, family: list[User], visit: Visit, corrector: int
) -> None:
    login = Login(world)
    await login.opens(family)
    before = await login.liked()
    session = await login.visited(visit)
    named = {id_ for id_, user in zip(login.users, family, strict=True) if user.may_be_named}

    who = await login.who(session)
    assert who.identity_id in {None, *named}
    assert who.method == ("posterior" if who.identity_id else "anonymous")
    assert set(who.belief.members) <= named
    assert not (visit.refuses and who.identity_id)
    assert who.confidence is None or THRESHOLD <= who.confidence < 1
    await login.settles(session)
    given = await login.liked()
    assert await login.owner(session) == who.identity_id
    for id_ in login.users:  # whole, or nothing
        assert given[id_] == (dict.fromkeys(visit.product_ids, 1) if id_ == who.identity_id else before[id_])

    claimer = login.users[corrector % len(login.users)]
    claim = await login.claims.claim(world.tenant, claimer, session, world.name("claim"), NOW, "test")
    corrected = await login.liked()
    assert {id_ for id_ in login.users if corrected[id_] != before[id_]} == {claimer}
    assert await login.owner(session) == claimer
    assert await login.claims.end(world.tenant, claim.id, "test")
    await login.settles(session)
    assert await login.liked() == given
    assert await login.owner(session) == who.identity_id

    for id_ in named:
        await world.says(id_, denial("link_identities", 0))
    await login.settles(session)
    assert (await login.who(session)).identity_id is None
    assert await login.liked() == before
