"""Ranking metrics: examples by hand, and the word of ir_measures."""

# pyright: reportUnknownMemberType=false
# ir_measures has no complete types.

import math
from typing import Any

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, P, R, Success, nDCG

from app.domain.models import Product, Tag
from app.evaluation import metrics

K = 5


def ranked(*lists: list[int]) -> Any:
    """Lists as the matrix the metrics take, short ones filled with -1."""
    return np.asarray([one + [-1] * (K - len(one)) for one in lists], dtype=np.int64)


def test_a_hit_is_a_held_out_product_at_its_place():
    hits = metrics.find_hits(ranked([4, 2, 9, 7, 1], [3]), [{2, 7}, {8}])

    assert hits.tolist() == [[False, True, False, True, False], [False] * K]


def test_accuracy_of_one_list_worked_out_by_hand():
    hits = metrics.find_hits(ranked([4, 2, 9, 7, 1]), [{2, 7, 30, 31, 32, 33}])
    held_out = np.asarray([6])
    gain = 1 / math.log2(3) + 1 / math.log2(5)

    assert metrics.recall(hits, held_out)[0] == pytest.approx(2 / 6)
    assert metrics.precision(hits)[0] == pytest.approx(2 / 5)
    assert metrics.hit(hits)[0] == 1.0
    assert metrics.reciprocal_rank(hits)[0] == pytest.approx(1 / 2)
    assert metrics.ndcg(hits, held_out)[0] == pytest.approx(gain / sum(1 / math.log2(n) for n in range(2, 7)))
    assert metrics.ndcg_all(hits, held_out)[0] == pytest.approx(gain / sum(1 / math.log2(n) for n in range(2, 8)))


def test_an_empty_list_scores_nothing():
    hits = metrics.find_hits(ranked([]), [{1}])
    held_out = np.asarray([1])

    scores = [metrics.recall(hits, held_out), metrics.ndcg(hits, held_out), metrics.reciprocal_rank(hits)]
    assert [score[0] for score in (*scores, metrics.precision(hits), metrics.hit(hits))] == [0.0] * 5


def test_metrics_agree_with_ir_measures_on_random_lists():
    rng = np.random.default_rng(7)
    lists = [rng.permutation(30)[:K].tolist() for _ in range(40)]
    relevant = [set(rng.choice(30, size=rng.integers(1, 9), replace=False).tolist()) for _ in range(40)]
    qrels = {str(n): {str(product): 1 for product in wanted} for n, wanted in enumerate(relevant)}
    run = {str(n): {str(product): float(-place) for place, product in enumerate(one)} for n, one in enumerate(lists)}
    theirs = ir_measures.calc_aggregate([R @ K, P @ K, nDCG @ K, RR @ K, Success @ K], qrels, run)

    hits = metrics.find_hits(ranked(*lists), relevant)
    held_out = metrics.sizes(relevant)

    assert metrics.recall(hits, held_out).mean() == pytest.approx(theirs[R @ K])
    assert metrics.precision(hits).mean() == pytest.approx(theirs[P @ K])
    assert metrics.ndcg(hits, held_out).mean() == pytest.approx(theirs[nDCG @ K])
    assert metrics.reciprocal_rank(hits).mean() == pytest.approx(theirs[RR @ K])
    assert metrics.hit(hits).mean() == pytest.approx(theirs[Success @ K])


def test_coverage_counts_each_product_of_the_catalogue_once():
    assert metrics.coverage(ranked([1, 2], [2, 3]), catalogue_size=12) == pytest.approx(3 / 12)


def test_novelty_is_the_surprise_of_meeting_a_holder():
    holders = np.asarray([8, 2, 0])

    assert metrics.novelty(ranked([0]), holders, identities=8) == 0.0
    assert metrics.novelty(ranked([0, 1]), holders, identities=8) == pytest.approx((0 + 2) / 2)
    assert metrics.novelty(ranked([2]), holders, identities=8) == pytest.approx(3.0)
    assert metrics.novelty(ranked([]), holders, identities=8) == 0.0


def test_diversity_is_one_less_the_mean_tag_cosine():
    jazz, rock = Tag("jazz"), Tag("rock")
    products = [
        Product("0", "jazz", tags=(jazz,)),
        Product("1", "jazz too", tags=(jazz,)),
        Product("2", "both", tags=(jazz, rock)),
        Product("3", "untagged"),
    ]

    assert metrics.diversity(ranked([0, 1]), products) == pytest.approx(0.0)
    assert metrics.diversity(ranked([0, 2]), products) == pytest.approx(1 - 1 / math.sqrt(2))
    assert metrics.diversity(ranked([0, 3]), products) == pytest.approx(1.0)
    assert metrics.diversity(ranked([0, 1, 2]), products) == pytest.approx(1 - (1 + 2 / math.sqrt(2)) / 3)
    assert metrics.diversity(ranked([0, 1], [0, 3], [2]), products) == pytest.approx(0.5)


def test_diversity_of_a_catalogue_without_tags_is_not_known():
    assert metrics.diversity(ranked([0, 1]), [Product("0", "a"), Product("1", "b")]) is None
