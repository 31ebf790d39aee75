"""Any data set comes in as CSV files."""

from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import InvalidError
from app.domain.models import Tag
from app.evaluation.datasets import read_tables


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_interactions_products_and_social_pairs_become_one_data_set(tmp_path: Path):
    interactions = write(
        tmp_path,
        "plays.csv",
        "identity_id,product_id,timestamp,weight\nann,p1,2026-01-01T00:00:10Z,2\nbob,p2,1767225600,0.5\nann,p2,2026-01-02,1\n",
    )
    products = write(
        tmp_path, "products.csv", 'product_id,title,brand,tags\np2,"Tea, green",Leaf,hot|green\np3,Mug,,\n'
    )
    social = write(tmp_path, "social.csv", "identity_id,identity_id\nbob,ann\nann,bob\nann,nobody\n")

    data = read_tables(interactions, products, social)

    assert (data.name, data.identities) == ("plays", ("ann", "bob"))
    assert [(p.id, p.title, p.brand) for p in data.products] == [
        ("p1", "p1", None),
        ("p2", "Tea, green", "Leaf"),
        ("p3", "Mug", None),
    ]
    assert data.products[1].tags == (Tag("hot"), Tag("green"))
    assert data.interactions.identity.tolist() == [0, 1, 0]
    assert data.interactions.product.tolist() == [0, 1, 1]
    assert data.interactions.weight.tolist() == [2.0, 0.5, 1.0]
    assert data.interactions.at is not None
    assert data.interactions.at.tolist() == [1767225610, 1767225600, 1767312000]
    assert data.friends.tolist() == [[0, 1]]


def test_time_and_weight_may_be_left_out(tmp_path: Path):
    data = read_tables(write(tmp_path, "a.csv", "product_id,identity_id\np1,ann\n"))

    assert data.interactions.at is None
    assert np.array_equal(data.interactions.weight, [1.0])
    assert (data.identities, data.products[0].id) == (("ann",), "p1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("identity_id\nann\n", "a.csv has no column 'product_id'"),
        ("", "a.csv has no column 'identity_id'"),
        ("identity_id,product_id\n", "holds no interaction"),
        ("identity_id,product_id\nann,p1\nann\n", "a.csv, line 3: 1 fields"),
        ("identity_id,product_id,weight\nann,p1,much\n", "a.csv, line 2: weight 'much' is no number"),
        ("identity_id,product_id,weight\nann,p1,-1\n", "a.csv, line 2: weight '-1' must be above 0"),
        ("identity_id,product_id,timestamp\nann,p1,monday\n", "a.csv, line 2: timestamp 'monday' is neither"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, text: str, reason: str):
    with pytest.raises(InvalidError, match=reason):
        read_tables(write(tmp_path, "a.csv", text))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InvalidError, match=r"none\.csv cannot be read"):
        read_tables(tmp_path / "none.csv")
