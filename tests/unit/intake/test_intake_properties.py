"""What must hold for whatever is sent: generated rows, good, bad and absurd."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.models import Identifier, Interaction
from app.intake.batches import Parsed
from app.intake.consents import parse_consents
from app.intake.events import parse_events
from app.intake.identities import parse_identities
from app.intake.products import parse_products

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

calm = settings(deadline=None, max_examples=60)
"""Time is not what is tested here."""

GOOD: dict[str, Any] = {
    "event_id": "good",
    "type": "view",
    "identity_id": "tom",
    "at": "2026-05-01T10:00:00Z",
    "lines": [{"product_id": "p"}],
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["2026-05-01T10:00:00Z", "2026-05-01", "1e400", "12.50 EUR", "NaN", "\ud800", "x" * 201])
)
names = st.sampled_from(
    [
        *("event_id", "type", "identity_id", "at", "lines", "product_id", "quantity", "price_paid", "list_price"),
        *("event", "messageId", "userId", "anonymousId", "timestamp", "properties", "products", "sku", "price"),
        *("client_id", "user_id", "timestamp_micros", "events", "name", "params", "items", "item_id", "discount"),
        *("id", "title", "kind", "identifiers", "tags", "purpose", "status", "expires_at", "currency", "value"),
    ]
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=3), inner, max_size=6),
    max_leaves=12,
)


def mostly(*good: object, bad: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of ``good``, or now and then something that may be anything."""
    return st.integers(0, 19).flatmap(lambda roll: bad if roll == 0 else st.sampled_from(good))


ids = mostly("tom", "debbie", "p 1", 17, "é" * 200, bad=st.text(max_size=220) | st.floats())
prices = mostly(
    None, "9.50", 0, 12.5, 0.1 + 0.2, "0.30000000000000004", 10**14, bad=st.floats() | st.decimals().map(str)
)
quantities = mostly(1, "2", 0.25, bad=st.floats() | st.integers(-1, 0))
moments = mostly(
    "2026-05-01T10:00:00+02:00", "1970-01-01T00:00:00Z", NOW, bad=st.datetimes(timezones=st.just(UTC) | st.none())
)
currencies = mostly(None, "EUR", "usd", bad=st.text(max_size=4))

own_events = st.fixed_dictionaries(
    {
        "event_id": ids,
        "type": st.sampled_from(["view", "purchase", "refund", "search"]),
        "identity_id": ids,
        "at": moments,
        "lines": st.lists(
            st.fixed_dictionaries(
                {"product_id": ids, "quantity": quantities, "price_paid": prices, "list_price": prices}
            ),
            max_size=3,
        ),
    },
    optional={"order_id": ids, "session_id": ids, "currency": currencies},
)
segment_calls = st.fixed_dictionaries(
    {
        "type": st.just("track"),
        "event": st.sampled_from(["Order Completed", "Product Viewed", "Order Refunded", "Cart Viewed"]),
        "userId": ids,
        "timestamp": moments,
        "properties": st.fixed_dictionaries(
            {
                "products": st.lists(
                    st.fixed_dictionaries({"product_id": ids, "price": prices, "quantity": quantities}), max_size=3
                ),
                "discount": prices,
            },
            optional={"order_id": ids, "currency": currencies},
        ),
    },
    optional={"messageId": ids},
)
ga4_events: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["purchase", "view_item", "refund", "page_view"]),
        "params": st.fixed_dictionaries(
            {
                "items": st.lists(
                    st.fixed_dictionaries(
                        {"item_id": ids, "price": prices, "discount": prices, "quantity": quantities}
                    ),
                    max_size=3,
                )
            },
            optional={"transaction_id": ids, "session_id": ids, "currency": currencies},
        ),
    }
)
ga4_bodies = st.fixed_dictionaries(
    {"client_id": ids, "events": st.lists(ga4_events, max_size=3)},
    optional={"timestamp_micros": mostly(1_777_600_000_000_000, "1", bad=st.integers(-1, 2**62))},
)
events = own_events | segment_calls | ga4_bodies


