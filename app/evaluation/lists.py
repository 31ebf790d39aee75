"""Lists written out, so that two runs can be compared identity by identity, or scored by anybody else."""

import csv
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from app.domain.errors import InvalidError
from app.evaluation import metrics
from app.evaluation.datasets.values import Floats, Ints
from app.evaluation.task import Task

COLUMNS = ("list", "ranking", "identity_id", "rank", "product_id", "hit", "held_out", "places")
"""``list``: "" for the protocol's own; ``held_out``: how many products were sought; rank 0: an empty list."""


class ListWriter:
    """Writes one row a place of every list; a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = ExitStack()

    def __enter__(self) -> Self:
        file = self._open.enter_context(self._path.open("w", encoding="utf-8", newline=""))
        self._writer = csv.writer(file)
        self._writer.writerow(COLUMNS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def add(self, name: str, ranking: str, task: Task, ranked: Ints) -> None:
        """Write the lists of everybody who was asked, shape (asked, k)."""
        ids, products = task.dataset.identities, task.dataset.products
        asked: list[int] = task.asked.tolist()
        places: list[list[int]] = ranked.tolist()
        rows = zip(asked, task.relevant, places, strict=True)
        for identity, wanted, row in rows:
            shown = [position for position in row if position >= 0]
            end = (len(wanted), len(row))
            if not shown:
                self._writer.writerow((name, ranking, ids[identity], 0, "", 0, *end))
            for rank, position in enumerate(shown, start=1):
                hit = int(position in wanted)
                self._writer.writerow((name, ranking, ids[identity], rank, products[position].id, hit, *end))


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs' lists of one ranking, for whom both were asked."""

    list: str
    measure: str
    identities: int
    first: float
    second: float
    difference: float
    """Mean of second - first."""
    error: float
    """Its standard error over identities."""


@dataclass(slots=True)
class _List:
    hits: list[int]
    held_out: int
    places: int


def compare_lists(first: Path, second: Path, ranking: str = "service", other: str | None = None) -> list[Difference]:
    """Paired differences of two files, list by list; ``other`` names the second's ranking where it is another.

    Raises ``InvalidError`` for what is no such file, and where they have no identity in common.
    """
    one, two = _read(first, ranking), _read(second, other or ranking)
    found: list[Difference] = []
    for name in sorted({key[0] for key in one} & {key[0] for key in two}):
        both = sorted(key for key in one.keys() & two.keys() if key[0] == name)
        before, after = ([side[key] for key in both] for side in (one, two))
        if any(a.held_out != b.held_out for a, b in zip(before, after, strict=True)):
            raise InvalidError("The two files sought different products: they are of different splits.")
        for measure, values in _figures(before).items():
            gain = _figures(after)[measure] - values
            error = float(gain.std() / np.sqrt(len(gain)))
            means = float(values.mean()), float((values + gain).mean()), float(gain.mean())
            found.append(Difference(name, measure, len(both), *means, error))
    if not found:
        raise InvalidError(f"No identity has a list of {ranking!r} in both files.")
    return found


def _figures(lists: Sequence[_List]) -> dict[str, Floats]:
    """By measure, one number a list."""
    hits = np.zeros((len(lists), max(one.places for one in lists)))
    for row, one in enumerate(lists):
        hits[row, : len(one.hits)] = one.hits
    held_out: Ints = np.asarray([one.held_out for one in lists], dtype=np.int64)
    return {
        "NDCG": metrics.ndcg(hits, held_out),
        "NDCG all": metrics.ndcg_all(hits, held_out),
        "Recall": metrics.recall(hits, held_out),
        "Hit": metrics.hit(hits),
    }


def _read(path: Path, ranking: str) -> dict[tuple[str, str], _List]:
    """By list and identity."""
    found: dict[tuple[str, str], _List] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["ranking"] == ranking:
                    places, held_out = int(row["places"]), int(row["held_out"])
                    one = found.setdefault((row["list"], row["identity_id"]), _List([], held_out, places))
                    if int(row["rank"]) > 0:
                        one.hits.append(int(row["hit"]))
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}.") from error
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidError(f"{path.name} holds no lists of `plural evaluate --lists`.") from error
    return found
