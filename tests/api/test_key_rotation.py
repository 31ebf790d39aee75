"""Identifiers come under a new key while the service goes on; whom they name never changes."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from app.settings import Settings
from tests.api.conftest import ServeWith, Shop
from tests.conftest import HASH_KEY, Neo4jServer

ROTATE = [sys.executable, "-c", "from app.cli.main import main; main()", "identifiers", "rotate", "--json"]
NUMBERS = range(40)


def mail(number: int) -> dict[str, str]:
    return {"type": "email", "value": f"i{number}@example.org"}


async def rotate(server: Neo4jServer, home: Path, tenant: str, *words: str) -> dict[str, Any]:
    """Run the command as an operator does, beside the service."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PLURAL_", "NEO4J_"))}
    env |= {"NEO4J_URI": server.bolt_uri, "PLURAL_HOME": str(home), "PLURAL_QUERY_TIMEOUT_SECONDS": "60"}
    env |= {"NEO4J_PASSWORD": server.password} if server.password else {}
    process = await asyncio.create_subprocess_exec(
        *ROTATE, "--tenant", tenant, *words, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def named(shop: Shop) -> list[str | None]:
    body = {"subjects": [{"identifiers": [mail(number)]} for number in NUMBERS]}
    answer = await shop.call("POST", "/v1/identities:resolve", body)
    return [one["id"] for one in answer.json()["subjects"]]


async def puts(shop: Shop, *numbers: int) -> None:
    rows = [{"id": f"i{number}", "kind": "personal", "identifiers": [mail(number)]} for number in numbers]
    answer = await shop.call("PUT", "/v1/identities", {"identities": rows})
    assert answer.json()["errors"] == []


async def versions(shop: Shop) -> dict[int, int]:
    rows = await shop.query(
        "MATCH (n:Identifier {tenant: $tenant}) RETURN n.key_version AS version, count(*) AS number"
    )
    return {row["version"]: row["number"] for row in rows}


async def keys_are(client: httpx2.AsyncClient, complete: bool) -> None:
    """Wait until a service has noticed."""
    while (await client.get("/readyz")).json()["keys"] is not complete:
        await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def home(shop: Shop, client: httpx2.AsyncClient, tmp_path: Path) -> AsyncGenerator[Path]:
    """A folder that keeps the run's key in a file; what is added to it the graph forgets afterwards."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "hash.key").write_text(HASH_KEY)
    yield home
    await shop.query("MATCH (known:HashKey) WHERE known.version > 1 DELETE known")
    await keys_are(client, True)


@pytest.fixture
def values(tmp_path: Path) -> list[str]:
    """The first half of the values, in a file."""
    path = tmp_path / "values.csv"
    path.write_text("type,value\n" + "".join(f"email, I{number}@EXAMPLE.org\n" for number in NUMBERS[:20]))
    return ["--values", str(path)]


async def test_a_rotation_under_way_is_noticed_by_nobody(
    neo4j_server: Neo4jServer, serve_with: ServeWith, shop: Shop, values: list[str], home: Path
) -> None:
    given = Settings.load(home=home, hash_key=None, rate_limit_per_minute=0, _env_file=None)
    async with serve_with(given) as client:
        shop.client = client
        await puts(shop, *NUMBERS)
        everybody = [f"i{number}" for number in NUMBERS]
        rotation = asyncio.create_task(rotate(neo4j_server, home, shop.tenant, *values))
        while not rotation.done():
            assert await named(shop) == everybody
        assert await named(shop) == everybody

        done = await rotation
        assert (done["key_version"], done["key_added"], done["re_keyed"], done["remaining"]) == (2, True, 20, 20)
        assert await versions(shop) == {1: 20, 2: 20}

        await puts(shop, 30)  # seen again: it moves by itself, and is one node still
        assert await versions(shop) == {1: 19, 2: 21}
        again = await rotate(neo4j_server, home, shop.tenant, *values)
        assert (again["key_version"], again["key_added"], again["re_keyed"], again["remaining"]) == (2, False, 0, 19)
        assert await named(shop) == everybody

    acts = await shop.query(
        "MATCH (a:AuditEntry {tenant: $tenant, action: 'rotate'}) RETURN a.detail AS detail ORDER BY a.sequence"
    )
    assert [json.loads(act["detail"])["identifiers"] for act in acts] == [0, 20]


async def test_a_value_that_stands_under_two_keys_becomes_one_again(
    neo4j_server: Neo4jServer, serve_with: ServeWith, shop: Shop, values: list[str], home: Path
) -> None:
    given = Settings.load(home=home, hash_key=None, rate_limit_per_minute=0, _env_file=None)
    async with serve_with(given) as client:
        shop.client = client
        await puts(shop, 0, 1)
        old = await shop.query("MATCH (n:Identifier {tenant: $tenant}) RETURN n.id AS id")
        await rotate(neo4j_server, home, shop.tenant)
        await puts(shop, 0, 1)
        # As a process would write it that has not heard of the new key.
        await shop.query(
            "MATCH (i:Identity {tenant: $tenant, id: 'i1'}) UNWIND $old AS id "
            "CREATE (n:Identifier {tenant: $tenant, id: id, type: 'email', key_version: 1}) "
            "CREATE (i)-[:KNOWN_BY {id: id, source: 'late', confidence: 1.0, first_seen: datetime('2026-01-01'), "
            "last_seen: datetime('2026-01-01')}]->(n)",
            old=[row["id"] for row in old],
        )
        assert (await named(shop))[:2] == [None, "i1"]  # two are known by the first one now

        done = await rotate(neo4j_server, home, shop.tenant, *values)

        assert (done["key_version"], done["re_keyed"], done["remaining"]) == (2, 2, 0)
        assert await versions(shop) == {2: 2}
        assert await shop.count("(:Identity {tenant: $tenant})-[:KNOWN_BY]->(:Identifier {key_version: 2})") == 4
        assert (await named(shop))[:2] == [None, "i1"]


async def test_another_machine_answers_nobody_until_it_has_the_new_key(
    neo4j_server: Neo4jServer, serve_with: ServeWith, shop: Shop, home: Path, tmp_path: Path
) -> None:
    """Whoever was erased under the new key would come back there; and it needs no start to notice, either way."""
    other_home = tmp_path / "other"
    other_home.mkdir()
    (other_home / "hash.key").write_text(HASH_KEY)
    given = Settings.load(hash_key=None, rate_limit_per_minute=0, _env_file=None)
    one, another = given.model_copy(update={"home": home}), given.model_copy(update={"home": other_home})
    async with serve_with(one) as here, serve_with(another) as there:
        first, second = Shop(shop.tenant, here, shop.db), Shop(shop.tenant, there, shop.db)
        await puts(first, 0)
        await puts(second, 1)

        await rotate(neo4j_server, home, shop.tenant)
        await keys_are(there, False)

        for path in ("/v1/identities:resolve", "/v1/events", "/v1/recommendations"):
            answer = await second.call("POST", path, {})
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:plural:problem:missing-key"
            assert answer.headers["Retry-After"]
            assert str(tmp_path) not in answer.text
        assert (await there.get("/readyz")).status_code == 503
        await puts(first, 2)

        (other_home / "hash.key").write_bytes((home / "hash.key").read_bytes())
        await keys_are(there, True)
        await puts(second, 3)
        assert (await named(second))[:4] == ["i0", "i1", "i2", "i3"]
