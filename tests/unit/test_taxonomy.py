"""Google's numbers of categories, from the operator's copy of its file."""

from pathlib import Path

import pytest

from app.domain.errors import SetupError
from app.domain.taxonomy import Taxonomy
from app.services.google_taxonomy import load_taxonomy

FILE = """# Google_Product_Taxonomy_Version: 2021-09-21
1 - Animals & Pet Supplies
3237 - Animals & Pet Supplies > Live Animals
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "taxonomy-with-ids.en-US.txt"
    path.write_text(FILE, encoding="utf-8-sig")
    return path


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("3237", "Animals & Pet Supplies > Live Animals"),
        (" 3237 ", "Animals & Pet Supplies > Live Animals"),
        ("3237 - Tiere > Lebende Tiere", "Animals & Pet Supplies > Live Animals"),
        ("9", "9"),
        ("Home > Kitchen", "Home > Kitchen"),
        ("3237 Home", "3237 Home"),
        ("", ""),
        (None, None),
    ],
)
def test_a_number_is_its_category(file: Path, given: str | None, path: str | None) -> None:
    assert load_taxonomy(file).path_of(given) == path


def test_without_a_file_all_stays_as_it_is() -> None:
    assert load_taxonomy(None).path_of("3237") == "3237"
    assert len(Taxonomy()) == 0


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("Animals\n")
    (tmp_path / "latin").write_bytes(b"1 - Tier\xe9\n")
    for name, said in (("nowhere", "cannot be read"), ("other", "has no line such as"), ("latin", "not in UTF-8")):
        with pytest.raises(SetupError, match=said):
            load_taxonomy(tmp_path / name)
