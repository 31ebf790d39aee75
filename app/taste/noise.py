"""The noise of published figures: drawn on counts and sums only, the same for the same people in the same week.

The cell-key method of census offices (Fraser and Wooton 2005), with two changes. Every identity has a record key under
a secret; the sum of the keys of a set's members, modulo 1, is the key of the set, and its noise follows from it. Were
that all, two figures over the same members would be equal, and whoever made up all members of both but a victim in one
of them would see by the difference whether the victim is there. So half of the noise follows from the key and the name
of what is counted. And keys are scrambled before they are used: noise that grew with them would let them be found.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr, ndtri

from app.domain.disclosure import Noisy
from app.taste.values import Floats, Ints, Matrix

Keys = NDArray[np.uint64]

HALF = 2.0
"""Standard deviation of each half of the noise before its tails are cut, in units of one member's largest part."""
CUT = 5.0
"""Where its tails are cut, in the same units."""
_TAIL = float(ndtr(-CUT / HALF))
_Z = CUT / HALF
_HALF_VARIANCE = HALF**2 * (1 - 2 * _Z * float(np.exp(-(_Z**2) / 2)) / np.sqrt(2 * np.pi) / (1 - 2 * _TAIL))
SPREAD = float(np.sqrt(2 * _HALF_VARIANCE + 1 / 12))
"""Standard deviation of the noise of a count, rounding to whole people included."""
REACH = round(2 * CUT)
"""The most that the noise of a count can be."""
WINSOR = 0.95
"""Share of people whose value is counted in full; the largest ones count as this quantile does."""
_LADDER = np.array([step * 10.0**power for power in range(-2, 10) for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)])
"""Values at which a sum may be capped: so few that a cap says nothing of anybody."""


@dataclass(frozen=True)
class Counts:
    """Noisy numbers of people, or noisy sums, of shape (communities, groups)."""

    value: Floats
    unit: Floats
    """The most that one member can add, by group."""

    def __getitem__(self, place: tuple[int, int]) -> Noisy:
        unit = float(self.unit[place[1]])
        return Noisy(float(self.value[place]), SPREAD * unit, REACH * unit)

    def within(self, wholes: "Counts | Floats") -> "Counts":
        """The same, each no more than its whole (which broadcasts)."""
        limit = wholes.value if isinstance(wholes, Counts) else wholes
        return Counts(np.minimum(self.value, limit), self.unit)


def published_count(people: float) -> Noisy:
    """What a run published as a number of people, read again."""
    return Noisy(people, SPREAD, REACH)


