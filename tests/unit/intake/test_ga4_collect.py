"""What GA4's tags and clients were recorded to send, and rows of its BigQuery export."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.domain.models import Interaction, RowError
from app.intake.consent_signals import parse_event_signals
from app.intake.events import lines_of, parse_events
from app.intake.ga4_collect import collected_bodies, protocol_body

NOW = datetime(2026, 12, 1, tzinfo=UTC)
WIRE = Path(__file__).parents[2] / "wire"


def recorded(name: str) -> Any:
    return json.loads((WIRE / name).read_text(encoding="utf-8"))["body"]


def taken(rows: list[Any]) -> list[Interaction]:
    parsed = parse_events(rows, NOW, 24)
    assert parsed.errors == []
    return parsed.values


def hits() -> list[list[tuple[str, str]]]:
    lines = (WIRE / "ga4-browser-protocol-collect.txt").read_text(encoding="utf-8").splitlines()
    return [parse_qsl(urlsplit(line.split()[1]).query) for line in lines if line.startswith("GET")]


def test_an_object_in_place_of_the_list_of_events_is_one_event() -> None:
    [told] = taken([protocol_body(recorded("ga4-python-postponed.json"))])

    assert (told.type, told.identity_id, told.lines[0].product_id) == ("cart", "shopper-1", "12")


def test_an_apps_instance_stands_for_its_client() -> None:
    body = {"app_instance_id": "i-1", "events": [{"name": "view_item", "params": {"items": [{"item_id": "p"}]}}]}

    assert [one.identity_id for one in taken([protocol_body(body)])] == ["i-1"]


def test_a_tags_address_is_read() -> None:
    view, order = (taken(list(collected_bodies(hit, "")))[0] for hit in hits())

    assert (view.type, view.identity_id, view.session_id) == ("view", "shopper-1", "123.456.1795998023")
    assert [(line.product_id, line.price_paid) for line in view.lines] == [("0012", Decimal("9.95"))]
    assert (order.type, order.order_id, order.currency) == ("purchase", "o-1", "EUR")
    assert [(line.product_id, line.quantity) for line in order.lines] == [("0012", 2.0), ("0013", 1.0)]


def test_each_line_of_a_body_is_an_event_that_shares_the_address() -> None:
    text = "en=view_item&pr1=idp1~nmA%20~~%20B~pr1.50\r\nen=add_to_cart&pr1=idp2\n\n"

    told = taken(list(collected_bodies([("cid", "1.2"), ("sid", "7")], text)))

    assert [(one.type, one.lines[0].product_id, one.session_id) for one in told] == [
        ("view", "p1", "1.2.7"),
        ("cart", "p2", "1.2.7"),
    ]


def test_a_tilde_in_a_name_changes_no_price() -> None:
    [told] = taken(list(collected_bodies([("cid", "1.2"), ("en", "view_item"), ("pr1", "idp1~nmA~~pr1~pr9.95")], "")))

    assert told.lines[0].price_paid == Decimal("9.95")


@pytest.mark.parametrize(
    ("more", "allowed"),
    [
        ([("gcs", "G100")], {"measurement": False}),
        ([("gcs", "G101")], {"measurement": True}),
        ([("gcs", "G111"), ("npa", "1")], {"measurement": True, "ads_audience": False}),
        ([("gcs", "G1--")], {}),
        ([("npa", "0")], {}),
    ],
)
def test_googles_consent_state_is_heard(more: list[tuple[str, str]], allowed: dict[str, bool]) -> None:
    bodies = list(collected_bodies([("cid", "1.2"), ("en", "view_item"), ("pr1", "idp"), *more], ""))

    signals = parse_event_signals(bodies, NOW, 24, {}).values

    assert [signal.allowed for signal in signals] == ([allowed] if allowed else [])


def test_a_hit_without_an_event_says_nothing() -> None:
    assert list(collected_bodies([("cid", "1.2")], "\nx\n")) == []


def export(**changes: Any) -> dict[str, Any]:
    [line] = (WIRE / "ga4_bigquery_row.jsonl").read_text(encoding="utf-8").splitlines()
    return {**json.loads(line), **changes}


def test_a_row_of_the_export_is_read_with_its_nested_parameters() -> None:
    [told] = taken([export()])

    assert (told.type, told.identity_id, told.order_id, told.currency) == ("purchase", "1234.5678", "T_9", "USD")
    assert told.session_id == "1234.5678.1796000000"
    assert told.at == datetime(2026, 11, 29, 20, 20, 50, 141424, tzinfo=UTC)
    assert [(line.product_id, line.quantity, line.price_paid) for line in told.lines] == [("SKU_1", 2.0, 10)]


def test_repeated_fields_may_be_wrapped_as_parquet_does() -> None:
    row = export()
    wrapped = {name: {"list": [{"element": one} for one in row[name]]} for name in ("items", "event_params")}

    assert taken([export(**wrapped)]) == taken([row])


def test_its_errors_name_its_own_fields() -> None:
    bad = export(items=[{"item_id": "a", "price": -1}, {"item_id": "b"}])

    assert parse_events([bad, export(event_name="scroll"), export(user_pseudo_id=None)], NOW, 24).errors == [
        RowError(0, "items.0.price", "must be at least 0"),
        RowError(1, "event_name", "is not an e-commerce event Plural uses"),
        RowError(2, "user_pseudo_id", "is missing"),
    ]


def test_its_items_are_counted_before_they_are_parsed() -> None:
    assert lines_of(export(items=[{"item_id": "a"}] * 3)) == 3
