"""The evaluator is right when simple baselines come out as others measured them."""

import os
from pathlib import Path

import numpy as np
import pytest

from app.evaluation import metrics
from app.evaluation.baselines import baselines_of, rank_by_own_frequency, rank_by_popularity
from app.evaluation.datasets import Dataset, read_complete_journey, read_lastfm, read_movielens
from app.evaluation.task import build_task

LASTFM = Path(__file__).parents[4] / "shared" / "data" / "lastfm-hetrec2011"


@pytest.fixture(scope="module")
def lastfm() -> Dataset:
    if not LASTFM.exists():
        pytest.skip(f"the Last.fm data is not at {LASTFM}")
    return read_lastfm(LASTFM)


@pytest.mark.data
def test_lastfm_is_the_published_data_set(lastfm: Dataset):
    assert (len(lastfm.identities), len(lastfm.products), len(lastfm.interactions)) == (1_892, 17_632, 92_834)
    assert len(lastfm.friends) == 12_717


@pytest.mark.data
def test_popularity_on_lastfm_is_the_published_067(lastfm: Dataset):
    scores: list[float] = []
    for seed in range(3):
        task = build_task(lastfm, "ratio", "test", seed)
        hits = metrics.find_hits(rank_by_popularity(task, 10), task.relevant)
        scores.append(float(metrics.ndcg(hits, metrics.sizes(task.relevant)).mean()))

    assert np.mean(scores) == pytest.approx(0.067, abs=0.005)


@pytest.mark.data
def test_most_frequent_on_complete_journey_is_the_published_149():
    task = build_task(read_complete_journey(), "taiw", "test", seed=0)
    held_out = metrics.sizes(task.relevant)
    popular = metrics.find_hits(rank_by_popularity(task, 10), task.relevant)
    frequent = metrics.find_hits(rank_by_own_frequency(task, 10), task.relevant)

    assert (len(task.dataset.products), len(task.asked)) == (19_845, 2_233)
    assert metrics.ndcg_all(frequent, held_out).mean() == pytest.approx(0.149, abs=0.006)
    assert metrics.ndcg_all(popular, held_out).mean() == pytest.approx(0.0703, abs=0.001)
    assert metrics.recall(frequent, held_out).mean() == pytest.approx(0.1598, abs=0.001)


@pytest.mark.data
def test_neighbours_and_ease_on_lastfm_are_the_published_185_and_200(lastfm: Dataset):
    task = build_task(lastfm, "ratio", "test", seed=0)
    held_out = metrics.sizes(task.relevant)
    ndcg = {
        baseline.name: metrics.ndcg(metrics.find_hits(baseline.rank(task, 10), task.relevant), held_out).mean()
        for baseline in baselines_of(task)
    }

    assert ndcg["item-item cosine"] == pytest.approx(0.185, abs=0.005)
    assert ndcg["EASE"] == pytest.approx(0.200, abs=0.006)


@pytest.mark.data
def test_ml_100k_certifies_the_evaluator():
    if "PLURAL_ML_100K" not in os.environ:
        pytest.skip("PLURAL_ML_100K names no folder of MovieLens 100k")
    task = build_task(read_movielens(Path(os.environ["PLURAL_ML_100K"])), "holdout", "test", seed=0)
    held_out = metrics.sizes(task.relevant)
    ndcg = {
        baseline.name: metrics.ndcg_all(metrics.find_hits(baseline.rank(task, 10), task.relevant), held_out).mean()
        for baseline in baselines_of(task)
    }

    assert ndcg["popularity"] == pytest.approx(0.1361, abs=0.01)
    assert ndcg["item-item cosine"] == pytest.approx(0.2571, abs=0.01)
    assert ndcg["EASE"] == pytest.approx(0.2905, abs=0.01)
