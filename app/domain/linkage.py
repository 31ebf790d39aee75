"""Who belongs together: a view over links, computed anew each time and the same whatever their order. No I/O.

Links join in one canonical order; one that would put two persons, two values of a unique identifier type or both ends
of NOT_SAME_AS together is refused, and is a conflict to review. Doubt joins nobody.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.component import Conflict, Evidence, Group, Member, Node, Partition, Reason
from app.domain.identity_rules import IdentifierClass, IdentityRules
from app.domain.links import Link, joined_assertions
from app.domain.models import IdentityKind

JOINING_KINDS: frozenset[IdentityKind] = frozenset({"personal", "work", "marketing", "profile"})
"""Identities of one person each; a login that several use, a household or a visitor never joins anything."""

JOINING_CLASSES: tuple[IdentifierClass, ...] = ("unique", "strong")
"""Classes of identifiers that may join, those that are believed first in front."""


def partition(evidence: Evidence, rules: IdentityRules, at: datetime) -> Partition:
    """Compute who belongs together at a moment; the order of members and links does not matter.

    An identifier joins two identities only if both consent; its unique values count for who asserted them anyway.
    """
    members = {member.id: member for member in evidence.members}
    live = [link for link in evidence.links if link.is_live(at)]
    judged = _Judgement(members, _foes(live))
    void = quarantined(live, rules)
    ordered = sorted((link for link in live if _may_join(link, rules, members, void)), key=_order(rules))
    # First everybody's own numbers, so that whoever joins whom later, no two that differ come together.
    carried = [link for link in ordered if not _is_unique(link, rules) or judged.carry(link)]
    for link in carried:
        judged.judge(link, rules)
    return Partition(judged.groups(), judged.conflicts(), judged.through(), tuple(judged.refused))


def with_link(evidence: Evidence, link: Link) -> Evidence:
    """The evidence as it would be with one more link."""
    return replace(evidence, links=joined_assertions([*evidence.links, link]))


def added_conflicts(evidence: Evidence, link: Link, rules: IdentityRules, at: datetime) -> list[Conflict]:
    """What a link would bring into conflict that is not so already; NOT_SAME_AS parts, and never contradicts."""
    if link.type == "not_same_as":
        return []
    known = {(conflict.reason, conflict.clash) for conflict in partition(evidence, rules, at).conflicts}
    after = partition(with_link(evidence, link), rules, at).conflicts
    return [conflict for conflict in after if (conflict.reason, conflict.clash) not in known]


def quarantined(links: Iterable[Link], rules: IdentityRules) -> frozenset[str]:
    """Digests of values that name nobody: blocked, or said of more identities than their cap."""
    holders: dict[str, set[str]] = {}
    void: set[str] = set()
    for link in links:
        if (known := link.identifier) is not None:
            holders.setdefault(known.digest, set()).add(link.start)
            if known.blocked or len(holders[known.digest]) > rules.cap_of(known.type):
                void.add(known.digest)
    return frozenset(void)


def joining_caps(rules: IdentityRules) -> dict[str, int]:
    """Cap by identifier type, of the types that may join identities."""
    return {type_: rules.cap_of(type_) for type_, class_ in rules.classes.items() if class_ in JOINING_CLASSES}


def _may_join(link: Link, rules: IdentityRules, members: Mapping[str, Member], void: frozenset[str]) -> bool:
    """Leave out what never joins: doubtful links, shared and quarantined identifiers, logins of several people."""
    if link.confidence < rules.min_confidence:
        return False
    if link.type == "person_identity":
        return _is_of_one_person(members.get(link.end))
    if link.identifier is None or not _is_of_one_person(members.get(link.start)):
        return False
    return rules.class_of(link.identifier.type) in JOINING_CLASSES and link.identifier.digest not in void


def _is_of_one_person(member: Member | None) -> bool:
    return member is not None and member.kind in JOINING_KINDS


def _is_unique(link: Link, rules: IdentityRules) -> bool:
    return link.identifier is not None and rules.class_of(link.identifier.type) == "unique"


def _value_of(link: Link) -> dict[str, Node]:
    """The value that an identifier's link gives, by type."""
    return {link.identifier.type: link.ends[1]} if link.identifier is not None else {}


