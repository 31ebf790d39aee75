from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import nnls

from app.taste.ridge import RidgeRules, fit_similar
from app.taste.values import Edges, Floats, Ints, Likes, Tagging

NOTHING = np.empty(0, dtype=np.int64)
UNTAGGED = Tagging((), Edges(NOTHING, NOTHING, np.empty(0)))
RULES = RidgeRules(ridge=2.0, ridge_per_liker=0.5, sparsity=0.2, share=1.0)


def some_likes(people: int = 60, products: int = 25, seed: int = 0) -> Likes:
    rng = np.random.default_rng(seed)
    source, target = np.nonzero(rng.random((people, products)) < np.linspace(0.05, 0.6, products))
    weights = rng.uniform(0.3, 1.5, len(source))
    return to_likes(source.tolist(), target.tolist(), weights.tolist(), people, products)


def to_likes(
    source: Sequence[int], target: Sequence[int], weight: Sequence[float], people: int, products: int
) -> Likes:
    edges = Edges(
        np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64), np.asarray(weight, dtype=float)
    )
    return Likes(tuple(f"i{n:03}" for n in range(people)), tuple(f"p{n:03}" for n in range(products)), edges)


def solved_by_scipy(rows: Floats, target: int, likers: Ints) -> Floats:
    """The same problem for non-negative least squares: its optimum is unique."""
    others = [product for product in range(rows.shape[1]) if product != target]
    gram: Floats = rows.T @ rows
    hessian = gram[np.ix_(others, others)] + np.diag(RULES.ridge + RULES.ridge_per_liker * likers[others])
    root = np.linalg.cholesky(hessian)
    weights = np.zeros(rows.shape[1])
    weights[others] = nnls(root.T, np.linalg.solve(root, gram[others, target] - RULES.sparsity))[0]
    return weights


def test_the_weights_are_those_of_the_convex_problem() -> None:
    likes = some_likes()
    found = fit_similar(likes, UNTAGGED, RULES).matrix(25, 25).toarray()
    liked = np.diff(likes.starts)
    rows = likes.matrix.toarray() / np.log(2) / (liked / liked.mean())[:, None] ** RULES.busy

    for target in range(25):
        wanted = solved_by_scipy(rows, target, likes.likers)
        assert found[:, target] == pytest.approx(wanted, abs=2e-3)
    assert (np.diag(found) == 0).all()
    assert found.min() >= 0


def test_tags_speak_for_what_nobody_likes_yet() -> None:
    likes = to_likes([0, 0, 1, 1, 2], [0, 1, 0, 1, 2], [1.0] * 5, people=3, products=4)
    same_tag = Tagging(("category:tea",), Edges(np.array([0, 3]), np.array([0, 0]), np.array([1.0, 1.0])))

    found = fit_similar(likes, same_tag, RULES).matrix(4, 4).toarray()

    assert found[0, 3] > 0  # the tagged product speaks for the new one
    assert found[2, 3] == 0
    assert (fit_similar(likes, UNTAGGED, RULES).matrix(4, 4).toarray()[:, 3] == 0).all()


def test_only_the_most_liked_speak_and_no_louder_than_the_bound() -> None:
    likes = some_likes()
    rules = RidgeRules(ridge=2.0, sparsity=0.0, speakers=10, per_product=3)

    found = fit_similar(likes, UNTAGGED, rules)

    assert set(found.source.tolist()) <= set(np.argsort(-likes.likers, kind="stable")[:10].tolist())
    assert np.bincount(found.source).max() <= 3
    assert len(np.unique(found.target)) > 10  # the others are spoken for all the same


def test_what_a_product_hardly_says_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    likes = some_likes()
    monkeypatch.setattr("app.taste.ridge.REACHED_BY", 0)
    whole = fit_similar(likes, UNTAGGED, RULES).matrix(25, 25).toarray()
    heavy = fit_similar(likes, UNTAGGED, replace(RULES, share=0.6)).matrix(25, 25).toarray()

    for said, kept in zip(whole, heavy, strict=True):
        assert kept.sum() >= 0.6 * said.sum()
        assert kept.sum() - kept[kept > 0].min(initial=np.inf) < 0.6 * said.sum()  # one fewer would not do
        assert (said[kept == 0] <= kept[kept > 0].min(initial=np.inf)).all()


def test_every_product_keeps_those_that_say_most_for_it() -> None:
    likes = some_likes()
    whole = fit_similar(likes, UNTAGGED, RULES).matrix(25, 25).toarray()
    found = fit_similar(likes, UNTAGGED, replace(RULES, share=0.01)).matrix(25, 25).toarray()

    for said, kept in zip(whole.T, found.T, strict=True):
        loudest = np.argsort(-said, kind="stable")[:5]
        assert set(loudest[said[loudest] > 0].tolist()) <= set(np.flatnonzero(kept).tolist())


def test_the_least_liked_may_be_left_out() -> None:
    likes = some_likes()
    rules = replace(RULES, speakers=10)
    all_, speakers = (fit_similar(likes, UNTAGGED, rules, of_speakers_only=only) for only in (False, True))

    spoken_for = set(np.argsort(-likes.likers, kind="stable")[:10].tolist())
    assert set(speakers.target.tolist()) <= spoken_for < set(all_.target.tolist())


def test_many_products_are_solved_in_parts_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    likes = some_likes()
    whole = fit_similar(likes, UNTAGGED, RULES)
    monkeypatch.setattr("app.taste.ridge.BATCH", 4)
    told: list[int] = []

    parts = fit_similar(likes, UNTAGGED, RULES, told.append)

    assert sum(told) == 25
    assert parts.source.tolist() == whole.source.tolist()
    assert parts.weight == pytest.approx(whole.weight, rel=1e-3)


def test_nobody_likes_anything() -> None:
    assert len(fit_similar(to_likes([], [], [], people=0, products=2), UNTAGGED, RULES)) == 0


def test_busy_identities_say_less_of_a_pair() -> None:
    # p0 goes with p1 for whoever likes only these, and with p2 for as many who like everything.
    few = [(person, product) for person in range(10) for product in (0, 1)]
    many = [(person, product) for person in range(10, 20) for product in (0, *range(2, 25))]
    source, target = zip(*few, *many, strict=True)
    likes = to_likes(source, target, [1.0] * len(source), people=20, products=25)

    quieter = fit_similar(likes, UNTAGGED, replace(RULES, busy=0.5)).matrix(25, 25).toarray()
    equal = fit_similar(likes, UNTAGGED, replace(RULES, busy=0.0)).matrix(25, 25).toarray()

    assert quieter[0, 1] / quieter[0, 2] > equal[0, 1] / equal[0, 2]
