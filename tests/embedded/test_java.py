from pathlib import Path

import pytest

from app.embedded.errors import JavaError
from app.embedded.java import find_java


def a_java(home: Path, version: str) -> Path:
    """A folder that looks like a Java of ``version``."""
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    (home / "bin" / "java").chmod(0o755)
    return home


def test_the_packaged_java_is_used_unless_one_is_named():
    assert find_java().major == 25


def test_a_named_java_is_used_when_it_is_suitable(tmp_path: Path):
    java = find_java(a_java(tmp_path, "21.0.4"))

    assert (java.version, java.program) == ("21.0.4", tmp_path / "bin" / "java")


def test_the_release_file_is_believed_without_running_java(tmp_path: Path):
    home = a_java(tmp_path, "17.0.1")
    (home / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="25.0.1"\n')

    assert find_java(home).version == "25.0.1"


def test_an_unsuitable_java_is_refused_in_one_sentence(tmp_path: Path):
    with pytest.raises(JavaError, match=r"Java 17.0.15 in .* does not run Neo4j: .*21 or 25 with PLURAL_JAVA_HOME"):
        find_java(a_java(tmp_path, "17.0.15"))


def test_a_folder_without_java_is_refused_in_one_sentence(tmp_path: Path):
    with pytest.raises(JavaError, match=r"There is no Java in .*PLURAL_JAVA_HOME"):
        find_java(tmp_path)
