"""`plural dump` and `plural load dump`: a shop leaves, arrives elsewhere, and answers as it did."""

import asyncio
import gzip
import json
import re
import stat
import tarfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.cli import load_dump
from app.domain.errors import HeldError, SetupError
from app.domain.hashing import identify
from app.domain.identity_rules import IdentityRules
from app.domain.models import Identity
from app.domain.recommendation import RecommendationRequest
from app.domain.shop_dump import STAYING
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.erasure import ErasureGraph
from app.graph.models import model_path
from app.graph.shop_dump import ShopGraph
from app.graph.write_hold import WriteHold
from app.services.erase import Eraser
from app.services.erased_log import ErasedLog
from app.settings import Settings
from tests.api.test_commands import Plural, environment, plural
from tests.api.test_tenant_commands import opened
from tests.conftest import Neo4jServer
from tests.graph.sealing import crossings
from tests.graph.shop import HASHER, Shop

__all__ = ("environment", "plural")

Result = TypeVar("Result")
PEOPLE = [f"i{place}" for place in range(12)]
HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
LEFT_BEHIND = "|".join(sorted(STAYING))


class Moving:
    """Shops on the run's server, and what is typed about them."""

    def __init__(self, plural: Plural, server: Neo4jServer, tenant: str, folder: Path) -> None:
        self.plural = plural
        self.server = server
        self.folder = folder
        self.old, self.new = f"{tenant}-old", f"{tenant}-new"
        self.file = folder / "shop.dump"

    def at(self, tenant: str, work: Callable[[Shop], Awaitable[Result]]) -> Result:
        return asyncio.run(opened(self.server, tenant, work))

    def dumps(self, *words: str) -> dict[str, Any]:
        answer = self.plural("dump", self.old, str(self.file), "--json", *words)
        assert answer.code == 0, answer
        return json.loads(answer.out)

    def loads(self, *words: str) -> dict[str, Any]:
        answer = self.plural("load", "dump", str(self.file), "--tenant", self.new, "--json", *words)
        assert answer.code == 0, answer
        return json.loads(answer.out)

    def refuses(self, *words: str, file: Path | None = None) -> str:
        """What is said of a load that cannot be; nothing is left of it."""
        answer = self.plural("load", "dump", str(file or self.file), "--tenant", self.new, *words)
        assert answer.code not in (0, 2), answer
        return " ".join(answer.err.split())

    def everything(self, tenant: str) -> list[str]:
        """All that travels, without the shop's name."""

        async def read(shop: Shop) -> list[str]:
            nodes = await shop.query(
                f"MATCH (n {{tenant: $tenant}}) WHERE NOT n:{LEFT_BEHIND} AND NOT n:Identifier "
                "RETURN labels(n) AS labels, properties(n) AS said"
            )
            ties = await shop.query(
                f"MATCH (n {{tenant: $tenant}})-[r]->(m) WHERE NOT n:{LEFT_BEHIND} AND NOT n:Identifier "
                f"AND NOT m:{LEFT_BEHIND} AND NOT m:Identifier "
                "RETURN n.id AS start, type(r) AS type, m.id AS end, properties(r) AS said"
            )
            rows = [{**row, "said": sorted(row["said"].items())} for row in [*nodes, *ties]]
            return sorted(repr(row).replace(tenant, "shop") for row in rows)

        return self.at(tenant, read)

    def answers(self, tenant: str, at: str) -> str:
        """What each gets as of a moment, explained, but for what is drawn anew with each answer."""

        async def ask(shop: Shop) -> str:
            found: list[Any] = []
            for one in PEOPLE:
                asked = RecommendationRequest(identity_id=one, explain=True)
                answer = asdict(await shop.recommender.answer(shop.tenant, asked, datetime.fromisoformat(at)))
                del answer["decision_id"]
                found.append(answer)
            return json.dumps(found, default=str, sort_keys=True)

        return self.at(tenant, ask)


async def fill(shop: Shop) -> None:
    """People with consents, links and purchases, a run, and somebody who was erased before."""
    await shop.offers(*[f"p{place}" for place in range(20)], brand="b")
    known = [identify(HASHER(shop.tenant), IdentityRules(), "email", f"{one}@example.org") for one in PEOPLE]
    await shop.knows(
        *[
            Identity(one, "personal", person_id=f"person-{one}", household_id="h", identifiers=(email,))
            for one, email in zip(PEOPLE, known, strict=True)
        ],
        Identity("gone", "personal"),
    )
    await shop.grants(*PEOPLE)
    await shop.shares("i1", "i2")
    for place, one in enumerate(PEOPLE):
        for step in (1, 3, 4):
            await shop.buys(
                one, f"p{(place % 4) * 5 + (place + step) % 5}", days_ago=20 - step, order_id=f"{one}{step}"
            )
    await erases(shop, "gone")
    await shop.refreshes()
    await shop.asks("i3")


