"""Reads a statement the way a sceptic would: whose likes and deeds does it read, and what proves that it may?

The proof is followed clause by clause and scope by scope. An identity is open after

* a gate (the text of ``gate_of``, to the letter) among the conjuncts of the ``WHERE`` that follows its ``MATCH``,
* ``CASE WHEN flag AND … THEN it END``, where flag is such a gate under a name,
* for whoever ``GRANTED`` it, both that of the purpose and that of ``household_share``,
* an element of a list all of whose members are open (``collect``, ``UNWIND``, ``+``, ``[x IN list WHERE …]``),
* in learning, ``(:Run)-[:LEARNED_FROM]->(it)``.

Whatever is bound in any other way is closed. Names do not help: only what is written counts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

WATCHED = frozenset({"LIKES", "DISLIKES", "EXCLUDES", "DID", "CLAIMED", "MEMBER_OF", "FOLLOWED_LIKE"})
"""Relationships from an identity to what it did, likes and belongs to, and to what those like whom it follows."""

_LEARNING_STEP = frozenset({"LEARNED_FROM"})

SHARING = "'household_share'"
LEARNING = "'model_training'"

GATE = """COLLECT {
  MATCH (NAME)-[:GAVE]->(c:Consent {purpose: PURPOSE})
  WHERE c.at <= $now OR c.status <> 'granted'
  RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
  ORDER BY c.counts_from DESC, live
  LIMIT 1
} = [true]"""


def gate_of(name: str, purpose: str) -> str:
    """The one text of the gate, for an identity and a purpose (a parameter or a literal)."""
    return GATE.replace("NAME", name).replace("PURPOSE", purpose)


_GATE = re.compile(re.escape(" ".join(GATE.split())).replace("NAME", r"(\w+)").replace("PURPOSE", r"(\$purpose|'\w+')"))
_COMMENT = re.compile(r"//[^\n]*")
_CLAUSE = re.compile(
    r"\b(OPTIONAL MATCH|MATCH|WHERE|WITH|UNWIND|RETURN|CALL|UNION ALL|UNION|ORDER BY|LIMIT|SKIP|MERGE|CREATE|SET|"
    r"DELETE|DETACH DELETE|REMOVE|FOREACH|ON CREATE|ON MATCH|IN TRANSACTIONS)\b"
)
_NODE = re.compile(r"\(\s*(?P<name>\w*)\s*(?P<labels>(?::[\w|&!:]+)?)\s*(?:\{[^{}]*\})?\s*\)")
_STEP = re.compile(r"\s*(?P<back><)?-(?:\[(?P<inner>[^\]]*)\])?-(?P<ahead>>)?\s*")
_NAME = re.compile(r"\w+")
_CONDITION = r"(?:(?!\b(?:CASE|WHEN|THEN|ELSE|END)\b).)+"


@dataclass(frozen=True)
class Known:
    """What is known of a name."""

    purposes: frozenset[str] = frozenset()
    """Purposes whose gate is proven: of a node, of every member of a list, or of ``of`` where this is a flag."""
    of: str | None = None
    """The identity that a flag speaks of."""


Scope = Mapping[str, Known]


@dataclass
class Reading:
    """What a statement needs and does not prove."""

    wanted: Callable[[frozenset[str]], bool]
    """Whether proven purposes are enough to read by."""
    learned_from: bool = False
    """Whether ``LEARNED_FROM`` is a proof."""
    offences: list[str] = field(default_factory=list[str])
    reads: int = 0


def read_statement(text: str, reading: Reading) -> Reading:
    """Follow a whole statement; what it reads without proof is in ``offences``."""
    _follow(" ".join(_COMMENT.sub("", text).split()), {}, reading)
    return reading


def reads_watched(text: str) -> bool:
    """Whether a statement names a watched relationship at all."""
    return bool(re.search(rf":[\w|]*\b(?:{'|'.join(WATCHED)})\b", _COMMENT.sub("", text)))


def _follow(text: str, outer: Scope, reading: Reading) -> Scope:
    """Follow one body; the scope that its RETURN gives back."""
    scopes = [_follow_part(part, outer, reading) for part in _split(text, r"\bUNION(?: ALL)?\b")]
    first, *rest = scopes
    return {
        name: Known(known.purposes.intersection(*(one.get(name, Known()).purposes for one in rest)))
        for name, known in first.items()
    }


def _follow_part(text: str, outer: Scope, reading: Reading) -> Scope:
    scope: dict[str, Known] = dict(outer)
    returned: Scope = {}
    clauses = list(_clauses(text))
    for place, (keyword, body) in enumerate(clauses):
        following = clauses[place + 1] if place + 1 < len(clauses) else ("", "")
        where = following[1] if following[0] == "WHERE" else ""
        match keyword:
            case "MATCH" | "OPTIONAL MATCH":
                _match(keyword, body, where, scope, reading)
            case "WITH" | "RETURN":
                scope = _project(body, scope)
                if keyword == "WITH":
                    _narrow(where, scope, set(scope))
                returned = scope
            case "UNWIND":
                expression, _, name = body.rpartition(" AS ")
                scope[name.strip()] = Known(_members(expression, scope))
            case "CALL":
                scope.update(_call(body, scope, reading))
            case _:
                pass
        if keyword != "CALL":
            _look_inside(body, scope, reading)
    return returned


def _match(keyword: str, body: str, where: str, scope: dict[str, Known], reading: Reading) -> None:
    """Bind what a MATCH names, narrow by its WHERE, then judge what it reads."""
    bare = _without_braces(body)
    fresh = {node["name"] for node in _NODE.finditer(bare)} - scope.keys()
    for name in fresh:
        scope[name] = Known()
    # An OPTIONAL MATCH keeps the row whatever its WHERE says: it proves nothing of what was bound before.
    _narrow(where, scope, fresh if keyword == "OPTIONAL MATCH" else set(scope))
    for path in _paths(bare):
        for start, types, _ in path:
            if "GRANTED" in types and SHARING not in scope.get(start, Known()).purposes:
                scope[start] = Known()  # to have granted is not enough
    if reading.learned_from:
        for path in _paths(bare):
            for start, types, end in path:
                if types == _LEARNING_STEP and end in fresh and (":Run" in start or start in scope):
                    scope[end] = replace(scope[end], purposes=scope[end].purposes | {LEARNING})
    _judge(bare, scope, reading)


def _narrow(where: str, scope: dict[str, Known], provable: set[str]) -> None:
    """Add what the conjuncts of a WHERE prove."""
    for conjunct in _conjuncts(where):
        gate = _GATE.fullmatch(conjunct.strip())
        flag = scope.get(conjunct.strip())
        name, purposes = (gate[1], frozenset({gate[2]})) if gate else (flag.of, flag.purposes) if flag else (None, None)
        if name in provable and name in scope and purposes:
            scope[name] = Known(scope[name].purposes | purposes)


def _judge(text: str, scope: Scope, reading: Reading) -> None:
    """Note what patterns read of an identity that is not open."""
    anchored: set[str] = set()
    for path in _paths(text):
        for start, types, end in path:
            if not types or any(not re.fullmatch(r"\w+", type_) for type_ in types):
                reading.offences.append(f"a relationship without a type leads from ({start}) to ({end})")
            if not types & WATCHED:
                continue
            reading.reads += 1
            anchored.add(end)
            proven = scope.get(start, Known()).purposes
            if reading.learned_from and any(one == _LEARNING_STEP and to == start for _, one, to in path):
                proven |= {LEARNING}
            if not reading.wanted(proven):
                reading.offences.append(f"{sorted(types)} of ({start}) is read without proof")
    for node in _NODE.finditer(text):
        if ":Interaction" in (node["labels"] or "") and _call_it(node) not in anchored:
            reading.offences.append(f"({_call_it(node)}) is read without whose it is")


def _paths(text: str) -> Iterator[list[tuple[str, frozenset[str], str]]]:
    """Paths of a pattern, as (from, types, to) by the arrow; a node is its name, or its text where it has none."""
    at = 0
    while node := _NODE.search(text, at):
        path: list[tuple[str, frozenset[str], str]] = []
        here, at = node, node.end()
        while (step := _STEP.match(text, at)) and (there := _NODE.match(text, step.end())):
            types = frozenset(filter(None, re.split(r"[|&]", _type_part(step["inner"] or ""))))
            ends = (there, here) if step["back"] else (here, there)
            path.append((_call_it(ends[0]), types, _call_it(ends[1])))
            if bool(step["back"]) == bool(step["ahead"]):  # either way round: both ends count
                path.append((_call_it(ends[1]), types, _call_it(ends[0])))
            here, at = there, there.end()
        yield path


def _type_part(inner: str) -> str:
    return re.split(r"[{*]", inner.partition(":")[2])[0].replace(" ", "")


def _call_it(node: re.Match[str]) -> str:
    labels = node["labels"] or ""
    return node["name"] if node["name"] and ":Interaction" not in labels else f"{node['name']}{labels}@{node.start()}"


def _project(body: str, scope: Scope) -> dict[str, Known]:
    """Scope behind a WITH or RETURN."""
    kept: dict[str, Known] = {}
    same: set[str] = set()
    for item in _split(body.removeprefix("DISTINCT "), ","):
        expression, _, name = item.strip().rpartition(" AS ")
        if item.strip() == "*":
            kept.update(scope)
            same.update(scope)
        elif not expression:
            kept[name.strip()] = scope.get(name.strip(), Known())
            same.add(name.strip())
        else:
            kept[name.strip()] = _value(expression.strip(), scope)
            same.discard(name.strip())
    # A flag means something only beside the identity that it speaks of.
    return {name: known if known.of is None or known.of in same else Known() for name, known in kept.items()}


def _value(expression: str, scope: Scope) -> Known:
    """What is known of the value of an expression."""
    if gate := _GATE.fullmatch(expression):
        return Known(frozenset({gate[2]}), of=gate[1])
    if _NAME.fullmatch(expression):
        return scope.get(expression, Known())
    if case := re.fullmatch(rf"CASE WHEN ({_CONDITION}) THEN (\w+) END", expression):
        return Known(_assuming(_conjuncts(case[1]), scope).get(case[2], Known()).purposes)
    if gathered := re.fullmatch(r"collect\((?:DISTINCT )?(\w+)\)", expression):
        return Known(scope.get(gathered[1], Known()).purposes)
    return Known(_members(expression, scope))


def _members(expression: str, scope: Scope) -> frozenset[str]:
    """Purposes that are proven of every member of a list; none for what is not recognised."""
    expression = expression.strip()
    if case := re.fullmatch(rf"CASE WHEN ({_CONDITION}) THEN \[\] ELSE (.+) END", expression):
        refused = [
            one.strip().removeprefix("NOT ") for one in _split(case[1], r"\bOR\b") if one.strip().startswith("NOT ")
        ]
        return _members(case[2], _assuming(refused, scope))
    parts = _split(expression, r"\+")
    if len(parts) > 1:
        first, *rest = [_members(part, scope) for part in parts]
        return first.intersection(*rest)
    if _NAME.fullmatch(expression):
        known = scope.get(expression, Known())
        return known.purposes if known.of is None else frozenset()
    if single := re.fullmatch(r"\[(\w+)\]", expression):
        return scope.get(single[1], Known()).purposes
    if chosen := re.fullmatch(r"\[(\w+) IN (.+?) WHERE [^|]+\]", expression):
        return _members(chosen[2], scope)
    return frozenset()


def _assuming(conditions: list[str], scope: Scope) -> Scope:
    """Scope where these conditions hold."""
    assumed = dict(scope)
    for condition in conditions:
        flag = scope.get(condition.strip())
        if flag and flag.of:
            assumed[flag.of] = Known(assumed.get(flag.of, Known()).purposes | flag.purposes)
    return assumed


def _call(body: str, scope: Scope, reading: Reading) -> Scope:
    """Follow a subquery, which sees nothing but what it imports."""
    call = re.fullmatch(r"(?:\(([^()]*)\) )?\{(.*)\}(?: IN TRANSACTIONS.*)?", body.strip())
    if call is None:
        return {}  # a procedure
    names = [name.strip() for name in (call[1] or "").split(",")]
    seen = scope if names == ["*"] else {name: scope[name] for name in names if name in scope}
    seen = {name: known for name, known in seen.items() if known.of is None or known.of in seen}
    return _follow(call[2], seen, reading)


def _look_inside(body: str, scope: Scope, reading: Reading) -> None:
    """Follow subqueries in expressions, gates aside, and judge patterns in comprehensions."""
    plain = _GATE.sub("", body)
    for inner in _braces(plain):
        if re.match(r"\s*(OPTIONAL )?(MATCH|WITH|UNWIND|CALL|RETURN)\b", inner):
            _follow(inner.strip(), scope, reading)
        elif _NODE.search(inner):
            _judge(inner, scope, reading)
    for comprehension in re.findall(r"\[\s*(\(\w*[^\]]*?\)\s*<?-.*?)\|", _without_braces(plain)):
        _judge(comprehension, scope, reading)


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """Clauses of one body at its own depth."""
    starts = [found for found in _CLAUSE.finditer(text) if _depth(text, found.start()) == 0]
    ends = [found.start() for found in starts[1:]] + [len(text)]
    for found, end in zip(starts, ends, strict=True):
        yield found[1], text[found.end() : end].strip()


def _split(text: str, separator: str) -> list[str]:
    """Split at separators outside of brackets and CASE."""
    parts, start = list[str](), 0
    for found in re.finditer(separator, text):
        if _depth(text, found.start()) == 0 and found.start() >= start:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _depth(text: str, at: int) -> int:
    before = re.sub(r"'[^']*'", "", text[:at])
    opened = sum(before.count(one) for one in "([{") + len(re.findall(r"\bCASE\b", before))
    return opened - sum(before.count(one) for one in ")]}") - len(re.findall(r"\bEND\b", before))


def _conjuncts(condition: str) -> list[str]:
    """What must all hold for a condition to hold; nothing is sure where an OR stands among it."""
    return _split(condition, r"\bAND\b") if len(_split(condition, r"\bX?OR\b")) == 1 else []


def _braces(text: str) -> Iterator[str]:
    """What stands in braces, outermost only."""
    depth, start = 0, 0
    for at, character in enumerate(text):
        if character == "{":
            depth, start = depth + 1, start if depth else at + 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                yield text[start:at]


def _without_braces(text: str) -> str:
    """Take out what stands in braces."""
    while (shorter := re.sub(r"\{[^{}]*\}", "", text)) != text:
        text = shorter
    return text
