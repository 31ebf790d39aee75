import hashlib
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from app.domain.progress import Step
from app.embedded import download
from app.embedded.errors import ChecksumError, DiskFullError, DownloadError, FolderError
from app.embedded.jars import Jar, JarLock
from app.embedded.ports import choose_ports
from app.embedded.store import JarStore, public_maven_url

CONTENTS = {f"part{number}": bytes([number]) * (50_000 * number) for number in range(1, 7)}


def the_jar(artifact: str) -> Jar:
    content = CONTENTS[artifact]
    group = "org.neo4j.gds" if artifact == "part1" else "org.neo4j"
    return Jar(group, artifact, "1.0", "", hashlib.sha256(content).hexdigest(), len(content))


LOCK = JarLock(tuple(the_jar(artifact) for artifact in sorted(CONTENTS)))


class Repository:
    """A Maven repository on loopback that can be made to misbehave, per artifact."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: Counter[str] = Counter()
        self.forged: set[str] = set()  # answers with other bytes
        self.gone: set[str] = set()  # answers 404
        self.busy: Counter[str] = Counter()  # answers 503 so many times
        self.cut: Counter[str] = Counter()  # breaks off in the middle so many times

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        artifact = handler.path.split("/")[-3]
        self.asked[artifact] += 1
        content = CONTENTS[artifact]
        if artifact in self.gone:
            handler.send_error(404)
        elif self.busy[artifact]:
            self.busy[artifact] -= 1
            handler.send_error(503)
        else:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            if self.cut[artifact]:
                self.cut[artifact] -= 1
                handler.wfile.write(content[: len(content) // 2])
                handler.close_connection = True
            else:
                handler.wfile.write(b"?" * len(content) if artifact in self.forged else content)


@pytest.fixture
def repository() -> Generator[Repository]:
    answers = Repository()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answers.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers.url = f"http://127.0.0.1:{server.server_port}/maven"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield answers
        server.shutdown()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "FIRST_PAUSE_SECONDS", 0.001)


@pytest.fixture
def store(tmp_path: Path, repository: Repository) -> JarStore:
    return JarStore(tmp_path, LOCK, repository.url)


class Bar:
    """Remembers what a progress bar was told."""

    def __init__(self) -> None:
        self.total = 0.0
        self.done = 0.0

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Generator[Step]:
        assert unit == "bytes"
        self.total = total or 0
        yield self

    def advance(self, amount: float = 1) -> None:
        self.done += amount

    def reset(self, total: float | None) -> None:
        raise NotImplementedError


def test_every_jar_comes_to_the_folder_where_neo4j_looks(store: JarStore, repository: Repository):
    store.complete()

    assert store.missing() == []
    assert (store.folder / "plugins" / "part1-1.0.jar").read_bytes() == CONTENTS["part1"]
    assert (store.folder / "lib" / "part2-1.0.jar").read_bytes() == CONTENTS["part2"]
    assert repository.asked == Counter(CONTENTS.keys())


def test_a_complete_store_asks_nobody(store: JarStore, repository: Repository):
    store.complete()
    repository.asked.clear()

    JarStore(store.folder.parent.parent, LOCK, repository.url).complete()

    assert not repository.asked


def test_the_bar_ends_full_even_after_broken_transfers(store: JarStore, repository: Repository):
    repository.cut["part6"] = 2
    bar = Bar()

    store.complete(bar)

    assert bar.done == bar.total == LOCK.size


def test_the_next_start_fetches_what_is_missing_or_spoiled_and_nothing_else(store: JarStore, repository: Repository):
    store.complete()
    store.path(the_jar("part3")).unlink()
    store.path(the_jar("part4")).write_bytes(b"x" * len(CONTENTS["part4"]))
    store.path(the_jar("part3")).with_name("part3-1.0.jar.part").write_bytes(b"killed in the middle")
    repository.asked.clear()
    bar = Bar()

    store.complete(bar)

    assert repository.asked == Counter({"part3": 1, "part4": 1})
    assert store.missing() == []
    assert not list(store.folder.rglob("*.part"))


def test_a_download_that_failed_goes_on_where_it_stopped(store: JarStore, repository: Repository):
    repository.gone.add("part1")
    with pytest.raises(
        DownloadError, match=r"part1-1\.0\.jar did not come from 127.* \(HTTP status 404\).*PLURAL_MAVEN"
    ):
        store.complete()
    kept = set(LOCK.jars) - set(store.missing())
    repository.gone.clear()
    repository.asked.clear()

    store.complete()

    assert set(repository.asked) == {jar.artifact for jar in set(LOCK.jars) - kept}
    assert store.missing() == []


def test_a_wrong_checksum_names_the_jar_and_keeps_nothing_of_it(store: JarStore, repository: Repository):
    repository.forged.add("part2")

    with pytest.raises(ChecksumError, match=r"part2-1\.0\.jar from 127.* is not the locked one"):
        store.complete()

    assert the_jar("part2") in store.missing()
    assert not list(store.folder.rglob("part2*"))
    assert repository.asked["part2"] == 1


def test_faults_that_pass_are_tried_again(store: JarStore, repository: Repository):
    repository.busy["part1"] = 2
    repository.cut["part2"] = 2

    store.complete()

    assert store.missing() == []
    assert (repository.asked["part1"], repository.asked["part2"]) == (3, 3)


def test_a_repository_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(DownloadError, match=r"did not come from 127\.0\.0\.1 .*check the network"):
        JarStore(tmp_path, LOCK, f"http://127.0.0.1:{choose_ports(0, 0)[0]}/maven").complete()


def test_two_at_once_fetch_each_jar_once(tmp_path: Path, repository: Repository):
    stores = [JarStore(tmp_path, LOCK, repository.url) for _ in range(2)]
    threads = [threading.Thread(target=store.complete) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert stores[0].missing() == []
    assert repository.asked == Counter(CONTENTS.keys())


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def test_a_full_disk_is_told_before_anything_is_fetched(
    store: JarStore, repository: Repository, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(0, 0, 1_000_000))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    with pytest.raises(DiskFullError, match=r"has 1 MB left and 51 MB are needed: .*PLURAL_CACHE"):
        store.complete()

    assert not repository.asked


def test_a_cache_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path, repository: Repository):
    (tmp_path / "file").touch()

    with pytest.raises(FolderError, match=r"downloaded jars, .* cannot be written \(Not a directory\): .*PLURAL_CACHE"):
        JarStore(tmp_path / "file", LOCK, repository.url).complete()


def test_the_public_address_comes_from_a_package():
    assert public_maven_url().startswith("https://")
