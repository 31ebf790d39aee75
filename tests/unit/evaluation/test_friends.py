"""Friends become links both ways, older than all that was done."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from app.domain.models import Product
from app.evaluation.datasets import Dataset, Interactions
from app.evaluation.loading import first_time, to_links
from app.evaluation.task import Task


def circle(friends: list[list[int]]) -> Task:
    """Ann and bob have a product each, cat is asked for, and dan is in the data alone."""
    rows = Interactions(np.asarray([0, 1]), np.asarray([0, 0]), np.ones(2), np.asarray([3_600, 7_200]))
    pairs = np.asarray(friends, dtype=np.int64).reshape(-1, 2)
    data = Dataset("circle", ("ann", "bob", "cat", "dan"), (Product("p0", "P"),), rows, pairs)
    return Task(data, rows, np.asarray([2]), (frozenset({0}),), (frozenset(),), None, False)


def test_a_pair_of_friends_follows_each_other():
    links = to_links(circle([[0, 1]]))

    assert [(link.type, link.start, link.end) for link in links] == [
        ("follows", "ann", "bob"),
        ("follows", "bob", "ann"),
    ]


def test_who_is_followed_need_not_follow_back():
    task = circle([])
    one_way = replace(task, dataset=replace(task.dataset, follows=np.asarray([[0, 1]], dtype=np.int64)))

    assert [(link.start, link.end) for link in to_links(one_way)] == [("ann", "bob")]


def test_friends_are_seen_before_the_first_interaction():
    task = circle([[0, 1]])

    assert first_time(task) == datetime(1970, 1, 1, 1, tzinfo=UTC)
    assert all(link.first_seen < first_time(task) and link.valid_until is None for link in to_links(task))


def test_only_friends_that_are_learned_from_or_asked_for_are_loaded():
    assert {link.start for link in to_links(circle([[0, 2], [0, 3]]))} == {"ann", "cat"}


def test_no_friends_are_no_links():
    assert to_links(circle([])) == []
