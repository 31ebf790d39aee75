"""Ids and prices as data frames, SDKs and storefronts write them: what is nobody, and what is the same."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.recommendations import RecommendationBody
from app.domain.models import Identifier, RowError
from app.intake.batches import Parsed
from app.intake.consents import parse_consents
from app.intake.events import parse_events
from app.intake.files import read_rows
from app.intake.identities import parse_identities
from app.intake.links import parse_links
from app.intake.products import parse_products

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AT = "2026-05-01T10:00:00Z"

calm = settings(deadline=None, max_examples=60)


def identifier(type_: str, value: str) -> Identifier:
    return Identifier(type_, value)


PARSERS: dict[str, Callable[[Sequence[object]], Parsed[Any]]] = {
    "events": partial(parse_events, now=NOW, future_hours=24),
    "products": parse_products,
    "identities": partial(parse_identities, identify=identifier),
    "consents": partial(parse_consents, now=NOW, future_hours=24),
    "links": partial(parse_links, identify=identifier, now=NOW, future_hours=24),
}

OWN: dict[str, Any] = {
    "event_id": "e",
    "type": "purchase",
    "identity_id": "i",
    "at": AT,
    "session_id": "s",
    "order_id": "o",
    "decision_id": "d",
    "lines": [{"product_id": "p"}],
}
SEGMENT: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "m",
    "userId": "u",
    "anonymousId": "a",
    "timestamp": AT,
    "properties": {"order_id": "o", "products": [{"product_id": "p", "sku": "k"}]},
}
GA4: dict[str, Any] = {
    "client_id": "c",
    "user_id": "u",
    "timestamp_micros": 1_777_000_000_000_000,
    "name": "purchase",
    "params": {"transaction_id": "t", "session_id": "s", "items": [{"item_id": "p"}]},
}
PRODUCT: dict[str, Any] = {"id": "p", "title": "t", "item_group_id": "g", "brand": "b", "custom_label_0": "l"}
IDENTITY: dict[str, Any] = {
    "id": "i",
    "kind": "work",
    "person_id": "p",
    "account_id": "a",
    "household_id": "h",
    "identifiers": [{"type": "phone", "value": "v"}],
}
CONSENT: dict[str, Any] = {"identity_id": "i", "purpose": "measurement", "status": "granted", "at": AT}
LINK: dict[str, Any] = {"type": "person_identity", "from": "p", "to": "i", "seen_at": AT}

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("events", OWN),
    ("events", SEGMENT),
    ("events", GA4),
    ("products", PRODUCT),
    ("identities", IDENTITY),
    ("consents", CONSENT),
    ("links", LINK),
]
NO_IDS = frozenset(
    ["type", "event", "timestamp", "timestamp_micros", "name", "at", "seen_at", "title", "kind", "purpose", "status"]
)


def paths(row: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where ids stand in a good row."""
    entries = cast("Any", row).items() if isinstance(row, dict) else enumerate(row)
    for key, value in entries:
        if isinstance(value, dict | list):
            yield from paths(value, (*path, key))
        elif key not in NO_IDS:
            yield (*path, key)


def changed(row: Any, path: tuple[str | int, ...], value: object) -> Any:
    """The row with another value at the path."""
    copy = json.loads(json.dumps(row))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


PLACES = [pytest.param(kind, row, path, id=f"{kind}:{path}") for kind, row in GOOD for path in paths(row)]


@pytest.mark.parametrize(("kind", "row", "path"), PLACES)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused_with_the_name_of_its_field(
    kind: str, row: Any, path: tuple[str | int, ...], value: float
) -> None:
    parsed = PARSERS[kind]([changed(row, path, value)])

    assert RowError(0, ".".join(map(str, path)), "must not be NaN or Infinity") in parsed.errors


@pytest.mark.parametrize(("kind", "row", "path"), PLACES)
@given(number=st.integers(-(2**53), 2**53))
@settings(deadline=None, max_examples=5)
def test_a_whole_float_is_the_id_that_the_whole_number_is(
    kind: str, row: Any, path: tuple[str | int, ...], number: int
) -> None:
    spellings = (str(number), number, float(number), Decimal(f"{number}.00"))

    parsed = [PARSERS[kind]([changed(row, path, one)]).values for one in spellings]

    assert parsed[0]
    assert all(one == parsed[0] for one in parsed)


