"""Every `plural` command that takes --tenant leaves another tenant with equal ids as it is."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import typer

from app.cli.main import app
from app.graph.database import Database
from tests.api.test_commands import Plural, environment, plural
from tests.conftest import HASH_KEY, Neo4jServer
from tests.graph.sealing import crossings, everything_of
from tests.graph.shop import Shop

__all__ = ("environment", "plural")

Result = TypeVar("Result")
AT = "2026-05-01T10:00:00Z"
FILES: dict[str, Any] = {
    "products": {"id": "tea", "title": "Tea"},
    "identities": {"id": "tom", "kind": "personal", "person_id": "p", "account_id": "a", "household_id": "h"},
    "events": {"event_id": "e", "type": "purchase", "identity_id": "tom", "at": AT, "lines": [{"product_id": "tea"}]},
    "consents": {"identity_id": "tom", "purpose": "model_training", "status": "granted", "at": AT},
    "links": {"type": "person_identity", "from": "p", "to": "tom", "source": "crm", "seen_at": AT},
    "rules": {"caps": {"strong": 3}},
    "replay": {"exploration": 1},
    "people": {"identity_id": "tom", "given_name": "Tom", "surname": "May", "date_of_birth": "1980-02-03"},
}
LOADS = [f"load {kind} {kind}.jsonl" for kind in ("products", "identities", "events", "consents", "links")]
COMMANDS: dict[str, list[str]] = {
    "load": LOADS,
    "refresh": ["refresh"],
    "seed": ["seed --households 1"],
    "who": ["who tom"],
    "communities": ["communities"],
    "community": ["community c1"],
    "report": ["report --out report.html"],
    "doctor": ["doctor"],
    "keys create": ["keys create --scope admin"],
    "keys list": ["keys list"],
    "keys revoke": ["keys revoke {their_key}"],
    "rules show": ["rules show"],
    "rules set": ["rules set rules.jsonl"],
    "rules simulate": ["rules simulate rules.jsonl"],
    "identifiers rotate": ["identifiers rotate"],
    "audit show": ["audit show --identity tom"],
    "audit verify": ["audit verify"],
    "audit find": ["audit find tom"],
    "link": ["link people.jsonl"],
    "decide": ["decide tom"],
    "retention": ["retention"],
    "journey": ["journey p", "journey"],
    "exposure": ["exposure"],
    "experiments": ["experiments"],
    "replay": ["replay --policy replay.jsonl"],
    "audiences": ["audiences"],
    "audiences export": ["audiences export tea tea.csv"],
    "plans": ["plans"],
    "plans export": ["plans export p1 p1.csv"],
    "plans recall": ["plans recall p1"],
    "dump": ["dump {mine} mine.dump"],
}
"""What is typed, without its tenant unless it stands in its own place."""
SERVES = {"demo"}
"""Loads, refreshes and serves: the same rooms as above, and hours for a test."""


def commands(command: Any, *words: str) -> Iterator[str]:
    """Yield all commands that take a tenant, as they are typed."""
    for name, part in getattr(command, "commands", {}).items():
        yield from commands(part, *words, name)
    if any(parameter.name == "tenant" for parameter in command.params):
        yield " ".join(words)


def test_every_command_is_crossed() -> None:
    assert set(commands(typer.main.get_command(app))) == set(COMMANDS) | SERVES


@pytest.fixture
def key_file(neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The run's key in a file, to which another may be added; the graph forgets that one afterwards."""
    monkeypatch.delenv("PLURAL_HASH_KEY")
    (tmp_path / "hash.key").write_text(HASH_KEY)
    yield

    async def forget(shop: Shop) -> None:
        await shop.query("MATCH (known:HashKey) WHERE known.version > 1 DELETE known")

    asyncio.run(opened(neo4j_server, "nobody", forget))


@pytest.mark.usefixtures("key_file")
def test_whatever_is_typed_another_tenant_stays_as_it_is(
    plural: Plural, neo4j_server: Neo4jServer, tenant: str, tmp_path: Path
) -> None:
    mine, theirs = f"{tenant}-mine", f"{tenant}-theirs"
    for name, row in FILES.items():
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    for line in (*LOADS, "refresh"):
        assert plural(*line.split(), "--tenant", theirs).code == 0, line
    key = json.loads(plural("keys", "create", "--scope", "admin", "--tenant", theirs, "--json").out)
    before, _ = look(neo4j_server, theirs)
    assert len(before) > 20

    for lines in COMMANDS.values():
        for line in lines:
            named = () if "{mine}" in line else ("--tenant", mine)
            answer = plural(*line.format(their_key=key["id"], mine=mine).split(), *named)
            assert theirs not in answer.out + answer.err, line
            assert look(neo4j_server, theirs) == (before, 0), line
            # Another tenant's key is not there, nor a community, and `audit find` found what the tenant itself holds.
            missing = ("keys revoke", "audit find", "community ", "audiences export", "plans export", "plans recall")
            expected = 1 if line.startswith(missing) else 0
            assert answer.code == expected, (line, answer)


def look(server: Neo4jServer, tenant: str) -> tuple[list[str], int]:
    """Everything that a tenant has, and how much of it crosses."""

    async def read(shop: Shop) -> tuple[list[str], int]:
        return await everything_of(shop), await crossings(shop)

    return asyncio.run(opened(server, tenant, read))


async def opened(server: Neo4jServer, tenant: str, work: Callable[[Shop], Awaitable[Result]]) -> Result:
    """Look at a shop over a connection of its own."""
    db = await Database.connect(server.bolt_uri, *(server.auth or ("", "")))
    try:
        return await work(Shop(db, tenant))
    finally:
        await db.close()
