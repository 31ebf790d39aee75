"""Backup and restore on real processes, embedded and named: nobody comes back, and nothing else is lost."""

import json
import stat
import subprocess
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.embedded import throwaway_server
from tests.embedded.test_supervision import Service, environment_of, make_key, run, served

pytestmark = pytest.mark.long

PEOPLE = [f"i{place}" for place in range(110)]
PRODUCTS = [f"p{place}" for place in range(40)]
ERASED = "i7"
NEVER_THERE = "late"
"""Came and was erased after the backup."""


@dataclass
class Place:
    """A home, and the server that it names, if any."""

    home: Path
    named: dict[str, str] = field(default_factory=dict[str, str])

    def run(self, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """A command at this place, as at a prompt."""
        return run(environment_of(self.home, **self.named, **variables), *map(str, words))


def rows(identity: str, place: int) -> list[dict[str, Any]]:
    """What somebody bought: three of a dozen products that go together."""
    return [
        {
            "event_id": f"{identity}-{number}",
            "type": "purchase",
            "identity_id": identity,
            "at": f"2026-0{1 + number}-{10 + place % 18}T10:00:00Z",
            "lines": [{"product_id": f"p{(place % 4) * 10 + (place + number * step) % 10}"} for step in (1, 3)],
        }
        for number in range(4)
    ]


def fill(service: Service, key: str) -> None:
    products = [
        {
            "id": one,
            "title": f"Tea {one}",
            "brand": f"b{place % 5}",
            "tags": [f"taste:t{place % 4}"],
        }
        for place, one in enumerate(PRODUCTS)
    ]
    service.wait_for(200, "PUT", "/v1/products", {"products": products}, key)
    for one in PEOPLE:
        for purpose in ("personalise_content", "model_training"):
            body = {"status": "granted", "at": "2026-01-01T00:00:00Z"}
            service.wait_for(200, "PUT", f"/v1/identities/{one}/consents/{purpose}", body, key)
    events = [row for place, one in enumerate(PEOPLE) for row in rows(one, place)]
    assert service.wait_for(200, "POST", "/v1/events", {"events": events}, key).json()["accepted"] == len(events)


def answers(service: Service, key: str) -> dict[str, Any]:
    """What each gets, but for what is drawn anew with each answer."""
    found: dict[str, Any] = {}
    for one in PEOPLE:
        body = {"identity_id": one, "explain": True}
        answer = service.wait_for(200, "POST", "/v1/recommendations", body, key).json()
        del answer["decision_id"]
        found[one] = answer
    return found


@contextmanager
def an_empty_place(folder: Path, kind: str) -> Generator[Place]:
    folder.mkdir()
    if kind == "embedded":
        yield Place(folder / "home")
        return
    with throwaway_server(heap_mb=1024, page_cache_mb=128) as server:
        named = {"NEO4J_URI": server.bolt_uri, "NEO4J_USER": server.user or "", "NEO4J_PASSWORD": server.password or ""}
        yield Place(folder / "home", {name: value for name, value in named.items() if value})


@dataclass
class BackedUp:
    """A shop of before, its backup, and what was known of it."""

    kind: str
    folder: Path
    answers: dict[str, Any]
    told: dict[str, Any]
    key: str

    @property
    def file(self) -> Path:
        return self.folder / "plural.backup"

    @property
    def keys(self) -> Path:
        return self.folder / "hash.keys"

    @property
    def erased(self) -> Path:
        return self.folder / "lost" / "home" / "erased.log"


@pytest.fixture(scope="module", params=["embedded", "named"])
def backed_up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BackedUp:
    """Events in, a run, a backup while it is served, and an erasure after that."""
    folder = tmp_path_factory.mktemp(request.param)
    with an_empty_place(folder / "lost", request.param) as place, served(place.home, **place.named) as service:
        key = make_key(service)
        fill(service, key)
        refreshed = place.run("refresh", "--tenant", "shop")
        assert refreshed.returncode == 0, refreshed.stderr
        before = answers(service, key)
        assert sum(one["consent"]["outcome"] == "granted" and len(one["items"]) > 3 for one in before.values()) > 100
        file, keys = folder / "plural.backup", folder / "hash.keys"
        made = place.run("backup", file, "--keys", keys, "--json")
        assert made.returncode == 0, made.stderr
        assert answers(service, key) == before
        service.wait_for(200, "DELETE", f"/v1/identities/{ERASED}", None, key)
        service.wait_for(200, "POST", "/v1/events", {"events": rows(NEVER_THERE, 1)}, key)
        service.wait_for(200, "DELETE", f"/v1/identities/{NEVER_THERE}", None, key)
    return BackedUp(request.param, folder, before, json.loads(made.stdout), key)


def test_the_file_says_what_is_in_it_and_only_its_owner_may_read_it(backed_up: BackedUp) -> None:
    assert backed_up.told["answers"] == 100
    assert backed_up.told["nodes"] > len(PEOPLE) * 4
    assert backed_up.told["keys"] == str(backed_up.keys)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (backed_up.file, backed_up.keys)} == {0o600}
    with tarfile.open(backed_up.file) as archive:
        names = archive.getnames()
    assert names[0] == "manifest.json"
    assert "hash.key" not in names
    assert any(name.startswith("models/t-shop/") for name in names)


