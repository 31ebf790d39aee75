"""From scored pairs of records to the few links between identities that somebody should look at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.linkage.clusters import Constraints, cluster
from app.linkage.records import Pairs


@dataclass(frozen=True, slots=True)
class LikelyLink:
    """Two identities that are probably one, by their two records that agree best."""

    one: str
    other: str
    row: int
    """Place of the pair in ``Pairs``; its left record is ``one``'s."""
    probability: float


def likely_links(pairs: Pairs, ids: Sequence[str], constraints: Constraints, least: float) -> list[LikelyLink]:
    """Group records, and name the strongest links that hold each group together: never more than make it one.

    ``ids``: identity of each record; ``constraints`` by record. A link has at least the probability ``least``. By
    falling probability; none between identities that are one already.
    """
    joined = Constraints([*constraints.together, *_same_identity(ids)], constraints.apart, constraints.unique)
    groups = cluster(len(ids), pairs.left, pairs.right, pairs.weight, joined)
    inside = np.flatnonzero((groups[pairs.left] == groups[pairs.right]) & (pairs.probability >= least))
    strongest = inside[np.argsort(-pairs.weight[inside], kind="stable")]
    forest = _Forest(len(ids))
    for one, other in joined.together:
        forest.join(one, other)
    found: list[LikelyLink] = []
    for row in strongest.tolist():
        left, right = int(pairs.left[row]), int(pairs.right[row])
        if forest.join(left, right):
            found.append(LikelyLink(ids[left], ids[right], row, float(pairs.probability[row])))
    return found


def _same_identity(ids: Sequence[str]) -> list[tuple[int, int]]:
    first: dict[str, int] = {}
    return [(known, place) for place, id_ in enumerate(ids) if (known := first.setdefault(id_, place)) != place]


class _Forest:
    """What hangs together by the links so far."""

    def __init__(self, count: int) -> None:
        self._owner = list(range(count))

    def join(self, one: int, other: int) -> bool:
        """Make two trees one; False when they are already."""
        one, other = self._find(one), self._find(other)
        self._owner[max(one, other)] = min(one, other)
        return one != other

    def _find(self, record: int) -> int:
        while self._owner[record] != record:
            self._owner[record] = self._owner[self._owner[record]]
            record = self._owner[record]
        return record
