"""What a dump of one shop takes along, and that nothing of it is taken on trust."""

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidError
from app.domain.hashing import Hasher
from app.domain.identity_rules import IdentityRules
from app.domain.models import GivenIdentifier
from app.domain.progress import Silent
from app.domain.shop_dump import STAYING, TRAVELLING, ShopManifest
from app.graph.migrations import load_migrations
from app.services.shop_dump import Arriving, Leaving, check_rows, find_erased, values_by_digest

HASHER = partial(Hasher, keys={2: b"n" * 32, 1: b"o" * 32})
MANIFEST = ShopManifest(
    datetime(2026, 11, 30, tzinfo=UTC),
    "tea",
    "0.1.0",
    "V025",
    "store",
    "salt",
    {"Identity": 2},
    {"LIKES": 1},
    {},
    {},
    {},
)
NODES: list[Any] = [[["Identity"], {"id": "tom"}, []], [["Identity"], {"id": "ann"}, []]]
TIES: list[Any] = [["LIKES", 0, 1, {}, []]]


def test_every_label_either_travels_or_stays() -> None:
    """Say of a new one which it is: what belongs to the shop travels, keyed hashes and seals stay."""
    text = " ".join(one for migration in load_migrations() for one in migration.statements)
    labels = set(re.findall(r"FOR \(n:(\w+)\) REQUIRE", text)) - {"Migration", "HashKey"}

    assert labels == TRAVELLING | STAYING
    assert not TRAVELLING & STAYING


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert ShopManifest.from_json(MANIFEST.to_json()) == MANIFEST


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no dump"),
        ("[]", "no dump"),
        ('{"format": 2}', "plural restore FILE"),
        ('{"dump": 7}', "format 7"),
        (MANIFEST.to_json().replace('"tea"', '"pan"'), "not as it was written"),
        (MANIFEST.to_json().replace('"schema"', '"scheme"'), "not as it was written"),
    ],
)
def test_a_manifest_that_is_none_or_was_edited_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        ShopManifest.from_json(text)


def test_hashes_and_keys_stay_and_identifiers_leave_by_their_values(tmp_path: Path) -> None:
    hasher = HASHER("tea")
    given = [GivenIdentifier("email", "Tom@example.org ")]
    older = hasher.every("email", "tom@example.org")[1]
    leaving = Leaving(hasher, "salt", values_by_digest(hasher, IdentityRules(), given), tmp_path / "subjects")
    rows: list[list[Any]] = [
        [["Tenant"], {"tenant": "tea", "id": "tea", "audit_seal": "f" * 64, "last_genre": 3}, []],
        *([[label], {"id": "x"}, []] for label in STAYING - {"Tenant"}),
        [["Identifier"], {"id": hasher("email", "ann@example.org"), "type": "email"}, []],
        [["Identifier"], {"id": older, "type": "email"}, []],
        [["Identity"], {"tenant": "tea", "id": "tom"}, []],
    ]
    left = [taken for row in rows if (taken := leaving.take(row)) is not None]
    leaving.close()

    assert left == [
        [["Identifier"], {"type": "email", "value": "Tom@example.org "}, []],
        [["Identity"], {"tenant": "tea", "id": "tom"}, []],
    ]
    assert leaving.shop == {"last_genre": 3}
    with gzip.open(tmp_path / "subjects", "rt") as lines:
        [(kind, id_, marks)] = map(json.loads, lines)
    assert (kind, id_, len(marks)) == ("identity", "tom", 2)
    assert not {mark[:16] for mark in marks} & {one[:16] for one in hasher.every_subject("identity", "tom")}
    with pytest.raises(InvalidError, match="Whether Novelty leaves"):
        leaving.take([["Novelty"], {"id": "x"}, []])


async def test_what_arrives_is_the_new_shops_own() -> None:
    class Target:
        def __init__(self) -> None:
            self.rows: list[list[Any]] = []

        async def write_nodes(self, rows: list[list[Any]]) -> None:
            self.rows += rows

        async def write_relationships(self, rows: list[list[Any]]) -> None:
            self.rows += rows

    target, here = Target(), HASHER("pan")
    arriving = Arriving(target, here, IdentityRules())
    await arriving.write_nodes(
        [
            [["Identifier"], {"type": "email", "value": "TOM@example.org"}, []],
            [["Run"], {"tenant": "tea", "id": "r"}, []],
        ]
    )
    known = {
        "id": here("email", "tom@example.org"),
        "type": "email",
        "blocked": False,
        "key_version": 2,
        "tenant": "pan",
    }
    assert target.rows == [[["Identifier"], known, []], [["Run"], {"tenant": "pan", "id": "r"}, []]]


def test_whoever_was_erased_is_found_by_a_mark_and_under_any_key(tmp_path: Path) -> None:
    there, here = HASHER("tea"), HASHER("pan")
    leaving = Leaving(there, "salt", {}, tmp_path / "subjects")
    for id_ in ("tom", "ann", "eve"):
        leaving.take([["Identity"], {"id": id_}, []])
    leaving.close()
    erased = {
        "tea": {there.every_subject("identity", "tom")[1], there.subject("person", "eve")},
        "pan": {here.subject("identity", "ann")},
        "other": {there.subject("identity", "eve")},
    }
    found = find_erased(tmp_path / "subjects", MANIFEST, here, erased)
    assert found == [("identity", "tom"), ("identity", "ann")]
    assert find_erased(tmp_path / "subjects", replace(MANIFEST, salt="other"), here, {"tea": erased["tea"]}) == []


def packed(path: Path, rows: list[Any]) -> Path:
    path.write_bytes(gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in rows)))
    return path


async def checked(folder: Path, nodes: list[Any], ties: list[Any], manifest: ShopManifest = MANIFEST) -> None:
    await check_rows(manifest, packed(folder / "n", nodes), packed(folder / "r", ties), Silent())


async def test_all_rows_are_looked_at_before_one_is_written(tmp_path: Path) -> None:
    await checked(tmp_path, NODES, TIES)
    wrong: list[tuple[list[Any], list[Any]]] = [
        (NODES[:1], TIES),
        ([NODES[0], [["ApiKey"], {"id": "k"}, []]], TIES),
        ([NODES[0], [["Tenant"], {"id": "tea"}, []]], TIES),
        ([NODES[0], [["Identity", "ApiKey"], {"id": "k"}, []]], TIES),
        ([NODES[0], [["Run"], {"id": "r"}, []]], TIES),
        ([NODES[0], "row"], TIES),
        (NODES, [["LIKES", 0, 2, {}, []]]),
        (NODES, [["LIKES", -1, 1, {}, []]]),
        (NODES, [["FOLLOWS", 0, 1, {}, []]]),
        (NODES, []),
    ]
    for nodes, ties in wrong:
        with pytest.raises(InvalidError, match=r"The (dump|file) "):
            await checked(tmp_path, nodes, ties)
    (tmp_path / "n").write_bytes(b"no gzip")
    with pytest.raises(InvalidError, match="no rows"):
        await check_rows(MANIFEST, tmp_path / "n", tmp_path / "r", Silent())