@pytest.mark.parametrize("kind", ["embedded", "named"])
def test_all_is_back_but_whoever_was_erased(backed_up: BackedUp, tmp_path: Path, kind: str) -> None:
    """From either kind of server to either."""
    with an_empty_place(tmp_path / "new", kind) as place:
        words = ["restore", backed_up.file, "--keys", backed_up.keys, "--erased", backed_up.erased, "--json"]
        restored = place.run(*words)
        assert restored.returncode == 0, restored.stderr
        told = json.loads(restored.stdout)
        assert (told["answers"], told["erased_again"]) == (100, 1)

        again = place.run(*words)
        assert again.returncode == 1
        assert "restore into an empty one" in again.stderr

        audit = place.run("audit", "verify", "--tenant", "shop")
        assert audit.returncode == 0, audit.stdout + audit.stderr
        with served(place.home, **place.named) as service:
            after = answers(service, backed_up.key)
            assert after[ERASED]["consent"]["outcome"] == "contextual_only"
            others = {one: answer for one, answer in after.items() if one != ERASED}
            assert json.dumps(others) == json.dumps({one: backed_up.answers[one] for one in others})
            for one in (ERASED, NEVER_THERE):  # a replay brings nobody back
                answer = service.wait_for(200, "POST", "/v1/events", {"events": rows(one, 1)}, backed_up.key)
                assert answer.json()["erased"] == 4
            accepted = service.wait_for(200, "POST", "/v1/events", {"events": rows("new", 1)}, backed_up.key)
            assert accepted.json()["accepted"] == 4
            refreshed = place.run("refresh", "--tenant", "shop")
            assert refreshed.returncode == 0, refreshed.stderr


def damaged(file: Path, to: Path) -> Path:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    to.write_bytes(content)
    return to


def of_another_format(file: Path, to: Path) -> Path:
    content = file.read_bytes()
    assert content.count(b'"format": 2,') == 1
    to.write_bytes(content.replace(b'"format": 2,', b'"format": 3,'))
    return to


def test_what_cannot_be_restored_is_refused_with_what_to_do(backed_up: BackedUp, tmp_path: Path) -> None:
    place = Place(tmp_path / "home")
    keys, erased = ("--keys", backed_up.keys), ("--erased", backed_up.erased)
    cases = [
        ([damaged(backed_up.file, tmp_path / "damaged"), *keys, *erased], 1, "is not as it was written"),
        ([of_another_format(backed_up.file, tmp_path / "newer"), *keys, *erased], 1, "or update this one"),
        ([backed_up.file, *erased], 78, "put hash.key back from its backup"),
        ([backed_up.file, *keys], 1, "--erased, or say --nobody-erased"),
        ([backed_up.file, *keys, "--erased", tmp_path / "nowhere"], 1, "There is no file"),
        ([tmp_path / "nothing", *keys, *erased], 1, "There is no file"),
        ([backed_up.keys, *keys, *erased], 1, "is no backup of Plural"),
    ]
    for words, code, sentence in cases:
        refused = place.run("restore", *words)
        assert refused.returncode == code, (words, refused.stderr)
        assert sentence in " ".join(refused.stderr.split()), refused.stderr
        assert "Traceback" not in refused.stderr
    assert not (place.home / "neo4j").exists()