async def erases(shop: Shop, id_: str, log: Path | None = None) -> None:
    store = ErasureGraph(shop.db, AuditTrail(HASHER), HASHER, shop.settings.evidence_rules)
    outside = ErasedLog(log or Settings.load().home)
    await Eraser(store, outside).erase(HASHER(shop.tenant), "identity", id_, "test")


@pytest.fixture
def moving(plural: Plural, neo4j_server: Neo4jServer, tenant: str, tmp_path: Path) -> Moving:
    moving = Moving(plural, neo4j_server, tenant, tmp_path)
    assert plural("keys", "list").code == 0  # the schema is there, and the server awake
    moving.at(moving.old, fill)
    return moving


def test_a_shop_is_copied_with_equal_answers_and_without_its_hashes(moving: Moving, tmp_path: Path) -> None:
    before = moving.everything(moving.old)
    told = moving.dumps()
    assert (told["answers"], told["identifiers"]) == (12, 0)
    assert stat.S_IMODE(moving.file.stat().st_mode) == 0o600
    assert not held_by(moving, HASH)
    assert not held_by(moving, re.compile("example.org"))
    loaded = moving.loads()

    assert len(list(model_path(tmp_path / "models", moving.new, "").parent.glob("*.arrow"))) == 1
    assert (loaded["answers"], loaded["left_out"]) == (12, 0)
    assert moving.everything(moving.new) == before == moving.everything(moving.old)
    assert len(before) > 200
    old, new = (moving.answers(tenant, told["at"]) for tenant in (moving.old, moving.new))
    assert old == new
    assert old.count('"outcome": "granted"') == 12
    assert set(re.findall(r'"source": "(\w+)"', old)) - {"popular", "newest"}, "answers are of the run's model"
    assert moving.at(moving.new, crossings) == 0


def held_by(moving: Moving, pattern: re.Pattern[str]) -> list[str]:
    """What of the rows fits a pattern."""
    found: list[str] = []
    with tarfile.open(moving.file) as archive:
        for member in archive.getmembers()[1:]:
            content = archive.extractfile(member)
            assert content
            found += pattern.findall(gzip.decompress(content.read()).decode())
    return found


def test_identifiers_leave_where_their_values_are_given(moving: Moving, tmp_path: Path) -> None:
    (tmp_path / "values.csv").write_text("type,value\nemail, I1@example.org\nemail,nobody@example.org\n")
    assert moving.dumps("--values", "values.csv")["identifiers"] == 1
    assert held_by(moving, re.compile(r"\w+@example.org")) == ["I1@example.org"]
    moving.loads()

    known = moving.at(
        moving.new,
        lambda shop: shop.query(
            "MATCH (i:Identity {tenant: $tenant})-[:KNOWN_BY]->(k:Identifier) RETURN i.id AS id, k.id AS digest, "
            "k.key_version AS version, k.blocked AS blocked, k.type AS type"
        ),
    )
    digest = HASHER(moving.new)("email", "i1@example.org")
    assert known == [{"id": "i1", "digest": digest, "version": 1, "blocked": False, "type": "email"}]


def test_whoever_was_erased_since_is_left_out_and_does_not_come_back(moving: Moving) -> None:
    moving.dumps()
    moving.at(moving.old, lambda shop: erases(shop, "i3"))
    assert moving.loads("--check")["left_out"] == 1
    assert moving.loads()["left_out"] == 1

    async def comes_again(shop: Shop) -> list[dict[str, Any]]:
        await shop.knows(Identity("i3", "personal"))
        return await shop.query("MATCH (i:Identity {tenant: $tenant, id: 'i3'}) RETURN i.id AS id")

    assert moving.at(moving.new, comes_again) == []


