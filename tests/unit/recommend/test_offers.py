"""What a product costs now, whether it is offered now, and which rules hold it."""

from datetime import UTC, datetime

import pytest

from app.domain.errors import InvalidError
from app.domain.recommendation import Offer, Rule
from app.recommend.rules import rules_as_factor

BEFORE, DURING, AFTER = (datetime(2026, 5, day, tzinfo=UTC) for day in (1, 10, 20))
SALE = Offer("p", "Pan", price=40.0, sale_price=30.0, sale_from=datetime(2026, 5, 5, tzinfo=UTC), sale_until=AFTER)


@pytest.mark.parametrize(("at", "paid"), [(BEFORE, 40.0), (DURING, 30.0), (AFTER, 40.0)])
def test_the_sales_price_is_paid_while_the_sale_lasts(at: datetime, paid: float) -> None:
    offer = SALE.at(at)

    assert offer.paid == paid
    assert offer.sale_price == (30.0 if paid == 30.0 else None)
    assert rules_as_factor([Rule("price", ("..35",), "include")])(offer) == (1.0 if paid == 30.0 else 0.0)


def test_a_sales_price_that_is_no_lower_is_not_what_is_paid() -> None:
    assert Offer("p", "Pan", price=40.0, sale_price=45.0).paid == 40.0
    assert Offer("p", "Pan", sale_price=45.0).paid is None


def test_what_has_expired_is_not_offered() -> None:
    offer = Offer("p", "Pan", expires_at=DURING)

    assert [offer.at(when).offered for when in (BEFORE, DURING, AFTER)] == [True, False, False]
    assert Offer("p", "Pan", offered=False).at(BEFORE).offered is False


@pytest.mark.parametrize("category", ["Home > Kitchen > Pans", "Home > Kitchen", "Home", "home>kitchen", "HOME >"])
def test_a_category_holds_those_below_it(category: str) -> None:
    pan = Offer("p", "Pan", category="Home > Kitchen > Pans")

    assert rules_as_factor([Rule("category", (category,), "include")])(pan) == 1.0
    assert rules_as_factor([Rule("category", (category,), "exclude")])(pan) == 0.0


@pytest.mark.parametrize("category", ["Pans", "Home > Kit", "Home > Kitchen > Pans > Iron", "Homes"])
def test_a_category_holds_no_other(category: str) -> None:
    pan = Offer("p", "Pan", category="Home > Kitchen > Pans")

    assert rules_as_factor([Rule("category", (category,), "include")])(pan) == 0.0
    assert rules_as_factor([Rule("category", ("Home",), "include")])(Offer("q", "Pot")) == 0.0


@pytest.mark.parametrize(
    ("text", "paid", "currency", "holds"),
    [
        ("5..20", 20.0, "EUR", True),
        ("5..20", 20.0, None, True),
        ("5..20", 20.0, "JPY", False),
        ("..20 jpy", 20.0, "JPY", True),
        ("..20 JPY", 20.0, "EUR", False),
        ("..20 EUR", 20.0, None, True),
        ("5.50..", 5.49, "EUR", False),
        ("5..", None, "EUR", False),
    ],
)
def test_prices_are_compared_in_one_currency_only(
    text: str, paid: float | None, currency: str | None, *, holds: bool
) -> None:
    offer = Offer("p", "Pan", price=paid, currency=currency)

    assert rules_as_factor([Rule("price", (text,), "include")], "EUR")(offer) == float(holds)
    assert rules_as_factor([Rule("price", (text,), "exclude")], "EUR")(offer) == float(not holds)


@pytest.mark.parametrize("text", ["", "5", "..", "20..5", "5..20 euros", "5,50..", "1e3..", "nan..", "EUR"])
def test_a_price_range_that_says_nothing_certain_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="price"):
        rules_as_factor([Rule("price", (text,), "include")])


def test_amounts_without_any_currency_are_compared_with_each_other() -> None:
    assert rules_as_factor([Rule("price", ("..20",), "include")])(Offer("p", "Pan", price=3.0)) == 1.0
