"""Finds who leads whom: an excess of taking up what another took up, over like taste, trend and season.

For each tie, what its two ends both took up is looked at. Had the follower taken up the same products anyway, each
would lie at any of the follower's own moments, the likelier the more the product was on the rise among others then:
that is what is expected (the shuffle test of Anagnostopoulos et al. 2008, with its sums exact instead of drawn). It
keeps the follower's whole taste, and when it is active at all. Three things have to hold before anything is found:

* more was taken up within the window after the leader than expected, false discoveries over all ties corrected for
  (Benjamini and Hochberg 1995);
* more than matched controls did (Aral et al. 2009): others of the follower's own community, without a tie to the
  leader, compared with the leader in the same way. What moves a whole community is no influence;
* and more than within the window *before* the leader (edge reversal): a common cause knows no direction. So two who
  lead each other equally are not found.

The cost grows with ties times what their ends took up; nobody counts with more than ``MOST_UPTAKES``.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import beta, binom

from app.taste.discoveries import Mask, discoveries
from app.taste.uptake import Uptake, chunks, medians, spread
from app.taste.values import Edges, Floats, Ints, Matrix

WINDOW_DAYS = 30
"""Days after the leader within which taking up the same may be due to it."""
FALSE_DISCOVERIES = 0.05
"""Share of what is found that may be found by chance."""
LEAST_COMMON = 5
"""Products that both took up at least: edge reversal says nothing of fewer."""
MOST_UPTAKES = 500
"""Of an identity, the latest ones."""
CONTROLS = 4
"""Drawn for each tie."""
_PRIOR = 5.0
"""Products' worth of the mean of all controls that each tie's own are mixed with."""
_TREND_PRIOR = 2.0
"""Adopters' worth of no trend that each product's is mixed with."""
_MOST_BINS = 512


@dataclass(frozen=True)
class Leads:
    """Ties whose excess has an interval that excludes 0 after the correction: columns of equal length."""

    leader: Ints
    follower: Ints
    excess: Floats
    """Share of the exposures that the follower took up beyond what it would have anyway."""
    low: Floats
    high: Floats
    lag_days: Floats
    """Median of those within the window."""
    n: Ints
    """Exposures: what the leader took up before the follower had."""

    def __len__(self) -> int:
        return len(self.leader)


@dataclass(frozen=True)
class _Common:
    """Products that both ends of ties took up, on different days: one row each."""

    tie: Ints
    what: Ints
    led: Ints
    """Day of the leader."""
    day: Ints
    """Day of the follower."""
    follower: Ints


@dataclass(frozen=True)
class Compared:
    """Sums of each tie."""

    n: Ints
    common: Floats
    hits: Floats
    """Taken up within the window after the leader."""
    expected: Floats
    reversed_hits: Floats
    """Within the window before it."""
    directed: Floats
    """Expected of both to lie after it."""
    lag_days: Floats


def find_leads(
    uptake: Uptake,
    leader: Ints,
    follower: Ints,
    home: Ints,
    *,
    window_days: int = WINDOW_DAYS,
    false_discoveries: float = FALSE_DISCOVERIES,
    seed: int = 0,
) -> Leads:
    """Find the ties along which one leads another, sorted by leader and follower; none where there is not enough data.

    ``leader`` and ``follower`` are the ends of the ties, each tie once; ``home`` is the community of each identity, -1
    for none. The same input and seed give the same leads.
    """
    if not len(leader) or not len(uptake.who):
        return _nothing()
    order = np.lexsort((follower, leader))
    leader, follower = leader[order], follower[order]
    book = _Book(uptake.latest(MOST_UPTAKES), window_days)
    ties = book.compare(leader, follower)
    tested = np.flatnonzero((ties.common >= LEAST_COMMON) & (ties.n >= LEAST_COMMON))
    owner, control = _draw_controls(leader, follower, home, tested, np.random.default_rng(seed))
    controls = book.compare(leader[owner], control)
    anyway = _shares_of_controls(controls, owner, len(leader))
    expected = ties.expected + (ties.common - ties.expected) * anyway
    chosen = _test(ties, expected, tested, false_discoveries)
    doubt = false_discoveries * len(chosen) / max(1, len(tested))
    return _measure(ties, expected, leader, follower, chosen, doubt)


def _nothing() -> Leads:
    ints, floats = np.empty(0, dtype=np.int64), np.empty(0)
    return Leads(ints, ints, floats, floats, floats, floats, ints)


class _Book:
    """Compares ends of ties."""

    def __init__(self, uptake: Uptake, window_days: int) -> None:
        self._uptake = uptake
        self._window = window_days
        self._first, self._last = int(uptake.day.min()), int(uptake.day.max())
        self._width = max(1, window_days // 2, -(-(self._last - self._first + 1) // _MOST_BINS))
        self._bins = (self._last - self._first) // self._width + 1
        self._rises = _smoothed(self._counts())
        usual = np.asarray(self._rises.sum(axis=0)).ravel()
        self._usual = usual / usual.sum()

    def compare(self, leader: Ints, follower: Ints) -> Compared:
        """Sum up over what each leader took up."""
        sums, ties = np.zeros((6, len(leader))), len(leader)
        hit: list[Ints] = []
        lag: list[Ints] = []
        for chunk in chunks(np.diff(self._uptake.starts)[leader]):
            exposed, common = self._meet(leader[chunk], follower[chunk], chunk)
            sums[0] += np.bincount(exposed, minlength=ties)
            for part in chunks(np.diff(self._uptake.starts)[common.follower]):
                some = _Common(*(getattr(common, name)[part] for name in ("tie", "what", "led", "day", "follower")))
                after, near, is_hit, is_reversed = self._weigh(some)
                columns = (np.ones(len(some.tie)), is_hit, after, is_reversed, near)
                for row, column in enumerate(columns, start=1):
                    sums[row] += np.bincount(some.tie, column, minlength=ties)
                hit.append(some.tie[is_hit])
                lag.append((some.day - some.led)[is_hit])
        lags = medians(np.concatenate([*hit, _NONE]), np.concatenate([*lag, _NONE]), ties)
        return Compared(sums[0].astype(np.int64), sums[1], sums[2], sums[3], sums[4], sums[5], lags)

    def _meet(self, leader: Ints, follower: Ints, ties: Ints) -> tuple[Ints, _Common]:
        """The tie of each exposure, and what both ends took up."""
        uptake = self._uptake
        owner, row = spread(uptake.starts[leader], np.diff(uptake.starts)[leader])
        in_time = uptake.day[row] + self._window <= self._last
        owner, row = owner[in_time], row[in_time]
        keys = follower[owner] * uptake.products + uptake.what[row]
        other = np.minimum(np.searchsorted(uptake.keys, keys), len(uptake.keys) - 1)
        both = uptake.keys[other] == keys
        later = uptake.day[other] > uptake.day[row]
        kept = both & (uptake.day[other] != uptake.day[row])
        tie, led, day = ties[owner[kept]], uptake.day[row[kept]], uptake.day[other[kept]]
        return ties[owner[~both | later]], _Common(tie, uptake.what[row[kept]], led, day, follower[owner[kept]])

    def _weigh(self, common: _Common) -> tuple[Floats, Floats, Mask, Mask]:
        """By row: the chance to lie in the window, that to lie after the leader if near it; and whether it does."""
        uptake, window = self._uptake, self._window
        owner, row = spread(uptake.starts[common.follower], np.diff(uptake.starts)[common.follower])
        rows, place = np.unique(common.what, return_inverse=True)
        trend = self._rises[rows].toarray()
        moment = (uptake.day[row] - self._first) // self._width
        others = trend[place[owner], moment]
        for own in (common.led, common.day):
            others -= _kernel((own[owner] - self._first) // self._width - moment)
        weight = _TREND_PRIOR + np.maximum(0.0, others) / self._usual[moment]
        lag = uptake.day[row] - common.led[owner]
        count = len(common.tie)
        after = np.bincount(owner, weight * ((lag > 0) & (lag <= window)), minlength=count)
        before = np.bincount(owner, weight * ((lag < 0) & (lag >= -window)), minlength=count)
        all_ = np.bincount(owner, weight * (lag != 0), minlength=count)
        real = common.day - common.led
        hit, reverse = (real > 0) & (real <= window), (real < 0) & (real >= -window)
        near = np.where(hit | reverse, after / np.maximum(after + before, 1e-12), 0.0)
        return after / all_, near, hit, reverse

    def _counts(self) -> Matrix:
        moment = (self._uptake.day - self._first) // self._width
        ones = np.ones(len(moment))
        return csr_array((ones, (self._uptake.what, moment)), shape=(self._uptake.products, self._bins))


_NONE: Ints = np.empty(0, dtype=np.int64)


def _smoothed(counts: Matrix) -> Matrix:
    """Spread each count to its neighbours in time, as ``_kernel`` says."""
    cells = counts.tocoo()
    row, column = cells.row.astype(np.int64), cells.col.astype(np.int64)
    steps = np.array([-1, 0, 1])
    moved = (column[:, None] + steps).ravel()
    data = (cells.data[:, None] * _kernel(steps)).ravel()
    inside = (moved >= 0) & (moved < counts.shape[1])
    return Edges(np.repeat(row, 3)[inside], moved[inside], data[inside]).matrix(*counts.shape)


def _kernel(distance: Ints) -> Floats:
    return np.where(distance == 0, 0.5, np.where(np.abs(distance) == 1, 0.25, 0.0))


def _draw_controls(
    leader: Ints, follower: Ints, home: Ints, tested: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Of each tested tie: its number, and some of the follower's community who have no tie to the leader."""
    members = np.argsort(home, kind="stable").astype(np.int64)
    first, end = (np.searchsorted(home[members], home[follower[tested]], side) for side in ("left", "right"))
    drawn = first + (rng.random((CONTROLS, len(tested))) * (end - first)).astype(np.int64)
    control, owner = members[drawn].ravel(), np.tile(tested, CONTROLS)
    people = len(home)
    tied = np.concatenate([leader * people + follower, follower * people + leader])
    own = leader[owner]
    free = ~np.isin(own * people + control, tied) & (control != own) & (home[control] >= 0)
    kept = np.unique(np.stack([owner[free], control[free]]), axis=1)
    return kept[0], kept[1]


