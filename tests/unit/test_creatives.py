"""What a creative says is checked when it is put, and filled in with the product that it is shown with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.creatives import VARIABLES, Creative, KnownCreative, TemplateError, check_template, render
from app.domain.recommendation import Offer
from app.intake.creatives import parse_creatives
from app.taste.sensitive import phrases_of, traits_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TEA = Offer("tea", "Green tea", "Leaf", "Drinks > Tea", 4.5, currency="EUR", link="https://shop.example/tea")


def row(**fields: Any) -> dict[str, Any]:
    return {"id": "c1", "channels": ["web"], "headline": "Now", **fields}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{product.title} for {product.price}", "Green tea for 4.50 EUR"),
        ("{product.brand}: {product.category}", "Leaf: Tea"),
        ("See {product.link}", "See https://shop.example/tea"),
        ("No braces", "No braces"),
    ],
)
def test_a_text_is_filled_in_with_its_product(text: str, expected: str) -> None:
    assert render(check_template(text), TEA) == expected


def test_what_the_product_has_not_leaves_the_text_unused() -> None:
    assert render("Only {product.price}", Offer("tea", "Green tea")) is None
    assert render(None, TEA) is None


def test_what_a_products_title_holds_is_not_filled_in_again() -> None:
    assert render("{product.title}", Offer("tea", "Tea {product.price}", price=1.0)) == "Tea {product.price}"


def test_a_price_is_what_is_paid() -> None:
    assert render("{product.price}", Offer("tea", "Tea", price=4.5, sale_price=3.0, currency="EUR")) == "3.00 EUR"


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("Hello {name}", 7),
        ("{product.title} and {product.__class__}", 21),
        ("{}", 1),
        ("{ product.title }", 1),
        ("{product.title", 1),
        ("oh }", 4),
        ("{{product.title}}", 1),
        ("{identity.email}", 1),
    ],
)
def test_braces_around_anything_else_are_refused_with_their_place(text: str, character: int) -> None:
    with pytest.raises(TemplateError, match=f"at character {character} ") as refused:
        check_template(text)

    assert all(f"{{{name}}}" in str(refused.value) for name in VARIABLES)


def test_a_bad_text_is_told_with_its_row_and_field_and_sinks_no_other() -> None:
    parsed = parse_creatives([row(), row(headline="Dear {first_name}"), row(text="{"), row(headline=None)])

    assert [error.index for error in parsed.errors] == [1, 2, 3]
    assert [error.field for error in parsed.errors] == ["headline", "text", ""]
    assert "first_name" not in parsed.errors[0].reason
    assert len(parsed.values) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"channels": []},
        {"channels": ["fax"]},
        {"image_link": "javascript:alert(1)"},
        {"valid_from": "2026-12-02T00:00:00Z", "valid_until": "2026-12-01T00:00:00Z"},
        {"about": {"people": ["tom"]}},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    assert parse_creatives([row(**fields)]).errors


@pytest.mark.parametrize(
    ("text", "traits"),
    [
        ("Because of your diabetes", {"health"}),
        ("For ladies like you", {"who they are"}),
        ("Cosy evenings", set[str]()),
        ("A halal grill for women", {"faith", "who they are"}),
    ],
)
def test_words_that_tell_of_people_are_found(text: str, traits: set[str]) -> None:
    assert traits_of([text]) == traits


def test_a_shop_adds_words_and_takes_them_away() -> None:
    assert traits_of(["Men at work"], removed=phrases_of(["men at work"])) == set()
    assert traits_of(["For redheads"], phrases_of(["redhead"])) == {"shop"}


def test_a_creative_says_why_it_is_used_for_nobody() -> None:
    def unused(**known: Any) -> str | None:
        times = {name: known.pop(name) for name in ("valid_from", "valid_until") if name in known}
        found = KnownCreative(Creative("c", ("web",), **times), NOW, "key", **known).unused(NOW)
        return found and found[0]

    assert unused() is None
    assert unused(valid_from=NOW, valid_until=NOW + timedelta(seconds=1)) is None
    assert unused(valid_from=NOW + timedelta(seconds=1)) == "not_yet"
    assert unused(valid_until=NOW) == "over"
    assert unused(is_sold_out=True) == "sold_out"
    assert unused(traits=("health",)) == "names_traits"
