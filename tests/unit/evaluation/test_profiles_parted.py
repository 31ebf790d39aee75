"""Fused logins: what is fused, what is asked, and that two of different taste are worth parting."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.domain.models import Product
from app.evaluation.datasets.values import Dataset, Interactions, TagActs
from app.evaluation.fused import DRAWN, HELD_OUT, draw_logins, read_sessions
from app.evaluation.profiles import adjusted_rand, evaluate_profiles
from app.taste.profiles import Rules

GENRES, ALIKE, PEOPLE = 8, 40, 240


@pytest.fixture(scope="module")
def listeners() -> Dataset:
    """Each listens to 25 of the 40 artists of one genre, and tags some of them with its name in two months."""
    rng = np.random.default_rng(0)
    artists = [np.sort(rng.choice(ALIKE, 25, replace=False)) + ALIKE * (who % GENRES) for who in range(PEOPLE)]
    who, what = np.repeat(np.arange(PEOPLE), 25), np.concatenate(artists)
    dated = np.tile(np.arange(25) < 8, PEOPLE)
    acts = TagActs(
        who[dated], what[dated], what[dated] // ALIKE, tuple("abcdefgh"), 24_000 + np.tile(np.arange(8) // 4, PEOPLE)
    )
    return Dataset(
        name="genres",
        identities=tuple(str(n) for n in range(PEOPLE)),
        products=tuple(Product(str(n), str(n)) for n in range(GENRES * ALIKE)),
        interactions=Interactions(who, what, np.ones(len(who))),
        tag_acts=acts,
    )


def test_sessions_are_months_where_there_are_any_and_the_last_are_held_out(listeners: Dataset) -> None:
    people = read_sessions(listeners, seed=0)
    first = people[0]
    sessions = [*first.known, *first.held_out]

    assert sorted(product for one in sessions for product in one) == listeners.interactions.product[:25].tolist()
    dated = {frozenset(listeners.interactions.product[at : at + 4].tolist()) for at in (0, 4)}
    assert dated <= {frozenset(one) for one in sessions}
    assert max(map(len, sessions)) <= DRAWN + 1
    assert len(first.held_out) == int(HELD_OUT * len(sessions))
    assert read_sessions(listeners, seed=0) == people


def test_nobody_is_in_two_logins_of_one_drawing() -> None:
    logins = list(draw_logins(np.arange(10), users=3, times=2, seed=1))

    assert len(logins) == 6
    assert len({who for login in logins[:3] for who in login}) == 9
    assert logins[:3] != logins[3:]


def test_two_of_different_taste_are_found_and_each_is_offered_its_own(listeners: Dataset) -> None:
    report = evaluate_profiles(listeners, "validation", seed=0)
    one, two, _ = report.by_users

    assert one.over <= 0.05
    assert one.all_users.change == pytest.approx(0, abs=0.02)
    assert two.right >= 0.7  # one in eight pairs is of one genre, and may stay together
    assert two.ari >= 0.7
    assert two.smaller.after > two.smaller.before
    assert all(low.coverage >= high.coverage for low, high in zip(report.assigned, report.assigned[1:], strict=False))
    assert report.assigned[1].accuracy > 0.8
    again = evaluate_profiles(listeners, "validation", seed=0).by_users[1]
    assert (again.right, again.ari) == (two.right, two.ari)
    assert again.smaller.after == pytest.approx(two.smaller.after)


def test_whoever_is_in_doubt_is_offered_what_the_login_is(listeners: Dataset) -> None:
    _, two, three = evaluate_profiles(listeners, "validation", 0, Rules(sureness=0.0)).by_users

    assert two.right >= 0.7
    assert two.all_users.after == pytest.approx(two.all_users.before)
    assert three.all_users.after == pytest.approx(three.all_users.before)


def test_partitions_agree_as_hubert_and_arabie_say() -> None:
    one = np.array([0, 0, 0, 1, 1, 1])

    assert adjusted_rand(one, 1 - one) == 1.0
    assert adjusted_rand(one, np.zeros(6, dtype=np.int64)) == 0.0
    # Their index of this table of 2 x 3: (2 - 6 x 3 / 15) / (4.5 - 6 x 3 / 15).
    assert adjusted_rand(one, np.array([0, 0, 1, 1, 2, 2])) == pytest.approx((2 - 1.2) / (4.5 - 1.2))


def test_the_terminal_shows_both_tables_or_json(
    listeners: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def read(folder: Path) -> Dataset:
        return listeners

    monkeypatch.setattr("app.cli.evaluate.read_lastfm", read)
    told = CliRunner().invoke(app, ["evaluate", "profiles", "--data", str(tmp_path)], env={"COLUMNS": "200"})
    as_json = CliRunner().invoke(app, ["evaluate", "profiles", "--data", str(tmp_path), "--json"])

    assert told.exit_code == 0
    assert "0.95 and more" in told.output
    assert [one["users"] for one in json.loads(as_json.output.splitlines()[-1])["by_users"]] == [1, 2, 3]
