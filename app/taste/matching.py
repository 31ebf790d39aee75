"""How much more a community likes of a kind of thing than everybody does, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.domain.disclosure import Disclosure
from app.taste.figures import MOST_NOISE
from app.taste.noise import REACH, SPREAD, Counts, Keys, Noise
from app.taste.values import Edges, Floats, Ints, Matrix, keep_best

PRIOR_LIKES = 5.0
"""Likes, as many as chance would have them, that are added to both sides: few likes prove little."""
_Z = 1.959964


@dataclass(frozen=True)
class Kinds:
    """Who likes how much of which kind, by people and kinds."""

    likes: Matrix
    """Likes of each kind, shape (people, kinds)."""
    busy: Floats
    """Likes of anything, of each of the people."""
    names: Keys
    """A key each of the kinds."""


@dataclass(frozen=True)
class Matches:
    """Columns of equal length, one row a pair of a community and a kind; sorted by both."""

    community: Ints
    kind: Ints
    lift: Floats
    """Likes of the kind over those expected; 1 is what chance would have."""
    low: Floats
    high: Floats
    """95 % interval of the lift, noise included."""
    support: Ints
    """About so many members like something of the kind."""

    def __len__(self) -> int:
        return len(self.community)


def match(
    noise: Noise, rule: Disclosure, members: Matrix, names: Keys, kinds: Kinds, sizes: Floats, *, most: int
) -> Matches:
    """Publish what members like beside what everybody likes, kind by kind.

    ``members`` are strengths of shape (people, communities), ``names`` a key of each community, ``sizes`` its published
    number of members. A member counts by strength. The lift is the likes of the kind over those expected by all that
    the members like, with a prior around them (``PRIOR_LIKES``); what is unsure is which members there are, with all
    their likes, for likes of one person are no independent word, and the noise. Pairs whose support may be fewer than
    k, or that noise drowns, are left out; of a community the ``most`` best supported ones are kept.
    """
    support = noise.table(members, kinds.likes, names, kinds.names).within(sizes[:, None])
    caps = noise.caps(kinds.likes, kinds.names)
    counted, squares = _sums(noise, members, kinds, names, caps)
    expected, expected_noise = _expected(noise, members, kinds, names, caps)
    enough = (support.value >= rule.k + REACH) & (sizes[:, None] >= rule.k + REACH)
    clear = (SPREAD * caps <= MOST_NOISE * counted.value) & (expected_noise <= MOST_NOISE * expected)
    known = np.argwhere(enough & clear)
    kept = keep_best(Edges(known[:, 0], known[:, 1], support.value[known[:, 0], known[:, 1]]), most, by=known[:, 0])
    at = (kept.source, kept.target)
    likes, lifted = counted.value[at] + PRIOR_LIKES, expected[at] + PRIOR_LIKES
    doubt = np.sqrt((squares[at] + (SPREAD * caps[kept.target]) ** 2) / likes**2 + (expected_noise[at] / lifted) ** 2)
    lift = likes / lifted
    return Matches(
        community=kept.source,
        kind=kept.target,
        lift=lift,
        low=lift * np.exp(-_Z * doubt),
        high=lift * np.exp(_Z * doubt),
        support=support.value[at].astype(np.int64),
    )


def _sums(noise: Noise, members: Matrix, kinds: Kinds, names: Keys, caps: Floats) -> tuple[Counts, Floats]:
    """Likes by community and kind, and how much they vary when members are drawn with all their likes."""
    counted = noise.totals(members, kinds.likes, caps, names, kinds.names)
    squared, strong = csr_array(kinds.likes), csr_array(members)
    squared.data = np.minimum(squared.data, caps[squared.indices]) ** 2
    strong.data = strong.data**2
    squares = noise.totals(strong, squared, caps**2, names, kinds.names)
    return counted, np.minimum(squares.value + SPREAD * caps**2, caps * counted.value)


def _expected(noise: Noise, members: Matrix, kinds: Kinds, names: Keys, caps: Floats) -> tuple[Floats, Floats]:
    """Likes by community and kind, were all to like each kind as everybody does; their standard deviation by noise."""
    everybody, all_names = csr_array(np.ones((members.shape[0], 1))), noise.names(["everybody"])
    most = np.array([noise.cap(kinds.busy, "likes")])
    busy = csr_array(kinds.busy[:, None])
    acts = noise.totals(members, busy, most, names, all_names)
    whole = noise.totals(everybody, busy, most, all_names, all_names)
    usual = noise.totals(everybody, kinds.likes, caps, all_names, kinds.names)
    expected = acts.value @ (usual.value / max(1.0, float(whole.value[0, 0])))
    by_acts, by_usual = (SPREAD * one.unit / np.maximum(1.0, one.value) for one in (acts, usual))
    return expected, expected * np.hypot(by_acts, by_usual)
