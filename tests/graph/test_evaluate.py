"""`plural evaluate` measures the served path on a real server, and leaves nothing there."""

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase
from typer.testing import CliRunner

from app.cli import evaluate
from app.domain.errors import InvalidError
from tests.conftest import Neo4jServer

GROUPS, PEOPLE, OWN, COMMON = 5, 12, 14, 6
"""Tastes; identities a taste; products a taste has for itself; products that everybody likes."""


def planted_taste() -> Iterator[tuple[str, str]]:
    """Everybody has twelve of the products of one taste and two of the popular ones."""
    chance = random.Random(11)
    for group in range(GROUPS):
        for person in range(PEOPLE):
            chosen = [f"g{group}-{n}" for n in chance.sample(range(OWN), 12)]
            chosen += [f"common-{n}" for n in chance.sample(range(COMMON), 2)]
            yield from ((f"i{group}-{person}", product) for product in chosen)


def weekly_habits() -> Iterator[tuple[str, str, int]]:
    """Everybody buys an own staple each week for eight weeks, and two other things once."""
    chance = random.Random(11)
    for person in range(20):
        once = [f"treat-{n}" for n in chance.sample(range(10), 8)]
        for week in range(8):
            at = 1_767_225_600 + week * 7 * 86_400 + person * 60
            yield f"i{person}", f"staple-{person % 4}", at
            yield f"i{person}", once[week], at
            if person % 3 == 0:
                yield f"i{person}", "staple-common", at


@pytest.fixture
def plural(command_line: Path) -> Any:
    """The command, on the test run's own server."""

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(evaluate.app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def table(folder: Path, header: str, rows: Iterator[tuple[Any, ...]]) -> str:
    file = folder / "interactions.csv"
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return str(file)


def by_ranking(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {score["ranking"]: score for score in report["scores"]}


def count_evaluation_nodes(server: Neo4jServer) -> int:
    count = "MATCH (n) WHERE n.tenant STARTS WITH 'evaluation-' RETURN count(n) AS left"
    # The driver declares its configuration as **Unknown.
    with GraphDatabase.driver(server.bolt_uri, auth=server.auth) as driver:  # pyright: ignore[reportUnknownMemberType]
        return driver.execute_query(count).records[0]["left"]


def test_the_service_finds_planted_tastes_that_popularity_cannot_see(plural: Any, tmp_path: Path):
    data = table(tmp_path, "identity_id,product_id", planted_taste())

    report = json.loads(plural("csv", "--interactions", data, "--protocol", "ratio", "--k", "4", "--json"))

    scores = by_ranking(report)
    assert report["identities"] == GROUPS * PEOPLE
    assert scores["service"]["recall"] > 2 * scores["popularity"]["recall"]
    assert scores["service"]["answer_ms_median"] > 0


def test_last_baskets_are_full_of_repeats(plural: Any, tmp_path: Path):
    data = table(tmp_path, "identity_id,product_id,timestamp", weekly_habits())

    output = plural("csv", "--interactions", data, "--protocol", "last-basket", "--json")

    scores = by_ranking(json.loads(output))
    assert scores["service"]["hit"] > 0.95
    assert {"service", "service, mixed shelf", "popularity", "own most frequent"} == set(scores)
    (news,) = json.loads(output)["shelves"]
    assert news["name"] == "new for you"
    others = {"popularity", "item-item cosine", "EASE"}
    own = {"service", "service, shelf for you", "service, mixed shelf"}
    assert {score["ranking"] for score in news["scores"]} == own | others


def test_a_ready_made_split_is_measured_and_two_runs_are_compared(plural: Any, tmp_path: Path):
    rows = list(weekly_habits())
    last = max(at for _, _, at in rows) - 6 * 86_400
    data = table(tmp_path, "identity_id,product_id,timestamp", (row for row in rows if row[2] < last))
    (tmp_path / "test").mkdir()
    test = table(tmp_path / "test", "identity_id,product_id,timestamp", (row for row in rows if row[2] >= last))
    lists = str(tmp_path / "lists.csv")

    report = json.loads(plural("csv", "--interactions", data, "--test", test, "--lists", lists, "--json"))
    found = json.loads(plural("compare", lists, lists, "--with", "popularity", "--json"))

    assert (report["protocol"], report["identities"]) == ("ready-made split", 20)
    assert any("repeat what the identity has" in note for note in report["notes"])
    scores = by_ranking(report)
    own = next(one for one in found if one["measure"] == "NDCG all" and not one["list"])
    assert own["difference"] == pytest.approx(-scores["popularity"]["ahead"])
    assert own["error"] == pytest.approx(scores["popularity"]["ahead_error"])
    assert (own["first"], own["identities"]) == (pytest.approx(scores["service"]["ndcg_all"]), 20)


def test_either_a_protocol_or_a_split_is_asked_for(plural: Any, tmp_path: Path):
    data = table(tmp_path, "identity_id,product_id", planted_taste())

    for arguments in ([], ["--protocol", "ratio", "--test", data]):
        with pytest.raises(InvalidError, match="--protocol"):
            plural("csv", "--interactions", data, *arguments)


def test_the_table_names_every_measure_and_nothing_stays_on_a_named_server(
    plural: Any, tmp_path: Path, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    data = table(tmp_path, "identity_id,product_id", planted_taste())

    shown = plural("csv", "--interactions", data, "--protocol", "leave-one-out", "--set", "similar_per_product=10")

    for name in ("Recall", "NDCG", "MRR", "Hit", "Precision", "coverage", "novelty", "ms", "service", "popularity"):
        assert name in shown
    assert count_evaluation_nodes(neo4j_server) == 0


def test_an_unknown_setting_is_refused_by_name(plural: Any, tmp_path: Path):
    data = table(tmp_path, "identity_id,product_id", planted_taste())

    with pytest.raises(InvalidError, match="similar_wishes"):
        plural("csv", "--interactions", data, "--protocol", "ratio", "--set", "similar_wishes=1")
