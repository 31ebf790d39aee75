"""`plural load` as it is typed, on a real database."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast
from uuid import uuid4

import pytest
from neo4j import GraphDatabase
from typer.testing import CliRunner, Result

from app.cli.main import app


class Server(Protocol):
    bolt_uri: str
    user: str | None
    password: str | None
    auth: tuple[str, str] | None


class Shop:
    """One tenant, and the command line that loads into it."""

    def __init__(self, server: Server, home: Path) -> None:
        self.tenant = f"shop-{uuid4().hex[:12]}"
        self.home = home
        self._server = server

    def load(self, kind: str, *arguments: object) -> Result:
        return CliRunner().invoke(app, ["load", kind, *map(str, arguments), "--tenant", self.tenant])

    def load_json(self, kind: str, *arguments: object) -> dict[str, Any]:
        result = self.load(kind, *arguments, "--json")
        return json.loads(result.stdout.splitlines()[-1])

    def ask(self, statement: str) -> list[dict[str, Any]]:
        # The driver's own types are known in part only.
        with cast("Any", GraphDatabase).driver(self._server.bolt_uri, auth=self._server.auth) as driver:
            return [record.data() for record in driver.execute_query(statement, tenant=self.tenant).records]

    def file(self, name: str, *rows: dict[str, Any] | str) -> Path:
        path = self.home / name
        path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n")
        return path


@pytest.fixture
def shop(neo4j_server: Server, command_line: Path) -> Shop:
    return Shop(neo4j_server, command_line)


LINES = """event_id,type,identity_id,at,product_id,quantity,price_paid,list_price,order_id,currency
e1,purchase,tom,2026-05-01T10:00:00Z,p1,2,8.00,10.00,o1,EUR
e1,purchase,tom,2026-05-01T10:00:00Z,p2,1,5.00,,o1,EUR
e2,view,debbie,2026-05-01T11:00:00Z,p1,,,,,
"""


def test_event_lines_become_interactions_with_prices_and_likes(shop: Shop) -> None:
    report = shop.load_json("events", shop.file("events.csv", LINES.strip()))

    assert (report["accepted"], report["duplicates"], report["refused"]) == (2, 0, 0)
    bought = shop.ask(
        "MATCH (:Identity {tenant: $tenant, id: 'tom'})-[:DID]->(x:Interaction)-[o:OF]->(p:Product) "
        "RETURN p.id AS id, x.order_id AS order_id, o.quantity AS n, o.price_paid AS paid, o.list_price AS list "
        "ORDER BY id"
    )
    assert bought == [
        {"id": "p1", "order_id": "o1", "n": 2.0, "paid": 8.0, "list": 10.0},
        {"id": "p2", "order_id": "o1", "n": 1.0, "paid": 5.0, "list": None},
    ]
    [likes] = shop.ask("MATCH (:Identity {tenant: $tenant})-[l:LIKES]->() RETURN count(l) AS n")
    assert likes == {"n": 3}


def test_loading_a_file_again_changes_nothing(shop: Shop) -> None:
    path = shop.file("events.csv", LINES.strip())
    likes = "MATCH (i:Identity {tenant: $tenant})-[l:LIKES]->(p) RETURN i.id, p.id, l.weight, l.count ORDER BY 1, 2"
    shop.load("events", path)
    before = shop.ask(likes)

    report = shop.load_json("events", path)

    assert (report["accepted"], report["duplicates"]) == (0, 2)
    assert shop.ask(likes) == before


def test_refused_rows_are_listed_and_the_others_are_taken(shop: Shop) -> None:
    path = shop.file(
        "products.jsonl",
        {"id": "p1", "title": "Pan", "price": "9.90 EUR", "tags": ["material:iron"]},
        {"id": "p2", "title": ""},
        "not json",
        {"id": "p4", "title": "Pot", "colour": "red"},
    )
    errors = shop.home / "errors.jsonl"

    result = shop.load("products", path, "--errors", errors)

    assert result.exit_code == 2
    for told in ("title must not be empty", "line 3 is not JSON", "colour is not a field that Plural takes"):
        assert told in result.stdout
    assert [json.loads(line) for line in errors.read_text().splitlines()] == [
        {"file": "products.jsonl", "line": 2, "field": "title", "reason": "must not be empty"},
        {"file": "products.jsonl", "line": 3, "field": "", "reason": "line 3 is not JSON"},
        {"file": "products.jsonl", "line": 4, "field": "colour", "reason": "is not a field that Plural takes"},
    ]
    assert shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id") == [{"id": "p1"}]


def test_a_file_without_refused_rows_exits_with_0(shop: Shop) -> None:
    assert shop.load("products", shop.file("products.jsonl", {"id": "p1", "title": "Pan"})).exit_code == 0


def test_identities_are_loaded_with_hashed_identifiers_only(shop: Shop) -> None:
    rows = shop.file(
        "identities.csv",
        "id,kind,person_id,household_id,identifiers",
        "tom-work,work,tom,elm-street,email:tom@example.org|cookie:7f3a",
    )

    assert shop.load_json("identities", rows)["accepted"] == 1
    [known] = shop.ask(
        "MATCH (:Person {tenant: $tenant, id: 'tom'})-[:HAS_IDENTITY]->(i:Identity)-[:KNOWN_BY]->(k:Identifier) "
        "RETURN i.kind AS kind, collect(k.type) AS types, collect(k.id) AS digests"
    )
    assert (known["kind"], sorted(known["types"])) == ("work", ["cookie", "email"])
    everything = str(shop.ask("MATCH (n {tenant: $tenant}) RETURN properties(n) AS p"))
    assert "tom@example.org" not in everything


def test_rows_of_one_identity_add_up_and_the_last_kind_stands(shop: Shop) -> None:
    rows = shop.file(
        "identities.csv",
        "id,kind,identifiers",
        "tom,work,email:tom@example.org",
        "tom,personal,cookie:7f3a",
        "ann,work,email:ann@example.org",
    )

    assert shop.load_json("identities", rows)["accepted"] == 3
    assert shop.ask(
        "MATCH (i:Identity {tenant: $tenant})-[:KNOWN_BY]->(k) "
        "RETURN i.id AS id, i.kind AS kind, count(k) AS known ORDER BY id"
    ) == [{"id": "ann", "kind": "work", "known": 1}, {"id": "tom", "kind": "personal", "known": 2}]


def test_links_are_loaded_once_and_what_contradicts_is_kept_aside(shop: Shop) -> None:
    shop.load("identities", shop.file("identities.csv", "id,kind", "tom,personal"))
    rows = shop.file(
        "links.csv",
        "type,from,to,identifier,source,seen_at",
        "person_identity,p,tom,,crm,2026-01-01T00:00:00Z",
        "person_identity,q,tom,,crm,2026-01-01T00:00:00Z",
        "identity_identifier,tom,,email:tom@example.org,crm,2026-01-01T00:00:00Z",
        "person_identity,p,nobody,,crm,2026-01-01T00:00:00Z",
        "person_identity,p,,,crm,2026-01-01T00:00:00Z",
        "person_identity,p,tom,,crm,2026-01-02T00:00:00Z",
    )

    for _ in range(2):
        report = shop.load_json("links", rows)
        assert (report["accepted"], report["refused"]) == (4, 2)
        assert [(one["line"], one["reason"]) for one in report["first_errors"]] == [
            (6, "must be given"),
            (5, "names an identity that is not there"),
        ]
    links = shop.ask(
        "MATCH (a {tenant: $tenant})-[r:HAS_IDENTITY|KNOWN_BY]->(b) RETURN type(r) AS type, r.source AS source, "
        "toString(date(r.last_seen)) AS seen ORDER BY a.id"
    )
    assert [(one["type"], one["source"], one["seen"]) for one in links] == [
        ("HAS_IDENTITY", "crm", "2026-01-02"),
        ("HAS_IDENTITY", "crm", "2026-01-01"),
        ("KNOWN_BY", "crm", "2026-01-01"),
    ]
    assert "tom@example.org" not in str(shop.ask("MATCH (n {tenant: $tenant}) RETURN properties(n) AS p"))


def test_consents_are_loaded_once(shop: Shop) -> None:
    path = shop.file(
        "consents.jsonl",
        {"identity_id": "tom", "purpose": "newsletter", "status": "granted", "at": "2026-05-01T10:00:00Z"},
    )
    shop.load("consents", path)
    shop.load("consents", path)

    given = shop.ask("MATCH (:Identity {tenant: $tenant, id: 'tom'})-[:GAVE]->(c) RETURN c.status AS status")
    assert given == [{"status": "granted"}]
    acts = shop.ask(
        "MATCH (e:AuditEntry {tenant: $tenant, action: 'consent'}) RETURN e.actor AS actor, e.detail AS detail"
    )
    assert acts == [{"actor": "cli", "detail": '{"records": 1}'}]


def test_consents_of_a_csv_may_say_which_notice_was_shown_and_how_it_can_be_shown(shop: Shop) -> None:
    head = "identity_id,purpose,status,at,expires_at,source,policy_version,proof"
    first = "tom,newsletter,granted,2026-05-01T10:00:00Z,,web_form,2026-03,https://shop.example/forms/17"
    second = "debbie,newsletter,denied,2026-05-01T10:00:00Z,,,,"

    report = shop.load_json("consents", shop.file("consents.csv", head, first, second))

    assert (report["accepted"], report["refused"]) == (2, 0)
    given = shop.ask(
        "MATCH (i:Identity {tenant: $tenant})-[:GAVE]->(c) RETURN i.id AS id, c.source AS source, "
        "c.policy_version AS version, c.proof AS proof ORDER BY id DESC"
    )
    assert given == [
        {"id": "tom", "source": "web_form", "version": "2026-03", "proof": "https://shop.example/forms/17"},
        {"id": "debbie", "source": "api", "version": None, "proof": None},
    ]


def test_a_column_of_ids_that_became_floats_is_read_as_whole_with_a_warning(shop: Shop) -> None:
    report = shop.load_json("products", shop.file("products.csv", "id,title", "1095275.0,Pan", "7.0,Pot"))

    assert report["warnings"] == ["products.csv: every id ends in .0, so they were read as whole numbers."]
    found = shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id ORDER BY id")
    assert found == [{"id": "1095275"}, {"id": "7"}]


def test_a_check_says_what_would_be_taken_and_writes_nothing(shop: Shop) -> None:
    feed = shop.file("feed.txt", "id\ttitle\tprice\tmargin", "p1\tPan\t9.90 EUR\t1", "p2\t\t5 EUR\t2")

    report = shop.load_json("products", feed, "--check")

    assert (report["checked_only"], report["accepted"], report["refused"]) == (True, 1, 1)
    assert report["files"] == {"feed.txt": "Google Merchant, separated by tabs, in UTF-8"}
    assert report["warnings"] == ["feed.txt: left out, since Plural does not know them: margin."]
    assert report["first_errors"][0]["line"] == 3
    assert shop.ask("MATCH (p {tenant: $tenant}) RETURN p.id AS id") == []

    assert shop.load_json("products", feed)["accepted"] == 1
    assert shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.price AS price") == [
        {"id": "p1", "price": 9.9}
    ]


@pytest.mark.parametrize("kind", ["identities", "events", "consents", "links"])
def test_a_check_of_any_kind_writes_nothing(shop: Shop, kind: str) -> None:
    rows = {
        "identities": "id,kind\ntom,personal",
        "events": LINES.strip(),
        "consents": "identity_id,purpose,status,at\ntom,newsletter,granted,2026-05-01T10:00:00Z",
        "links": "type,from,to,source,seen_at\nperson_identity,p,tom,crm,2026-01-01T00:00:00Z",
    }
    report = shop.load_json(kind, shop.file(f"{kind}.csv", rows[kind]), "--check")

    assert (report["accepted"], report["refused"]) == (2 if kind == "events" else 1, 0)
    assert shop.ask("MATCH (n {tenant: $tenant}) RETURN labels(n) AS labels") == []


def offered(shop: Shop) -> dict[str, str]:
    rows = shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.availability AS now")
    return {row["id"]: row["now"] for row in rows}


def test_what_leaves_a_whole_feed_is_withdrawn_and_comes_back_with_its_history(shop: Shop) -> None:
    def feed(*ids: int) -> Path:
        return shop.file("feed.csv", "id,title,price", *(f"p{n},Pan {n},5 EUR" for n in ids))

    shop.load("products", feed(*range(10)))
    shop.load("events", shop.file("events.csv", LINES.strip()))  # of p1 and p2
    assert shop.load_json("products", feed(*range(8)), "--replace", "--check")["withdrawn"] == 2

    report = shop.load_json("products", feed(0, *range(2, 10)), "--replace")

    assert report["withdrawn"] == 1
    assert {id_ for id_, now in offered(shop).items() if now == "withdrawn"} == {"p1"}
    again = shop.load_json("products", feed(*range(10)), "--replace")
    assert (again["withdrawn"], set(offered(shop).values())) == (0, {"in_stock"})
    [likes] = shop.ask("MATCH (:Identity {tenant: $tenant})-[l:LIKES]->(:Product {id: 'p1'}) RETURN count(l) AS n")
    assert likes == {"n": 2}


def test_a_whole_feed_of_which_much_is_missing_is_not_loaded_without_yes(shop: Shop) -> None:
    shop.load("products", shop.file("feed.csv", "id,title", *(f"p{n},Pan" for n in range(10))))
    short = shop.file("short.csv", "id,title", "p0,Pot", "new,Lid", *(f"p{n},Pan" for n in range(1, 7)))
    before = shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.title AS title ORDER BY id")

    result = shop.load("products", short, "--replace")

    assert "3 of 10 products are not in the feed" in str(result.exception)
    assert shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.title AS title ORDER BY id") == before
    assert shop.load_json("products", short, "--replace", "--yes")["withdrawn"] == 3
    assert offered(shop) == {"new": "in_stock", **{f"p{n}": "in_stock" if n < 7 else "withdrawn" for n in range(10)}}


def test_a_refused_row_keeps_its_product_and_one_that_cannot_be_read_asks_for_yes(shop: Shop) -> None:
    shop.load("products", shop.file("feed.csv", "id,title", *(f"p{n},Pan" for n in range(10))))

    bad = shop.file("bad.csv", "id,title", "p0,", *(f"p{n},Pan" for n in range(1, 10)))
    assert shop.load_json("products", bad, "--replace")["withdrawn"] == 0
    torn = shop.file("torn.csv", "id,title", "p0", *(f"p{n},Pan" for n in range(1, 10)))
    assert "1 rows cannot be read" in str(shop.load("products", torn, "--replace").exception)
    assert set(offered(shop).values()) == {"in_stock"}


def test_options_of_feeds_are_for_products(shop: Shop) -> None:
    result = shop.load("events", shop.file("events.csv", LINES.strip()), "--locale", "de")

    assert "are for products" in str(result.exception)


def test_a_missing_file_is_told_in_one_sentence_and_nothing_is_written(shop: Shop) -> None:
    good = shop.file("products.jsonl", {"id": "p1", "title": "Pan"})

    result = shop.load("products", good, shop.home / "absent.jsonl")

    assert "absent.jsonl is not there." in str(result.exception)
    assert shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id") == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_piped_in_is_loaded_and_its_refused_rows_are_named(shop: Shop, pack: Callable[[bytes], bytes]) -> None:
    given = pack(b"id,title\n1.0,Pan\n2.0,\n3.0,Pot\n")

    result = CliRunner().invoke(app, ["load", "products", "-", "--tenant", shop.tenant, "--json"], input=given)

    report = json.loads(result.stdout.splitlines()[-1])
    assert (report["accepted"], report["refused"], result.exit_code) == (2, 1, 2)
    assert report["first_errors"][0]["file"].startswith("stdin.csv")
    assert report["warnings"] == [
        f"{report['first_errors'][0]['file']}: every id ends in .0, so they were read as whole numbers."
    ]
    assert shop.ask("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id ORDER BY id") == [{"id": "1"}, {"id": "3"}]


@pytest.mark.parametrize(("files", "said"), [(["-", "-"], "a single time"), (["-"], "Nothing was piped in")])
def test_a_pipe_that_cannot_be_read_is_told(shop: Shop, files: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["load", "products", *files, "--tenant", shop.tenant], input=b"")

    assert said in str(result.exception)
