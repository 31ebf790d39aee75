"""Snowplow's tracker protocol 2, as its trackers were recorded to send it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.domain.models import Interaction
from app.intake.events import parse_events
from app.intake.snowplow import own_rows

NOW = datetime(2026, 12, 1, tzinfo=UTC)
WIRE = Path(__file__).parents[2] / "wire"


def recorded(name: str) -> list[Any]:
    return json.loads((WIRE / name).read_text(encoding="utf-8"))["body"]["data"]


def taken(events: list[Any], *, of_page: bool = False) -> list[Interaction]:
    parsed = parse_events(own_rows(events, of_page=of_page), NOW, 24)
    assert parsed.errors == []
    return parsed.values


def said(interaction: Interaction) -> tuple[Any, ...]:
    lines = [(line.product_id, line.quantity, str(line.price_paid)) for line in interaction.lines]
    return interaction.type, interaction.order_id, interaction.currency, lines


def test_a_pages_e_commerce_is_read_from_its_entities() -> None:
    """The failed payment and the lists that were shown are left out."""
    tee = [("0012", 2.0, "9.95")]

    told = taken(recorded("snowplow-browser-ecommerce-post.json"))

    assert [said(one) for one in told] == [
        ("view", None, "EUR", tee),
        ("cart", None, "EUR", tee),
        ("purchase", "o-1", "EUR", tee),
        ("refund", "o-1", "EUR", tee),
        ("view", None, "EUR", tee),
    ]
    assert {one.identity_id for one in told} == {"shopper-1"}
    assert "example.org" not in repr(told)


def test_a_pages_own_events_are_its_sessions() -> None:
    told = taken(recorded("snowplow-browser-ecommerce-post.json"), of_page=True)

    assert {one.identity_id for one in told} == {"session:739d2fe3-4c31-4c82-9586-d027006ccab5"}


@pytest.mark.parametrize("name", ["snowplow-node-post-base64.json", "snowplow-python-post-base64.json"])
def test_base64_is_read_padded_or_not(name: str) -> None:
    """Node pads nothing, Python does."""
    first = taken(recorded(name))[0]

    assert said(first) == ("cart", None, "EUR", [("0012", 1.0, "9.95")])
    assert first.at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_older_events_and_transactions_are_read() -> None:
    told = taken(recorded("snowplow-python-post-plain.json"))

    assert [said(one) for one in told] == [
        ("cart", None, "EUR", [("0012", 1.0, "9.95")]),
        ("view", None, "EUR", [("0012", 1.0, "9.95")]),
        ("purchase", "o-1", "EUR", [("0012", 2.0, "9.95")]),
        ("cart", None, "EUR", [("0012", 2.0, "9.95")]),
    ]


def test_what_a_picture_asks_for_is_the_same() -> None:
    lines = (WIRE / "snowplow-browser-ecommerce-get.txt").read_text(encoding="utf-8").splitlines()
    events = [dict(parse_qsl(urlsplit(line.split()[1]).query)) for line in lines]

    assert [one.type for one in taken(events)] == ["view", "cart", "purchase"]


@pytest.mark.parametrize(
    "event",
    [
        *(
            5,
            None,
            [],
            {},
            {"e": "ue"},
            {"e": "ue", "ue_pr": "{"},
            {"e": "ue", "ue_px": "%%%"},
            {"e": "ue", "ue_px": "a"},
        ),
        *({"e": "ue", "ue_pr": "[]"}, {"e": "ue", "ue_pr": '{"data": 5}'}, {"e": "ue", "ue_pr": 5}, {"e": "pv"}),
        {"e": "ue", "ue_pr": '{"data": {"schema": "iglu:com.shop/own/jsonschema/1-0-0", "data": {"type": "refund"}}}'},
    ],
)
def test_what_is_not_of_a_shop_or_cannot_be_read_says_nothing(event: object) -> None:
    assert own_rows([event], of_page=False) == []


def test_an_event_without_an_id_or_a_time_is_refused_and_not_guessed() -> None:
    errors = parse_events(
        own_rows([{"e": "ti", "ti_id": "o", "ti_sk": "p", "uid": "ann"}], of_page=False), NOW, 24
    ).errors

    assert {error.field for error in errors} == {"event_id", "at"}