def test_the_dump_of_another_database_wants_to_know_who_was_erased_there(
    moving: Moving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def another(_: object) -> str:
        return "another"

    moving.dumps()
    monkeypatch.setattr(ShopGraph, "read_store", another)
    assert "--erased, or say --nobody-erased" in moving.refuses()
    assert moving.everything(moving.new) == []
    (tmp_path / "there").mkdir()
    moving.at(moving.old, lambda shop: erases(shop, "i3", tmp_path / "there"))
    assert moving.loads("--erased", str(tmp_path / "there" / "erased.log"))["left_out"] == 1


def test_a_dump_goes_only_where_nothing_is(moving: Moving) -> None:
    moving.dumps()
    moving.at(moving.new, lambda shop: shop.offers("pan"))
    before = moving.everything(moving.new)

    assert "holds something already (1 Product): load into one that holds nothing" in moving.refuses()
    assert moving.everything(moving.new) == before
    moving.at(moving.new, lambda shop: shop.offers("pot"))  # and nothing holds it back


def test_keys_and_the_audit_log_of_the_new_shop_stay(moving: Moving) -> None:
    key = json.loads(moving.plural("keys", "create", "--tenant", moving.new, "--json").out)
    moving.dumps()
    moving.loads()

    kept = json.loads(moving.plural("keys", "list", "--tenant", moving.new, "--json").out)
    assert [one["id"] for one in kept] == [key["id"]]
    for tenant, last in ((moving.old, "dump"), (moving.new, "load_dump")):
        assert moving.plural("audit", "verify", "--tenant", tenant).code == 0
        assert json.loads(moving.plural("audit", "show", "--tenant", tenant, "--json").out)[0]["action"] == last


def test_what_cannot_be_loaded_leaves_nothing(moving: Moving, tmp_path: Path) -> None:
    moving.dumps()
    content = moving.file.read_bytes()
    with tarfile.open(moving.file) as archive:
        members = archive.getmembers()
    assert len(members) == 4
    for member in members:
        damaged = bytearray(content)
        damaged[member.offset_data + member.size // 2] ^= 4
        (tmp_path / "damaged").write_bytes(damaged)
        assert re.search(r"whole|no dump", moving.refuses(file=tmp_path / "damaged"))
        (tmp_path / "short").write_bytes(content[: member.offset_data + member.size // 2])
        assert "whole" in moving.refuses(file=tmp_path / "short")
    assert "There is no file" in moving.refuses(file=tmp_path / "nowhere")
    moving.plural("backup", str(tmp_path / "all.backup"))
    assert "plural restore FILE" in moving.refuses(file=tmp_path / "all.backup")
    assert moving.everything(moving.new) == []
    assert "plural load dump FILE" in moving.plural("restore", str(moving.file), "--nobody-erased").err


def edited(moving: Moving, edit: Callable[[dict[str, Any]], None]) -> Path:
    """The dump with another manifest, which names its own checksum as before."""
    to = moving.folder / "edited"
    with tarfile.open(moving.file) as archive, tarfile.open(to, "w") as changed:
        for member in archive:
            content = archive.extractfile(member)
            assert content
            text = content.read()
            if member.name == "manifest.json":
                row = json.loads(text)
                edit(row)
                text = json.dumps(row).encode()
                member.size = len(text)
            changed.addfile(member, BytesIO(text))
    return to


def test_a_manifest_that_was_edited_or_is_newer_is_told(moving: Moving) -> None:
    moving.dumps()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"tenant": "other"}, "manifest is not as it was written"),
        ({"answers": {}}, "manifest is not as it was written"),
        ({"dump": 2}, "has format 2"),
    ]
    for change, said in cases:
        assert said in moving.refuses(file=edited(moving, lambda row, change=change: row.update(change)))
    assert moving.everything(moving.new) == []


def test_a_load_that_fails_half_way_leaves_nothing_and_can_be_repeated(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving.dumps()
    with monkeypatch.context() as patch:

        async def fails(*_: object) -> None:
            raise SetupError("half way")

        patch.setattr(load_dump, "_prove", fails)
        assert "half way" in moving.refuses()
    assert moving.everything(moving.new) == []
    moving.at(moving.new, lambda shop: shop.offers())  # nothing holds writes back
    assert moving.loads()["answers"] == 12


def test_a_load_that_was_killed_keeps_others_out_until_it_is_repeated(moving: Moving) -> None:
    moving.dumps()

    async def is_killed(shop: Shop) -> None:
        hold = WriteHold(shop.db, "load", shop.tenant)
        await hold.__aenter__()
        await shop.offers("half")
        await shop.query("MATCH (h:Hold {tenant: $tenant}) SET h.until = datetime.realtime() - duration('PT1S')")
        [renewing] = [task for task in asyncio.all_tasks() if task.get_name() == "hold on writes"]
        renewing.cancel()

    moving.at(moving.new, is_killed)
    answer = moving.plural("load", "products", str(products(moving)), "--tenant", moving.new)
    assert "plural load dump FILE" in answer.err
    assert answer.code == 75
    assert moving.loads()["answers"] == 12
    assert moving.everything(moving.new) == moving.everything(moving.old)
    assert moving.plural("load", "products", str(products(moving)), "--tenant", moving.new).code == 0


def products(moving: Moving) -> Path:
    path = moving.folder / "products.jsonl"
    path.write_text('{"id": "late", "title": "Late"}\n')
    return path


def test_only_the_shops_own_writes_wait(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    """And reading goes on."""
    seen: list[tuple[str, str]] = []
    sample = ShopGraph.sample

    async def watched(self: ShopGraph, limit: int) -> list[str]:
        db = await Database.connect(moving.server.bolt_uri, *(moving.server.auth or ("", "")))
        for tenant in (moving.old, moving.new):
            try:
                await Shop(db, tenant).offers("late")
                seen.append((tenant, "written"))
            except HeldError:
                seen.append((tenant, "held"))
        seen.append(("asks", str(len((await Shop(db, moving.old).asks("i1")).items) > 0)))
        await db.close()
        return await sample(self, limit)

    monkeypatch.setattr(ShopGraph, "sample", watched)
    moving.dumps()
    assert seen == [(moving.old, "held"), (moving.new, "written"), ("asks", "True")]