class _order:  # noqa: N801 (reads as the function that it is)
    """Sort key: unique values first, then the source's priority, asserted before strong, confidence, age, the ends.

    What is unique comes before any priority: two identities whose customer numbers differ are two, whoever says that
    they are one.
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._rules = rules

    def __call__(self, link: Link) -> tuple[object, ...]:
        is_value = link.identifier is not None
        priority = self._rules.source_priorities.get(link.source, 0)
        return (not _is_unique(link, self._rules), -priority, is_value, -link.confidence, link.first_seen, link.key)


def _foes(links: Iterable[Link]) -> dict[str, dict[str, datetime]]:
    """When it was last said that two identities are not the same, both ways; at any confidence."""
    foes: dict[str, dict[str, datetime]] = {}
    for link in links:
        if link.type == "not_same_as":
            for one, other in ((link.start, link.end), (link.end, link.start)):
                said = foes.setdefault(one, {})
                said[other] = max(said.get(other, link.last_seen), link.last_seen)
    return foes


@dataclass(slots=True)
class _Bag:
    """What has come together so far."""

    nodes: set[Node]
    values: dict[str, Node] = field(default_factory=dict[str, Node])
    """The value of each unique identifier type; one at most."""
    person: Node | None = None


class _Judgement:
    """Joins links one by one and remembers why some were refused."""

    def __init__(self, members: Mapping[str, Member], foes: Mapping[str, Mapping[str, datetime]]) -> None:
        self._members = members
        self._foes = foes
        self._bags: dict[Node, _Bag] = {}
        self._ways: dict[Node, list[tuple[Node, Link, bool]]] = {}
        self.refused: list[Link] = []
        self._clashes: dict[tuple[Reason, tuple[Node, Node]], Link] = {}
        for id_ in members:
            self._bag(("identity", id_))

    def carry(self, link: Link) -> bool:
        """Let an identity carry its unique value; False, and a conflict, when it carries another one already."""
        return self._join(link, self._bag(link.ends[0]), _Bag({link.ends[1]}, _value_of(link)), carries_only=True)

    def judge(self, link: Link, rules: IdentityRules) -> None:
        """Join the ends of a link, or refuse it."""
        if link.identifier is not None and not self._members[link.start].may_link:
            return  # without consent a value says something about its own identity, and joins it to nobody
        start, end = link.ends
        other = self._bag(end)
        if _is_unique(link, rules):
            other.values.update(_value_of(link))
        self._join(link, self._bag(start), other)

    def _join(self, link: Link, bag: _Bag, other: _Bag, *, carries_only: bool = False) -> bool:
        start, end = link.ends
        clash = None if bag is other else self._clash(bag, other)
        if clash is not None:
            self.refused.append(link)
            self._clashes.setdefault(clash, link)
            return False
        self._ways.setdefault(start, []).append((end, link, carries_only))
        self._ways.setdefault(end, []).append((start, link, carries_only))
        if carries_only:
            bag.values.update(other.values)
        elif bag is not other:
            self._unite(bag, other)
        return True

    def _unite(self, bag: _Bag, other: _Bag) -> None:
        small, large = sorted((bag, other), key=lambda one: len(one.nodes))
        large.nodes |= small.nodes
        large.values.update(small.values)
        large.person = large.person or small.person
        for node in small.nodes:
            self._bags[node] = large

    def _clash(self, bag: _Bag, other: _Bag) -> tuple[Reason, tuple[Node, Node]] | None:
        """Why two bags must stay apart; the first reason in a fixed order."""
        for one in sorted(_identities(bag)):
            enemies = self._foes.get(one, {}).keys() & _identities(other)
            if enemies:
                return "not_same_as", _sorted(("identity", one), ("identity", min(enemies)))
        if bag.person and other.person and bag.person != other.person:
            return "two_persons", _sorted(bag.person, other.person)
        for type_ in sorted(bag.values.keys() & other.values.keys()):
            if bag.values[type_] != other.values[type_]:
                return "two_unique_values", _sorted(bag.values[type_], other.values[type_])
        return None

    def _bag(self, node: Node) -> _Bag:
        if node not in self._bags:
            self._bags[node] = _Bag({node}, person=node if node[0] == "person" else None)
        return self._bags[node]

    def groups(self) -> tuple[Group, ...]:
        """Every identity's group once, sorted."""
        bags = {id(bag): bag for node, bag in self._bags.items() if node[0] == "identity"}
        found = (Group(frozenset(_identities(bag)), bag.person and bag.person[1]) for bag in bags.values())
        return tuple(sorted(found, key=lambda group: min(group.identities)))

    def through(self) -> dict[str, tuple[str, ...]]:
        """How each identity belongs to its group."""
        found: dict[str, tuple[str, ...]] = {}
        for id_ in self._members:
            joins = [link for _, link, carries_only in self._ways.get(("identity", id_), ()) if not carries_only]
            types = {link.identifier.type for link in joins if link.identifier is not None}
            if any(link.identifier is None for link in joins):
                found[id_] = ("asserted",)
            elif types and len(_identities(self._bag(("identity", id_)))) > 1:
                found[id_] = tuple(sorted(types))
        return found

    def conflicts(self) -> tuple[Conflict, ...]:
        """What was refused, sorted by what clashes."""
        found = (self._conflict(reason, clash, link) for (reason, clash), link in self._clashes.items())
        return tuple(sorted(found, key=lambda conflict: (conflict.identities, conflict.reason, conflict.clash)))

    def _conflict(self, reason: Reason, clash: tuple[Node, Node], refused: Link) -> Conflict:
        nodes, links = self._path(clash, refused)
        newest = max((link.first_seen for link in links), default=refused.first_seen)
        said_at = self._foes.get(clash[0][1], {}).get(clash[1][1]) if reason == "not_same_as" else None
        types = {link.end: link.identifier.type for link in (*links, refused) if link.identifier is not None}
        return Conflict(
            reason=reason,
            clash=clash,
            path=tuple(f"{kind} {types.get(id_, id_) if kind == 'identifier' else id_}" for kind, id_ in nodes),
            links=tuple(link.id for link in links if link.id is not None),
            identities=tuple(sorted(id_ for kind, id_ in nodes if kind == "identity")),
            is_settled=said_at is not None and said_at >= newest,
        )

    def _path(self, clash: tuple[Node, Node], refused: Link) -> tuple[list[Node], list[Link]]:
        """The shortest way between what clashes, over what was joined and the link that was refused."""
        start, goal = clash
        one, other = refused.ends
        crossing = {one: (other, refused, False), other: (one, refused, False)}
        came: dict[Node, tuple[Node, Link]] = {}
        waiting, seen = deque([start]), {start}
        while waiting and goal not in seen:
            here = waiting.popleft()
            ways = [*self._ways.get(here, ()), *([crossing[here]] if here in crossing else ())]
            for there, link, carries_only in sorted(ways, key=lambda way: (way[0], way[1].key)):
                if there not in seen and not (carries_only and here != start and there != goal):
                    seen.add(there)
                    came[there] = (here, link)
                    waiting.append(there)
        nodes, links = [goal], list[Link]()
        while nodes[-1] in came:
            before, link = came[nodes[-1]]
            nodes.append(before)
            links.append(link)
        return nodes[::-1], links[::-1]


def _identities(bag: _Bag) -> set[str]:
    return {id_ for kind, id_ in bag.nodes if kind == "identity"}


def _sorted(one: Node, other: Node) -> tuple[Node, Node]:
    return (one, other) if one <= other else (other, one)
