"""Every path of every statement hangs on a node of the tenant: no statement can even begin outside of it."""

import re
from collections.abc import Iterator

import pytest

from app.graph.catalogue import Statement, load_catalogue

OF_THE_OPERATOR = {
    "status/list_due_tenants",  # names, for the service that refreshes them
    "status/list_active_runs",  # ids of runs, for the service that warms itself up
    "status/all_learned",  # yes or no, nothing of a shop
    "status/oldest_active_run",  # an age for whoever runs the store, nothing of a shop
    "audit/find_in_nodes",  # `plural audit find` proves over the whole store that nothing is left
    "audit/find_in_relationships",
    "audit/list_hashed",
    "audit/list_heads",  # noted outside the database, for whoever runs it
    "backup/create_nodes",  # a restore into an empty store, of whatever a backup holds
    "backup/create_relationships",
    "backup/holds_data",
    "backup/read_nodes",  # of all shops, or of one
    "backup/read_relationships",
    "backup/remove_all",
    "backup/sample_identities",  # whose answers a backup remembers
    "hold/read_holds",  # whose writes are held back
    "feeds/list_due",  # names, for the service that fetches them
    "erase/find_all_pending",  # what a start has to go on with
    "erase/list_tombstones",  # noted outside the database, keyed hashes only
    "hash_keys/holds_hashes",  # whether there is anything, for whoever opens the store
}
SEALED = sorted({name: one for name, one in load_catalogue().items() if name not in OF_THE_OPERATOR}.items())

_NOT_CODE = re.compile(r"//[^\n]*|'(?:\\.|[^'\\])*'")
_PATTERN = re.compile(r"(?<!ON )\b(MATCH|MERGE|CREATE)\s+|\b(?:EXISTS|COUNT|COLLECT)\s*\{\s*(?=\()")
_CLAUSE = re.compile(
    r"\b(?:WHERE|WITH|RETURN|SET|ON|CALL|UNWIND|OPTIONAL|MATCH|MERGE|CREATE|DELETE|DETACH|REMOVE|ORDER|USING|FOREACH"
    r"|UNION|FINISH|LIMIT)\b"
)
_NAME = re.compile(r"\w+")
_TENANT = re.compile(r"\btenant: \$(?:given\.)?tenant\b")


def unsealed(text: str) -> Iterator[str]:
    """Yield the paths of a statement that begin outside of the tenant, and new nodes that are of no tenant."""
    code = _NOT_CODE.sub("''", text)
    for start in _PATTERN.finditer(code):
        writes = start[1] in ("MERGE", "CREATE")
        for path in _split(_pattern_at(code, start.end())):
            nodes = list(_nodes(path))
            are_sealed = [_is_sealed(node, code[: start.start()]) for node in nodes]
            if not any(are_sealed) or (writes and not all(are_sealed)):
                yield path


def _pattern_at(code: str, start: int) -> str:
    """The pattern that begins here, as far as the next clause or the end of its braces."""
    depth = 0
    for at in range(start, len(code)):
        depth += (code[at] in "([{") - (code[at] in ")]}")
        if depth < 0 or (depth == 0 and _CLAUSE.match(code, at) and not code[at - 1].isalnum()):
            return code[start:at].strip()
    return code[start:].strip()


def _split(pattern: str) -> Iterator[str]:
    """Part a pattern at the commas between its paths."""
    depth, begun = 0, 0
    for at, letter in enumerate(pattern):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield pattern[begun:at].strip()
            begun = at + 1
    yield pattern[begun:].strip()


def _nodes(path: str) -> Iterator[str]:
    """What stands in the round brackets of a path."""
    depth, begun = 0, 0
    for at, letter in enumerate(path):
        if letter in "([{":
            begun = at + 1 if depth == 0 and letter == "(" else begun
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if depth == 0 and letter == ")":
                yield path[begun:at].strip()


def _is_sealed(node: str, before: str) -> bool:
    """Whether a node names the tenant, or is one that an earlier clause bound: its name, and nothing else said of it.

    A label may stand behind the name of one that was handed to the scope.
    """
    if _TENANT.search(node):
        return True
    name, _, label = node.partition(":")
    bound = rf"CALL \([^)]*\b{name}\b" if label else rf"(?:[(\[,]\s*|\bAS ){name}\b"
    return _NAME.fullmatch(name) is not None and re.search(bound, before) is not None


@pytest.mark.parametrize(("name", "statement"), SEALED, ids=[name for name, _ in SEALED])
def test_every_path_hangs_on_a_node_of_the_tenant(name: str, statement: Statement) -> None:
    assert list(unsealed(statement.text)) == []


IN_SHOP = "MATCH (i:Identity {tenant: $tenant, id: $id})"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{IN_SHOP}-[:LIKES]->(p:Product) RETURN p", []),
        ("MATCH (p:Product)<-[:LIKES]-(i:Identity {tenant: $tenant, id: $id}) RETURN p", []),
        ("MATCH (i:Identity {id: $id})-->(p:Product) RETURN p", ["(i:Identity {id: $id})-->(p:Product)"]),
        ("MATCH (i:Identity {tenant: $other}) RETURN i", ["(i:Identity {tenant: $other})"]),
        (f"{IN_SHOP}, (p:Product) RETURN p", ["(p:Product)"]),
        (f"{IN_SHOP} CALL {{ MATCH (p:Product)-->(i:Tag) RETURN i }} RETURN p", ["(p:Product)-->(i:Tag)"]),
        (f"{IN_SHOP} CALL (i) {{ MATCH (i:Identity)-->(t:Tag) RETURN t }} RETURN t", []),
        (f"{IN_SHOP} MERGE (i)-[:GAVE]->(c:Consent {{id: $id}})", ["(i)-[:GAVE]->(c:Consent {id: $id})"]),
        (f"{IN_SHOP} WHERE EXISTS {{ (p:Person)-->(:Account) }} RETURN i", ["(p:Person)-->(:Account)"]),
        (f"{IN_SHOP} WHERE EXISTS {{ (i)-->(:Account) }} RETURN i", []),
        ("CREATE (c:Consent {id: $id, note: 'tenant: $tenant'})", ["(c:Consent {id: $id, note: ''})"]),
    ],
)
def test_the_check_sees_what_it_is_for(text: str, found: list[str]) -> None:
    assert list(unsealed(text)) == found


def test_who_leads_whom_is_written_and_removed_and_read_by_nothing() -> None:
    naming = {name for name, statement in load_catalogue().items() if re.search(r"\bLEADS\b", statement.text)}
    assert naming == {
        "refresh/write_leads",
        "refresh/remove_leads",
        "consents/record_consents",
        "grants/revoke_grant",
        "export/read_ties",  # leaves it out
    }
