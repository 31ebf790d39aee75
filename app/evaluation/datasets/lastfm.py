"""HetRec 2011 Last.fm: 1,892 listeners, 17,632 artists, listens, friends and tags (non-commercial use only)."""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.domain.errors import SetupError
from app.domain.models import Product
from app.evaluation.datasets.values import Dataset, Interactions, Ints, TagActs, number


def read_lastfm(folder: Path) -> Dataset:
    """Read the folder of `hetrec2011-lastfm-2k`, files plain or gzipped; artists nobody listens to are left out.

    Raises ``SetupError`` naming the file that is missing.
    """
    plays = list(_rows(folder, "user_artists.dat"))
    identity, identities = number(row[0] for row in plays)
    product, artist_ids = number(row[1] for row in plays)
    listens = np.asarray([float(row[2]) for row in plays])
    titles = {row[0]: row[1] for row in _rows(folder, "artists.dat")}
    people = {id_: n for n, id_ in enumerate(identities)}
    return Dataset(
        name="lastfm",
        identities=identities,
        products=tuple(Product(id_, titles.get(id_, id_)) for id_ in artist_ids),
        interactions=Interactions(identity, product, np.maximum(listens, 1.0)),
        friends=_read_friends(folder, people),
        tag_acts=_read_tag_acts(folder, people, {id_: n for n, id_ in enumerate(artist_ids)}),
    )


def _read_friends(folder: Path, people: dict[str, int]) -> Ints:
    pairs = {
        (min(a, b), max(a, b))
        for row in _rows(folder, "user_friends.dat")
        if (a := people.get(row[0], -1)) >= 0 and (b := people.get(row[1], -1)) >= 0
    }
    return np.asarray(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _read_tag_acts(folder: Path, people: dict[str, int], artists: dict[str, int]) -> TagActs:
    words = {row[0]: row[1] for row in _rows(folder, "tags.dat")}
    acts = [
        (people[row[0]], artists[row[1]], words[row[2]], 12 * int(row[5]) + int(row[4]))
        for row in _rows(folder, "user_taggedartists.dat")
        if row[0] in people and row[1] in artists and row[2] in words
    ]
    tag, names = number(act[2] for act in acts)
    who = np.asarray([act[:2] for act in acts], dtype=np.int64).reshape(-1, 2)
    months = np.asarray([act[3] for act in acts], dtype=np.int64)
    return TagActs(who[:, 0], who[:, 1], tag, names, months)


def _rows(folder: Path, name: str) -> Iterator[list[str]]:
    """The tab-separated rows of a file below its header; the tags are latin-1, the rest is UTF-8."""
    plain, zipped = folder / name, folder / f"{name}.gz"
    if not plain.exists() and not zipped.exists():
        raise SetupError(f"{plain} is missing; --data names the folder of the HetRec 2011 Last.fm files.")
    encoding = "latin-1" if name == "tags.dat" else "utf-8"
    with plain.open("rb") if plain.exists() else gzip.open(zipped) as packed:
        lines = io.TextIOWrapper(packed, encoding=encoding, newline="")
        next(lines)
        yield from csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