def parse(*rows: object) -> Parsed[Interaction]:
    return parse_events(rows, NOW, 24)


@calm
@given(st.lists(anything, max_size=6))
def test_whatever_is_sent_every_row_is_taken_or_told_and_none_sinks_the_batch(rows: list[object]) -> None:
    parsers: list[Callable[[Sequence[object]], Parsed[Any]]] = [
        partial(parse_events, now=NOW, future_hours=24),
        parse_products,
        partial(parse_identities, identify=lambda type_, value: Identifier(type_, "hash")),
        partial(parse_consents, now=NOW, future_hours=24),
    ]
    for parser in parsers:
        parsed = parser(rows)
        told = {index for index, _ in parsed.rows} | {error.index for error in parsed.errors}

        assert len(told) + parsed.replaced >= len(rows)
        assert told <= set(range(len(rows)))
        for error in parsed.errors:
            assert error.reason
            f"{error.field} {error.reason}".encode()


@calm
@given(st.lists(anything, max_size=4), st.lists(anything, max_size=4))
def test_a_good_row_stands_whatever_is_around_it(before: list[object], after: list[object]) -> None:
    parsed = parse(*before, GOOD, *after)

    assert [row.id for index, row in parsed.rows if index == len(before)] == ["good"]


def test_the_generated_events_are_accepted_often_enough_to_mean_something() -> None:
    accepted = 0

    @settings(max_examples=100, database=None, deadline=None, derandomize=True)
    @given(events)
    def count(row: object) -> None:
        nonlocal accepted
        accepted += len(parse(row).rows)

    count()

    assert accepted > 20


@calm
@given(st.lists(events, max_size=4))
def test_what_is_accepted_obeys_the_limits(rows: list[object]) -> None:
    for interaction in parse(*rows).values:
        optional = (interaction.session_id, interaction.decision_id, interaction.order_id)
        for one in (interaction.id, interaction.identity_id, *(known for known in optional if known is not None)):
            assert_is_id(one)
        assert datetime(1970, 1, 1, tzinfo=UTC) <= interaction.at <= NOW + timedelta(hours=24)
        assert interaction.at.tzinfo is UTC
        assert interaction.currency is None or (len(interaction.currency) == 3 and interaction.currency.isupper())
        for line in interaction.lines:
            assert_is_id(line.product_id)
            assert line.quantity > 0
            assert math.isfinite(line.quantity)
            assert 0 <= line.discount_share <= 1
            for price in (line.price_paid, line.list_price):
                assert price is None or price >= 0
                assert price is None or Decimal(repr(float(price))) == price


def assert_is_id(one: str) -> None:
    assert 1 <= len(one) <= 200
    assert one.strip() == one
    assert not [char for char in one if ord(char) < 32 or 127 <= ord(char) < 160]


@calm
@given(st.lists(events, max_size=4), st.integers(1, 10**6))
def test_sending_a_timed_row_again_gives_the_same_ids(rows: list[dict[str, Any]], seconds: int) -> None:
    timed = [row for row in rows if "client_id" not in row or "timestamp_micros" in row]

    first = parse_events(timed, NOW, 24)
    again = parse_events(timed, NOW + timedelta(seconds=seconds), 24)

    # What lay too far ahead before may be taken now; what was taken before is the same now.
    later = dict.fromkeys((index, row.id) for index, row in again.rows)
    assert [(index, row.id) for index, row in first.rows if (index, row.id) not in later] == []


@calm
@given(st.lists(events, min_size=2, max_size=5), st.randoms())
def test_a_row_says_the_same_whatever_batch_it_comes_in(rows: list[object], random: Any) -> None:
    alone = [(parse(row).values, [(e.field, e.reason) for e in parse(row).errors]) for row in rows]

    together = parse(*rows)

    assert [
        (
            [row for at, row in together.rows if at == index],
            [(e.field, e.reason) for e in together.errors if e.index == index],
        )
        for index in range(len(rows))
    ] == alone