# Values of identifiers that name nobody are told apart by the tenant's rules.
@pytest.mark.parametrize(("kind", "row", "path"), [place for place in PLACES if "identifiers" not in str(place.id)])
@pytest.mark.parametrize("word", ["nan", "NaN", "None", "null", "undefined", " NULL ", "<NA>"])
def test_what_programs_print_for_none_is_not_given(kind: str, row: Any, path: tuple[str | int, ...], word: str) -> None:
    with_word, without = (PARSERS[kind]([changed(row, path, one)]).values for one in (word, None))

    assert with_word == without


def test_an_id_that_is_required_says_that_the_word_names_nobody() -> None:
    [error] = parse_products([PRODUCT | {"id": "nan"}]).errors

    assert (error.field, error.reason) == (
        "id",
        'must be an id: "nan", "none", "null" and "undefined" name nobody',
    )


@pytest.mark.parametrize("nobody", ["", None, "nan", "null", "undefined", "None"])
def test_a_logged_out_visitor_is_the_visitor(nobody: str | None) -> None:
    own = {**OWN, "identity_id": nobody}
    segment = {**SEGMENT, "userId": nobody}
    ga4 = {**GA4, "user_id": nobody}

    values = parse_events([own, segment, ga4], NOW, 24).values

    assert [one.identity_id for one in values] == ["session:s", "a", "c"]


def test_a_float_too_large_to_be_whole_for_certain_is_refused() -> None:
    [error] = parse_products([PRODUCT | {"id": 2.0**60}]).errors

    assert (error.field, error.reason) == ("id", "must be sent as text or whole: a float of this size has lost digits")


def test_text_stays_text() -> None:
    [one] = parse_products([PRODUCT | {"id": "10.0", "title": 1984}]).values

    assert (one.id, one.title) == ("10.0", "1984")


def price_of(written: object) -> Decimal | None:
    [one] = parse_products([PRODUCT | {"price": written}]).values
    return one.price


@calm
@given(cents=st.integers(0, 10_000_000))
def test_a_price_of_32_bits_is_the_price_that_it_was(cents: int) -> None:
    price = Decimal(cents) / 100
    widened = float(np.float32(float(price)))
    written = (widened, str(widened), f"{widened!r} EUR", float(price))

    assert [price_of(one) for one in written] == [price] * 4


@calm
@given(thousandths=st.integers(0, 10**12))
def test_a_price_that_somebody_wrote_is_left_alone(thousandths: int) -> None:
    price = Decimal(thousandths) / 1000

    assert [price_of(one) for one in (f"{price:f}", float(price))] == [price] * 2


@calm
@given(number=st.integers(0, 2**31))
def test_json_lines_and_parquet_read_an_id_alike(tmp_path_factory: Any, number: int) -> None:
    folder: Path = tmp_path_factory.mktemp("alike")
    (folder / "a.jsonl").write_text(json.dumps({**LINK, "from": float(number), "to": number}))
    columns: Any = {name: [value] for name, value in {**LINK, "from": float(number), "to": float(number)}.items()}
    pq.write_table(pa.table(columns), folder / "a.parquet")  # pyright: ignore[reportUnknownMemberType]

    links = [PARSERS["links"](list(read_rows(folder / name))).values for name in ("a.jsonl", "a.parquet")]

    assert [(one.start, one.end) for [one] in links] == [(str(number), str(number))] * 2


@calm
@given(number=st.integers(-(10**9), 10**9))
def test_questions_take_numbers_for_the_ids_that_they_are(number: int) -> None:
    asked = RecommendationBody.model_validate({"product_ids": [number, float(number)], "exclude": [float(number)]})

    assert (asked.product_ids, asked.exclude) == ((str(number),) * 2, (str(number),))


def test_null_and_empty_text_in_a_question_are_not_given() -> None:
    asked = RecommendationBody.model_validate({"identity_id": "", "session_id": "s", "exclude": None, "limit": None})

    assert asked == RecommendationBody(session_id="s")
