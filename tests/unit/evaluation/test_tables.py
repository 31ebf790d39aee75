"""Any data set comes in as CSV files."""

import tracemalloc
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
    social = write(tmp_path, "social.csv", "identity_id,identity_id\nbob,ann\nann,ann\nann,nobody\n")

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
    assert data.interactions.weight.tolist() == [4.0, 1.0, 2.0]  # scaled, so that none is below 1
    assert data.interactions.at is not None
    assert data.interactions.at.tolist() == [1767225610, 1767225600, 1767312000]
    assert data.follows.tolist() == [[1, 0]]
    assert data.notes == ("1 of 3 rows of social.csv are pairs of two identities that have interactions",)


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
        ("identity_id,product_id,timestamp\nann,p1,1767225600000\n", "a.csv, line 2: .* milliseconds, perhaps"),
        ("identity_id,product_id,timestamp\nann,p1,nan\n", "a.csv, line 2: timestamp 'nan' lies outside"),
        ("identity_id,product_id\nann,p1\n,p2\n", "a.csv, line 3: an id is empty"),
        ("identity_id,product_id\nann," + "p" * 200_000, "a.csv is no CSV file: field larger"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, text: str, reason: str):
    with pytest.raises(InvalidError, match=reason):
        read_tables(write(tmp_path, "a.csv", text))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InvalidError, match=r"none\.csv cannot be read"):
        read_tables(tmp_path / "none.csv")


def test_weights_that_are_quantities_stay_as_they_are(tmp_path: Path):
    data = read_tables(write(tmp_path, "a.csv", "identity_id,product_id,weight\nann,p1,3\nann,p2,7\n"))

    assert data.interactions.weight.tolist() == [3, 7]


def test_times_may_be_written_as_other_programs_write_numbers(tmp_path: Path):
    data = read_tables(write(tmp_path, "a.csv", "identity_id,product_id,timestamp\nann,p1,8.81250949E8\nann,p2,5.0\n"))

    assert data.interactions.at is not None
    assert data.interactions.at.tolist() == [881250949, 5]


def test_nobody_is_a_friend_of_oneself(tmp_path: Path):
    interactions = write(tmp_path, "a.csv", "identity_id,product_id\nann,p1\nbob,p1\n")

    assert read_tables(interactions, social=write(tmp_path, "s.csv", "a,b\nann,ann\n")).follows.shape == (0, 2)
    with pytest.raises(InvalidError, match=r"s\.csv, line 2: a pair needs two ids"):
        read_tables(interactions, social=write(tmp_path, "s.csv", "a\nann\n"))


def test_a_file_of_another_encoding_is_refused_by_name(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("identity_id,product_id\nänn,p1\n".encode("latin-1"))

    with pytest.raises(InvalidError, match=r"a\.csv is not UTF-8"):
        read_tables(tmp_path / "a.csv")


def test_a_large_table_is_read_in_little_memory(tmp_path: Path):
    rows = "".join(f"i{n % 1_000},p{n % 777},{n}\n" for n in range(200_000))
    file = write(tmp_path, "a.csv", f"identity_id,product_id,timestamp\n{rows}")

    tracemalloc.start()
    data = read_tables(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(data.interactions) == 200_000
    assert peak < 16 * 1024 * 1024
