"""How a task becomes events and requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from app.domain.models import Line, Product, Tag
from app.evaluation.datasets import Dataset, Interactions
from app.evaluation.loading import UNTIMED, to_catalogue, to_events
from app.evaluation.served import moment_of, request_of
from app.evaluation.shelves import Question
from app.evaluation.task import Task


def task(at: list[int] | None = None, asked_at: list[int] | None = None) -> Task:
    rows = Interactions(
        np.asarray([1, 0, 1]),
        np.asarray([0, 1, 2]),
        np.asarray([3.0, 1.0, 1.0]),
        None if at is None else np.asarray(at),
    )
    products = tuple(Product(f"p{n}", f"Product {n}") for n in range(4))
    return Task(
        dataset=Dataset("small", ("ann", "bob"), products, rows),
        train=rows,
        asked=np.asarray([1]),
        relevant=(frozenset({3}),),
        barred=(frozenset({2, 1}),),
        asked_at=None if asked_at is None else np.asarray(asked_at),
        repeats=False,
    )


def test_what_was_done_at_one_time_is_one_purchase_with_its_weights_as_quantities():
    events = list(to_events(task(at=[60, 60, 60])))

    assert [(e.identity_id, e.type, e.at) for e in events] == [
        ("ann", "purchase", datetime(1970, 1, 1, 0, 1, tzinfo=UTC)),
        ("bob", "purchase", datetime(1970, 1, 1, 0, 1, tzinfo=UTC)),
    ]
    assert events[1].lines == (Line("p0", 3.0), Line("p2", 1.0))
    assert len({event.id for event in events}) == 2


def test_interactions_of_two_times_are_two_purchases():
    assert [(e.identity_id, len(e.lines)) for e in to_events(task(at=[60, 60, 120]))] == [
        ("ann", 1),
        ("bob", 1),
        ("bob", 1),
    ]


def test_prices_reach_the_lines():
    timed = task(at=[60, 60, 60])
    priced = replace(timed.train, price_paid=np.asarray([1.5, 2.0, 3.0]), list_price=np.asarray([3.0, 2.0, 3.0]))

    line = list(to_events(replace(timed, train=priced)))[1].lines[0]

    assert (line.price_paid, line.discount_share) == (Decimal("1.5"), 0.5)


def test_the_service_is_told_no_tags_where_the_task_says_so():
    plain = task()
    tagged = replace(
        plain, dataset=replace(plain.dataset, products=(Product("p", "P", brand="b", tags=(Tag("loud"),)),))
    )

    assert to_catalogue(tagged) == tagged.dataset.products
    assert to_catalogue(replace(tagged, with_tags=False)) == [Product("p", "P", brand="b")]


def test_a_request_excludes_what_the_protocol_bars():
    request = request_of(task(), 0, 7, Question("service", ("similar",), "full_price"))

    assert (request.identity_id, request.limit, request.exclude) == ("bob", 7, ("p1", "p2"))
    assert (request.sources, request.objective) == (("similar",), "full_price")
    assert request.context.viewing == ()


def test_a_request_shows_what_stands_on_the_page():
    looking = replace(task(), viewed=(frozenset({2, 0}),))

    assert request_of(looking, 0, 7, Question("service", None, "balanced")).context.viewing == ("p0", "p2")


def test_a_held_out_basket_is_asked_at_its_time_and_the_timeless_a_day_later():
    assert moment_of(task(at=[60, 60, 60], asked_at=[600]), 0) == datetime(1970, 1, 1, 0, 10, tzinfo=UTC)
    assert moment_of(task(), 0) == UNTIMED + timedelta(days=1)
