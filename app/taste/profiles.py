"""How many people use one login, and which of its sessions are of one: one person is favoured.

Sessions are points, and a person is a normal distribution of sessions whose middle is drawn from that of all persons
(probabilistic linear discriminant analysis, Ioffe 2006, as recordings are parted by speaker). Both spreads are learned
from identities of one person each: so it is known how far one person strays before somebody else is likelier. The
evidence of a group of sessions has a closed form with the middle integrated out; groups are joined two by two while
that gains most, then sessions move one by one; so many clusters are chosen as have most evidence after a penalty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from app.taste.values import Floats, Ints

MOST = 5
"""Clusters of one login at most."""
ROUNDS = 10
SHRINKAGE = 0.1
"""Share of a spread alike in all directions that is added to the one that was learned."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How readily a login is parted; chosen on the validation part of ``plural evaluate profiles``."""

    straying: float = 2.0
    """Factor of the variance within one person: people change more than what was learned from says."""
    penalty: float = 12.0
    """Evidence (nats) that each cluster beyond the first must gain."""
    fewest: int = 3
    """Sessions of a cluster."""
    sureness: float = 0.2
    """Factor of the log odds that a session is of a cluster: its products go together, and clusters are mixed."""


@dataclass(frozen=True, slots=True)
class Space:
    """Where sessions are compared: within one person the variance is 1 in every direction."""

    middle: Floats
    """Shape (features,)."""
    directions: Floats
    """Shape (features, dimensions)."""
    between: Floats
    """Variance of persons' middles by dimension, above 0."""

    def place(self, sessions: Floats) -> Floats:
        """Shape (sessions, dimensions)."""
        return (sessions - self.middle) @ self.directions

    def straying(self, times: float) -> "Space":
        """The same where the variance within one person is so many times as large."""
        return Space(self.middle, self.directions / np.sqrt(times), self.between / times)


@dataclass(frozen=True, slots=True)
class Parting:
    """The clusters of a login's sessions."""

    of: Ints
    """Cluster of each session, numbered in the order of their first sessions."""
    clusters: int
    gain: float
    """Evidence over one cluster after the penalties (nats); 0 where there is one."""


def learn_space(sessions: Floats, person: Ints, dimensions: int) -> Space:
    """Learn both spreads from sessions of persons; shape (sessions, features), persons with two or more of them.

    Raises ``ValueError`` where nobody has two.
    """
    _, place, counts = np.unique(person, return_inverse=True, return_counts=True)
    if not (counts > 1).any():
        raise ValueError("nobody has two sessions")
    middle = sessions.mean(axis=0)
    means = np.zeros((len(counts), sessions.shape[1]))
    np.add.at(means, place, sessions - middle)
    means /= counts[:, None]
    strayed = sessions - middle - means[place]
    within = strayed.T @ strayed / (len(sessions) - len(counts))
    between = means.T @ means / len(counts) - within * np.mean(1 / counts)
    alike = np.trace(within) / len(within) + 1e-9
    within = (1 - SHRINKAGE) * within + SHRINKAGE * alike * np.eye(len(within))
    spread, axes = np.linalg.eigh(within)
    whitened = np.asarray((axes / np.sqrt(spread)).T, dtype=np.float64)
    variance, directions = np.linalg.eigh(whitened @ (between + between.T) @ whitened.T / 2)
    directions = np.asarray(whitened.T @ directions, dtype=np.float64)
    first = np.argsort(-variance, kind="stable")[:dimensions]
    return Space(middle, directions[:, first], np.maximum(variance[first], 1e-3))


def part_sessions(sessions: Floats, space: Space, rules: Rules) -> Parting:
    """Part the sessions of one login, in the order of their times; shape (sessions, features).

    None or few: one cluster. The same for the same sessions; no seed.
    """
    space = space.straying(rules.straying)
    points = space.place(sessions)
    best = Parting(np.zeros(len(points), dtype=np.int64), min(1, len(points)), 0.0)
    if len(points) < 2 * rules.fewest:
        return best
    alone = _evidence_of(points, best.of, 1, space.between)
    for clusters, of in _joined(points, space.between, rules.fewest).items():
        moved = _move(points, of, clusters, space.between)
        if clusters < 2 or np.bincount(moved, minlength=clusters).min() < rules.fewest:
            continue
        gain = _evidence_of(points, moved, clusters, space.between) - alone - rules.penalty * (clusters - 1)
        if gain > best.gain:
            best = Parting(_numbered(moved), clusters, gain)
    return best


