"""How much there is of a product: the newer word counts, and the best of its items decides."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.models import Availability
from app.domain.stock import ShopItem, Stock, availability_of

AT = datetime(2026, 5, 1, tzinfo=UTC)
EARLIER, LATER = AT - timedelta(minutes=1), AT + timedelta(minutes=1)


def stock(total: int | None, *levels: tuple[int, datetime], ahead: bool = False, counted: bool = True) -> Stock:
    return Stock(ShopItem("1", "p", "i", counted, ahead, total), AT, levels)


@pytest.mark.parametrize(
    ("stocks", "expected"),
    [
        ([stock(3)], "in_stock"),
        ([stock(0)], "out_of_stock"),
        ([stock(-2, ahead=True)], "backorder"),
        ([stock(0, counted=False)], "in_stock"),
        ([stock(5, (0, LATER))], "out_of_stock"),
        ([stock(0, (0, LATER), (2, EARLIER))], "in_stock"),
        ([stock(0, (5, EARLIER))], "out_of_stock"),
        ([stock(5, (0, AT))], "in_stock"),
        ([stock(None, (1, EARLIER), (-1, EARLIER))], "out_of_stock"),
        ([stock(0), stock(0, ahead=True)], "backorder"),
        ([stock(0), stock(1)], "in_stock"),
        ([stock(None)], None),
        ([], None),
    ],
)
def test_the_newer_word_counts_and_the_best_item_decides(stocks: list[Stock], expected: Availability | None) -> None:
    assert availability_of(stocks) == expected
