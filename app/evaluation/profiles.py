"""Does a login have several users? Histories of single people, fused and parted, and what each is offered then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.evaluation import metrics
from app.evaluation.attribution import calibration_error
from app.evaluation.datasets.values import Dataset, Floats, Ints
from app.evaluation.fused import CROWD, Crowd, Person, draw_logins, read_sessions
from app.evaluation.task import Part
from app.taste.profiles import Parting, Rules, assign, part_sessions

USERS = (1, 2, 3)
TIMES = 2
"""How often everybody is put into a login with others."""
THRESHOLD = 0.8
"""Probability of a profile from which its list is shown, else that of the login: as PLURAL_ATTRIBUTION_THRESHOLD."""
THRESHOLDS = (0.0, 0.5, THRESHOLD, 0.95)
K = 10
ROWS_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Gain:
    """NDCG@10 of one identity for the login, and of its profiles."""

    before: float
    after: float
    error: float
    """Standard error of the difference, over logins."""

    @property
    def change(self) -> float:
        """As a share of what it was."""
        return self.after / self.before - 1 if self.before else 0.0


@dataclass(frozen=True, slots=True)
class LoginFigures:
    """Logins of so many users."""

    users: int
    logins: int
    right: float
    """Share of the logins parted into as many as they have."""
    over: float
    """... into more: people were split."""
    under: float
    """... into fewer: people stayed together."""
    ari: float
    """Adjusted Rand index of their sessions (1: parted as they were; 0: as by chance, or not at all); mean."""
    smaller: Gain
    """Of the user with the fewest sessions; of one user, of that one."""
    all_users: Gain
    empty_before: float
    """Share of the users none of whose lists held anything relevant."""
    empty_after: float


@dataclass(frozen=True, slots=True)
class Assigned:
    """Held-out sessions of logins that are parted, from a probability on."""

    threshold: float
    coverage: float
    """Share of the held-out sessions of logins of several users."""
    accuracy: float
    """Share of these whose profile is mostly of the one who it was; 0 where there are none."""


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """What came out."""

    part: Part
    crowd: int
    """Identities that were learned from."""
    by_users: tuple[LoginFigures, ...]
    assigned: tuple[Assigned, ...]
    calibration_error: float
    """Of the probabilities of held-out sessions where a login of several was parted: ten bins of equal width."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One held-out session: half of it was seen, the rest of what its user does is wanted."""

    login: int
    user: int
    seen: tuple[int, ...]
    wanted: frozenset[int]
    history: tuple[int, ...]
    """Of the profile that it is taken for, else of the login."""
    probability: float
    """0 where the login was not parted."""
    is_right: bool


@dataclass(frozen=True, slots=True)
class _Login:
    users: tuple[Person, ...]
    parting: Parting
    truth: Ints
    smaller: int


def evaluate_profiles(
    dataset: Dataset, part: Part, seed: int, rules: Rules | None = None, advance: Callable[[int], None] = lambda _: None
) -> ProfileReport:
    """Learn from the crowd, fuse the others, part them; ``advance`` is told of each of ``len(USERS)`` steps."""
    rules = rules or Rules()
    people = read_sessions(dataset, seed)
    order: list[int] = np.random.default_rng(seed).permutation(len(people)).tolist()
    cut, middle = round(CROWD * len(people)), round((1 + CROWD) / 2 * len(people))
    learned = sorted(order[:cut])
    crowd = Crowd(dataset, [people[n] for n in learned], np.asarray(learned, dtype=np.int64))
    asked = order[cut:middle] if part == "validation" else order[middle:]
    with_later = np.asarray([n for n in asked if people[n].held_out], dtype=np.int64)
    figures: list[LoginFigures] = []
    several: list[_Question] = []
    for users in USERS:
        drawn = draw_logins(with_later, users, 1 if users == 1 else TIMES, seed)
        logins = [_part([people[n] for n in members], crowd, rules) for members in drawn]
        questions = [one for n, login in enumerate(logins) for one in _ask(n, login, crowd, rules)]
        figures.append(_measure(users, logins, questions, crowd))
        several += questions if users > 1 else []
        advance(1)
    parted = [one for one in several if one.probability > 0]
    return ProfileReport(
        part,
        len(learned),
        tuple(figures),
        tuple(_assigned(several, one) for one in THRESHOLDS),
        calibration_error(
            np.asarray([one.probability for one in parted], dtype=np.float64),
            np.asarray([one.is_right for one in parted], dtype=np.float64),
        ),
    )