class Noise:
    """Draws the noise of one tenant and week over people in one order (positions in ``ids``)."""

    def __init__(self, secret: bytes, ids: Sequence[str]) -> None:
        """``secret`` is of the tenant and the week."""
        self._secret = secret
        self._ids = ids
        self._salts = self.names(["set", "name", "both"])

    @cached_property
    def keys(self) -> Keys:
        """The record key of each."""
        return self._hash("record", self._ids)

    def names(self, names: Sequence[str]) -> Keys:
        """Keys of names, for ``table``."""
        return self._hash("name", names)

    def count(self, who: Ints, name: str) -> Noisy:
        """Count people; ``name`` says what is counted of whom."""
        value = max(0.0, float(np.rint(len(who) + self._draw_one(who, name))))
        return Noisy(value, SPREAD, REACH)

    def total(self, who: Ints, values: Floats, cap: float, name: str) -> Noisy:
        """Add up the ``values`` of people, each from 0 to ``cap``; larger ones count as that."""
        exact = float(np.clip(values, 0.0, cap).sum())
        value = max(0.0, exact + cap * self._draw_one(who, name))
        return Noisy(value, SPREAD * cap, REACH * cap)

    def table(self, members: Matrix, has: Matrix, rows: Keys, columns: Keys) -> Counts:
        """Count the members of each community who are in each group, both given by people; a name for each of both."""
        inside, held = _marked(members), _marked(has)
        exact = np.asarray((inside.T @ held).toarray(), dtype=np.float64)
        noise = self._draw(self._cell_keys(members, has), rows[:, None] * np.uint64(31) + columns[None, :])
        return Counts(np.maximum(0.0, np.rint(exact + noise)), np.ones(len(columns)))

    def totals(self, members: Matrix, values: Matrix, caps: Floats, rows: Keys, columns: Keys) -> Counts:
        """Add up values of people by community and group, each times the strength (at most 1) of the member.

        Values of a group larger than its cap count as that.
        """
        capped = csr_array(values)
        capped.data = np.clip(capped.data, 0.0, caps[capped.indices])
        exact = np.asarray((csr_array(members).T @ capped).toarray(), dtype=np.float64)
        return self.lay(exact, members, values, caps, rows, columns)

    def lay(self, exact: Floats, members: Matrix, has: Matrix, caps: Floats, rows: Keys, columns: Keys) -> Counts:
        """Lay noise on sums over those in both, to which each of them adds at most the cap of the group."""
        noise = self._draw(self._cell_keys(members, has), rows[:, None] * np.uint64(31) + columns[None, :])
        return Counts(np.maximum(0.0, exact + caps * noise), caps)

    def caps(self, values: Matrix, columns: Keys) -> Floats:
        """Find the cap of each group's values, as ``cap`` does; whole numbers by people and groups."""
        everybody, row = csr_array(np.ones((values.shape[0], 1))), self.names(["cap"])
        found = np.zeros(len(columns))
        whole = self.table(everybody, values, row, columns).value[0]
        for step in _LADDER[_LADDER >= 1]:
            beyond = csr_array(values, copy=True)  # zeros are taken out of it in place
            beyond.data = np.where(beyond.data > step, 1.0, 0.0)
            beyond.eliminate_zeros()
            few = self.table(everybody, beyond, row, columns + np.uint64(round(step))).value[0]
            few = few <= (1 - WINSOR) * whole + REACH
            found = np.where((found == 0) & few, step, found)
            if not beyond.nnz or found.all():
                break
        return np.where(found == 0, _LADDER[-1], found)

    def cap(self, values: Floats, name: str) -> float:
        """Where sums of these values (one each of all people) are capped: about the 95th percentile of those above 0.

        Found from noisy counts, among few values: nobody moves it alone. As many more as noise can be are cut off, so
        noise over nobody never raises it; of a hundred people it is nearer to the 85th percentile.
        """
        above = np.flatnonzero(values > 0)
        whole = self.count(above, f"{name}>0").value
        for step in _LADDER:
            beyond = np.flatnonzero(values > step)
            if self.count(beyond, f"{name}>{step}").value <= (1 - WINSOR) * whole + REACH:
                return float(step)
        return float(_LADDER[-1])

    def _cell_keys(self, members: Matrix, has: Matrix) -> Keys:
        """The sum of the record keys of those in both, modulo 2^64, which is how these integers add up."""
        inside = csr_array(members)
        keyed = csr_array(
            (np.repeat(self.keys, np.diff(inside.indptr)), inside.indices, inside.indptr), shape=inside.shape
        )
        held = csr_array(has)
        ones = csr_array((np.ones(held.nnz, dtype=np.uint64), held.indices, held.indptr), shape=held.shape)
        return np.asarray((keyed.T @ ones).toarray(), dtype=np.uint64)

    def _draw_one(self, who: Ints, name: str) -> float:
        cell = np.array([self.keys[who].sum(dtype=np.uint64)])
        return float(self._draw(cell, self.names([name]))[0])

    def _draw(self, cells: Keys, names: Keys) -> Floats:
        """Noise of variance ``SPREAD``², one a cell: half of the set, half of the set and the name."""
        of_set = _mixed(cells ^ self._salts[0])
        of_name = _mixed(_mixed(cells ^ self._salts[1]) + _mixed(names ^ self._salts[2]))
        return _quantile(of_set) + _quantile(of_name)

    def _hash(self, kind: str, texts: Sequence[str]) -> Keys:
        base = hmac.new(self._secret, kind.encode(), hashlib.sha256)
        digests = bytearray()
        for text in texts:
            one = base.copy()
            one.update(b"\x1f" + text.encode("utf-8", "surrogatepass"))
            digests += one.digest()[:8]
        return np.frombuffer(bytes(digests), dtype="<u8").astype(np.uint64)


def step_above(value: float) -> float:
    """Return the first step of the ladder that is not below a value."""
    return float(_LADDER[min(int(np.searchsorted(_LADDER, value)), len(_LADDER) - 1)])


def _mixed(keys: Keys) -> Keys:
    """Scramble, so that neighbouring keys have nothing to do with each other (SplitMix64)."""
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def _quantile(keys: Keys) -> Floats:
    """Look up the value of a normal distribution with cut tails, by keys that are uniform."""
    uniform = ((keys >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return np.asarray(HALF * ndtri(_TAIL + uniform * (1 - 2 * _TAIL)), dtype=np.float64)


def _marked(matrix: Matrix) -> Matrix:
    """The same places, stored zeros too, each 1."""
    copy = csr_array(matrix)
    copy.data = np.ones_like(copy.data)
    return copy