def _shares_of_controls(controls: Compared, owner: Ints, ties: int) -> Floats:
    """What controls took up after the leader beyond their own expectation, as a share; of each tie, 0 to .9."""
    more = np.bincount(owner, controls.hits - controls.expected, minlength=ties)
    room = np.bincount(owner, controls.common - controls.expected, minlength=ties)
    usual = max(0.0, more.sum() / max(1.0, room.sum()))
    return np.clip((more + _PRIOR * usual) / (room + _PRIOR), 0.0, 0.9)


def _test(ties: Compared, expected: Floats, tested: Ints, false_discoveries: float) -> Ints:
    """Which ties pass both tests: of all tested ones the shuffle, of those that it finds the reversal.

    Sums of unequal chances are judged as if these were equal, which never makes a tail smaller (Hoeffding 1956).
    """
    common = ties.common[tested]
    chance = binom.sf(ties.hits[tested] - 1, common, np.minimum(1.0, expected[tested] / common))
    found = tested[discoveries(np.asarray(chance), false_discoveries)]
    return found[discoveries(chances_of_reversal(ties, found), false_discoveries)]


def chances_of_reversal(ties: Compared, found: Ints) -> Floats:
    """How likely at least so much of what lies near the leader lies after it, were it as likely to lie before."""
    near = ties.hits[found] + ties.reversed_hits[found]
    return np.asarray(binom.sf(ties.hits[found] - 1, near, ties.directed[found] / np.maximum(near, 1)))


