"""Exports of other recommenders, as they are loaded on the command line."""

from pathlib import Path

import pytest

from tests.graph.test_load_command import Server, Shop
from tests.unit.intake.test_exports import DUMP, PERSONALIZE


@pytest.fixture
def shop(neo4j_server: Server, command_line: Path) -> Shop:
    return Shop(neo4j_server, command_line)


def test_one_dump_of_gorse_is_a_catalogue_people_and_what_they_did(shop: Shop) -> None:
    path = shop.home / "backup.bin"
    path.write_bytes(DUMP)

    checked = shop.load_json("events", path, "--type", "dwell=skip", "--check")
    assert (checked["accepted"], checked["files"]) == (2, {"backup.bin": "a dump of gorse"})
    assert shop.ask("MATCH (n:Interaction {tenant: $tenant}) RETURN n") == []
    assert shop.load_json("products", path)["accepted"] == 2
    assert shop.load_json("identities", path)["accepted"] == 2
    assert shop.load_json("events", path, "--type", "dwell=skip")["accepted"] == 2
    assert shop.load_json("events", path, "--type", "dwell=skip")["duplicates"] == 2
    assert shop.ask(
        "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x)-[:OF]->(p:Product) "
        "RETURN i.id AS id, i.kind AS kind, x.type AS type, p.title AS title ORDER BY id"
    ) == [
        {"id": "ann", "kind": "personal", "type": "view", "title": "pot"},
        {"id": "tom", "kind": "personal", "type": "wish", "title": "A pan"},
    ]


def test_what_an_export_does_not_say_is_asked_for(shop: Shop) -> None:
    path = shop.home / "interactions.csv"
    path.write_text(PERSONALIZE)
    report = shop.load_json("events", path)

    assert (report["accepted"], report["refused"]) == (3, 1)
    assert report["files"] == {"interactions.csv": "interactions of Amazon Personalize"}
    assert report["warnings"] == [
        "interactions.csv: left out, since Plural does not know them: EVENT_VALUE, IMPRESSION."
    ]
    assert "--type 'PlayTrailer'=view" in report["first_errors"][0]["reason"]
    assert shop.load_json("events", path, "--type", "PlayTrailer=view")["accepted"] == 1


def test_types_are_for_events_only(shop: Shop) -> None:
    result = shop.load("products", shop.file("p.jsonl", {"id": "p", "title": "P"}), "--type", "a=view")

    assert "--type is for events" in str(result.exception)
