"""Sessions of one login are parted by who did them, and one person is left whole."""

import math

import numpy as np
import pytest

from app.taste.profiles import MOST, Rules, Space, assign, evidence, learn_space, part_sessions
from app.taste.values import Floats, Ints

RULES = Rules(straying=1.0, penalty=3.0, sureness=1.0)
FEATURES = 8


def persons(count: int, sessions: int, seed: int, apart: float = 3.0) -> tuple[Floats, Ints]:
    """Sessions of persons, one after the other; middles lie ``apart`` times as far apart as one person strays."""
    rng = np.random.default_rng(seed)
    middles = apart * rng.normal(size=(count, FEATURES))
    who = np.repeat(np.arange(count), sessions)
    return middles[who] + rng.normal(size=(len(who), FEATURES)), who


@pytest.fixture(scope="module")
def space() -> Space:
    return learn_space(*persons(200, 10, seed=99), dimensions=FEATURES)


def as_partition(of: Ints) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(of == one).tolist()) for one in np.unique(of)}


@pytest.mark.parametrize("users", [1, 2, 3, 5])
def test_planted_users_are_found(space: Space, users: int) -> None:
    for seed in range(5):
        sessions, who = persons(users, 12, seed, apart=4.0)
        parting = part_sessions(sessions, space, RULES)

        assert parting.clusters == users
        assert as_partition(parting.of) == as_partition(who)


def test_one_person_is_hardly_ever_split_and_two_alike_stay_together(space: Space) -> None:
    split = sum(part_sessions(persons(1, 40, seed)[0], space, RULES).clusters > 1 for seed in range(40))
    alike = part_sessions(np.vstack([persons(1, 20, 3)[0], persons(1, 20, 3)[0] + 0.1]), space, RULES)

    assert split <= 1
    assert alike.clusters == 1
    assert alike.gain == 0.0


def test_whoever_strays_more_than_others_is_not_split_where_that_is_allowed_for(space: Space) -> None:
    sessions = [2.0 * persons(1, 30, seed)[0] for seed in range(20)]

    assert sum(part_sessions(one, space, RULES).clusters > 1 for one in sessions) > 2
    assert sum(part_sessions(one, space, Rules(straying=4.0, penalty=3.0)).clusters > 1 for one in sessions) <= 1


def test_the_order_of_sessions_does_not_matter(space: Space) -> None:
    sessions, _ = persons(3, 10, 7)
    order = np.random.default_rng(1).permutation(len(sessions))
    one, other = part_sessions(sessions, space, RULES), part_sessions(sessions[order], space, RULES)

    assert as_partition(one.of[order]) == as_partition(other.of)
    assert one.gain == pytest.approx(other.gain)
    assert one.of[0] == other.of[0] == 0


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_sessions_are_one_cluster(space: Space, count: int) -> None:
    parting = part_sessions(persons(2, 5, 1, apart=9.0)[0][:count], space, RULES)

    assert (parting.clusters, len(parting.of), parting.gain) == (min(1, count), count, 0.0)


def test_no_cluster_is_smaller_than_what_is_asked_for_and_there_are_five_at_most(space: Space) -> None:
    sessions = np.vstack([persons(1, 20, 1)[0], persons(1, 2, 2)[0] + 20.0])
    many = part_sessions(persons(8, 10, 4, apart=9.0)[0], space, RULES)

    assert part_sessions(sessions, space, RULES).clusters == 1
    assert many.clusters == MOST


def test_a_new_session_goes_to_its_user_and_one_in_between_to_nobody_for_sure(space: Space) -> None:
    sessions, who = persons(2, 15, 5)
    parting = part_sessions(sessions, space, RULES)
    middles = [sessions[who == one].mean(axis=0) for one in (0, 1)]

    for one, middle in enumerate(middles):
        chances = assign(middle, sessions, parting.of, space, RULES)
        assert chances.sum() == pytest.approx(1)
        assert chances[one] > 0.99
        doubted = assign(middle, sessions, parting.of, space, Rules(straying=1.0, sureness=0.01))
        assert 0.5 < doubted[one] < chances[one]
    between = assign((middles[0] + middles[1]) / 2, sessions, parting.of, space, RULES)
    assert between.max() < 0.9


def test_the_evidence_is_that_of_the_normal_distributions(space: Space) -> None:
    """Against the joint density of a group's sessions, whose covariance is I + b 11'."""
    points = np.random.default_rng(2).normal(size=(4, 1))
    between = np.array([2.5])
    joint = np.eye(4) + 2.5
    inverse: Floats = np.asarray(np.linalg.inv(joint), dtype=np.float64)
    fits = float(points[:, 0] @ inverse @ points[:, 0])
    density = -0.5 * (fits + math.log1p(4 * between[0]))
    alone = -0.5 * float((points**2).sum())

    assert evidence(points.sum(axis=0), np.array(4.0), between) == pytest.approx(density - alone)


def test_where_one_strays_more_others_are_less_far_apart(space: Space) -> None:
    """Variances within a person are 1 in either space, so those between persons are a quarter."""
    wide = space.straying(4.0)

    assert wide.between == pytest.approx(space.between / 4)
    assert wide.place(np.eye(FEATURES)) == pytest.approx(space.place(np.eye(FEATURES)) / 2)


def test_where_nobody_has_two_sessions_nothing_is_learned() -> None:
    with pytest.raises(ValueError, match="two sessions"):
        learn_space(np.eye(3), np.arange(3), 2)