def _measure(ties: Compared, expected: Floats, leader: Ints, follower: Ints, chosen: Ints, doubt: float) -> Leads:
    """Give the chosen ties their excess; intervals as wide as the choice asks for (Benjamini and Yekutieli 2005).

    They hold what of the common products came late enough, and how many of the exposures ended in common ones.
    """
    hits, common, n = ties.hits[chosen], ties.common[chosen], ties.n[chosen]
    usual = np.minimum(1.0 - 1e-9, expected[chosen] / common)
    excess = (hits / common - usual) / (1 - usual) * common / n
    anyway = np.maximum(0.0, hits / n - excess)
    late = [(end - usual) / (1 - usual) * common / n for end in _ends(hits, common, doubt)]
    taken = [end - anyway for end in _ends(hits, n.astype(np.float64), doubt)]
    low, high = np.minimum(late[0], taken[0]), np.minimum(1.0, np.maximum(late[1], taken[1]))
    kept = low > 0
    some = chosen[kept]
    return Leads(leader[some], follower[some], excess[kept], low[kept], high[kept], ties.lag_days[some], ties.n[some])


def _ends(hits: Floats, trials: Floats, doubt: float) -> tuple[Floats, Floats]:
    """Both ends of an exact interval of a share (Clopper and Pearson 1934); there is a hit at least."""
    trials = np.maximum(hits, trials)
    high = np.asarray(beta.ppf(1 - doubt / 2, hits + 1, trials - hits))
    return np.asarray(beta.ppf(doubt / 2, hits, trials - hits + 1)), np.where(np.isnan(high), 1.0, high)
