"""The catalogue of statements keeps its own rules."""

import re
from pathlib import Path

import pytest

from app.graph.catalogue import CypherFileError, Statement, load_catalogue, parse_statement
from app.graph.migrations import load_migrations

CATALOGUE = load_catalogue()
STATEMENTS = sorted(CATALOGUE.values(), key=lambda statement: statement.name)
HEADER = "// Does a thing.\n// params:  tenant STRING, place_id STRING\n// returns: nothing\n// needs:   nothing\n"


def test_header_and_body_must_agree() -> None:
    with pytest.raises(CypherFileError, match="declares"):
        parse_statement("a/typo", HEADER + "RETURN $tenant, $placeId")


def test_a_parameter_in_a_comment_or_a_string_is_none() -> None:
    statement = parse_statement("a/b", HEADER + "RETURN $tenant, $place_id, '$other' // and $another")

    assert statement.params == {"tenant", "place_id"}


def test_comments_stay_at_home() -> None:
    statement = parse_statement("a/b", HEADER + "RETURN $tenant, // and why\n  $place_id, 'not // one'")

    assert statement.text == "CYPHER 25\nRETURN $given.tenant, \n  $given.place_id, 'not // one'"


def test_a_header_without_its_sections_is_refused() -> None:
    with pytest.raises(CypherFileError, match="needs, returns"):
        parse_statement("a/b", "// Does a thing.\n// params:  tenant STRING\nRETURN $tenant")


def test_parameters_that_would_each_cost_a_plan_travel_in_a_map() -> None:
    header = HEADER.replace("place_id STRING", "ids LIST<STRING>, at INTEGER, until INTEGER or NULL")
    statement = parse_statement("a/b", header + "RETURN $tenant, $ids, $at, $until, '$ids'")

    assert statement.text.endswith("RETURN $given.tenant, $given.ids, $at, $given.until, '$ids'")
    given = {"tenant": "t", "ids": ["a"], "until": None}
    assert statement.arguments({**given, "at": 1}) == {"at": 1, "given": given}
    with pytest.raises(KeyError, match="until"):
        statement.arguments({"tenant": "t", "ids": [], "at": 1})


OF_THE_OPERATOR = {
    "status/list_active_runs",
    "status/all_learned",
    "status/oldest_active_run",
    "status/list_due_tenants",
    "hash_keys/holds_hashes",
    "audit/list_heads",
    "erase/find_all_pending",
    "erase/list_tombstones",
    "backup/create_nodes",
    "backup/create_relationships",
    "backup/holds_data",
    "backup/remove_all",
    "hold/read_holds",
    "feeds/list_due",
}
"""Of the whole store: counts and ages for whoever runs it, and what a start has to go on with; nothing of a shop."""

TOUCHES_THE_GRAPH = re.compile(r"\b(MATCH|MERGE|CREATE) ")
SEALED = [one for one in STATEMENTS if TOUCHES_THE_GRAPH.search(one.text) and one.name not in OF_THE_OPERATOR]


@pytest.mark.parametrize("statement", SEALED, ids=lambda statement: statement.name)
def test_every_statement_is_sealed_by_tenant(statement: Statement) -> None:
    assert "tenant" in statement.params


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)
def test_every_statement_is_called_by_name(statement: Statement) -> None:
    source = "\n".join(path.read_text() for root in ("app", "seed") for path in Path(root).rglob("*.py"))
    folder, _, name = statement.name.partition("/")

    assert f'"{statement.name}"' in source or (f'"{folder}/{{' in source and f'"{name}"' in source)


def test_every_merged_node_has_a_constraint() -> None:
    constrained = {
        label
        for migration in load_migrations()
        for text in migration.statements
        for label in re.findall(r"FOR \(n:(\w+)\) REQUIRE \(n\.tenant, n\.id\) IS UNIQUE", text)
    }
    merged = {label for one in STATEMENTS for label in re.findall(r"MERGE \(\w*:(\w+) \{", one.text)}

    assert merged
    assert merged <= constrained


def test_every_label_has_a_composite_key() -> None:
    schema = "\n".join(text for migration in load_migrations() for text in migration.statements)
    created = {label for one in STATEMENTS for label in re.findall(r"(?:CREATE|MERGE) \(\w*:(\w+)", one.text)}
    created |= {label for one in STATEMENTS for label in re.findall(r"->\(\w*:(\w+) \{\s*tenant", one.text)}

    assert all(f"(n:{label})" in schema for label in created)
