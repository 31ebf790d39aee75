"""`plural link` as it is typed, on a real database."""

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from tests.graph.test_load_command import Server, Shop
from tests.unit.linkage.people import make_people

PEOPLE = 60


@pytest.fixture
def shop(neo4j_server: Server, command_line: Path) -> Shop:
    return Shop(neo4j_server, command_line)


def _link(shop: Shop, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["link", *map(str, arguments), "--tenant", shop.tenant])


def _link_json(shop: Shop, *arguments: object) -> dict[str, Any]:
    result = _link(shop, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def _furnish(shop: Shop, *, refusing: frozenset[str] = frozenset()) -> Path:
    """Two records of each of many people, of identities that consent but for those refusing."""
    table, _ = make_people(PEOPLE)
    rows = [{"identity_id": f"i{place:03}", **row} for place, row in enumerate(table.to_pylist())]
    ids = [row["identity_id"] for row in rows]
    identities = shop.file("identities.jsonl", *({"id": id_, "kind": "personal"} for id_ in ids))
    consents = [
        {"identity_id": id_, "purpose": "link_identities", "status": "granted", "at": "2026-01-01T00:00:00Z"}
        for id_ in ids
        if id_ not in refusing
    ]
    assert shop.load("identities", identities).exit_code == 0
    assert shop.load("consents", shop.file("consents.jsonl", *consents)).exit_code == 0
    path = shop.home / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _proposed(shop: Shop) -> list[dict[str, Any]]:
    return shop.ask(
        "MATCH (a:Identity {tenant: $tenant})-[r:MAY_BE]->(b) "
        "RETURN a.id AS a, b.id AS b, properties(r) AS r ORDER BY a, b"
    )


def test_records_of_one_person_are_proposed_and_nothing_of_what_they_say_is_kept(shop: Shop) -> None:
    path = _furnish(shop)

    report = _link_json(shop, path)

    proposed = _proposed(shop)
    right = [row for row in proposed if int(row["a"][1:]) // 2 == int(row["b"][1:]) // 2]
    assert len(right) >= PEOPLE - 3
    assert len(proposed) - len(right) <= 1
    assert (report["open"], report["compared"], report["columns_guessed"]) == (len(proposed), 2 * PEOPLE, True)
    kept = json.dumps([row["r"] for row in proposed], default=str)
    for row in csv.DictReader(path.read_text().splitlines()):
        for header in ("email", "street", "birth"):
            assert not row[header] or row[header] not in kept
    assert shop.ask("MATCH (p:Person {tenant: $tenant}) RETURN p") == []


def test_linking_again_changes_nothing(shop: Shop) -> None:
    path = _furnish(shop)
    _link_json(shop, path)
    before = [(row["a"], row["b"], row["r"]["id"]) for row in _proposed(shop)]

    _link_json(shop, path)

    assert [(row["a"], row["b"], row["r"]["id"]) for row in _proposed(shop)] == before


def test_check_writes_nothing(shop: Shop) -> None:
    report = _link_json(shop, _furnish(shop), "--check")

    assert len(report["found"]) >= PEOPLE - 3
    assert "open" not in report
    assert _proposed(shop) == []


def test_records_without_consent_are_not_even_compared(shop: Shop) -> None:
    refusing = frozenset(f"i{place:03}" for place in range(40))

    report = _link_json(shop, _furnish(shop, refusing=refusing))

    assert (report["without_consent"], report["compared"]) == (40, 2 * PEOPLE - 40)
    assert not {row[end] for row in _proposed(shop) for end in ("a", "b")} & refusing


def test_what_contradicts_is_not_proposed_and_what_was_rejected_does_not_come_back(shop: Shop) -> None:
    path = _furnish(shop)
    apart = [{"type": "not_same_as", "from": "i000", "to": "i001"}]
    numbers = [
        {"type": "identity_identifier", "from": id_, "identifier": {"type": "customer_number", "value": id_}}
        for id_ in ("i002", "i003")
    ]
    same = [{"type": "person_identity", "from": "p", "to": id_} for id_ in ("i004", "i005")]
    assert shop.load("links", shop.file("links.jsonl", *apart, *numbers, *same)).exit_code == 0

    _link_json(shop, path)

    pairs = {(row["a"], row["b"]) for row in _proposed(shop)}
    assert not pairs & {("i000", "i001"), ("i002", "i003"), ("i004", "i005")}
    assert len(pairs) >= PEOPLE - 6


def test_pairs_are_written_side_by_side_for_whoever_ran_it_alone(shop: Shop) -> None:
    path, out = _furnish(shop), shop.home / "pairs.csv"

    report = _link_json(shop, path, "--check", "--pairs", out)

    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == len(report["found"])
    source = {row["identity_id"]: row for row in csv.DictReader(path.read_text().splitlines())}
    for row in rows:
        assert row["email_1"] == source[row["identity_id_1"]]["email"]
        assert row["email_2"] == source[row["identity_id_2"]]["email"]
    assert _link(shop, path, "--check", "--pairs", out).exit_code != 0


def test_the_table_says_what_was_guessed_and_left_out(shop: Shop) -> None:
    result = _link(shop, _furnish(shop), "--check")

    assert result.exit_code == 0, result.output
    assert "guessed from the headers" in result.output
    assert "Nothing was written." in result.output


def test_without_a_column_of_ids_nothing_happens(shop: Shop) -> None:
    path = shop.home / "people.csv"
    path.write_text("surname,email\nSmith,a@example.org\n")

    assert _link(shop, path).exit_code != 0
    assert _link(shop, path, "--columns", "identity_id=surname,given=nothing").exit_code != 0


def test_few_records_and_none_are_no_error(shop: Shop) -> None:
    path = shop.home / "people.csv"
    path.write_text("identity_id,surname,email\nnobody,Smith,a@example.org\n")

    assert _link_json(shop, path)["found"] == []
