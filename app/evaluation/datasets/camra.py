"""CAMRa2011: 602 members of 290 households and their ratings of 7,710 films, without times."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain.errors import SetupError
from app.evaluation.datasets.values import Ints, Mask


@dataclass(frozen=True)
class Ratings:
    """Columns of equal length, one row a rating."""

    member: Ints
    film: Ints
    value: Ints
    """0 to 100."""

    def __len__(self) -> int:
        return len(self.member)

    def __getitem__(self, rows: Mask | Ints) -> "Ratings":
        """The chosen rows, in the order of ``rows``."""
        return Ratings(self.member[rows], self.film[rows], self.value[rows])


@dataclass(frozen=True)
class Camra:
    """What was read; members and films are positions from 0."""

    train: Ratings
    test: Ratings
    films: int
    household_of: Ints
    """Of each member."""
    households: tuple[tuple[int, ...], ...]
    """Members of each household, ascending."""

    @property
    def members(self) -> int:
        """How many there are."""
        return len(self.household_of)

    def with_one_rater(self, rows: Ratings, among: Ratings) -> Mask:
        """Which rows are of a film that nobody else of the household has rated in ``among``."""
        pairs = self._pairs(among)
        known, raters = np.unique(pairs, return_counts=True)
        return raters[np.searchsorted(known, self._pairs(rows))] == 1

    def _pairs(self, rows: Ratings) -> Ints:
        return self.household_of[rows.member] * self.films + rows.film


def read_camra(folder: Path) -> Camra:
    """Read the files of the challenge's member track, plain or gzipped. ``SetupError`` names one that is missing."""
    train, test = (_ratings(_read(folder, f"userRating{part}.txt")) for part in ("Train", "Test"))
    groups = [row.split()[1] for row in _read(folder, "groupMember.txt").splitlines()]
    households = tuple(tuple(sorted(int(member) for member in group.split(","))) for group in groups)
    household_of = np.zeros(1 + max(max(group) for group in households), dtype=np.int64)
    for place, group in enumerate(households):
        household_of[list(group)] = place
    films = 1 + max(int(train.film.max()), int(test.film.max()))
    return Camra(train, test, films, household_of, households)


def _ratings(text: str) -> Ratings:
    rows = np.array(text.split(), dtype=np.int64).reshape(-1, 3)
    return Ratings(rows[:, 0], rows[:, 1], rows[:, 2])


def _read(folder: Path, name: str) -> str:
    plain, zipped = folder / name, folder / f"{name}.gz"
    if plain.exists():
        return plain.read_text(encoding="utf-8")
    if not zipped.exists():
        raise SetupError(f"{plain} is missing; --data names the folder of the CAMRa2011 files.")
    return gzip.decompress(zipped.read_bytes()).decode("utf-8")
