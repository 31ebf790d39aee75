import hashlib
import re
import xml.etree.ElementTree as ET
from importlib.resources import files
from pathlib import Path

from app.embedded.jars import Jar, JarLock
from app.embedded.lock_jars import lock_listing

ROOM = files("app.embedded")


def test_the_lock_holds_every_jar_once_with_a_checksum():
    lock = JarLock.load()

    assert len(lock.jars) == 390
    assert len({jar.file_name for jar in lock.jars}) == 390
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) and jar.size > 100 for jar in lock.jars)
    assert 150e6 < lock.size < 250e6


def test_the_lock_is_what_the_code_would_write_and_names_no_address():
    text = ROOM.joinpath("jars.lock").read_text()

    assert str(JarLock.load()) == text
    assert "://" not in text


def test_the_lock_was_made_from_the_pom():
    pom = ET.fromstring(ROOM.joinpath("pom.xml").read_text())  # noqa: S314 (ours)
    versions = {element.tag.split("}")[-1]: element.text for element in pom.iter()}
    lock = JarLock.load()

    assert (lock.neo4j_version, lock.browser_version, lock.gds_version) == (
        versions["neo4j"],
        versions["browser"],
        versions["gds"],
    )
    assert (lock.neo4j_version, lock.browser_version, lock.gds_version) == ("2026.01.4", "5.24.0", "2.26.0")


def test_only_gds_is_a_plugin():
    plugins = [jar for jar in JarLock.load().jars if jar.folder == "plugins"]

    assert {jar.version for jar in plugins} == {"2.26.0"}
    assert len(plugins) > 100


def test_another_jar_gives_another_folder():
    lock = JarLock.load()

    assert JarLock(lock.jars[1:]).name != lock.name


def test_what_maven_lists_becomes_a_lock(tmp_path: Path):
    listing = """
The following files have been resolved:
   org.neo4j:neo4j:jar:2026.01.4:compile -- module neo4j
   io.netty:epoll:jar:linux-x86_64:4.2.9.Final:runtime
   org.neo4j:arrow-bom:pom:2026.01.4:compile
   org.neo4j:neo4j:jar:2026.01.4:compile
"""
    for path in (
        "org/neo4j/neo4j/2026.01.4/neo4j-2026.01.4.jar",
        "io/netty/epoll/4.2.9.Final/epoll-4.2.9.Final-linux-x86_64.jar",
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(b"jar")
    lock = lock_listing(listing, tmp_path)

    assert [jar.file_name for jar in lock.jars] == ["epoll-4.2.9.Final-linux-x86_64.jar", "neo4j-2026.01.4.jar"]
    assert {(jar.sha256, jar.size) for jar in lock.jars} == {(hashlib.sha256(b"jar").hexdigest(), 3)}
    assert [Jar.parse(str(jar)) for jar in lock.jars] == list(lock.jars)
