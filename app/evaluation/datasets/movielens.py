"""MovieLens 100k: 943 people, 1,682 films, 100,000 ratings (GroupLens; not to be redistributed)."""

from pathlib import Path

import numpy as np

from app.domain.errors import InvalidError, SetupError
from app.domain.models import Product, Tag
from app.evaluation.datasets.values import Dataset, Interactions, number

GENRES = (
    "unknown", "action", "adventure", "animation", "children's", "comedy", "crime", "documentary", "drama", "fantasy",
    "film-noir", "horror", "musical", "mystery", "romance", "sci-fi", "thriller", "war", "western",
)  # fmt: skip
"""In the order of the columns of `u.item`."""


def read_movielens(folder: Path) -> Dataset:
    """Read GroupLens' `u.data` and `u.item`, or RecBole's `ml-100k.inter` and `ml-100k.item`, from a folder.

    Every rating counts alike, whatever its stars; the genres are tags. Raises ``SetupError`` when neither is there.
    """
    if (folder / "u.data").exists():
        ratings, films = _rows(folder / "u.data"), _read_items(folder / "u.item")
    elif (folder / "ml-100k.inter").exists():
        ratings, films = _rows(folder / "ml-100k.inter")[1:], _read_recbole_items(folder / "ml-100k.item")
    else:
        raise SetupError(f"Neither u.data nor ml-100k.inter is in {folder}; --data names the folder of MovieLens 100k.")
    if any(len(row) != 4 for row in ratings):
        raise InvalidError(f"The ratings in {folder} are no rows of user, item, rating and timestamp.")
    identity, identities = number(row[0] for row in ratings)
    product, film_ids = number(row[1] for row in ratings)
    at = np.asarray([int(float(row[3])) for row in ratings], dtype=np.int64)
    return Dataset(
        name="ml-100k",
        identities=identities,
        products=tuple(films.get(id_, Product(id_, id_)) for id_ in film_ids),
        interactions=Interactions(identity, product, np.ones(len(ratings)), at),
    )


def _read_items(path: Path) -> dict[str, Product]:
    """GroupLens' films: id, title and, behind three other columns, a 0 or 1 a genre, parted by ``|``."""
    rows = _rows(path, "|", "latin-1") if path.exists() else []
    worn = {row[0]: [genre for genre, flag in zip(GENRES, row[5:], strict=False) if flag == "1"] for row in rows}
    return {row[0]: _film(row[0], row[1], worn[row[0]]) for row in rows}


def _read_recbole_items(path: Path) -> dict[str, Product]:
    """RecBole's films: id, title, year, genres parted by blanks, below a header."""
    rows = _rows(path)[1:] if path.exists() else []
    return {row[0]: _film(row[0], row[1], row[3].lower().split()) for row in rows}


def _film(id_: str, title: str, genres: list[str]) -> Product:
    return Product(id_, title or id_, tags=tuple(Tag(genre) for genre in genres))


def _rows(path: Path, mark: str = "\t", encoding: str = "utf-8") -> list[list[str]]:
    return [line.split(mark) for line in path.read_text(encoding=encoding).splitlines() if line]
