"""Who belongs together: a pure view over links, the same in any order, and doubt joins nobody."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.component import Evidence, Member, Partition
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import added_conflicts, partition
from app.domain.links import Link, LinkType, joined_assertions, seen_link
from app.domain.models import Identifier, IdentityKind

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=100)
RULES = IdentityRules(caps={"unique": 2, "strong": 3, "shared": 3, "ephemeral": 3}, source_priorities={"crm": 1})
KINDS: tuple[IdentityKind, ...] = ("personal", "work", "shared", "anonymous")
IDENTITIES = [f"i{n}" for n in range(6)]
PERSONS = [f"p{n}" for n in range(3)]
IDENTIFIERS = [
    Identifier(type_, f"{type_}-{n}", blocked=n == 2)
    for type_ in ("customer_number", "email", "device", "cookie")
    for n in range(3)
]

members = st.lists(
    st.builds(
        Member,
        st.sampled_from(IDENTITIES),
        st.sampled_from(KINDS[:2] * 3 + KINDS[2:]),
        st.sampled_from((True, True, False)),
    ),
    unique_by=lambda member: member.id,
    min_size=1,
)


@st.composite
def link(draw: st.DrawFn) -> Link:
    type_: LinkType = draw(
        st.sampled_from(("person_identity", "identity_identifier", "identity_identifier", "not_same_as"))
    )
    one, other = draw(st.permutations(IDENTITIES))[:2]
    start, end = {
        "person_identity": (draw(st.sampled_from(PERSONS)), one),
        "identity_identifier": (one, draw(st.sampled_from(IDENTIFIERS))),
        "not_same_as": (one, other),
    }[type_]
    seen_at = START + timedelta(days=draw(st.integers(0, 110)))
    until = draw(st.sampled_from((None, None, None, NOW - timedelta(days=1), NOW + timedelta(days=1))))
    confidence = draw(st.sampled_from((0.3, 0.6, 1.0)))
    return seen_link(
        type_, start, end, draw(st.sampled_from(("api", "crm"))), seen_at, confidence=confidence, valid_until=until
    )


def view(members: list[Member], links: list[Link]) -> Partition:
    return partition(Evidence(members, joined_assertions(links)), RULES, NOW)


@given(members, st.lists(link(), max_size=30), st.data())
def test_neither_order_nor_repetition_nor_batches_matter(
    members: list[Member], links: list[Link], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(links + links[:5]))
    cut = data.draw(st.integers(0, len(shuffled)))
    batches = [*joined_assertions(shuffled[:cut]), *joined_assertions(shuffled[cut:])]

    assert view(data.draw(st.permutations(members)), batches) == view(members, links)


@given(members, st.lists(link(), max_size=30))
def test_what_is_unique_is_never_shared_by_two_and_a_no_is_a_no(members: list[Member], links: list[Link]) -> None:
    together = view(members, links)
    known = {member.id: member for member in members}
    live = [one for one in joined_assertions(links) if one.is_live(NOW)]

    assert sorted(id_ for group in together.groups for id_ in group.identities) == sorted(known)
    for group in together.groups:
        for one, other in combinations(sorted(group.identities), 2):
            assert not any(n.type == "not_same_as" and {n.start, n.end} == {one, other} for n in live)
        mine = [one for one in live if one not in together.refused and {one.start, one.end} & group.identities]
        assert len({one.end for one in mine if is_unique(one) and counts(one, known, live)}) <= 1
        assert {one.start for one in mine if one.type == "person_identity" and joins(one, known)} <= {group.person}


@given(members, st.lists(link(), max_size=30))
def test_only_what_may_join_joins(members: list[Member], links: list[Link]) -> None:
    together = view(members, links)
    known = {member.id: member for member in members}
    live = [one for one in joined_assertions(links) if one.is_live(NOW) and one.confidence >= RULES.min_confidence]

    for group in together.groups:
        reached = reach(min(group.identities), group.identities, live, known)
        assert reached >= group.identities
        if len(group.identities) > 1:
            assert {known[id_].kind for id_ in group.identities} <= {"personal", "work"}


def is_unique(link: Link) -> bool:
    return link.identifier is not None and link.identifier.type == "customer_number"


def joins(link: Link, known: dict[str, Member]) -> bool:
    """Whether a person may have this identity to itself."""
    return link.confidence >= RULES.min_confidence and known[link.end].kind in ("personal", "work")


def counts(link: Link, known: dict[str, Member], live: list[Link]) -> bool:
    """Whether a value may say anything about its identity."""
    return (
        link.identifier is not None
        and not link.identifier.blocked
        and link.confidence >= RULES.min_confidence
        and known[link.start].kind in ("personal", "work")
        and len({one.start for one in live if one.end == link.end}) <= RULES.cap_of(link.identifier.type)
    )


def reach(first: str, inside: frozenset[str], live: list[Link], known: dict[str, Member]) -> set[str]:
    """Identities that can be reached over links that may join, written the plain way."""
    everything = [one for one in live if one.type == "person_identity"]
    everything += [
        one
        for one in live
        if one.identifier is not None
        and one.identifier.type in ("customer_number", "email")
        and one.start in known
        and known[one.start].may_link
        and counts(one, known, live)
    ]
    nodes = {first}
    while True:
        more = {end for one in everything if {one.start, one.end} & nodes for end in (one.start, one.end)} - nodes
        if not more:
            return nodes & inside
        nodes |= more


def of_consenting(*links: tuple[LinkType, str, str | Identifier], may_link: bool = True) -> Partition:
    """The view over links of one time between identities i0 and i1."""
    asserted = [seen_link(type_, start, end, "api", START) for type_, start, end in links]
    return view([Member(id_, "personal", may_link) for id_ in ("i0", "i1")], asserted)


EMAIL, FIRST, SECOND = IDENTIFIERS[3], IDENTIFIERS[0], IDENTIFIERS[1]


def test_a_path_says_how_two_people_would_become_one() -> None:
    together = of_consenting(
        ("person_identity", "p", "i0"),
        ("identity_identifier", "i0", EMAIL),
        ("identity_identifier", "i1", EMAIL),
        ("person_identity", "q", "i1"),
    )

    (conflict,) = together.conflicts
    assert conflict.reason == "two_persons"
    assert conflict.path == ("person p", "identity i0", "identifier email", "identity i1", "person q")
    assert [group.person for group in together.groups] == ["p", "q"]


def test_two_unique_values_of_one_identity_are_a_conflict() -> None:
    together = of_consenting(("identity_identifier", "i0", FIRST), ("identity_identifier", "i0", SECOND))

    assert [one.path for one in together.conflicts] == [
        ("identifier customer_number", "identity i0", "identifier customer_number")
    ]


def test_an_identity_that_does_not_consent_still_has_its_customer_number() -> None:
    together = of_consenting(
        ("person_identity", "p", "i0"),
        ("person_identity", "p", "i1"),
        ("identity_identifier", "i0", FIRST),
        ("identity_identifier", "i1", SECOND),
        may_link=False,
    )

    assert [one.reason for one in together.conflicts] == ["two_unique_values"]


@pytest.mark.parametrize(("days", "is_settled"), [(0, False), (1, True), (2, True)])
def test_not_the_same_settles_only_what_was_seen_before_it(days: int, is_settled: bool) -> None:
    links = [seen_link("identity_identifier", id_, EMAIL, "api", START + timedelta(days=1)) for id_ in ("i0", "i1")]
    said = seen_link("not_same_as", "i1", "i0", "api", START + timedelta(days=days))

    together = view([Member(id_, "personal", may_link=True) for id_ in ("i0", "i1")], [*links, said])

    assert [one.is_settled for one in together.conflicts] == [is_settled]
    assert len(together.groups) == 2


def test_the_source_of_higher_priority_holds() -> None:
    links = [
        seen_link("person_identity", "p", "i0", "api", START),
        seen_link("person_identity", "q", "i0", "crm", START + timedelta(days=9), confidence=0.6),
    ]

    assert view([Member("i0", "personal", may_link=True)], links).groups[0].person == "q"


@pytest.mark.parametrize("sources", [("crm", "api"), ("api", "crm")])
def test_whose_customer_numbers_differ_are_two_whoever_says_that_they_are_one(sources: tuple[str, str]) -> None:
    """Even where the way by which one of the numbers would join is refused for another reason."""
    assertion, number = sources
    links = [
        seen_link("person_identity", "p", "i1", assertion, START),
        seen_link("person_identity", "p", "i2", assertion, START),
        *(
            seen_link("identity_identifier", id_, Identifier("customer_number", value), number, START)
            for id_, value in (("i0", "n0"), ("i1", "n0"), ("i2", "n1"))
        ),
        seen_link("not_same_as", "i0", "i1", assertion, START),
    ]

    groups = view([Member(f"i{n}", "personal", may_link=True) for n in range(3)], links).groups

    assert sorted(map(sorted, (group.identities for group in groups))) == [["i0"], ["i1"], ["i2"]]


def test_a_value_over_its_cap_joins_nobody_and_does_so_again_when_it_has_fewer() -> None:
    who = ("i0", "i1", "i2", "i3")
    links = [seen_link("identity_identifier", id_, EMAIL, "api", START) for id_ in who]
    known = [Member(id_, "personal", may_link=True) for id_ in who]

    assert len(view(known, links).groups) == 4
    assert len(view(known, links[:3]).groups) == 2


@given(members, st.lists(link(), max_size=20), link())
def test_a_refusal_brings_what_was_no_conflict_before(members: list[Member], links: list[Link], new: Link) -> None:
    evidence = Evidence(members, joined_assertions(links))
    before = {(one.reason, one.clash) for one in partition(evidence, RULES, NOW).conflicts}

    for conflict in added_conflicts(evidence, new, RULES, NOW):
        assert (conflict.reason, conflict.clash) not in before
        assert len(conflict.path) >= 3
        assert new.type != "not_same_as"


@pytest.mark.parametrize(("known", "may_link"), [(IDENTIFIERS[5], True), (EMAIL, False)], ids=["blocked", "no consent"])
def test_neither_a_blocked_value_nor_one_without_consent_joins(known: Identifier, may_link: bool) -> None:
    together = of_consenting(
        ("identity_identifier", "i0", known), ("identity_identifier", "i1", known), may_link=may_link
    )

    assert len(together.groups) == 2
