"""The hash key is lost, or another lies in its place: commands refuse, and who was erased does not come back."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import AsyncMock

import pytest

from app.cli import main as command
from app.cli import serve
from app.domain.hashing import fingerprint
from app.graph.hash_keys import HashKeyGraph
from tests.api.conftest import Shop
from tests.conftest import HASH_KEY, Neo4jServer

Plural = Callable[..., tuple[object, str]]

COMMANDS = (
    ("load", "identities"),
    ("refresh",),
    ("seed", "--households", "3"),
    ("serve",),
    ("keys", "create"),
    ("audit", "show", "--identity", "tom"),
    ("audit", "find", "tom"),
    ("identifiers", "rotate"),
    ("rules", "show"),
)


@pytest.fixture
def home(neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an operator whose key is in a file, and his server's address."""
    for name in [name for name in os.environ if name.startswith(("PLURAL_", "NEO4J_"))]:
        monkeypatch.delenv(name)
    given: dict[str, str | None] = {"NEO4J_URI": neo4j_server.bolt_uri, "NEO4J_PASSWORD": neo4j_server.password}
    given |= {"PLURAL_HOME": str(tmp_path), "PLURAL_PORT": "0", "PLURAL_QUERY_TIMEOUT_SECONDS": "60"}
    for name, value in given.items():
        if value:
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hash.key").write_text(HASH_KEY)
    monkeypatch.setattr(serve, "answer_requests", AsyncMock())  # it would, for ever, were it not refused
    return tmp_path


@pytest.fixture
def plural(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tenant: str) -> Plural:
    """Run a command for one shop; its exit code and what it said."""
    (home / "people.csv").write_text("id,kind\ntom,personal\n")

    def run(*words: str) -> tuple[object, str]:
        file = [str(home / "people.csv")] if words[0] == "load" else []
        shop = [] if words[0] == "serve" else ["--tenant", tenant]
        monkeypatch.setattr(sys, "argv", ["plural", *words, *file, *shop])
        with pytest.raises(SystemExit) as end:
            command.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out + said.err

    return run


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("other", [None, "x" * 32], ids=["lost", "other"])
def test_every_command_refuses(plural: Plural, home: Path, words: tuple[str, ...], other: str | None) -> None:
    assert plural("keys", "list")[0] == 0
    (home / "hash.key").unlink()
    if other:
        (home / "hash.key").write_text(other)

    code, said = plural(*words)

    assert code == 78
    assert "Hash key 1, which this graph was made with, is " in said
    assert "copy hash.key from PLURAL_HOME of the first or set PLURAL_HASH_KEY" in said
    assert said.count("\n") <= 3  # one sentence, and at most what it waited for
    assert [path.read_text() for path in home.glob("hash.key")] == ([other] if other else [])


def test_the_doctor_names_it(plural: Plural, home: Path) -> None:
    plural("keys", "list")
    assert "ok  hash keys      1, all that this graph was made with" in plural("doctor")[1]
    (home / "hash.key").unlink()

    code, said = plural("doctor")

    assert code == 1
    assert "!!  hash keys      not those of this graph" in said
    assert "mend: Hash key 1, which" in said
    assert not (home / "hash.key").exists()


@pytest.mark.parametrize("other", [None, "x" * 32], ids=["lost", "other"])
async def test_who_was_erased_does_not_come_back_by_a_replay(
    plural: Plural, home: Path, shop: Shop, tenant: str, other: str | None
) -> None:
    shop.tenant = tenant
    code, _ = await asyncio.to_thread(plural, "load", "identities")
    assert (code, await shop.count("(:Identity {tenant: $tenant, id: 'tom'})")) == (0, 1)
    assert (await shop.call("DELETE", "/v1/identities/tom")).status_code == 200

    (home / "hash.key").unlink()
    if other:
        (home / "hash.key").write_text(other)
    code, said = await asyncio.to_thread(plural, "load", "identities")
    assert (code, "erased people would come back" in said) == (78, True)
    assert await shop.count("(:Identity {tenant: $tenant})") == 0

    (home / "hash.key").write_text(HASH_KEY)
    code, said = await asyncio.to_thread(plural, "load", "identities")
    assert (code, "erased" in said) == (0, True)  # counted as erased, not written
    assert await shop.count("(:Identity {tenant: $tenant})") == 0


async def test_a_graph_that_is_older_than_the_record_keeps_its_key_and_gets_no_other(
    plural: Plural, home: Path, shop: Shop, tenant: str
) -> None:
    """As a45c819 left it: hashes, and nothing that says of which key."""
    shop.tenant = tenant
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    await shop.query("MATCH (known:HashKey) DELETE known")
    record = HashKeyGraph(shop.db)
    assert await record.holds_hashes()
    (home / "hash.key").unlink()

    assert (await asyncio.to_thread(plural, "keys", "list"))[0] == 78
    assert (await record.read(), (home / "hash.key").exists()) == ({}, False)

    (home / "hash.key").write_text(HASH_KEY)
    assert (await asyncio.to_thread(plural, "keys", "list"))[0] == 0
    assert await record.read() == {1: fingerprint(HASH_KEY.encode())}
