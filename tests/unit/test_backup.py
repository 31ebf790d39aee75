"""A backup says what is in it, and a restore takes nothing on trust."""

import io
import stat
import tarfile
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from app.domain.audit import Head
from app.domain.backup import Facts, Manifest, differences
from app.domain.errors import InvalidError, MissingKeyError, NotFoundError, SetupError
from app.domain.hashing import Hasher
from app.services.backup import erase_again
from app.services.backup_file import BACKUP, NODES, pack, unpack
from app.services.erase import Eraser
from app.services.hash_keys import require_keys
from app.settings import Settings

FACTS = Facts({"Identity": 2}, {"LIKES": 3}, {"tea": Head(4, "a" * 64)}, {"tea/tom": "b" * 64})
AT = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
MANIFEST = Manifest(AT, "0.1.0", "2026.01.4", "V014", 3, 4, {1: "91e2c456ca58da1f"}, FACTS, {"limit": 5})
HASHER = partial(Hasher, keys={1: b"k" * 32})


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    (tmp_path / "dump").write_bytes(b"the store" * 1000)
    (tmp_path / "model").write_bytes(b"what a run learned")
    pack(tmp_path / "file", MANIFEST, {NODES: tmp_path / "dump", "models/tea/run-1": tmp_path / "model"})
    return tmp_path / "file"


def test_a_backup_is_unpacked_as_it_was_packed(packed: Path, tmp_path: Path) -> None:
    manifest = unpack(BACKUP, packed, tmp_path / "to")

    assert replace(manifest, files={}) == MANIFEST
    assert set(manifest.files) == {NODES, "models/tea/run-1"}
    assert (tmp_path / "to" / NODES).read_bytes() == b"the store" * 1000
    assert (tmp_path / "to" / "models/tea/run-1").read_bytes() == b"what a run learned"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (packed, tmp_path / "to" / NODES)}
    assert modes == {0o600}


def test_a_backup_is_never_written_over_another(packed: Path, tmp_path: Path) -> None:
    before = packed.read_bytes()
    with pytest.raises(SetupError, match="cannot be written"):
        pack(packed, MANIFEST, {NODES: tmp_path / "dump"})

    assert packed.read_bytes() == before
    assert not list(tmp_path.glob("*.new"))


@pytest.mark.parametrize("at", [0, 700, 3_000, 8_000])
def test_one_wrong_byte_is_found(packed: Path, tmp_path: Path, at: int) -> None:
    content = bytearray(packed.read_bytes())
    content[at] ^= 1
    packed.write_bytes(content)

    with pytest.raises(InvalidError):
        unpack(BACKUP, packed, tmp_path / "to")


@pytest.mark.parametrize("left", [0, 100, 600, 5_000])
def test_a_backup_that_was_cut_off_is_found(packed: Path, tmp_path: Path, left: int) -> None:
    packed.write_bytes(packed.read_bytes()[:left])

    with pytest.raises(InvalidError):
        unpack(BACKUP, packed, tmp_path / "to")


@pytest.mark.parametrize("name", ["../outside", "/outside", "models/../../outside", "models", "other", "models//x"])
def test_a_file_that_no_backup_holds_is_not_unpacked(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "file", "w") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())

    with pytest.raises(InvalidError, match="which no backup"):
        unpack(BACKUP, tmp_path / "file", tmp_path / "to" / "here")
    assert not list(tmp_path.glob("**/outside"))


def test_a_link_in_a_backup_is_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "file", "w") as archive:
        link = tarfile.TarInfo(NODES)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)

    with pytest.raises(InvalidError, match="which no backup"):
        unpack(BACKUP, tmp_path / "file", tmp_path / "to")


def test_a_backup_of_another_format_says_what_to_do() -> None:
    for other in ("1", "3"):
        with pytest.raises(InvalidError, match=f"has format {other}.*the version of Plural that made it, or update"):
            Manifest.from_json(MANIFEST.to_json().replace('"format": 2', f'"format": {other}'))
    with pytest.raises(InvalidError, match="no backup"):
        Manifest.from_json("[]")


def test_whatever_a_restore_did_not_bring_back_is_named() -> None:
    assert differences(FACTS, FACTS) == []
    assert differences(FACTS, replace(FACTS, nodes={"Identity": 1, "Tag": 1})) == [
        "nodes Identity: 2 became 1",
        "nodes Tag: 0 became 1",
    ]
    assert differences(FACTS, replace(FACTS, relationships={})) == ["relationships LIKES: 3 became 0"]
    assert differences(FACTS, replace(FACTS, audit={})) == ["the end of the audit log of tea"]
    assert differences(FACTS, replace(FACTS, answers={"tea/tom": "c"})) == ["1 of 1 answers"]
    assert differences(FACTS, replace(FACTS, answers={})) == []  # nobody was asked


def test_a_restore_wants_the_keys_of_the_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLURAL_HASH_KEY")
    settings = Settings.load(home=tmp_path)
    with pytest.raises(MissingKeyError):
        require_keys(settings, {1: "91e2c456ca58da1f"})
    (tmp_path / "hash.key").write_text("x" * 32)
    with pytest.raises(MissingKeyError):
        require_keys(settings, {1: "91e2c456ca58da1f"})


class Restored:
    """A graph as old as its backup, and what is erased from it."""

    def __init__(self, **ids: list[str]) -> None:
        self.ids = ids
        self.buried: dict[str, set[str]] = {}
        self.erased: list[tuple[str, str]] = []

    async def list_subjects(self, tenant: str, kind: str) -> AsyncGenerator[list[str]]:
        assert tenant in self.buried  # nobody is erased before the tombstones stand
        for id_ in self.ids.get(kind, []):
            yield [id_]

    async def bury(self, tenant: str, digests: Collection[str]) -> None:
        self.buried[tenant] = set(digests)

    async def erase(self, hasher: Hasher, kind: str, id_: str, actor: str) -> None:
        assert (hasher.tenant, actor) == ("tea", "plural")
        if id_ == "went with another":
            raise NotFoundError
        self.erased.append((kind, id_))


async def test_whoever_was_erased_since_is_erased_again_and_nobody_else() -> None:
    store = Restored(identity=["ann", "tom", "went with another"], person=["ann", "p"], household=["h"])
    subject = HASHER("tea").subject
    gone = [("identity", "ann"), ("person", "p"), ("identity", "gone already"), ("identity", "went with another")]
    erased: Mapping[str, Collection[str]] = {"tea": [subject(kind, id_) for kind, id_ in gone]}

    number = await erase_again(store, cast("Eraser", store), HASHER, erased)

    assert store.erased == [("identity", "ann"), ("person", "p")]
    assert number == 2
    assert store.buried == {"tea": set(erased["tea"])}
