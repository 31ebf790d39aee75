"""MovieLens 100k is read as GroupLens ships it and as RecBole does."""

from pathlib import Path

import pytest

from app.domain.errors import InvalidError, SetupError
from app.domain.models import Tag
from app.evaluation.datasets import read_movielens


def test_grouplens_files_are_read_with_their_genres(tmp_path: Path):
    (tmp_path / "u.data").write_text("7\t50\t5\t881250949\n7\t51\t1\t881250950\n8\t50\t3\t881250951\n")
    flags = "|".join("1" if place in {1, 15} else "0" for place in range(19))
    (tmp_path / "u.item").write_text(f"50|Star W\xe4rs (1977)|01-Jan-1977||http://x|{flags}\n", encoding="latin-1")

    data = read_movielens(tmp_path)

    assert (data.name, data.identities) == ("ml-100k", ("7", "8"))
    assert [(film.id, film.title) for film in data.products] == [("50", "Star Wärs (1977)"), ("51", "51")]
    assert data.products[0].tags == (Tag("action"), Tag("sci-fi"))
    assert data.interactions.product.tolist() == [0, 1, 0]
    assert data.interactions.weight.tolist() == [1, 1, 1]
    assert data.interactions.at is not None
    assert data.interactions.at.tolist() == [881250949, 881250950, 881250951]


def test_recbole_files_are_read_below_their_headers(tmp_path: Path):
    (tmp_path / "ml-100k.inter").write_text(
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n7\t50\t5\t9\n"
    )
    (tmp_path / "ml-100k.item").write_text(
        "item_id:token\tmovie_title:token_seq\tyear:token\tclass:token_seq\n50\tStar Wars\t1977\tAction Sci-Fi\n"
    )

    data = read_movielens(tmp_path)

    assert [(film.title, film.tags) for film in data.products] == [("Star Wars", (Tag("action"), Tag("sci-fi")))]
    assert len(data.interactions) == 1


def test_a_folder_without_the_data_is_named(tmp_path: Path):
    with pytest.raises(SetupError, match=r"u\.data"):
        read_movielens(tmp_path)


def test_a_file_of_something_else_is_refused(tmp_path: Path):
    (tmp_path / "u.data").write_text("7,50,5,9\n")

    with pytest.raises(InvalidError, match="no rows of user"):
        read_movielens(tmp_path)