def assign(session: Floats, sessions: Floats, of: Ints, space: Space, rules: Rules) -> Floats:
    """Probability of each cluster for another session, by what it adds to their evidence; sums to 1.

    ``session``: shape (features,); ``sessions``: shape (sessions, features), at least one.
    """
    space = space.straying(rules.straying)
    sums, counts = _sums(space.place(sessions), of, int(of.max()) + 1)
    point = space.place(session[None])
    odds = rules.sureness * _gains(point[0], sums, counts, space.between)
    grown = np.exp(odds - odds.max())
    return grown / grown.sum()


def evidence(sums: Floats, counts: Floats, between: Floats) -> Floats:
    """Log evidence that groups are each of one person, over that of no persons at all (nats).

    ``sums`` of their sessions, shape (..., dimensions), and how many: shape (...).
    """
    many = counts[..., None] * between
    return 0.5 * (sums**2 * between / (1 + many) - np.log1p(many)).sum(axis=-1)


def _evidence_of(points: Floats, of: Ints, clusters: int, between: Floats) -> float:
    """Of a partition: of its clusters, and that sessions fall into clusters so (each share alike likely)."""
    sums, counts = _sums(points, of, clusters)
    fallen = gammaln(clusters) - gammaln(len(points) + clusters) + gammaln(counts + 1).sum()
    return float(evidence(sums, counts, between).sum() + fallen)


def _sums(points: Floats, of: Ints, clusters: int) -> tuple[Floats, Floats]:
    sums = np.zeros((clusters, points.shape[1]))
    np.add.at(sums, of, points)
    return sums, np.bincount(of, minlength=clusters).astype(np.float64)


def _joined(points: Floats, between: Floats, fewest: int) -> dict[int, Ints]:
    """Join groups two by two where that gains most; the partitions into ``MOST`` and fewer large ones.

    Small ones beyond are left for ``_move``: each of their sessions goes to the large one that fits it best.
    """
    groups = [[place] for place in range(len(points))]
    sums, counts = points.copy(), np.ones(len(points))
    own = evidence(sums, counts, between)
    gains = evidence(sums[:, None] + sums[None], counts[:, None] + counts[None], between) - own[:, None] - own[None]
    np.fill_diagonal(gains, -np.inf)
    found: dict[int, Ints] = {}
    for _ in range(len(points) - 1):
        large = [group for group in groups if len(group) >= fewest]
        if 0 < len(large) <= MOST:
            found[len(large)] = _with_the_rest(points, large, between)
        one, other = sorted(int(place) for place in np.unravel_index(int(gains.argmax()), gains.shape))
        groups[one], groups[other] = groups[one] + groups[other], []
        sums[one] += sums[other]
        counts[one] += counts[other]
        own[one] = evidence(sums[one], counts[one], between)
        gains[other, :] = gains[:, other] = -np.inf
        fresh = evidence(sums + sums[one], counts + counts[one], between) - own - own[one]
        open_ = np.array([bool(group) for group in groups])
        open_[one] = False
        gains[one, open_] = gains[open_, one] = fresh[open_]
    return found


def _with_the_rest(points: Floats, large: Sequence[Sequence[int]], between: Floats) -> Ints:
    of = np.full(len(points), -1, dtype=np.int64)
    for number, group in enumerate(large):
        of[list(group)] = number
    placed = of >= 0
    sums, counts = _sums(points[placed], of[placed], len(large))
    for place in np.flatnonzero(~placed):
        of[place] = int(np.argmax(_gains(points[place], sums, counts, between)))
    return of


def _move(points: Floats, of: Ints, clusters: int, between: Floats) -> Ints:
    """Move sessions one by one to where they add most, until nothing moves; no cluster is emptied."""
    of = of.copy()
    sums, counts = _sums(points, of, clusters)
    for _ in range(ROUNDS):
        before = of.copy()
        for place, point in enumerate(points):
            old = of[place]
            if counts[old] > 1:
                sums[old] -= point
                counts[old] -= 1
                new = int(np.argmax(_gains(point, sums, counts, between)))
                of[place] = new
                sums[new] += point
                counts[new] += 1
        if (of == before).all():
            break
    return of


def _gains(point: Floats, sums: Floats, counts: Floats, between: Floats) -> Floats:
    """What a session adds to each cluster: the log odds that it is of it."""
    return evidence(sums + point, counts + 1, between) - evidence(sums, counts, between) + np.log(counts + 1)


def _numbered(of: Ints) -> Ints:
    """Number clusters in the order of their first sessions."""
    _, first, place = np.unique(of, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first)).astype(np.int64)[place]