def _part(users: Sequence[Person], crowd: Crowd, rules: Rules) -> _Login:
    sessions = [session for user in users for session in user.known]
    truth = np.repeat(np.arange(len(users)), [len(user.known) for user in users])
    smaller = min(range(len(users)), key=lambda n: len(users[n].known))
    return _Login(tuple(users), part_sessions(crowd.place(sessions), crowd.space, rules), truth, smaller)


def _ask(place: int, login: _Login, crowd: Crowd, rules: Rules) -> list[_Question]:
    sessions = [session for user in login.users for session in user.known]
    points, of = crowd.place(sessions), login.parting.of
    found: list[_Question] = []
    for user, person in enumerate(login.users):
        later = {product for session in person.held_out for product in session}
        for session in person.held_out:
            seen = session[: len(session) // 2]
            if not seen:
                continue
            chances = assign(crowd.place([seen])[0], points, of, crowd.space, rules)
            best = int(chances.argmax())
            is_parted, p = login.parting.clusters > 1, float(chances[best])
            taken = [one for n, one in enumerate(sessions) if of[n] == best or not is_parted or p < THRESHOLD]
            history = tuple(sorted({product for one in (*taken, seen) for product in one}))
            mostly = int(np.bincount(login.truth[of == best]).argmax())
            wanted = frozenset(later - set(seen))
            if wanted:
                found.append(
                    _Question(place, user, seen, wanted, history, p if is_parted else 0.0, is_parted and mostly == user)
                )
    return found


def _measure(users: int, logins: Sequence[_Login], questions: Sequence[_Question], crowd: Crowd) -> LoginFigures:
    whole = [
        tuple({product for user in login.users for session in user.known for product in session}) for login in logins
    ]
    before = _gains([(*whole[one.login], *one.seen) for one in questions], questions, crowd)
    after = _gains([one.history for one in questions], questions, crowd)
    user = np.asarray([one.login * len(USERS) + one.user for one in questions], dtype=np.int64)
    smaller = np.asarray([one.user == logins[one.login].smaller for one in questions])
    _, by_user = np.unique(user, return_inverse=True)
    clusters = np.asarray([login.parting.clusters for login in logins])
    return LoginFigures(
        users=users,
        logins=len(logins),
        right=float((clusters == users).mean()),
        over=float((clusters > users).mean()),
        under=float((clusters < users).mean()),
        ari=float(np.mean([adjusted_rand(login.truth, login.parting.of) for login in logins])),
        smaller=_gain(before[smaller], after[smaller], user[smaller]),
        all_users=_gain(before, after, user),
        empty_before=float((_means(before, by_user) == 0).mean()),
        empty_after=float((_means(after, by_user) == 0).mean()),
    )


def _gains(histories: Sequence[Sequence[int]], questions: Sequence[_Question], crowd: Crowd) -> Floats:
    """NDCG@10 of each list."""
    wanted = [one.wanted for one in questions]
    found: list[Floats] = []
    for at in range(0, len(wanted), ROWS_AT_ONCE):
        some = slice(at, at + ROWS_AT_ONCE)
        hits = metrics.find_hits(crowd.rank(histories[some], K), wanted[some])
        found.append(metrics.ndcg(hits, metrics.sizes(wanted[some])))
    return np.concatenate(found)


def _gain(before: Floats, after: Floats, user: Ints) -> Gain:
    _, place = np.unique(user, return_inverse=True)
    was, is_ = _means(before, place), _means(after, place)
    moved = is_ - was
    return Gain(float(was.mean()), float(is_.mean()), float(moved.std(ddof=1) / np.sqrt(len(moved))))


def _means(values: Floats, place: Ints) -> Floats:
    return np.bincount(place, values) / np.bincount(place)


def _assigned(questions: Sequence[_Question], threshold: float) -> Assigned:
    taken = [one for one in questions if one.probability > 0 and one.probability >= threshold]
    right = sum(one.is_right for one in taken)
    return Assigned(threshold, len(taken) / max(1, len(questions)), right / max(1, len(taken)))


def adjusted_rand(one: Ints, other: Ints) -> float:
    """Agreement of two partitions over that of chance (Hubert and Arabie 1985); 1 where both are equal."""
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(table, (one, other), 1)
    pairs, rows, columns = (_pairs(counts) for counts in (table, table.sum(axis=1), table.sum(axis=0)))
    chance, most = rows * columns / max(1.0, _pairs(np.asarray([len(one)]))), (rows + columns) / 2
    return 1.0 if most == chance else float((pairs - chance) / (most - chance))


def _pairs(counts: Floats | Ints) -> float:
    return float((counts * (counts - 1) / 2).sum())
