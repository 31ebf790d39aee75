"""What a product costs now, whether it is offered now, and which rules hold it."""

from datetime import UTC, datetime

import pytest

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
